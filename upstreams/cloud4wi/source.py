"""Cloud4Wi as the gateway sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from upstreams.cloud4wi import assumptions
from upstreams.cloud4wi.auth import ServiceAccount
from upstreams.cloud4wi.client import Client
from upstreams.cloud4wi.examine import Examination
from upstreams.cloud4wi.feeds import (
    Contacts,
    CustomerEvents,
    EventFrames,
    Locations,
    OrganizationEvents,
    Segments,
    within,
)
from upstreams.cloud4wi.records import EVENT_TYPES, Contact, Event, Hotspot
from upstreams.cloud4wi.settings import Cloud4WiSettings
from upstreams.errors import UpstreamError, UpstreamNotFound
from upstreams.feeds import Bounds, Feed, ListFeed, Orientation
from upstreams.http.outcomes import outcomes
from upstreams.http.wire import Network, Wire
from upstreams.instants import Instant, second
from upstreams.needs import Need, current_needs
from upstreams.records import (
    ContactRecord,
    EventRecord,
    EventType,
    LocationRecord,
    SegmentRecord,
    Source,
)
from upstreams.source import ContactQuery, EventQuery, Finding, SourceHealth

_OURS = frozenset({*EVENT_TYPES.values(), EventType.OTHER})
_DOCUMENTED = {EVENT_TYPES[name]: name for name in assumptions.EVENT_TYPES_DOCUMENTED.assumed}


class Cloud4Wi:
    """Implements :class:`upstreams.source.SourceApi`.

    Attributes:
        client: the endpoints, for what is Cloud4Wi's own (devices, accountings, policies, deletion).
    """

    source = Source.CLOUD4WI

    def __init__(self, settings: Cloud4WiSettings, network: Network) -> None:
        self._wire = Wire(network, self.source, settings.url)
        self._service = ServiceAccount(self._wire, settings.client_key, settings.client_secret, settings.organization)
        self._wire.authorizer = self._service
        self.client = Client(self._wire, self._service, network.keeping)
        assumed = assumptions.REVERSE_IS_DESCENDING.assumed
        self._contacts_orientation = Orientation(reverse_is_descending=assumed)
        self._events_orientation = Orientation(reverse_is_descending=assumed)
        self._customer_events_orientation = Orientation(reverse_is_descending=assumed)

    def health(self) -> SourceHealth:
        """How the source has been doing."""
        return self._wire.health()

    async def start(self) -> None:
        """Nothing to make ready: the first call signs in."""

    async def close(self) -> None:
        """Sign out."""
        await self._service.sign_out()

    def examine(self) -> AsyncIterator[Finding]:
        """Which assumptions about the upstream hold."""
        return Examination(self.client).findings()

    async def contacts_by_id(self, ids: Sequence[str]) -> Sequence[Contact | UpstreamError | None]:
        """One call for each distinct id: the upstream reads contacts by id one at a time."""
        distinct = [id for id in dict.fromkeys(ids) if id]
        found = await outcomes([self.client.customer(id) for id in distinct])
        by_id = dict(zip(distinct, found, strict=True))
        return [by_id.get(id) for id in ids]

    async def event(self, contact_id: str | None, at: Instant, id: str) -> Event | None:
        """One event, among all that happened to its contact (or to anyone) in that second."""
        moment = Bounds(second(at), second(at))
        size = assumptions.MAX_SIZE.assumed
        if contact_id is None:
            flag = self._events_orientation.reverse_is_descending
            rows = await self.client.organization_events(moment, reverse=flag, size=size, scrolling=False)
        else:
            flag = self._customer_events_orientation.reverse_is_descending
            try:
                rows = await self.client.organization_customer_events(contact_id, moment, reverse=flag, size=size)
            except UpstreamNotFound:
                return None
        return next((row for row in rows.rows if row.source_id == id), None)

    def contacts(self, query: ContactQuery) -> Feed[ContactRecord]:
        """Contacts; the upstream filters by segment, location and times, not by e-mail, phone or text."""
        unsupported = (query.has_email, query.has_phone, query.search, query.updated_from, query.updated_to)
        return Contacts(
            source=self.source,
            name="customers",
            client=self.client,
            since=query.created_from,
            until=query.created_to,
            max_size=assumptions.MAX_SIZE.assumed,
            orientation=self._contacts_orientation,
            segment_ids=query.segment_ids,
            location_ids=query.location_ids,
            modified=within(query.updated_from, query.updated_to),
            exact=all(value is None for value in unsupported),
        )

    def events(self, query: EventQuery) -> Feed[EventRecord] | None:
        """Events of the organization or of one contact; the upstream does not filter by location.

        None when the types asked for are all such as this source never has.
        """
        types: tuple[str, ...] | None = None
        if query.types is not None:
            wanted = query.types & _OURS
            if not wanted:
                return None
            if wanted <= _DOCUMENTED.keys():
                types = tuple(sorted(_DOCUMENTED[type] for type in wanted))
        if query.contact_id is not None:
            return CustomerEvents(
                source=self.source,
                name="organizationCustomerEvents",
                client=self.client,
                contact_id=query.contact_id,
                since=query.since,
                until=query.until,
                max_size=assumptions.MAX_SIZE.assumed,
                orientation=self._customer_events_orientation,
                types=types,
            )
        whole = query.placed or query.location_id is not None or Need.EVENT_PARTS in current_needs.get()
        kind = OrganizationEvents if whole else EventFrames
        return kind(
            source=self.source,
            name="organizationEvents",
            client=self.client,
            since=query.since,
            until=query.until,
            max_size=assumptions.MAX_SIZE.assumed,
            orientation=self._events_orientation,
            types=types,
        )

    def segments(self) -> ListFeed[SegmentRecord]:
        """All segments."""
        return Segments(source=self.source, name="segments", client=self.client)

    def locations(self) -> ListFeed[LocationRecord]:
        """All locations."""
        return Locations(source=self.source, name="locations", client=self.client)

    async def hotspots(self) -> Sequence[Hotspot]:
        """All access points."""
        return (await self.client.hotspots()).rows
