"""Acquire on a loopback port: it answers what each test scripts, or pages through the rows that a test gives it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from upstreams.acquire import Acquire
from upstreams.acquire.settings import AcquireSettings
from upstreams.http.keeping import Keeping
from upstreams.http.wire import Network, WireLimits

Json = dict[str, Any]
Answer = Any
"""JSON, bytes, a status, ``(status, JSON)``, or a function of the call that gives one of them."""


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
        """Method, path and query, readable."""
        text = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.method} {self.path}" + (f"?{text}" if text else "")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)


class FakeAcquire:
    """A real HTTP server; ``answers`` by ``METHOD /path`` (without the base), else 404."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Seen] = []
        self.answers: dict[str, Answer] = {}

    @property
    def lines(self) -> list[str]:
        return [call.line for call in self.calls]

    def serve(self, listing: Listed) -> Listed:
        """Answer a list's path from rows."""
        self.answers[f"GET {listing.path}"] = listing
        return listing

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0].removeprefix("/api/v1")
        seen = Seen(request.method, path, list(request.query.items()), await request.read(), dict(request.headers))
        self.calls.append(seen)
        answer = self.answers.get(f"{seen.method} {seen.path}", 404)
        if callable(answer):
            answer = answer(seen)
        match answer:
            case bytes():
                return web.Response(body=answer)
            case int():
                return web.Response(status=answer)
            case (int() as status, body):
                return web.json_response(body, status=status)
        return web.json_response(answer)


@dataclass
class Listed:
    """A list and the habits of its upstream.

    Attributes:
        rows: with ids; listed by them.
        name: the field that holds the rows.
        newest_first: the order.
        most: rows of an answer at most.
        total: what is told: ``right``, ``none``, or a number to add to the right one.
        knows_pages: else every answer holds everything.
    """

    path: str
    rows: list[Json]
    name: str = "list"
    newest_first: bool = True
    most: int = 1_000
    total: str | int = "right"
    knows_pages: bool = True
    keep: Callable[[Seen, Json], bool] = field(default=lambda seen, row: True)

    def __call__(self, seen: Seen) -> Answer:
        rows = [row for row in self.rows if self.keep(seen, row)]
        rows.sort(key=lambda row: int(row["id"]), reverse=self.newest_first)
        size = min(int(seen.first("limit") or 20), self.most)
        start = int(seen.first("page") or 0) * size
        shown = rows[start : start + size] if self.knows_pages else rows
        data: Json = {self.name: shown}
        if self.total != "none":
            count = len(rows) + (self.total if isinstance(self.total, int) else 0)
            data |= {"counts": {"total": count}} if self.name == "list" else {"count": count}
        return {"data": data}


@pytest.fixture
async def fake() -> AsyncIterator[FakeAcquire]:
    server = FakeAcquire()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{rest:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/api/v1"
    yield server
    await runner.cleanup()


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    network = Network(WireLimits(timeout=5.0), keeping=Keeping.of(60.0, 0.0), backoff=lambda _: 0.0)
    await network.start()
    yield network
    await network.close()


@pytest.fixture
def acquire(fake: FakeAcquire, network: Network) -> Acquire:
    return Acquire(AcquireSettings(fake.url, "key-1"), network)


def contact(number: int, **more: Any) -> Json:
    """A contact whose time of creation follows from its id, one a minute."""
    minutes, hours = number % 60, number // 60
    time = f"2021-03-{1 + hours // 24:02}T{hours % 24:02}:{minutes:02}:00.000Z"
    return {"id": number, "dateCreated": time, "fields": {"name": f"Person {number}"}, **more}


def case(number: int, of: int, **more: Any) -> Json:
    """A case of a contact."""
    return contact(number, contactId=of, channel="chat", status="closed", title=f"Case {number}", **more)
