"""Rechat's lists of contacts, tags and contact lists as the kinds of feed that the paging engine knows."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from msgspec.structs import force_setattr
from msgspec.structs import replace as changed

from upstreams.codecs import RowCodec
from upstreams.errors import UpstreamNotFound
from upstreams.feeds import Direction, Key, ListFeed, OffsetFeed, Rows
from upstreams.instants import Instant, to_unix
from upstreams.needs import Need
from upstreams.rechat import assumptions
from upstreams.rechat.client import Client, Condition, Selection
from upstreams.rechat.codecs import CONTACTS
from upstreams.rechat.decode import Listing
from upstreams.rechat.records import Contact
from upstreams.records import ContactRecord, SegmentRecord, Source
from upstreams.source import ContactQuery

RANK = Source.RECHAT.rank

_ASSOCIATIONS = {
    Need.SEGMENTS: ("contact.lists",),
    Need.CUSTOM_FIELDS: ("contact.attributes", "contact_attribute.attribute_def"),
    Need.RELATIONS: (
        "contact.attributes",
        "contact_attribute.attribute_def",
        "contact.brand",
        "contact.created_by",
        "contact.deals",
        "contact.flows",
        "contact.lists",
        "contact.summary",
        "contact.updated_by",
        "contact.user",
        "contact.users",
    ),
}


def associations(needs: frozenset[Need]) -> tuple[str, ...]:
    """What to ask the upstream for beside a contact's own fields."""
    return tuple(sorted({name for need in needs for name in _ASSOCIATIONS.get(need, ())}))


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a filter is asked for.

    Attributes:
        selection: what the upstream applies; None: nothing can match.
        associations: what each record must carry.
        tag_ids: the ids of tags by name, where the filter needs them.
        exact: the upstream applies the whole filter, so that its own count of matches holds.
    """

    selection: Selection | None
    associations: tuple[str, ...]
    tag_ids: Mapping[str, str] = field(default_factory=dict)
    exact: bool = True


@dataclass(kw_only=True)
class Contacts(OffsetFeed[ContactRecord]):
    """Contacts by time of creation.

    Attributes:
        query: the filter.
        needs: what will be read of each contact beyond its own fields.
    """

    codec: ClassVar[RowCodec[Any] | None] = CONTACTS

    client: Client
    query: ContactQuery
    needs: frozenset[Need] = frozenset()
    _planned: _Plan | None = None
    _total: int | None = None

    def key(self, row: ContactRecord) -> Key:
        """By time of creation."""
        return row.created_at, RANK, row.source_id

    async def read(self, direction: Direction, start: int, limit: int) -> Rows[ContactRecord]:
        """Rows ``start`` to ``start + limit``, also where the upstream gives fewer at a time than it is asked for."""
        plan = await self._plan()
        rows: list[Contact] = []
        received = 0
        total = None
        while received < limit:
            part = await self._part(plan, direction, start + received, limit - received)
            total = part.total
            if not part.received or total is None or start + received + part.received >= total:
                rows += part.rows
                received += part.received
                break
            settled = _settled(part) if part.received < limit - received else part.received
            rows += part.rows[:settled]
            received += settled
        if plan.exact and self._unrounded:
            self._total = total
        if plan.tag_ids:
            for row in rows:
                force_setattr(row, "tag_ids", {name: plan.tag_ids[name] for name in row.tags if name in plan.tag_ids})
        return Rows(rows, received, total=total)

    async def total(self) -> int | None:
        """``info.total`` of the list that the filter makes; None where the upstream cannot apply the filter.

        No call where a read has already told it.
        """
        plan = await self._plan()
        if not plan.exact:
            return None
        if plan.selection is None:
            return 0
        if self._total is not None:
            return self._total
        until, updated_to = self.query.created_to, self.query.updated_to
        # The upper bounds of a read are rounded up, and let through what the gateway then drops.
        exact = changed(
            plan.selection,
            created_gte=None if self.query.created_from is None else to_unix(self.query.created_from),
            created_lte=None if until is None else to_unix(until) - 1e-6,
            updated_gte=None if self.query.updated_from is None else to_unix(self.query.updated_from),
            updated_lte=None if updated_to is None else to_unix(updated_to) - 1e-6,
        )
        return (await self._part(replace(plan, selection=exact, associations=()), Direction.DESC, 0, 1)).total

    @property
    def _unrounded(self) -> bool:
        """A read asks for just what the filter lets through, so that its total is that of the filter."""
        query = self.query
        bounds = (query.created_from, query.created_to, query.updated_from, query.updated_to)
        return all(bound is None for bound in bounds)

    async def _part(self, plan: _Plan, direction: Direction, start: int, limit: int) -> Listing[Contact]:
        if plan.selection is None:
            return Listing((), 0, 0)
        order = assumptions.ORDER_CREATED.assumed
        if direction is Direction.DESC:
            order = f"-{order}"
        if plan.selection == Selection():
            return await self.client.contacts(start=start, limit=limit, order=order, associations=plan.associations)
        try:
            return await self.client.contacts_filter(
                plan.selection, start=start, limit=limit, order=order, associations=plan.associations
            )
        except UpstreamNotFound:
            if plan.selection.lists is None:
                raise
            return Listing((), 0, 0)

    async def _plan(self) -> _Plan:
        if self._planned is None:
            self._planned = await self._make_plan()
        return self._planned

    async def _make_plan(self) -> _Plan:
        query = self.query
        wanted = associations(self.needs)
        selection = Selection(
            q=_word(query.search),
            created_gte=_floor(query.created_from),
            created_lte=_ceiling(query.created_to),
            updated_gte=_floor(query.updated_from),
            updated_lte=_ceiling(query.updated_to),
        )
        exact = query.search is None and query.has_email is None and query.has_phone is None
        ids = query.segment_ids
        if ids is None:
            return _Plan(selection, wanted, exact=exact)
        if not ids:
            return _Plan(None, wanted)
        names = {tag.source_id: tag.name for tag in (await self.client.tags()).rows}
        tag_ids = {name: id for id, name in names.items()}
        if len(ids) > 1:
            # No call means "any of them": each record must say what it is in, and the gateway looks.
            wanted = associations(self.needs | {Need.SEGMENTS})
            return _Plan(selection, wanted, tag_ids, exact=False)
        name = names.get(ids[0])
        if name is None:
            return _Plan(changed(selection, lists=ids), wanted, tag_ids, exact)
        condition = Condition(attribute_type=assumptions.TAG_ATTRIBUTE.assumed, value=name)
        return _Plan(changed(selection, filter=(condition,)), wanted, tag_ids, exact)


@dataclass(kw_only=True)
class Segments(ListFeed[SegmentRecord]):
    """All contact lists and all tags."""

    client: Client

    def key(self, row: SegmentRecord) -> Key:
        """By name."""
        return row.name.casefold(), RANK, row.source_id

    async def read(self) -> Sequence[SegmentRecord]:
        """Both lists whole, or none: a list that is missing must not look like one that is empty."""
        lists, tags = await asyncio.gather(self.client.lists(), self.client.tags())
        return [*lists.rows, *tags.rows]


def _settled(part: Listing[Contact]) -> int:
    """How many rows of a part hold when the next call may bring those of one instant in another order.

    The rows of the last instant are read again with what follows, unless they are all that there is.
    """
    if part.received != len(part.rows):
        return part.received
    open_instant = part.rows[-1].created_at
    count = part.received
    while count and part.rows[count - 1].created_at == open_instant:
        count -= 1
    return count or part.received


def _word(search: str | None) -> str | None:
    """The longest word of a text that can be left to the upstream: who contains the text contains each of its words.

    What may be a part of a phone is not left to it, since phones are found here however they are written: a word of a
    name has letters and no digits.
    """
    words = [word for word in (search or "").split() if "@" in word or _is_of_a_name(word)]
    return max(words, key=len) if words and assumptions.SEARCH.assumed else None


def _is_of_a_name(word: str) -> bool:
    return any(char.isalpha() for char in word) and not any(char.isdigit() for char in word)


def _floor(instant: Instant | None) -> float | None:
    return None if instant is None else math.floor(to_unix(instant))


def _ceiling(instant: Instant | None) -> float | None:
    return None if instant is None else math.ceil(to_unix(instant))
