"""The stub upstream as a process: built where there is a C compiler, else the fallback in Python."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import running
from benchmarks.upstream.data import Organization

TOKEN = "stub-token"
_SOURCE = Path(__file__).with_name("stub.c")


@dataclass(frozen=True)
class Stub:
    """A stub that runs.

    Attributes:
        compiled: it is the one in C.
    """

    port: int
    compiled: bool

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def calls(self) -> dict[str, int]:
        """How often each endpoint was called since the last reset; sign-in and sign-out left out."""
        found: dict[str, int] = self._ask("GET", "/_bench/calls")
        return {kind: count for kind, count in found.items() if count and kind not in ("signIn", "signOut")}

    def reset(self, delay: int = 0) -> None:
        """Begin to count anew; each further answer waits ``delay`` milliseconds."""
        self._ask("POST", f"/_bench/reset?delay={delay}")

    def _ask(self, method: str, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers={"content-length": "0"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


def c_compiler() -> str | None:
    """This machine's, if it has one."""
    return shutil.which("cc") or shutil.which("gcc")


@contextmanager
def stub(organization: Organization, folder: Path, core: int | None, compiler: str | None) -> Iterator[Stub]:
    """A stub that serves an organization, for the time of a block.

    Args:
        folder: takes what it needs.
        core: where it runs; None: anywhere.
        compiler: what the one in C is built with; None: the one in Python is taken.
    """
    organization.write(folder / "records")
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.upstream.fallback"]
    if compiler is not None:
        subprocess.run([compiler, "-O2", "-o", folder / "stub", _SOURCE], check=True)
        command = [folder / "stub"]
    command += ["0", folder / "records"]
    root = Path(__file__).parents[2]
    log = folder / "stub.log"
    with running(command, log=log, core=core, folder=root, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the stub upstream did not start: {log.read_text()}")
        yield Stub(int(line), compiler is not None)
