"""An upstream on a loopback port that does what each test scripts, a clock that tests move, and a wire between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from upstreams.http.scope import RequestScope, current_scope
from upstreams.http.wire import Network, Wire, WireLimits
from upstreams.records import Source

Responder = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Upstream:
    """A real HTTP server. Answers by ``script``, one responder a request, the last one again and again."""

    def __init__(self) -> None:
        self.url = ""
        self.script: list[Responder] = [answer(200, b"{}")]
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.open = 0
        self.most_open = 0
        self.abandoned = 0
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()

    @property
    def paths(self) -> list[str]:
        """What was asked for, as it came over the wire."""
        return [request.raw_path for request in self.requests]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        responder = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        self.requests.append(request)
        self.bodies.append(await request.read())
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._notify()
            return await responder(request)
        except asyncio.CancelledError:
            self.abandoned += 1
            raise
        finally:
            self.open -= 1
            await asyncio.shield(self._notify())

    async def arrived(self, count: int) -> None:
        """Wait until so many requests have come in all."""
        await self._when(lambda: len(self.requests) >= count)

    async def left(self, count: int) -> None:
        """Wait until so many clients have gone away before their answer."""
        await self._when(lambda: self.abandoned >= count)

    async def parked(self, request: web.Request) -> web.StreamResponse:
        """A responder that answers only when the test says so."""
        await self._released.wait()
        return web.Response(body=b"{}")

    def release(self) -> None:
        """Let all parked requests be answered, those to come too."""
        self._released.set()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _when(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(condition)


def answer(status: int, body: bytes = b"{}", headers: dict[str, str] | None = None) -> Responder:
    async def respond(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return respond


async def reset(request: web.Request) -> web.StreamResponse:
    """The connection breaks before an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def truncated(request: web.Request) -> web.StreamResponse:
    """The connection breaks within the body."""
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"a":')
    assert request.transport is not None
    request.transport.close()
    return response


class Clock:
    """The event loop's clock, moved by hand beside its own run; nothing has to sleep."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._real = loop.time
        self._ahead = 0.0
        loop.time = self.time  # type: ignore[method-assign]

    def time(self) -> float:
        return self._real() + self._ahead

    async def advance(self, seconds: float) -> None:
        self._ahead += seconds
        await settle()


async def settle() -> None:
    """Let everything run that can run without the network."""
    for _ in range(20):
        await asyncio.sleep(0)


class Laboratory:
    """What a test of the wire needs."""

    def __init__(self, upstream: Upstream, network: Network, clock: Clock) -> None:
        self.upstream = upstream
        self.network = network
        self.clock = clock
        self.wire = Wire(network, Source.CLOUD4WI, upstream.url)

    def scope(self, seconds: float = 1000.0) -> RequestScope:
        return RequestScope(self.clock.time() + seconds)

    async def call(self, scope: RequestScope | None = None, path: str = "/thing", **options: Any) -> Any:
        """A call within a request (a fresh one unless given); the answer is its body's bytes."""
        current_scope.set(scope or self.scope())
        method = options.pop("method", "GET")
        options.setdefault("decode", bytes)
        return await self.wire.call(options.pop("operation", "thing"), method, path, **options)

    def begin(self, scope: RequestScope | None = None, path: str = "/thing", **options: Any) -> asyncio.Task[Any]:
        """The same in a task of its own, as a client request is."""
        return asyncio.create_task(self.call(scope, path, **options))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that shows nowhere but in the wire's own counters."""
        async with asyncio.timeout(5000):
            while not condition():  # noqa: ASYNC110 (there is no event for it)
                await asyncio.sleep(0)
        await settle()


LaboratoryMaker = Callable[..., Awaitable[Laboratory]]


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    server = Upstream()
    runner = web.ServerRunner(
        web.Server(server.handle, handler_cancellation=True, access_log=None),  # type: ignore[arg-type]
        shutdown_timeout=1,
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    yield server
    server.release()
    await runner.cleanup()


@pytest.fixture
async def make_lab(upstream: Upstream) -> AsyncIterator[LaboratoryMaker]:
    networks: list[Network] = []
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def make(
        *,
        attempt: float = 100.0,
        concurrency: int = 32,
        retries: int = 2,
        backoff: float = 0.0,
        rate: float | None = None,
        sharing: bool = True,
    ) -> Laboratory:
        limits = WireLimits(timeout=attempt, concurrency=concurrency, retries=retries, rate=rate)
        network = Network(limits, sharing=sharing, backoff=lambda _: backoff)
        await network.start()
        networks.append(network)
        return Laboratory(upstream, network, Clock())

    yield make
    for network in networks:
        await network.close()
    await settle()
    assert complaints == []  # no exception that nobody fetched, no callback that failed


@pytest.fixture
async def lab(make_lab: LaboratoryMaker) -> Laboratory:
    return await make_lab()
