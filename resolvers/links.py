"""Links that cost nothing: what a record already says of the thing it points to.

A stub stands for the linked record as long as only these fields are asked for. Its relations (``events``, ``contacts``,
``hotspots``) need nothing but the id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from resolvers.context import Context
from resolvers.loaders import Key
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


def contact(
    context: Context, info: Any, source: Source, id: str | None
) -> ContactStub | Awaitable[ContactRecord | None] | None:
    """The contact that a record points to: a stub if that is enough, else a load."""
    if id is None:
        return None
    if context.selected(info) <= ContactStub.carries:
        return ContactStub(source, id)
    return context.loaders.contact_by_id.load(Key(source, id))


def location(
    context: Context, info: Any, source: Source, ref: LocationRef | None
) -> LocationStub | Awaitable[LocationRecord | None] | None:
    """The location that a record points to: a stub if that is enough, else a load."""
    if ref is None:
        return None
    if context.selected(info) <= (LocationStub.carries if ref.name is None else LocationStub.carries_named):
        return LocationStub(source, ref.id, ref.name)
    return context.loaders.location_by_id.load(Key(source, ref.id))


def segments(
    context: Context, info: Any, source: Source, refs: Sequence[SegmentRef]
) -> list[SegmentStub] | Awaitable[list[SegmentRecord]]:
    """The segments that a contact names: stubs if that is enough, else one load of the list for all of them.

    A segment that is gone from the list is left out.
    """
    wanted = context.selected(info)
    stubs = []
    for ref in refs:
        told = _BY_NAME if not ref.id else SegmentStub.carries if ref.name is None else SegmentStub.carries_named
        if not wanted <= told:
            return _listed(context, source, refs)
        stubs.append(SegmentStub(source, ref.id, ref.kind, ref.name))
    return stubs


async def _listed(context: Context, source: Source, refs: Sequence[SegmentRef]) -> list[SegmentRecord]:
    if all(ref.id for ref in refs):
        loads = [context.loaders.segment_by_id.load(Key(source, ref.id)) for ref in refs]
        return [segment for load in loads if (segment := await load) is not None]
    rows = await context.loaders.segments_by_source.load(source)
    known = {row.source_id: row for row in rows}
    named = {(row.kind, row.name): row for row in rows}
    found = (known.get(ref.id) if ref.id else named.get((ref.kind, ref.name or "")) for ref in refs)
    return [segment for segment in found if segment is not None]
