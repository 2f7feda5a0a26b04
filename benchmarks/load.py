"""Load from wrk: many clients at once, for some seconds, each request with other variables."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import pinned

_SCRIPT = Path(__file__).with_name("load.lua")


class NoLoad(Exception):
    """There is nothing to make load with, or it failed; the message says what to do."""


@dataclass(frozen=True)
class Measured:
    """What one run of load found.

    Attributes:
        seconds: how long it took.
        bytes: received, heads of answers included.
        p50: milliseconds; so is ``p99``.
        failed: requests without an answer, or with a status of 400 and above.
    """

    requests: int
    bytes: int
    seconds: float
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def require_wrk() -> str:
    """What wrk says of its version.

    Raises:
        NoLoad: it is not there.
    """
    if shutil.which("wrk") is None:
        raise NoLoad("wrk is needed to make load: install the package wrk")
    words = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout.split()
    return " ".join(words[:2])


def write_bodies(path: Path, bodies: Sequence[object]) -> None:
    """Lay requests down as ``load.lua`` reads them."""
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies))


def measure(
    url: str,
    bodies: Path,
    headers: Mapping[str, str],
    *,
    clients: int,
    seconds: float,
    core: int | None,
    walking: bool = False,
) -> Measured:
    """Let so many clients ask for so long.

    Args:
        walking: each client follows cursors of its own, for which wrk needs a thread a client.

    Raises:
        NoLoad: wrk failed.
    """
    threads = clients if walking else 1
    command = ["wrk", f"-t{threads}", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "30s", "-s", str(_SCRIPT), url]
    command += ["--", str(bodies), *(word for pair in headers.items() for word in pair)]
    ran = subprocess.run(pinned(command, core), capture_output=True, text=True, check=False)
    lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
    if ran.returncode or not lines:
        raise NoLoad(f"wrk failed: {(ran.stderr or ran.stdout).strip()[-400:]}")
    return Measured(**json.loads(lines[-1]))
