"""Acquire as the gateway sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from upstreams.acquire import assumptions
from upstreams.acquire.auth import ApiKey
from upstreams.acquire.client import Client
from upstreams.acquire.examination import examine
from upstreams.acquire.feeds import Cases, Contacts, Tags, Timeline, relations, visits_of
from upstreams.acquire.pages import Habits
from upstreams.acquire.records import Case, Contact, Visit
from upstreams.acquire.search import find
from upstreams.acquire.settings import AcquireSettings
from upstreams.acquire.values import is_id
from upstreams.errors import UpstreamError, UpstreamNotFound
from upstreams.feeds import Feed, ListFeed
from upstreams.http.wire import Network, Wire
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.instants import Instant
from upstreams.needs import Need, current_needs
from upstreams.records import (
    ContactRecord,
    EventRecord,
    EventType,
    HotspotRecord,
    LocationRecord,
    SegmentRecord,
    Source,
)
from upstreams.source import ContactQuery, EventQuery, Finding, SourceHealth

_OURS = frozenset({EventType.PAGE_VIEW, EventType.CONVERSATION})


class Acquire:
    """Implements :class:`upstreams.source.SourceApi`, and can be searched and examined.

    Attributes:
        client: the endpoints, for what is Acquire's own (companies, custom attributes, notes, cards, writing).
    """

    source = Source.ACQUIRE
    selective = frozenset({Need.COMPANY, Need.SEGMENTS, Need.RELATIONS})
    finds_whole = False
    """A row of a search has times to the second only, and lacks what a contact's own answer holds."""
    finds_all = frozenset({MatchKey.EMAIL} if assumptions.SEARCH_EMAIL.assumed else ())

    def __init__(self, settings: AcquireSettings, network: Network) -> None:
        self._wire = Wire(network, self.source, settings.url, ApiKey(settings.api_key))
        self.client = Client(self._wire, network.keeping)
        self._contacts_habits = Habits()
        self._cases_habits = Habits()

    def health(self) -> SourceHealth:
        """How the source has been doing."""
        return self._wire.health()

    async def start(self) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to give back: the key stays good."""

    async def contacts_by_id(self, ids: Sequence[str]) -> Sequence[Contact | UpstreamError | None]:
        """One call for each distinct id: the upstream reads contacts by id one at a time."""
        wanted = relations(current_needs.get())
        distinct = tuple(dict.fromkeys(ids))
        answers = await asyncio.gather(*(self._contact(id, wanted) for id in distinct))
        found = dict(zip(distinct, answers, strict=True))
        return [found[id] for id in ids]

    async def _contact(self, id: str, wanted: Sequence[str]) -> Contact | UpstreamError | None:
        if not is_id(id):
            return None
        try:
            contact = await self.client.contact(id, relations=wanted)
        except UpstreamNotFound:
            return None
        except UpstreamError as error:
            return error
        # One that was merged into another is no longer itself.
        return contact if contact.source_id == id else None

    async def find_contacts(
        self, keys: Sequence[IdentityKey], limit: int
    ) -> Sequence[Sequence[ContactRecord] | UpstreamError]:
        """One search for each key; see :class:`upstreams.source.Searchable`."""
        return await asyncio.gather(*(self._find(key, limit) for key in keys))

    async def _find(self, key: IdentityKey, limit: int) -> Sequence[ContactRecord] | UpstreamError:
        try:
            return await find(self.client, key, limit)
        except UpstreamError as error:
            return error

    async def event(self, contact_id: str | None, at: Instant, id: str) -> Case | Visit | None:
        """One event: the case with the number, if it is of that time and contact, else a visit of the contact."""
        if not is_id(id):
            return None
        try:
            case = await self.client.case(id)
        except UpstreamNotFound:
            pass
        else:
            if case.occurred_at == at and contact_id in (None, case.contact_source_id):
                return case
        if contact_id is None or not is_id(contact_id):
            return None
        visits = await visits_of(self.client, contact_id)
        return next((visit for visit in visits if (visit.source_id, visit.occurred_at) == (id, at)), None)

    def contacts(self, query: ContactQuery) -> Feed[ContactRecord] | None:
        """Contacts; the upstream filters none of them, except by a search that may miss some.

        None when they are to be at a location: nobody is at one here.
        """
        if query.location_ids is not None:
            return None
        needs = current_needs.get()
        if query.segment_ids is not None:
            needs |= {Need.SEGMENTS}
        if query.search is not None:
            needs |= {Need.COMPANY}
        return Contacts(
            source=self.source,
            name="contacts",
            client=self.client,
            habits=self._contacts_habits,
            max_size=assumptions.PAGE_SIZE.assumed,
            relations=relations(needs),
            carries=" ".join(relations(needs)),
            segment_ids=query.segment_ids,
            exact=query == ContactQuery(),
        )

    def events(self, query: EventQuery) -> Feed[EventRecord] | None:
        """Everybody's cases, or one contact's visits and cases; None when no event asked for can be of this source."""
        types = _OURS if query.types is None else query.types & _OURS
        if query.location_id is not None or not types:
            return None
        if query.contact_id is not None:
            if not is_id(query.contact_id):
                return None
            return Timeline(
                source=self.source,
                name="timeline",
                client=self.client,
                contact_id=query.contact_id,
                types=types,
                habits=self._cases_habits,
            )
        if EventType.CONVERSATION not in types:
            return None
        return Cases(
            source=self.source,
            name="cases",
            client=self.client,
            habits=self._cases_habits,
            max_size=assumptions.PAGE_SIZE.assumed,
            exact=query == EventQuery(types=query.types),
        )

    def segments(self) -> ListFeed[SegmentRecord]:
        """All tags that contacts can have."""
        return Tags(source=self.source, name="tags", client=self.client)

    def locations(self) -> ListFeed[LocationRecord] | None:
        """There are none."""
        return None

    async def hotspots(self) -> Sequence[HotspotRecord]:
        """There are none."""
        return ()

    def examine(self) -> AsyncIterator[Finding]:
        """See :class:`upstreams.source.Examinable`."""
        return examine(self.client)
