"""The suite as built, and a gateway over a sandbox for its scripts to talk to, over real HTTP."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
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

Run = Callable[..., Awaitable[dict[str, Any]]]
"""Runs a built script of the suite against the gateway; the answer is its report."""


def inputs() -> str:
    """A digest of all that the build reads."""
    digest = hashlib.sha256(SCHEMA.read_bytes())
    for path in sorted(CLIENTS.rglob("*")):
        if path.is_file() and path.relative_to(CLIENTS).parts[0] not in ELSEWHERE and path.suffix != ".py":
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


@pytest_asyncio.fixture
async def run(node: str, gateway: str, box: Sandbox) -> Run:
    async def run(script: str) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            node,
            f"dist/{script}.mjs",
            gateway,
            box.url,
            cwd=CLIENTS,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            output, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, errors.decode()
        found: dict[str, Any] = json.loads(output)
        assert found.pop("warnings") == []
        return found

    return run
