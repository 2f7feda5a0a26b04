"""What stands around the execution of an operation, in microseconds of processor time.

    nice .venv/bin/python -m benchmarks.layers

First the smallest request, ``{ __typename }``, with everything on that a served gateway has but the log: from the
endpoint outwards to a connection with no network behind it. Then what a document costs when it is met for the first
time, and when it is known.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import uvicorn
import uvloop
from graphql import parse
from starlette.applications import Starlette
from starlette.routing import Route
from uvicorn.server import ServerState

from benchmarks.operations import OPERATIONS
from benchmarks.processes import surroundings
from benchmarks.profiling import Caller
from compiler import compile
from gateway.app import build_app, build_engine
from gateway.auth.keys import KeyRing
from gateway.check import operation_of
from gateway.execution import Parameters
from gateway.http.connection import Connection
from gateway.settings import Settings, read_settings
from resolvers.callers import Scope
from schema.build import build_schema
from upstreams.state import FileState

_TIMES = 5
_SECONDS = 0.2
"""How long each of the times; the least counts, as the one that other work of the machine disturbed least."""
_QUERY = "{ __typename }"


class Pipe(asyncio.Transport):
    """The client's end of a connection, without a network."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 8000)})
        self.answered = asyncio.Event()
        self.received = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Something comes from the gateway."""
        self.received = bytes(data)
        self.answered.set()

    def writelines(self, parts: Any) -> None:
        """See :meth:`write`."""
        self.write(b"".join(parts))

    def is_closing(self) -> bool:
        """Nobody leaves."""
        return False

    def close(self) -> None:
        """The gateway has had enough.

        Raises:
            RuntimeError: always, for it should not.
        """
        raise RuntimeError(f"the connection is closed: {self.received!r}")

    def get_write_buffer_size(self) -> int:
        """All was taken."""
        return 0

    def pause_reading(self) -> None:
        """There is nobody to pause."""

    def resume_reading(self) -> None:
        """There is nobody to resume."""


class Client:
    """Asks over a connection whose other end is in this process."""

    def __init__(self, app: Starlette, key: str, settings: Settings) -> None:
        plain = {"ws": "none", "log_config": None, "access_log": False, "server_header": False, "proxy_headers": False}
        config = uvicorn.Config(app, timeout_keep_alive=3600, **cast(Any, plain))
        config.load()
        self._pipe = Pipe()
        self._connection = Connection(config, ServerState(), {}, seconds=settings.request_timeout)
        self._connection.connection_made(self._pipe)
        body = json.dumps({"query": _QUERY}).encode()
        self._parts = (
            b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n" % (key.encode(), len(body)),
            body,
        )

    async def ask(self, *, whole: bool) -> bytes:
        """The answer to a request that comes in one read, or else in two."""
        self._pipe.answered.clear()
        for part in (b"".join(self._parts),) if whole else self._parts:
            self._connection.data_received(part)
        await self._pipe.answered.wait()
        return self._pipe.received


async def cost(work: Callable[[], Awaitable[Any]]) -> float:
    """Microseconds of processor time that some work takes."""
    least = float("inf")
    for _ in range(_TIMES):
        began, done = time.process_time(), 0
        while (spent := time.process_time() - began) < _SECONDS:
            for _ in range(20):
                await work()
            done += 20
        least = min(least, spent / done)
    return least * 1e6


async def layers(settings: Settings) -> Mapping[str, float]:
    """What the smallest request costs, by how far out it is asked.

    Raises:
        RuntimeError: it is not answered.
    """
    _, key = await KeyRing(FileState(settings.state_dir)).create(list(Scope), "layers")
    app = build_app(settings)
    endpoint = next(route.app for route in app.routes if isinstance(route, Route) and route.path == "/graphql")
    asked = json.dumps({"query": _QUERY}).encode()
    found = {}
    async with app.router.lifespan_context(app):
        client = Client(app, key, settings)
        for name, work in {
            "the endpoint: authentication, limits, cost, execution, metrics": partial(Caller(endpoint, key), asked),
            "with Starlette's router before it": partial(Caller(app.router, key), asked),
            "with the middleware before it instead, as ASGI requests go": partial(Caller(app, key), asked),
            "over a connection, in two reads: by ASGI": partial(client.ask, whole=False),
            "over a connection, in one read": partial(client.ask, whole=True),
        }.items():
            if b'{"__typename":"Query"}' not in await work():
                raise RuntimeError(f"no answer to {name}")
            found[name] = await cost(work)
    return found


async def documents(settings: Settings) -> Mapping[str, tuple[float, float, float]]:
    """What documents cost: read and validated; planned, with the code for all types; and when they are known."""
    schema = build_schema()
    engine = build_engine(settings, schema)
    found = {}
    for operation in OPERATIONS:
        text = operation.query
        number = 0

        async def new(text: str = text) -> None:
            nonlocal number
            number += 1
            engine.prepare(Parameters(f"{text} #{number}", {}), queries_only=False)

        async def planned(text: str = text) -> None:
            document = parse(text)
            tuple(compile(schema._schema, document, operation_of(document)).code())

        async def read(text: str = text) -> None:
            parse(text)

        async def known(text: str = text) -> None:
            engine.prepare(Parameters(text, {}), queries_only=False)

        found[operation.name] = (await cost(new), await cost(planned) - await cost(read), await cost(known))
    return found


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="contactgraph-layers-") as name:
        environment = {"CLOUD4WI_CLIENT_KEY": "key", "CLOUD4WI_CLIENT_SECRET": "secret", "GATEWAY_AUTH": "api-key"}
        settings = read_settings({**surroundings(), **environment, "GATEWAY_STATE_DIR": str(Path(name))})
        print(f"| {_QUERY} | µs |\n| --- | --- |")
        for layer, microseconds in (await layers(settings)).items():
            print(f"| {layer} | {microseconds:.0f} |")
        print("\n| µs | read and validated | planned, with all code | known |\n| --- | --- | --- | --- |")
        for operation, costs in (await documents(settings)).items():
            print(f"| {operation} | {' | '.join(f'{each:.0f}' if each >= 10 else f'{each:.1f}' for each in costs)} |")


if __name__ == "__main__":
    uvloop.run(main())
