"""A small schema with fake fields, the app around it, and a client that speaks ASGI to it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from gateway.app import compose
from gateway.http.connection import Connection
from gateway.settings import Settings, read_settings
from resolvers.callers import ANYBODY, Caller
from resolvers.denials import Denials
from resolvers.errors import InvalidId
from upstreams.errors import (
    ScrollExpired,
    UpstreamMalformed,
    UpstreamNotFound,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.http.scope import Call, current_scope
from upstreams.records import Source
from upstreams.source import SourceHealth, SourceState

SECRET_WORD = "hunter2"
"""Stands in exceptions that must never reach a client."""

FAILURES: dict[str, Exception] = {
    "unavailable": UpstreamUnavailable(Source.CLOUD4WI, "organizationEvents", "it answered 503", status=503),
    "timeout": UpstreamTimeout(Source.CLOUD4WI, "organizationEvents", "no answer in 10 s"),
    "limited": UpstreamRateLimited(Source.RECHAT, "contacts", "it asks to wait", retry_after=6.2),
    "malformed": UpstreamMalformed(Source.ACQUIRE, "cases", "the answer is not JSON"),
    "refused": UpstreamRefused(Source.CLOUD4WI, "segments", "it answered 403", status=403),
    "missing": UpstreamNotFound(Source.CLOUD4WI, "customer", "it answered 404", status=404),
    "expired": ScrollExpired(Source.CLOUD4WI, "organizationEvents", "it answered 409", status=409),
    "bad-id": InvalidId("The id does not parse."),
    "crash": RuntimeError(f"password {SECRET_WORD} at https://user:{SECRET_WORD}@upstream.example"),
}


@dataclass
class Reported:
    """As the resolvers report it."""

    error: Exception
    path: list[str | int]
    nodes: list[Any]


@dataclass
class FakeContext:
    """What the fake fields work with."""

    services: FakeServices
    caller: Caller = ANYBODY
    reported: list[Reported] = field(default_factory=list)
    denials: Denials = field(default_factory=Denials)

    def close(self) -> None:
        self.services.closed += 1
        self.services.over.set()


class FakeSource:
    """A source as far as the app looks at one itself."""

    source = Source.CLOUD4WI

    def __init__(self) -> None:
        self.state = SourceHealth(SourceState.HEALTHY)
        self.log: list[str] = []

    def health(self) -> SourceHealth:
        return self.state

    async def start(self) -> None:
        self.log.append("start")

    async def close(self) -> None:
        self.log.append("close")


class FakeServices:
    """Makes contexts and counts what became of them."""

    def __init__(self) -> None:
        self.source = FakeSource()
        self.sources: Any = {Source.CLOUD4WI: self.source}
        self.opened = 0
        self.callers: list[Caller] = []
        self.closed = 0
        self.hanging = asyncio.Event()
        self.release = asyncio.Event()
        self.over = asyncio.Event()
        self.cancelled = 0

    def request(self, caller: Caller) -> FakeContext:
        self.opened += 1
        self.callers.append(caller)
        return FakeContext(self, caller)


@strawberry.type
class Item:
    """Something that nests."""

    name: str = "item"

    @strawberry.field
    def inner(self) -> Item:
        return Item()

    @strawberry.field
    def broken(self) -> str:
        raise FAILURES["unavailable"]

    @strawberry.field
    def wrong(self) -> str:
        return None  # type: ignore[return-value]


@strawberry.type
class Query:
    """Fake fields."""

    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def twice(self, number: int = 1) -> int:
        return number * 2

    @strawberry.field
    def item(self) -> Item | None:
        return Item()

    @strawberry.field
    async def fail(self, how: str) -> str | None:
        await asyncio.sleep(0)
        raise FAILURES[how]

    @strawberry.field
    def partly(self, info: strawberry.Info) -> list[str]:
        raw: Any = info._raw_info
        info.context.reported.append(Reported(FAILURES["unavailable"], raw.path.as_list(), raw.field_nodes))
        return ["what there is"]

    @strawberry.field
    async def hang(self, info: strawberry.Info) -> str | None:
        services = info.context.services
        services.hanging.set()
        try:
            await services.release.wait()
        except asyncio.CancelledError:
            services.cancelled += 1
            raise
        return "released"

    @strawberry.field
    async def stray(self) -> str | None:
        raise asyncio.CancelledError

    @strawberry.field
    def called(self) -> str:
        scope = current_scope.get()
        assert scope is not None
        scope.calls.append(Call(Source.CLOUD4WI, "signIn", 200, 0.25))
        scope.calls.append(Call(Source.CLOUD4WI, "segments", None, None, shared=True))
        scope.calls.append(Call(Source.RECHAT, "contacts", 503, 0.001))
        scope.calls.append(Call(Source.CLOUD4WI, "locations", 200, 0.0, cached=True))
        return "called"

    @strawberry.field
    def left(self, info: strawberry.Info) -> float:
        """Seconds until the deadline."""
        scope = current_scope.get()
        assert scope is not None
        return scope.deadline - asyncio.get_running_loop().time()

    @strawberry.field
    def queued(self) -> str:
        """Whose calls are let out in turn."""
        scope = current_scope.get()
        assert scope is not None
        return scope.caller

    @strawberry.field
    def huge(self) -> strawberry.scalars.JSON:
        return strawberry.scalars.JSON({"number": 2**80})

    @strawberry.field
    def unspeakable(self) -> strawberry.scalars.JSON:
        return strawberry.scalars.JSON({"value": object()})


@strawberry.type
class Mutation:
    """A fake change."""

    @strawberry.mutation
    def change(self) -> str:
        return "changed"


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation)


def settings(**environ: str) -> Settings:
    """Settings of an environment that holds these variables alone."""
    return read_settings(environ, need_source=False)


def make_app(services: FakeServices | None = None, **environ: str) -> Starlette:
    """The app around the fake fields."""
    return compose(settings(**environ), SCHEMA, services or FakeServices())


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def said(self) -> Any:
        """The body beside its cost, which stands in every answer of an operation that ran."""
        body = self.json
        extensions = body.pop("extensions", {})
        extensions.pop("cost")
        return body | ({"extensions": extensions} if extensions else {})

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.json.get("errors", [])]


GRAPHQL = "application/graphql-response+json"


async def ask(
    app: ASGIApp,
    method: str = "POST",
    path: str = "/graphql",
    *,
    body: bytes | list[bytes] = b"",
    query_string: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One exchange with an app, without a socket. A list as body arrives in so many parts."""
    parts = body if isinstance(body, list) else [body]
    messages: list[Message] = [
        {"type": "http.request", "body": part, "more_body": place + 1 < len(parts)} for place, part in enumerate(parts)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()  # the client stays
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query_string,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    start = sent[0]
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], fields, b"".join(message.get("body", b"") for message in sent[1:]))


