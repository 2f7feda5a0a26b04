"""The gateway once for each executor, and the comparison of what they answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, Self
from unittest.mock import patch

from graphql import DocumentNode, GraphQLError, GraphQLSchema, validate
from starlette.types import ASGIApp, Message

from gateway import documents
from gateway.app import build_sources, compose
from gateway.errors import Border, FormattedError
from gateway.limits import parse_within
from gateway.settings import Settings, read_settings
from resolvers.callers import Caller
from resolvers.context import Context, Services
from resolvers.paging import Pager
from resolvers.people.indexer import Indexer
from sandbox.app import Sandbox
from sandbox.clock import Clock
from tests.differential.case import Case
from tests.differential.people import MemoryIndex
from tests.differential.reply import Reply
from tests.differential.upstream import Upstream
from tests.differential.weather import Weather
from tests.schema.harness import SCHEMA, credentials
from upstreams.http.wire import Network
from upstreams.ledger import MemoryLedger
from upstreams.records import Source
from upstreams.source import SourceApi

POPULATION: dict[str, Any] = {"contacts": 40, "events": 250}
"""How large the sandbox is."""
_MOST_COST = "5000"
"""Upstream calls that an operation may cost at worst: most random ones may run, some may not."""
_NOW = 1_790_000_000.0
"""What the sandbox takes for the present, so that its data and tokens are the same in each run."""
_SECRET = b"what signs the cursors of both sides"
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"x-request-id", b"differential"),
    (b"x-contactgraph-trace", b"1"),
]
_log = logging.getLogger("contactgraph")


class World(NamedTuple):
    """What two sides have in common.

    Attributes:
        box: where their calls go.
        settings: what points at it.
        indexes: what people are found by.
    """

    box: Sandbox
    settings: Settings
    indexes: Mapping[Source, MemoryIndex]


class _Backend:
    """The services of the request that is answered now, and who asks."""

    sources: ClassVar[Mapping[Source, SourceApi]] = {}
    services: Services
    caller: Caller

    def request(self, caller: Caller) -> Context:
        """See :class:`gateway.http.endpoint.Backend`."""
        return self.services.request(self.caller)


class Side:
    """A gateway. What is behind its schema is made anew for each request, so that nothing is remembered.

    Args:
        executor: who runs operations, as ``GATEWAY_EXECUTOR`` names it.
    """

    def __init__(self, executor: str) -> None:
        self._backend = _Backend()
        self._app = compose(_settings({"GATEWAY_EXECUTOR": executor}), SCHEMA, self._backend)

    async def ask(self, case: Case, world: World, upstream: Upstream) -> Reply:
        """What it answers."""
        (reply,) = await self.ask_at_once([case], world, upstream)
        return reply

    async def ask_at_once(self, cases: Sequence[Case], world: World, upstream: Upstream) -> list[Reply]:
        """What it answers to requests that come together, all of a caller with the scopes of the first."""
        with upstream.network() as network:
            async with _services(world, network) as services:
                self._backend.services, self._backend.caller = services, Caller("somebody", cases[0].granted)
                answers = await asyncio.gather(*(_post(self._app, case.body) for case in cases))
                return [Reply.read(*answer, upstream.asked) for answer in answers]


class Sides:
    """Two gateways over one sandbox; make them with :meth:`over`."""

    def __init__(self, reference: Side, tried: Side) -> None:
        self._sides = reference, tried
        self._box = AsyncExitStack()
        self._made: World | None = None

    @classmethod
    @asynccontextmanager
    async def over(cls, reference: Side, tried: Side) -> AsyncIterator[Self]:
        """Compare the answers of a side with those of one that is right, at a present that stands still."""
        level = _log.level
        _log.setLevel(logging.CRITICAL + 1)
        sides = cls(reference, tried)
        try:
            with patch.object(Clock, "now", lambda clock: _NOW), _reading_once(), _unmasked():
                yield sides
        finally:
            _log.setLevel(level)
            await sides._box.aclose()

    async def compare(self, case: Case) -> list[str]:
        """In what the two answers differ.

        What goes wrong is drawn for each call. One that asks in a batch what takes two elsewhere meets weather of its
        own, so that where fewer calls were made the answers have to be equal in calm weather.
        """
        reference, tried = await self.replies(case)
        if case.weather.faults and tried.asked.total() < reference.asked.total() and reference.differences(tried):
            return await self.compare(replace(case, weather=replace(case.weather, share=0.0, faults=())))
        return reference.differences(tried)

    async def replies(self, case: Case) -> list[Reply]:
        """What both answer, first the one that is right."""
        world = self._made = self._made or await self._make()
        upstream = Upstream(world.box, case.weather)
        replies = [await side.ask(case, world, upstream) for side in self._sides]
        if "mutation" in case.query:
            await self._box.aclose()
            self._made = None
        return replies

    async def compare_at_once(self, cases: Sequence[Case]) -> list[str]:
        """In what the data and errors of queries that run together differ; who of them makes a call is left open."""
        world = self._made = self._made or await self._make()
        upstream = Upstream(world.box, cases[0].weather)
        reference, tried = [await side.ask_at_once(cases, world, upstream) for side in self._sides]
        return [
            told
            for right, answer in zip(reference, tried, strict=True)
            if (right.data, right.errors) != (answer.data, answer.errors)
            for told in right.differences(answer)
        ]

    async def _make(self) -> World:
        box = await self._box.enter_async_context(Sandbox.start(**POPULATION))
        pointed = {name: value for source in Source for name, value in credentials(box, source).items()}
        indexes = {source: MemoryIndex() for source in Source}
        world = World(box, _settings(pointed), indexes)
        with Upstream(box, Weather()).network() as network:
            async with _services(world, network) as services:
                assert services.indexer is not None
                for source in Source:
                    await services.indexer.bring_up_to_date(source)
        return world


def _settings(environment: Mapping[str, str]) -> Settings:
    """The settings of a gateway that has all sources."""
    anywhere = {
        "CLOUD4WI_CLIENT_KEY": "key",
        "CLOUD4WI_CLIENT_SECRET": "secret",
        "RECHAT_ACCESS_TOKEN": "token",
        "ACQUIRE_URL": "http://127.0.0.1:1",
        "ACQUIRE_API_KEY": "key",
        "GATEWAY_MAX_COST": _MOST_COST,
        "GATEWAY_STATE_DIR": "/nowhere",
    }
    return read_settings({**anywhere, **environment})


@asynccontextmanager
async def _services(world: World, network: Network) -> AsyncIterator[Services]:
    settings = world.settings
    sources = build_sources(settings, network)
    pager = Pager(secret=_SECRET, scan_rows=settings.scan_rows, max_page=settings.max_page)
    services = Services(
        sources=sources,
        pager=pager,
        max_ids=settings.max_ids,
        default_region=settings.default_region,
        indexer=Indexer(sources, world.indexes, pager, settings.default_region),
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


@contextmanager
def _reading_once() -> Iterator[None]:
    """A document is parsed and validated for the first side only, which is most of the work of a small operation."""
    parse = lru_cache(maxsize=8)(parse_within)
    latest: list[tuple[DocumentNode, list[GraphQLError]]] = []

    def validate_once(schema: GraphQLSchema, document: DocumentNode, *rest: Any, **options: Any) -> list[GraphQLError]:
        if not latest or latest[0][0] is not document:
            latest[:] = [(document, validate(schema, document, *rest, **options))]
        return latest[0][1]

    with patch.object(documents, "parse_within", parse), patch.object(documents, "validate", validate_once):
        yield


@contextmanager
def _unmasked() -> Iterator[None]:
    """An error that clients are told nothing of says here what it is."""
    exception = Border.exception

    def told(border: Border, error: BaseException, **place: Any) -> FormattedError:
        formatted = exception(border, error, **place)
        if formatted["extensions"]["code"] == "INTERNAL":
            formatted["message"] = f"{type(error).__name__}: {error}"
        return formatted

    with patch.object(Border, "exception", told):
        yield


async def _post(app: ASGIApp, body: bytes) -> tuple[int, str, bytes]:
    """One request through the ASGI interface: status, content type and body; its client stays until it is answered."""
    sent: list[Message] = []
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return await never

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": _HEADERS}
    await app(scope, receive, send)
    start, *bodies = sent
    headers = dict(start["headers"])
    return start["status"], headers[b"content-type"].decode(), b"".join(each["body"] for each in bodies)
