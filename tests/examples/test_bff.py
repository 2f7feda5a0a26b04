"""examples/bff: what was generated is what its sources say, and its own tests pass over a gateway and a sandbox."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.check import build_documents
from sandbox.app import Sandbox
from tests.clients.conftest import TIMEOUT, serve
from tests.npm import installed

BFF = Path(__file__).parents[2] / "examples" / "bff"


def npm(*arguments: str) -> None:
    """Run npm in the example; a command that fails fails the test."""
    done = subprocess.run(["npm", *arguments], cwd=BFF, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def built() -> Iterator[None]:
    """The example as built from what lies there; nobody else builds it meanwhile."""
    installed(BFF)
    with (BFF / "tsconfig.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        npm("run", "build")
        yield


def test_the_manifest_is_that_of_the_screens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    screens = sorted(str(path) for path in (BFF / "screens").glob("*.graphql"))
    assert build_documents(screens, str(tmp_path / "documents.json")) == 0
    assert (tmp_path / "documents.json").read_text() == (BFF / "documents.json").read_text()
    assert len(capsys.readouterr().out.splitlines()) == 3


async def test_its_own_tests(built: None, box: Sandbox, tmp_path: Path) -> None:
    trusted = {"GATEWAY_DOCUMENTS": str(BFF / "documents.json"), "GATEWAY_ONLY_TRUSTED": "on"}
    async with serve(box, tmp_path, **trusted) as endpoint:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *("npm", "test"),
            cwd=BFF,
            env={**os.environ, "GATEWAY_URL": endpoint, "SANDBOX_URL": box.url},
            stdout=pipe,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(TIMEOUT):
            output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert b"# pass 7\n" in output
