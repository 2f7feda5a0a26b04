"""Cloud4Wi's lists as the kinds of feed that the paging engine knows.

Every ``key`` and ``read`` is as cheap as it looks: what a key needs is worked out when a record is decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from upstreams.cloud4wi.client import Client
from upstreams.cloud4wi.codecs import CONTACTS, EVENT_FRAMES, EVENTS
from upstreams.codecs import RowCodec
from upstreams.feeds import Bounds, Direction, Key, ListFeed, Rows, ScrollFeed, WindowFeed
from upstreams.instants import Instant, shift
from upstreams.records import ContactRecord, EventRecord, LocationRecord, SegmentRecord, Source

RANK = Source.CLOUD4WI.rank


@dataclass(kw_only=True)
class OrganizationEvents(ScrollFeed[EventRecord]):
    """What happened to any contact.

    Attributes:
        types: the only types wanted, as the upstream names them; None when it cannot tell them apart.
    """

    codec: ClassVar[RowCodec[Any] | None] = EVENTS
    frames: ClassVar[bool] = False

    client: Client
    types: tuple[str, ...] | None = None

    def key(self, row: EventRecord) -> Key:
        """By time."""
        return row.occurred_at, RANK, row.source_id

    async def open(self, bounds: Bounds, direction: Direction, size: int) -> Rows[EventRecord]:
        """Start a scroll."""
        reverse = self.orientation.flag(direction)
        return await self.client.organization_events(
            bounds, reverse=reverse, size=size, types=self.types, frames=self.frames
        )

    async def advance(self, scroll: str, bounds: Bounds, direction: Direction, size: int) -> Rows[EventRecord]:
        """The next answer of a scroll."""
        reverse = self.orientation.flag(direction)
        return await self.client.organization_events(
            bounds, reverse=reverse, size=size, types=self.types, scroll=scroll, frames=self.frames
        )


@dataclass(kw_only=True)
class EventFrames(OrganizationEvents):
    """The same where no more than the frame of each is read: to read more of one is an AttributeError."""

    codec: ClassVar[RowCodec[Any] | None] = EVENT_FRAMES
    frames: ClassVar[bool] = True

    carries: str = "frame"


@dataclass(kw_only=True)
class CustomerEvents(WindowFeed[EventRecord]):
    """What happened to one contact.

    Attributes:
        contact_id: the contact's cid.
        types: the only types wanted, as the upstream names them; None when it cannot tell them apart.
    """

    codec: ClassVar[RowCodec[Any] | None] = EVENTS

    client: Client
    contact_id: str
    types: tuple[str, ...] | None = None

    def key(self, row: EventRecord) -> Key:
        """By time."""
        return row.occurred_at, RANK, row.source_id

    async def read(self, bounds: Bounds, direction: Direction, size: int) -> Rows[EventRecord]:
        """The first ``size`` events within the bounds."""
        reverse = self.orientation.flag(direction)
        return await self.client.organization_customer_events(
            self.contact_id, bounds, reverse=reverse, size=size, types=self.types
        )


@dataclass(kw_only=True)
class Contacts(ScrollFeed[ContactRecord]):
    """Contacts by time of creation.

    Attributes:
        segment_ids: only those in any of these segments.
        location_ids: only those registered at any of these locations.
        modified: only those changed within these bounds.
        exact: the upstream applies the whole filter, so that its own count of matches holds.
    """

    codec: ClassVar[RowCodec[Any] | None] = CONTACTS

    client: Client
    segment_ids: tuple[str, ...] | None = None
    location_ids: tuple[str, ...] | None = None
    modified: Bounds | None = None
    exact: bool = True
    _told: int | None = None

    def key(self, row: ContactRecord) -> Key:
        """By time of creation."""
        return row.created_at, RANK, row.source_id

    async def open(self, bounds: Bounds, direction: Direction, size: int) -> Rows[ContactRecord]:
        """Start a scroll; one over the whole list also tells its total."""
        rows = await self._read(None, bounds, direction, size)
        if bounds == self._whole:
            self._told = rows.total
        return rows

    async def advance(self, scroll: str, bounds: Bounds, direction: Direction, size: int) -> Rows[ContactRecord]:
        """The next answer of a scroll."""
        return await self._read(scroll, bounds, direction, size)

    async def total(self) -> int | None:
        """``totalCount`` of the list that the filter makes; None where the upstream cannot apply the filter."""
        if not self.exact or "." in (self.since or "") or "." in (self.until or ""):
            return None
        if self._told is None:
            self._told = (await self._read(None, self._whole, Direction.DESC, 1)).total
        return self._told

    @property
    def _whole(self) -> Bounds:
        """The bounds that hold all of the list, when the filter's are whole seconds."""
        return Bounds(self.since, shift(self.until, -1) if self.until else None)

    async def _read(self, scroll: str | None, bounds: Bounds, direction: Direction, size: int) -> Rows[ContactRecord]:
        if () in (self.segment_ids, self.location_ids):
            return Rows((), 0, total=0)
        return await self.client.customers(
            bounds,
            reverse=self.orientation.flag(direction),
            size=size,
            segments=self.segment_ids,
            locations=self.location_ids,
            modified=self.modified,
            scroll=scroll,
        )


@dataclass(kw_only=True)
class Segments(ListFeed[SegmentRecord]):
    """All segments."""

    client: Client

    def key(self, row: SegmentRecord) -> Key:
        """By name."""
        return row.name.casefold(), RANK, row.source_id

    async def read(self) -> Sequence[SegmentRecord]:
        """The whole list."""
        return (await self.client.segments()).rows


@dataclass(kw_only=True)
class Locations(ListFeed[LocationRecord]):
    """All locations."""

    client: Client

    def key(self, row: LocationRecord) -> Key:
        """By name."""
        return row.name.casefold(), RANK, row.source_id

    async def read(self) -> Sequence[LocationRecord]:
        """The whole list."""
        return (await self.client.locations()).rows


def within(since: Instant | None, until: Instant | None) -> Bounds | None:
    """The whole seconds that hold a half-open range; None when it is open at both ends.

    A bound inside a second takes in all of that second: the gateway checks every record again.
    """
    return None if since is None and until is None else Bounds(since, until)
