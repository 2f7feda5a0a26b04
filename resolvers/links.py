"""Links that cost nothing: what a record already says of the thing it points to.

A stub stands for the linked record as long as only these fields are asked for. Its relations (``events``, ``contacts``,
``hotspots``) need nothing but the id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from resolvers.context import Context
from upstreams.records import (
    ContactRecord,
    Entity,
    LocationRecord,
    LocationRef,
    SegmentKind,
    SegmentRecord,
    SegmentRef,
    Source,
)

_ALWAYS = frozenset({"__typename", "id", "source", "sourceId"})
_NAME = frozenset({"name"})
_BY_NAME = frozenset({"__typename", "source", "kind"}) | _NAME
"""What is known of a segment whose name alone is told."""


@dataclass(slots=True)
class ContactStub:
    """A contact of which only the id is known."""

    entity: ClassVar[Entity] = Entity.CONTACT
    carries: ClassVar[frozenset[str]] = _ALWAYS | {"events"}

    source: Source
    source_id: str


@dataclass(slots=True)
class LocationStub:
    """A location of which only id and name are known."""

    entity: ClassVar[Entity] = Entity.LOCATION
    carries: ClassVar[frozenset[str]] = _ALWAYS | {"hotspots", "contacts", "events"}
    carries_named: ClassVar[frozenset[str]] = carries | _NAME

    source: Source
    source_id: str
    name: str | None


@dataclass(slots=True)
class SegmentStub:
    """A segment of which only id, kind and name are known."""

    entity: ClassVar[Entity] = Entity.SEGMENT
    carries: ClassVar[frozenset[str]] = _ALWAYS | {"kind", "contacts"}
    carries_named: ClassVar[frozenset[str]] = carries | _NAME

    source: Source
    source_id: str
    kind: SegmentKind
    name: str | None


def contacts(
    context: Context, info: Any
) -> Callable[[Source, str | None], ContactStub | Awaitable[ContactRecord | None] | None]:
    """What gives the contacts that records point to by their ids: stubs if those are enough, else loads."""
    if context.selected(info) <= ContactStub.carries:
        return lambda source, id: None if id is None else ContactStub(source, id)
    load = context.loaders.contact_by_id.of
    return lambda source, id: None if id is None else load(source, id)


def locations(
    context: Context, info: Any
) -> Callable[[Source, LocationRef | None], LocationStub | Awaitable[LocationRecord | None] | None]:
    """What gives the locations that records point to: stubs if those are enough, else loads."""
    wanted = context.selected(info)
    if wanted <= LocationStub.carries:
        return lambda source, ref: None if ref is None else LocationStub(source, ref.id, ref.name)
    is_name_enough = wanted <= LocationStub.carries_named
    load = context.loaders.location_by_id.of

    def location(source: Source, ref: LocationRef | None) -> LocationStub | Awaitable[LocationRecord | None] | None:
        if ref is None:
            return None
        if is_name_enough and ref.name is not None:
            return LocationStub(source, ref.id, ref.name)
        return load(source, ref.id)

    return location


def segments(
    context: Context, info: Any
) -> Callable[[Source, Sequence[SegmentRef]], list[SegmentStub] | Awaitable[list[SegmentRecord]]]:
    """What gives the segments that a contact names: stubs if those are enough, else one load of the list for all.

    A segment that is gone from the list is left out.
    """
    wanted = context.selected(info)
    is_enough, is_enough_named = wanted <= SegmentStub.carries, wanted <= SegmentStub.carries_named
    is_name_enough = wanted <= _BY_NAME

    def linked(source: Source, refs: Sequence[SegmentRef]) -> list[SegmentStub] | Awaitable[list[SegmentRecord]]:
        stubs = []
        for ref in refs:
            if not (is_name_enough if not ref.id else is_enough if ref.name is None else is_enough_named):
                return _listed(context, source, refs)
            stubs.append(SegmentStub(source, ref.id, ref.kind, ref.name))
        return stubs

    return linked


async def _listed(context: Context, source: Source, refs: Sequence[SegmentRef]) -> list[SegmentRecord]:
    if all(ref.id for ref in refs):
        loads = [context.loaders.segment_by_id.of(source, ref.id) for ref in refs]
        return [segment for load in loads if (segment := await load) is not None]
    rows = await context.loaders.segments_by_source.load(source)
    known = {row.source_id: row for row in rows}
    named = {(row.kind, row.name): row for row in rows}
    found = (known.get(ref.id) if ref.id else named.get((ref.kind, ref.name or "")) for ref in refs)
    return [segment for segment in found if segment is not None]
