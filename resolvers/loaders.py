"""Dataloaders: one turn of the event loop's worth of questions becomes one.

Made anew for each request by :class:`Loaders`, named by what they load.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from resolvers.batching import Answer, Loader, RequestAbandoned, loaded, settled
from resolvers.families import Families
from upstreams.cached import cached_property
from upstreams.needs import Need, Selective, current_needs
from upstreams.rechat.feeds import associations
from upstreams.records import ContactRecord, EventRecord, HotspotRecord, LocationRecord, SegmentRecord, Source
from upstreams.source import SourceApi

if TYPE_CHECKING:
    from resolvers.connections import Connection, PageRequest
    from resolvers.families import Siblings
    from resolvers.ids import GlobalId
    from upstreams.cloud4wi.client import Client
    from upstreams.cloud4wi.source import Cloud4Wi
    from upstreams.rechat.source import Rechat

_ON_RECORDS = frozenset({Need.SEGMENTS, Need.CUSTOM_FIELDS})
"""What the unified fields of a contact read from its record."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Key(NamedTuple):
    """A record of a source, by the source's id."""

    source: Source
    id: str


class RecordLoader(Loader[Key, V], Generic[V]):
    """Loads what is a record, or belongs to one, of a source."""

    def of(self, source: Source, id: str) -> Answer[V]:
        """What :meth:`load` gives for a key; it is put together only where it has not been asked for before."""
        known: Answer[V] | None = self._cache.get((source, id))
        return self.load(Key(source, id)) if known is None else known


