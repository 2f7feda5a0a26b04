"""The gateway once for each executor, and the comparison of what they answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from unittest.mock import patch

from gateway.app import build_sources
from gateway.auth.door import Door
from gateway.execution import Engine
from gateway.http.endpoint import GraphQLEndpoint
from gateway.lifecycle import Lifecycle
from gateway.settings import Settings, read_settings
from gateway.telemetry import Telemetry
from resolvers.callers import Caller
from resolvers.context import Services
from resolvers.paging import Pager
from resolvers.people.indexer import Indexer
from sandbox.app import Sandbox
from sandbox.clock import Clock
from tests.differential.case import Case, Reply
from tests.differential.people import MemoryIndex
from tests.differential.upstream import Upstream
from tests.differential.weather import Weather
from tests.schema.harness import credentials
from upstreams.http.wire import Network
from upstreams.ledger import MemoryLedger
from upstreams.records import Source

POPULATION: dict[str, Any] = {"contacts": 40, "events": 250}
"""How large the sandbox is."""
_log = logging.getLogger("contactgraph")
_NOW = 1_790_000_000.0
"""What the sandbox takes for the present, so that its data and tokens are the same in each run."""
_SECRET = b"what signs the cursors of both sides"
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"x-request-id", b"differential"),
    (b"x-contactgraph-trace", b"1"),
]


@dataclass(frozen=True, slots=True)
class _Granted:
    """An authenticator that knows the caller beforehand."""

    known: Caller

    async def caller(self, headers: Sequence[bytes]) -> Caller:
        return self.known

    async def close(self) -> None: ...


class Side:
    """A gateway with one executor. All but its engine is made anew for each request, so nothing is remembered.

    Args:
        settings: what it runs under.
        indexes: what people are found by.
        engine: executes operations.
    """

    def __init__(self, settings: Settings, indexes: dict[Source, MemoryIndex], engine: Engine) -> None:
        self._settings = settings
        self._indexes = indexes
        self._engine = engine
        self._telemetry = Telemetry()

    async def ask(self, case: Case, upstream: Upstream) -> Reply:
        """What it answers."""
        with upstream.network() as network:
            async with _services(self._settings, network, self._indexes) as services:
                return await self._answer(case, services, upstream)

    async def _answer(self, case: Case, services: Services, upstream: Upstream) -> Reply:
        settings = self._settings
        endpoint = GraphQLEndpoint(
            self._engine,
            services,
            self._telemetry,
            Lifecycle(),
            timeout=settings.request_timeout,
            max_body=settings.max_body,
            door=Door(_Granted(Caller("somebody", case.granted))),
        )
        status, media_type, body = await _post(endpoint, case.body)
        return Reply.read(status, media_type, body, upstream.asked)


@asynccontextmanager
async def _services(
    settings: Settings, network: Network, indexes: dict[Source, MemoryIndex]
) -> AsyncIterator[Services]:
    sources = build_sources(settings, network)
    pager = Pager(secret=_SECRET, scan_rows=settings.scan_rows, max_page=settings.max_page)
    services = Services(
        sources=sources,
        pager=pager,
        max_ids=settings.max_ids,
        default_region=settings.default_region,
        indexer=Indexer(sources, indexes, pager, settings.default_region),
        ledger=MemoryLedger(),
        ledger_secret=_SECRET,
    )
    for source in sources.values():
        await source.start()
    try:
        yield services
    finally:
        await pager.close()
        await network.close()


async def _post(endpoint: GraphQLEndpoint, body: bytes) -> tuple[int, str, bytes]:
    """One request through the ASGI interface; its client stays until it is answered."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        return await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": _HEADERS}
    await endpoint(scope, receive, send)
    start, *bodies = sent
    headers = dict(start["headers"])
    return start["status"], headers[b"content-type"].decode(), b"".join(each["body"] for each in bodies)


class Sides:
    """Two gateways over one sandbox; make them with :meth:`over`."""

    def __init__(self, reference: Engine, tried: Engine) -> None:
        self._engines = reference, tried
        self._box = AsyncExitStack()
        self._made: tuple[Sandbox, Settings, dict[Source, MemoryIndex]] | None = None

    @classmethod
    @asynccontextmanager
    async def over(cls, reference: Engine, tried: Engine) -> AsyncIterator[Self]:
        """Compare the answers of an engine with those of one that is right, at a present that stands still."""
        level = _log.level
        _log.setLevel(logging.CRITICAL + 1)
        sides = cls(reference, tried)
        try:
            with patch.object(Clock, "now", lambda clock: _NOW):
                yield sides
        finally:
            _log.setLevel(level)
            await sides._box.aclose()

    async def compare(self, case: Case) -> list[str]:
        """In what the two answers differ."""
        reference, tried = await self.replies(case)
        return reference.differences(tried)

    async def replies(self, case: Case) -> list[Reply]:
        """What both answer, first the one that is right."""
        box, settings, indexes = self._made = self._made or await self._make()
        upstream = Upstream(box, case.weather)
        replies = [await Side(settings, indexes, engine).ask(case, upstream) for engine in self._engines]
        if "mutation" in case.query:
            await self._box.aclose()
            self._made = None
        return replies

    async def _make(self) -> tuple[Sandbox, Settings, dict[Source, MemoryIndex]]:
        box = await self._box.enter_async_context(Sandbox.start(**POPULATION))
        settings = settings_over(box)
        indexes = {source: MemoryIndex() for source in Source}
        with Upstream(box, Weather()).network() as network:
            async with _services(settings, network, indexes) as services:
                assert services.indexer is not None
                for source in Source:
                    await services.indexer.bring_up_to_date(source)
        return box, settings, indexes


def settings_over(box: Sandbox, **environment: str) -> Settings:
    """A gateway that asks all services of a sandbox; the keywords are settings."""
    pointed = {name: value for source in Source for name, value in credentials(box, source).items()}
    return read_settings({**pointed, "GATEWAY_MAX_COST": "5000", "GATEWAY_STATE_DIR": "/nowhere", **environment})
