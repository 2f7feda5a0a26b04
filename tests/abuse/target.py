"""The target: a gateway as operators run it, a process on a port of its own, before a sandbox that counts calls."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from sandbox.app import Sandbox
from tests.gateway.test_cli import process
from tests.schema.harness import credentials
from upstreams.records import Source

CODES = {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_REQUEST",
    "PERSISTED_QUERY_NOT_FOUND",
    "DOCUMENT_NOT_TRUSTED",
    "BAD_USER_INPUT",
    "INVALID_CURSOR",
    "INVALID_ID",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "QUERY_TOO_COMPLEX",
    "RATE_LIMITED",
    "UPSTREAM_UNAVAILABLE",
    "UPSTREAM_TIMEOUT",
    "UPSTREAM_RATE_LIMITED",
    "UPSTREAM_REFUSED",
    "UPSTREAM_MALFORMED",
}
"""The codes that the contract lists for what a client can bring about; ``INTERNAL`` is a bug."""
GRAPHQL = "application/graphql-response+json"


def codes_of(answer: Any) -> list[str]:
    """The codes of a GraphQL answer, which must be well-formed."""
    assert isinstance(answer, dict)
    assert answer.keys() <= {"data", "errors", "extensions"}
    assert answer.get("data") is not None or answer.get("errors")
    found = []
    for error in answer.get("errors", ()):
        assert error.keys() <= {"message", "locations", "path", "extensions"}
        assert isinstance(error["message"], str)
        assert len(error["message"]) < 2000
        found.append(error["extensions"]["code"])
    assert set(found) <= CODES, answer
    return found


@dataclass(frozen=True, slots=True)
class Target:
    """A running gateway.

    Attributes:
        url: where it listens.
        pid: of its process.
        box: the upstreams.
    """

    url: str
    pid: int
    box: Sandbox
    session: aiohttp.ClientSession

    @property
    def port(self) -> int:
        """Where raw connections go."""
        return int(self.url.rpartition(":")[2])

    async def send(self, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[int, list[str]]:
        """POST a body; the status and the codes of what must be a well-formed answer."""
        sent = {"content-type": "application/json", "accept": GRAPHQL, **(headers or {})}
        async with self.session.post(f"{self.url}/graphql", data=body, headers=sent) as answer:
            assert answer.content_type == GRAPHQL
            return answer.status, codes_of(await answer.json(content_type=None))

    async def ask(self, query: str, **rest: Any) -> tuple[int, list[str]]:
        """POST a query; further keywords go into the body."""
        return await self.send(json.dumps({"query": query, **rest}).encode())

    def calls(self) -> list[str]:
        """What was called upstream since the last look, sign-in aside."""
        calls = [call.operation for call in self.box.calls if call.operation != "signIn"]
        self.box.reset_calls()
        return calls

    def memory(self) -> int:
        """Bytes that the process has in memory."""
        statm = Path(f"/proc/{self.pid}/statm")
        if statm.exists():
            return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        listed = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True)
        return int(listed.stdout) * 1024

    async def is_well(self) -> None:
        """Fails unless the gateway answers somebody else as it should."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/graphql", json={"query": "{ contacts(first: 1) { nodes { id } } }"}) as answer,
        ):
            assert answer.status == 200
            answered = await answer.json()
        assert "errors" not in answered
        assert len(answered["data"]["contacts"]["nodes"]) == 1
        self.calls()


@asynccontextmanager
async def target(**environ: str) -> AsyncIterator[Target]:
    """A gateway over all three sources, with these settings besides."""
    async with Sandbox.start(contacts=20, events=60) as box:
        pointed = {name: value for source in Source for name, value in credentials(box, source).items()}
        with TemporaryDirectory() as state:
            settings = {**pointed, "GATEWAY_STATE_DIR": state, **environ}
            async with (
                process("serve", "--port", "0", **settings) as (running, url),
                aiohttp.ClientSession() as session,
            ):
                found = Target(url, running.pid, box, session)
                found.box.reset_calls()
                yield found
                assert running.returncode is None