class Loaders:
    """The loaders of one request, each made when it is first needed."""

    def __init__(
        self,
        sources: Mapping[Source, SourceApi],
        page: Callable[[PageRequest[Any], Siblings[Any] | None], Awaitable[Connection[Any]]],
    ) -> None:
        self._sources = sources
        self._page = page
        self._batches: set[asyncio.Future[Any]] = set()
        self._made: list[Loader[Any, Any]] = []
        self._families = Families()

    @cached_property
    def contact_by_id(self) -> RecordLoader[ContactRecord | None]:
        """Contacts, as lists tell them too."""
        return self._of_records(self._contacts)

    @cached_property
    def whole_contact_by_id(self) -> RecordLoader[ContactRecord | None]:
        """Contacts with all that only their own answer tells."""
        return self._of_records(self._whole_contacts)

    @cached_property
    def event_by_id(self) -> Loader[GlobalId, EventRecord | None]:
        """Events, found again by what their ids tell."""
        return self.make(self._events)

    @cached_property
    def segment_by_id(self) -> RecordLoader[SegmentRecord | None]:
        """Segments, out of the lists of their sources."""
        return self._of_records(self._segments)

    @cached_property
    def location_by_id(self) -> RecordLoader[LocationRecord | None]:
        """Locations, out of the lists of their sources."""
        return self._of_records(self._locations)

    @cached_property
    def hotspot_by_id(self) -> RecordLoader[HotspotRecord | None]:
        """Hotspots, out of the lists of their sources."""
        return self._of_records(self._hotspot)

    @cached_property
    def hotspots_by_location(self) -> RecordLoader[Sequence[HotspotRecord]]:
        """The hotspots of a location."""
        return self._of_records(self._hotspots)

    @cached_property
    def hotspots_by_source(self) -> Loader[Source, Sequence[HotspotRecord]]:
        """All hotspots of a source."""
        return self.make(self._hotspot_lists)

    @cached_property
    def segments_by_source(self) -> Loader[Source, Sequence[SegmentRecord]]:
        """All segments of a source."""
        return self.make(self._segment_lists)

    @cached_property
    def locations_by_source(self) -> Loader[Source, Sequence[LocationRecord]]:
        """All locations of a source."""
        return self.make(self._location_lists)

    @cached_property
    def cloud4wi_devices(self) -> RecordLoader[Any]:
        """The devices of a contact."""
        return self._of_records(self._cloud4wi_devices)

    @cached_property
    def cloud4wi_accountings(self) -> RecordLoader[Any]:
        """The sessions of a contact."""
        return self._of_records(self._cloud4wi_accountings)

    @cached_property
    def rechat_duplicates(self) -> RecordLoader[Sequence[ContactRecord]]:
        """The contacts that Rechat holds for the same as one."""
        return self._of_records(self._rechat_duplicates)

    @cached_property
    def page_by_request(self) -> Loader[PageRequest[Any], Connection[Any]]:
        """Pages of connections; equal requests are one."""
        return self.make(self._pages)

    def make(self, batch: Callable[[list[K]], Awaitable[Sequence[V | Exception]]]) -> Loader[K, V]:
        """Another loader of this request."""
        loader = Loader(batch, self._batches)
        self._made.append(loader)
        return loader

    def _of_records(self, batch: Callable[[list[Key]], Awaitable[Sequence[V | Exception]]]) -> RecordLoader[V]:
        loader = RecordLoader(batch, self._batches)
        self._made.append(loader)
        return loader

    def abandon(self) -> None:
        """The request is over: end the batches that nobody waits for any more, and let go of what was loaded."""
        for batch in list(self._batches):
            batch.cancel()
        for loader in self._made:
            loader.close()
        self._page = _abandoned_page

    def _contacts(self, keys: list[Key]) -> Awaitable[Sequence[ContactRecord | Exception | None]]:
        by_source = _grouped(keys)
        if len(by_source) != 1:
            return self._contacts_of_several(keys)
        [(source, ids)] = by_source.items()
        return self._sources[source].contacts_by_id(ids)

    async def _contacts_of_several(self, keys: list[Key]) -> Sequence[ContactRecord | Exception | None]:
        """Contacts of any number of sources; one that fails as a whole fails its own keys only."""
        by_source = _grouped(keys)
        answers = await settled([self._sources[source].contacts_by_id(ids) for source, ids in by_source.items()])
        found: dict[Key, ContactRecord | Exception | None] = {}
        for (source, ids), answer in zip(by_source.items(), answers, strict=True):
            if isinstance(answer, Exception):
                found.update((Key(source, id), answer) for id in ids)
            else:
                found.update(zip((Key(source, id) for id in ids), answer, strict=True))
        return [found[key] for key in keys]

    async def _whole_contacts(self, keys: list[Key]) -> Sequence[ContactRecord | Exception | None]:
        """Contacts with what records carry only when it is asked for; of other sources, the records already loaded."""
        current_needs.set(current_needs.get() | _ON_RECORDS)  # a batch is a task of its own, so this ends with it
        whole = [key for key in keys if isinstance(self._sources[key.source], Selective)]
        plain = [key for key in keys if not isinstance(self._sources[key.source], Selective)]
        known = [self.contact_by_id.load(key) for key in plain]
        answers = [*await self._contacts_of_several(whole), *await loaded(known)]
        found = dict(zip([*whole, *plain], answers, strict=True))
        return [found[key] for key in keys]

    async def _events(self, ids: list[GlobalId]) -> Sequence[EventRecord | Exception | None]:
        async def ask(id: GlobalId) -> EventRecord | None:
            assert id.at is not None  # noqa: S101 - an event's id was parsed with its time
            return await self._sources[id.source].event(id.contact, id.at, id.key)

        return await settled([ask(id) for id in ids])

    async def _segments(self, keys: list[Key]) -> Sequence[SegmentRecord | Exception | None]:
        return await self._from_lists(keys, self.segments_by_source)

    async def _locations(self, keys: list[Key]) -> Sequence[LocationRecord | Exception | None]:
        return await self._from_lists(keys, self.locations_by_source)

    async def _lists(
        self, keys: list[Key], lists: Loader[Source, Sequence[Any]]
    ) -> dict[Source, Sequence[Any] | Exception]:
        """The complete lists of the sources that keys belong to: one call a source for any number of keys."""
        wanted = list(dict.fromkeys(key.source for key in keys))
        return dict(zip(wanted, await loaded([lists.load(source) for source in wanted]), strict=True))

    async def _from_lists(self, keys: list[Key], lists: Loader[Source, Sequence[Any]]) -> Sequence[Any]:
        """Find records in the complete lists of their sources."""
        known = {
            source: answer if isinstance(answer, Exception) else {record.source_id: record for record in answer}
            for source, answer in (await self._lists(keys, lists)).items()
        }
        answers = ((known[source], id) for source, id in keys)
        return [answer if isinstance(answer, Exception) else answer.get(id) for answer, id in answers]

    async def _hotspot(self, keys: list[Key]) -> Sequence[HotspotRecord | Exception | None]:
        return await self._from_lists(keys, self.hotspots_by_source)

    async def _hotspots(self, keys: list[Key]) -> Sequence[Sequence[HotspotRecord] | Exception]:
        known = await self._lists(keys, self.hotspots_by_source)
        found: list[Sequence[HotspotRecord] | Exception] = []
        for source, id in keys:
            answer = known[source]
            found.append(
                answer if isinstance(answer, Exception) else [spot for spot in answer if spot.location_source_id == id]
            )
        return found

    async def _hotspot_lists(self, sources: list[Source]) -> Sequence[Sequence[HotspotRecord] | Exception]:
        return await settled([self._sources[source].hotspots() for source in sources])

    async def _segment_lists(self, sources: list[Source]) -> Sequence[Sequence[SegmentRecord] | Exception]:
        return await settled([_read(self._sources[source].segments()) for source in sources])

    async def _location_lists(self, sources: list[Source]) -> Sequence[Sequence[LocationRecord] | Exception]:
        return await settled([_read(self._sources[source].locations()) for source in sources])

    async def _cloud4wi_devices(self, keys: list[Key]) -> Sequence[Any]:
        return await settled([self._cloud4wi().devices(key.id) for key in keys])

    async def _cloud4wi_accountings(self, keys: list[Key]) -> Sequence[Any]:
        return await settled([self._cloud4wi().accountings(key.id) for key in keys])

    async def _rechat_duplicates(self, keys: list[Key]) -> Sequence[Sequence[ContactRecord] | Exception]:
        client = cast("Rechat", self._sources[Source.RECHAT]).client
        wanted = associations(current_needs.get())
        clusters = await settled([client.contact_duplicates(key.id, associations=wanted) for key in keys])
        return [one if isinstance(one, Exception) else () if one is None else one.contacts for one in clusters]

    def _cloud4wi(self) -> Client:
        return cast("Cloud4Wi", self._sources[Source.CLOUD4WI]).client

    async def _pages(self, requests: list[PageRequest[Any]]) -> Sequence[Connection[Any] | Exception]:
        pairs = zip(requests, self._families.of(requests), strict=True)
        return await settled([self._page(request, siblings) for request, siblings in pairs])


async def _abandoned_page(request: PageRequest[Any], siblings: Siblings[Any] | None) -> Connection[Any]:
    raise RequestAbandoned


async def _read(feed: Any) -> Sequence[Any]:
    return () if feed is None else await feed.read()


def _grouped(keys: Sequence[Key]) -> dict[Source, list[str]]:
    grouped: dict[Source, list[str]] = {}
    for source, id in keys:
        grouped.setdefault(source, []).append(id)
    return grouped
