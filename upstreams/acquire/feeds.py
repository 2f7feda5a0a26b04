"""Acquire's lists as the kinds of feed that the paging engine knows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from msgspec.structs import force_setattr

from upstreams.acquire import assumptions
from upstreams.acquire.client import Client, PageOf
from upstreams.acquire.codecs import CASES, CONTACTS
from upstreams.acquire.contacts import names_unknown_tags
from upstreams.acquire.decode import Listing
from upstreams.acquire.lists import all_tags
from upstreams.acquire.pages import Habits, Paged
from upstreams.acquire.records import Case, Contact, Visit
from upstreams.codecs import RowCodec
from upstreams.errors import UpstreamNotFound
from upstreams.feeds import Direction, Key, ListFeed, Rows
from upstreams.needs import Need
from upstreams.records import ContactRecord, EventRecord, EventType, SegmentRecord, Source

RANK = Source.ACQUIRE.rank

_RELATIONS = {
    Need.COMPANY: ("company",),
    Need.SEGMENTS: ("tags",),
    Need.RELATIONS: ("cases", "timeline", "visits"),
}


def relations(needs: frozenset[Need]) -> tuple[str, ...]:
    """What to ask the upstream for beside a contact's own columns."""
    more = {name for need in needs for name in _RELATIONS.get(need, ())}
    return (*assumptions.ALWAYS_RELATED.assumed, *sorted(more))


@dataclass(kw_only=True)
class Contacts(Paged[ContactRecord]):
    """Contacts by id, which is nearly by time of creation. The upstream filters none of them.

    Attributes:
        relations: what each record must carry.
        segment_ids: only those with any of these tags are wanted, so that each must tell the ids of its tags.
        exact: there is no filter, so that the upstream's own count holds.
    """

    codec: ClassVar[RowCodec[Any] | None] = CONTACTS

    client: Client
    relations: tuple[str, ...]
    segment_ids: tuple[str, ...] | None = None
    exact: bool = True
    unfiltered: bool = True

    def key(self, row: ContactRecord) -> Key:
        """By time of creation."""
        return row.created_at, RANK, row.source_id

    async def page(self, page: PageOf) -> Listing[Contact]:
        """One call."""
        return await self.client.contacts(page, relations=self.relations)

    async def read(self, direction: Direction, start: int, limit: int) -> Rows[ContactRecord]:
        """Rows ``start`` to ``start + limit``."""
        if self.segment_ids == ():
            return Rows((), 0, total=0)
        found = await super().read(direction, start, limit)
        if self.segment_ids is not None:
            await self._name_tags([row for row in found.rows if isinstance(row, Contact)])
        return found

    async def total(self) -> int | None:
        """``counts.total``; None where there is a filter."""
        if self.segment_ids == ():
            return 0
        return await self.told_total() if self.exact else None

    async def _name_tags(self, rows: list[Contact]) -> None:
        if names_unknown_tags(rows):
            ids = {tag.name: tag.source_id for tag in await all_tags(self.client)}
            for row in rows:
                names = [ref.name for ref in row.segment_refs or ()]
                force_setattr(row, "tag_ids", {name: ids[name] for name in names if name in ids})


@dataclass(kw_only=True)
class Cases(Paged[EventRecord]):
    """Conversations by id, which is nearly by time, of everybody or of one contact.

    Attributes:
        contact_id: whose; None: everybody's.
        exact: there is no other filter, so that the upstream's own count holds.
    """

    codec: ClassVar[RowCodec[Any] | None] = CASES

    client: Client
    contact_id: str | None = None
    exact: bool = True

    def key(self, row: EventRecord) -> Key:
        """By time."""
        return event_key(row)

    async def page(self, page: PageOf) -> Listing[Case]:
        """One call."""
        column = assumptions.CASES_OF_CONTACT.assumed
        return await self.client.cases(page, where=() if self.contact_id is None else ((column, self.contact_id),))

    async def total(self) -> int | None:
        """``count``; None where there is a filter."""
        return await self.told_total() if self.exact else None


@dataclass(kw_only=True)
class Timeline(ListFeed[EventRecord]):
    """What happened to one contact: its visits, which are a relation of it, and its cases, which are a list.

    Both come whole, since the upstream gives visits in no other way.

    Attributes:
        contact_id: whose.
        types: what is wanted: page views, conversations or both.
        habits: what is known of the list of cases.
    """

    client: Client
    contact_id: str
    types: frozenset[EventType]
    habits: Habits = field(default_factory=Habits)

    def key(self, row: EventRecord) -> Key:
        """By time."""
        return event_key(row)

    async def read(self) -> Sequence[EventRecord]:
        """Both lists whole, or none: one that is missing must not look like one that is empty."""
        parts = []
        if EventType.PAGE_VIEW in self.types:
            parts.append(self._visits())
        if EventType.CONVERSATION in self.types:
            parts.append(self._cases())
        return [event for part in await asyncio.gather(*parts) for event in part]

    async def _visits(self) -> Sequence[EventRecord]:
        return await visits_of(self.client, self.contact_id)

    async def _cases(self) -> Sequence[EventRecord]:
        feed = Cases(
            source=self.source, name="cases", client=self.client, contact_id=self.contact_id, habits=self.habits
        )
        found: list[EventRecord] = []
        received = 0
        while True:
            rows = await feed.read(Direction.DESC, received, feed.max_size)
            found += rows.rows
            received += rows.received
            if rows.received < feed.max_size:
                return [row for row in found if row.contact_source_id == self.contact_id]


@dataclass(kw_only=True)
class Tags(ListFeed[SegmentRecord]):
    """All tags that contacts can have."""

    client: Client

    def key(self, row: SegmentRecord) -> Key:
        """By name."""
        return row.name.casefold(), RANK, row.source_id

    async def read(self) -> Sequence[SegmentRecord]:
        """The whole list."""
        return [tag for tag in await all_tags(self.client) if tag.of_contacts]


def event_key(row: EventRecord) -> Key:
    """By time. Visits and cases are numbered each on their own, so the same number may come twice in an instant: the
    case goes first."""
    return row.occurred_at, RANK, row.source_id if isinstance(row, Case) else f"{row.source_id}\0"


async def visits_of(client: Client, contact_id: str) -> Sequence[Visit]:
    """A contact's page views; none of a contact that is gone."""
    try:
        contact = await client.contact(contact_id, relations=("visits",))
    except UpstreamNotFound:
        return ()
    for visit in contact.visits or ():
        force_setattr(visit, "contact_source_id", contact_id)
    return contact.visits or ()
