"""``contactgraph doctor``: reads a little of each kind from each configured source and says what works.

The reads are queries that a client could send, so that the whole way is tried: sign-in, wire, decoding, paging, schema.
What else a source can say of itself, such as which assumption about its upstream held, it says as
:class:`Examinable`.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple, cast

from gateway.app import build_engine, build_network, build_services
from gateway.errors import Border
from gateway.execution import Engine, Parameters
from gateway.settings import Settings
from gateway.shared import shared_store
from resolvers.callers import ANYBODY
from resolvers.context import Services
from upstreams.http.scope import RequestScope, current_scope
from upstreams.records import Source
from upstreams.source import Examinable


class _Read(NamedTuple):
    """One kind of read: its name, and a query in which ``SOURCE`` stands for the source."""

    name: str
    query: str


_CONTACTS = _Read("contacts", "{ contacts(first: 1, filter: {sources: [SOURCE]}) { nodes { id } } }")
_OF_ONE_CONTACT = (
    _Read("one contact", "query ($id: ID!) { contact(id: $id) { id updatedAt segments { id } } }"),
    _Read("events of one contact", "query ($id: ID!) { contact(id: $id) { events(first: 1) { nodes { id } } } }"),
)
_OTHERS = (
    _Read("events", "{ events(first: 1, filter: {sources: [SOURCE]}) { nodes { id } } }"),
    _Read("segments", "{ segments(first: 1, filter: {sources: [SOURCE]}) { nodes { id } } }"),
)
_OF_PLACES = (
    _Read("locations", "{ locations(first: 1, filter: {sources: [SOURCE]}) { nodes { id } } }"),
    _Read("hotspots", "{ locations(first: 1, filter: {sources: [SOURCE]}) { nodes { hotspots { sourceId } } } }"),
)


async def examine_sources(settings: Settings) -> int:
    """Examine every source that is on, one after the other, and print a line a finding.

    Returns:
        1 when something does not work, else 0.
    """
    shared = shared_store(settings)
    network = build_network(settings, shared)
    services = build_services(settings, network, shared)
    examination = _Examination(build_engine(settings, for_clients=False), services, settings.request_timeout)
    if shared is not None:
        await shared.start()
        print("Redis")
        connected, message = shared.health()
        examination.found("connection", connected, message or "it takes a write in time")
    await network.start()
    try:
        for source, api in services.sources.items():
            print(source.label)
            await api.start()
            try:
                await examination.reads(source, places=api.locations() is not None)
                if isinstance(api, Examinable):
                    async for check, ok, detail in api.examine():
                        examination.found(check, ok, detail)
            finally:
                await api.close()
    finally:
        await network.close()
        if shared is not None:
            await shared.close()
    print("All is well." if not examination.bad else f"{examination.bad} of {examination.checks} checks failed.")
    return 1 if examination.bad else 0


class _Examination:
    def __init__(self, engine: Engine, services: Services, timeout: float) -> None:
        self._engine = engine
        self._services = services
        self._timeout = timeout
        self.checks = 0
        self.bad = 0

    def found(self, check: str, ok: bool, detail: str) -> None:
        """Print a finding."""
        self.checks += 1
        self.bad += not ok
        print(f"  {'ok ' if ok else 'BAD'} {check}: {detail}", flush=True)

    async def reads(self, source: Source, *, places: bool) -> None:
        """Make one read of each kind; of locations only where the source has any (``places``)."""
        data = await self._read(source, _CONTACTS)
        nodes = ((data or {}).get("contacts") or {}).get("nodes") or []
        for read in _OF_ONE_CONTACT if nodes else ():
            await self._read(source, read, {"id": nodes[0]["id"]})
        for read in (*_OTHERS, *(_OF_PLACES if places else ())):
            await self._read(source, read)

    async def _read(
        self, source: Source, read: _Read, variables: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        scope = RequestScope(asyncio.get_running_loop().time() + self._timeout)
        token = current_scope.set(scope)
        try:
            parameters = Parameters(read.query.replace("SOURCE", source.value), variables)
            prepared = self._engine.prepare(parameters, queries_only=True)
            result = await self._engine.execute(prepared, ANYBODY, self._services.request, Border("doctor"))
        finally:
            current_scope.reset(token)
        calls = ", ".join(
            f"{call.operation} {call.status or 'no answer'}" for call in scope.calls if not (call.shared or call.cached)
        )
        if result.errors:
            messages = "; ".join(dict.fromkeys(error["message"] for error in result.errors))
            self.found(read.name, False, f"{messages} ({calls or 'no call'})")
        else:
            self.found(read.name, True, calls or "answered from what was read before")
        return cast(dict[str, Any] | None, result.data)
