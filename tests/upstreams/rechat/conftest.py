"""Rechat on a loopback port, answering what each test scripts, and the published examples to answer with."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from upstreams.http.keeping import Keeping
from upstreams.http.wire import Network, WireLimits
from upstreams.rechat import Rechat
from upstreams.rechat.settings import RechatSettings

FIXTURES = Path(__file__).parent / "fixtures"


def example(name: str) -> Any:
    """A published example as plain JSON, the e-mails in it replaced."""
    return json.loads((FIXTURES / f"{name}.json").read_text())


def published(name: str) -> bytes:
    """A published example as bytes."""
    return (FIXTURES / f"{name}.json").read_bytes()


@dataclass(frozen=True)
class Seen:
    """A call as it came over the wire."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: bytes
    headers: dict[str, str]

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Any
"""JSON, bytes, a status, a response, or a function of the call (plain or a coroutine) that gives one of them."""


class FakeRechat:
    """A real HTTP server; ``answers`` by ``METHOD /path``, or ``default``."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Seen] = []
        self.answers: dict[str, Answer] = {}
        self.default: Answer = 500

    @property
    def lines(self) -> list[str]:
        return [call.line for call in self.calls]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(
            request.method,
            request.raw_path.partition("?")[0],
            list(request.query.items()),
            await request.read(),
            dict(request.headers),
        )
        self.calls.append(seen)
        answer = self.answers.get(seen.line, self.default)
        if callable(answer):
            answer = answer(seen)
        if isinstance(answer, Awaitable):
            answer = await answer
        match answer:
            case web.StreamResponse():
                return answer
            case bytes():
                return web.Response(body=answer)
            case int():
                return web.Response(status=answer)
            case (int() as status, body):
                return web.json_response(body, status=status)
        return web.json_response(answer)


@pytest.fixture
async def fake() -> AsyncIterator[FakeRechat]:
    server = FakeRechat()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{rest:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    network = Network(WireLimits(timeout=5.0), keeping=Keeping.of(60.0, 0.0), backoff=lambda _: 0.0)
    await network.start()
    yield network
    await network.close()


RechatMaker = Callable[..., Rechat]


@pytest.fixture
def make(fake: FakeRechat, network: Network) -> RechatMaker:
    def make(**settings: Any) -> Rechat:
        settings.setdefault("access_token", None if "refresh" in settings else "at-1")
        return Rechat(RechatSettings(fake.url, **settings), network)

    return make


@pytest.fixture
def rechat(make: RechatMaker) -> Rechat:
    return make()


def collection(rows: list[Any], total: Any = None, **info: Any) -> dict[str, Any]:
    """An answer that holds a list."""
    return {
        "code": "OK",
        "data": rows,
        "info": {"count": len(rows), "total": len(rows) if total is None else total, **info},
    }


def contact(number: int, **more: Any) -> dict[str, Any]:
    """A contact whose id and time of creation follow from a number."""
    return {"id": uuid(number), "created_at": 1_700_000_000 + number, "type": "contact", **more}


def uuid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"
