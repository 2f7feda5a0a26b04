"""The suite as built, and a gateway over a sandbox for its scripts to talk to, over real HTTP."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.app import build_app
from gateway.settings import read_settings
from sandbox.app import Sandbox
from tests.gateway.support import served
from tests.npm import installed
from tests.schema.harness import credentials
from upstreams.records import Source

CLIENTS = Path(__file__).parent
SCHEMA = CLIENTS.parent.parent / "schema.graphql"
ELSEWHERE = ("dist", "generated", "node_modules", "python", "__pycache__")
"""What the build makes, and what it has nothing to do with."""

TIMEOUT = 300.0
"""Seconds before a walk that never ends fails its test; none is expected to come near it."""

Run = Callable[..., Awaitable[dict[str, Any]]]
"""Runs a built script of the suite against the gateway; the answer is its report."""


def inputs() -> str:
    """A digest of all that the build reads."""
    digest = hashlib.sha256(SCHEMA.read_bytes())
    tops = (top for top in CLIENTS.iterdir() if top.name not in ELSEWHERE and top.suffix != ".py")
    for path in sorted(path for top in tops for path in (top, *top.rglob("*")) if path.is_file()):
        digest.update(str(path.relative_to(CLIENTS)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="session")
def node() -> str:
    """Node, after the suite was built from what lies here; workers of a test run wait for each other."""
    node = installed(CLIENTS)
    stamp = CLIENTS / "dist" / "built-from"
    with (CLIENTS / "build.js").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = inputs()
        if not stamp.exists() or stamp.read_text() != wanted:
            done = subprocess.run([node, "build.js"], cwd=CLIENTS, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"the suite does not build:\n{done.stdout}\n{done.stderr}"
            stamp.write_text(wanted)
    return node


@asynccontextmanager
async def serve(box: Sandbox, state: Path, **environ: str) -> AsyncIterator[str]:
    """The endpoint of a gateway over all of a sandbox, with these settings; it repeats no upstream call that failed."""
    pointed = {name: value for source in Source for name, value in credentials(box, source).items()}
    own = {"GATEWAY_STATE_DIR": str(state), "GATEWAY_UPSTREAM_RETRIES": "0"}
    async with served(build_app(read_settings(pointed | own | environ), eager=True)) as url:
        yield f"{url}/graphql"


@pytest_asyncio.fixture
async def gateway(box: Sandbox, tmp_path: Path) -> AsyncIterator[str]:
    """A gateway over a sandbox of 200 contacts."""
    async with serve(box, tmp_path) as endpoint:
        yield endpoint


async def reported(folder: Path, *command: Path | str, **environ: str) -> dict[str, Any]:
    """The JSON object that a command prints, run in a folder; one that fails or never ends fails the test."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, **environ}, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    found: dict[str, Any] = json.loads(output)
    return found


@pytest_asyncio.fixture
async def run(node: str, gateway: str, box: Sandbox) -> Run:
    async def run(script: str) -> dict[str, Any]:
        found = await reported(CLIENTS, node, f"dist/{script}.mjs", gateway, box.url)
        assert found.pop("warnings") == []
        return found

    return run
