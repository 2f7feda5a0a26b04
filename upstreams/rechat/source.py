"""Rechat as the gateway sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from upstreams.errors import UpstreamError
from upstreams.feeds import Feed, ListFeed
from upstreams.http.wire import Network, Wire
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.instants import Instant
from upstreams.needs import Need, current_needs
from upstreams.rechat import assumptions
from upstreams.rechat.auth import FixedToken, RenewedToken
from upstreams.rechat.batches import contacts_by_id
from upstreams.rechat.calendar import is_named, object_types
from upstreams.rechat.client import Client
from upstreams.rechat.examination import examine
from upstreams.rechat.feeds import Contacts, Segments, associations
from upstreams.rechat.records import CalendarEvent, Contact
from upstreams.rechat.search import find_contacts
from upstreams.rechat.settings import RechatSettings
from upstreams.rechat.timeline import Calendar, Pace
from upstreams.rechat.values import is_uuid
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
from upstreams.state import StateStore

_OURS = frozenset({EventType.TASK, EventType.EMAIL_THREAD, EventType.TOUCH, EventType.ANNIVERSARY, EventType.OTHER})


class Rechat:
    """Implements :class:`upstreams.source.SourceApi`.

    Args:
        settings: what the variables say.
        network: the process's share of the wire.
        store: keeps rotated tokens; default: what the network keeps state in.

    Attributes:
        client: the endpoints, for what is Rechat's own (attributes, duplicates, writing).
    """

    source = Source.RECHAT
    selective = frozenset({Need.SEGMENTS, Need.CUSTOM_FIELDS, Need.RELATIONS})
    finds_all = frozenset({MatchKey.EMAIL} if assumptions.SEARCH.assumed else ())
    finds_whole = True

    def __init__(self, settings: RechatSettings, network: Network, store: StateStore | None = None) -> None:
        self._wire = Wire(network, self.source, settings.url)
        self._renewed: RenewedToken | None = None
        if settings.refresh is not None:
            store = store or network.state(settings.refresh.state)
            self._renewed = RenewedToken(self._wire, settings.refresh, store, settings.brand)
        self._wire.authorizer = self._renewed or FixedToken(settings.access_token or "", settings.brand)
        self.client = Client(self._wire, network.keeping)
        self._pace = Pace()

    def health(self) -> SourceHealth:
        """How the source has been doing."""
        return self._wire.health()

    async def start(self) -> None:
        """Nothing to make ready: the first call signs in."""

    async def close(self) -> None:
        """Let a refresh end; an access token cannot be given back."""
        if self._renewed is not None:
            await self._renewed.close()

    async def contacts_by_id(self, ids: Sequence[str]) -> Sequence[Contact | UpstreamError | None]:
        """See :func:`upstreams.rechat.batches.contacts_by_id`."""
        found = await contacts_by_id(self.client, ids, associations(current_needs.get()))
        return [found.get(id.lower()) for id in ids]

    async def find_contacts(
        self, keys: Sequence[IdentityKey], limit: int
    ) -> Sequence[Sequence[Contact] | UpstreamError]:
        """One search for each key; see :class:`upstreams.source.Searchable`."""
        return await find_contacts(self.client, keys, limit)

    async def event(self, contact_id: str | None, at: Instant, id: str) -> CalendarEvent | None:
        """One event: looked for in its contact's calendar, whose rows have ids of their own, then in the team's."""
        if contact_id is not None and not is_uuid(contact_id):
            return None
        for whose in dict.fromkeys((contact_id, None)):
            for row in await self._calendar(whose, None).at(at):
                if row.source_id == id and contact_id in (None, row.contact_source_id):
                    return row
        return None

    def contacts(self, query: ContactQuery) -> Feed[ContactRecord] | None:
        """Contacts; the upstream filters by times, by one list or tag and by text, not by what is missing.

        None when they are to be at a location: nobody is at one here.
        """
        if query.location_ids is not None:
            return None
        return Contacts(
            source=self.source,
            name="contacts",
            client=self.client,
            query=query,
            needs=current_needs.get(),
            max_size=assumptions.MAX_LIMIT.assumed,
        )

    def events(self, query: EventQuery) -> Feed[EventRecord] | None:
        """The calendar of the team or of one contact; None when no event asked for can be of this source."""
        if query.location_id is not None or (query.contact_id is not None and not is_uuid(query.contact_id)):
            return None
        wanted = None if query.types is None else query.types & _OURS
        if wanted == frozenset():
            return None
        return self._calendar(query.contact_id, wanted, query.since, query.until)

    def segments(self) -> ListFeed[SegmentRecord]:
        """All contact lists and tags."""
        return Segments(source=self.source, name="segments", client=self.client)

    def locations(self) -> ListFeed[LocationRecord] | None:
        """There are none."""
        return None

    async def hotspots(self) -> Sequence[HotspotRecord]:
        """There are none."""
        return ()

    def examine(self) -> AsyncIterator[Finding]:
        """See :class:`upstreams.source.Examinable`."""
        return examine(self.client)

    def _calendar(
        self,
        contact_id: str | None,
        types: frozenset[EventType] | None,
        since: Instant | None = None,
        until: Instant | None = None,
    ) -> Calendar:
        if contact_id is not None:
            named = object_types(types, assumptions.CALENDAR_TYPES_OF_CONTACT.assumed)
        elif types is None or not is_named(types):
            named = ()
        else:
            named = object_types(types, assumptions.CALENDAR_TYPES.assumed)
        return Calendar(
            source=self.source,
            name="calendar",
            client=self.client,
            contact_id=contact_id,
            object_types=named,
            pace=self._pace if contact_id is None else Pace(),
            since=since,
            until=until,
            max_size=assumptions.CALENDAR_MAX_LIMIT.assumed // 2,
        )