async def post(app: ASGIApp, query: str, accept: str = GRAPHQL, **rest: Any) -> Answer:
    """A well-formed POST; ``variables``, ``operationName`` and the like go into the body, ``headers`` are added."""
    headers = {"content-type": "application/json", "accept": accept, **rest.pop("headers", {})}
    return await ask(app, body=json.dumps({"query": query, **rest}).encode(), headers=headers)


async def get(app: ASGIApp, accept: str = GRAPHQL, **parameters: str) -> Answer:
    """A GET with these parameters in the URL."""
    return await ask(app, "GET", query_string=urlencode(parameters).encode(), headers={"accept": accept})


@contextmanager
def free_socket() -> Iterator[socket.socket]:
    """A listening socket on a free port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


PATIENT = partial(Connection, seconds=30.0)
"""Connections as the gateway serves them."""


@asynccontextmanager
async def served(app: ASGIApp, connection: Any = PATIENT) -> AsyncIterator[str]:
    """The app behind real HTTP in this event loop; what is yielded is its base URL."""
    config = uvicorn.Config(
        app, http=connection, ws="none", lifespan="on", log_config=None, access_log=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    started = asyncio.Event()

    async def run() -> None:
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup([sock])
        started.set()
        await server.main_loop()
        await server.shutdown([sock])

    with free_socket() as sock:
        port = sock.getsockname()[1]
        task = asyncio.create_task(run())
        waiter = asyncio.create_task(started.wait())
        await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        if task.done():
            task.result()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await task
