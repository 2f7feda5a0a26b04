"""The server audits of graphql-http: whether the endpoint is what the GraphQL over HTTP specification says."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from gateway.auth.keys import KeyRing
from resolvers.callers import Scope
from tests.gateway.support import make_app, served
from tests.npm import installed
from upstreams.state import FileState

AUDITS = Path(__file__).parent / "audits"
HOW_MANY = 61
"""So that an audit which is no longer run is noticed."""


@pytest.fixture(scope="module")
def node() -> str:
    """Node, with the locked packages installed beside the script."""
    return installed(AUDITS)


@pytest.mark.parametrize(
    "environ",
    [{}, {"GATEWAY_CORS_ORIGINS": "https://app.example"}, {"GATEWAY_AUTH": "api-key"}],
    ids=["plain", "cors", "api key"],
)
async def test_every_audit_passes(node: str, environ: dict[str, str], tmp_path: Path) -> None:
    _, key = await KeyRing(FileState(tmp_path)).create([Scope.EVENTS_READ])
    async with served(make_app(GATEWAY_STATE_DIR=str(tmp_path), **environ)) as url:
        process = await asyncio.create_subprocess_exec(
            node,
            "audit.js",
            f"{url}/graphql",
            *([f"Bearer {key}"] if "GATEWAY_AUTH" in environ else []),
            cwd=AUDITS,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    results = [json.loads(line) for line in output.splitlines()]
    failed = [f"{result['id']} {result['name']}: {result['reason']}" for result in results if result["status"] != "ok"]
    assert not failed, "\n".join(failed)
    assert len({result["id"] for result in results}) == HOW_MANY
