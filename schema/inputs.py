"""What a client can filter and order by."""

from __future__ import annotations

import strawberry

from schema.access import PERSONAL
from schema.enums import ContactOrderField, EventOrderField
from upstreams.feeds import Direction
from upstreams.instants import Instant
from upstreams.records import EventType, SegmentKind, Source

_ANY_SOURCE = "Only records of these sources. Null means all; an empty list matches nothing."


@strawberry.input(
    description="Which contacts. Every given part must hold; null means no filter, an empty list matches nothing."
)
class ContactFilter:
    """Which contacts."""

    sources: list[Source] | None = strawberry.field(default=None, description=_ANY_SOURCE)
    segment_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="In any of these segments.")
    location_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Registered at any of these locations."
    )
    created_from: Instant | None = strawberry.field(default=None, description="Created then or later.")
    created_to: Instant | None = strawberry.field(default=None, description="Created before then.")
    updated_from: Instant | None = strawberry.field(default=None, description="Changed last then or later.")
    updated_to: Instant | None = strawberry.field(default=None, description="Changed last before then.")
    has_email: bool | None = strawberry.field(
        default=None,
        description="Has an e-mail that is not junk, or has none. Sources lack this filter: it scans.",
        directives=[PERSONAL],
    )
    has_phone: bool | None = strawberry.field(
        default=None, description="Has a phone, or has none. Sources lack this filter: it scans.", directives=[PERSONAL]
    )
    search: str | None = strawberry.field(
        default=None,
        description="Names, e-mails or phones contain this text, without regard to case. Sources lack this filter: it "
        "scans.",
        directives=[PERSONAL],
    )


@strawberry.input(
    description="Which events. Every given part must hold; null means no filter, an empty list matches nothing."
)
class EventFilter:
    """Which events."""

    sources: list[Source] | None = strawberry.field(default=None, description=_ANY_SOURCE)
    types: list[EventType] | None = strawberry.field(default=None, description="Of any of these types.")
    from_: Instant | None = strawberry.field(name="from", default=None, description="Occurred then or later.")
    to: Instant | None = strawberry.field(default=None, description="Occurred before then.")
    contact_id: strawberry.ID | None = strawberry.field(default=None, description="Of this contact.")
    location_id: strawberry.ID | None = strawberry.field(
        default=None, description="At this location. Sources lack this filter: it scans."
    )


@strawberry.input(
    description="Which segments. Every given part must hold; null means no filter, an empty list matches nothing."
)
class SegmentFilter:
    """Which segments."""

    sources: list[Source] | None = strawberry.field(default=None, description=_ANY_SOURCE)
    kinds: list[SegmentKind] | None = strawberry.field(default=None, description="Of any of these kinds.")
    search: str | None = strawberry.field(
        default=None, description="Name or description contains this text, without regard to case."
    )


@strawberry.input(
    description="Which locations. Every given part must hold; null means no filter, an empty list matches nothing."
)
class LocationFilter:
    """Which locations."""

    sources: list[Source] | None = strawberry.field(default=None, description=_ANY_SOURCE)
    tags: list[str] | None = strawberry.field(default=None, description="With any of these tags.")
    search: str | None = strawberry.field(
        default=None, description="Name, address or external id contains this text, without regard to case."
    )


@strawberry.input(description="The order of contacts; ties go by source, then by the source's id.")
class ContactOrder:
    """The order of contacts."""

    field: ContactOrderField = strawberry.field(default=ContactOrderField.CREATED_AT, description="What to order by.")
    direction: Direction = strawberry.field(default=Direction.DESC, description="Which end comes first.")


@strawberry.input(description="The order of events; ties go by source, then by the source's id.")
class EventOrder:
    """The order of events."""

    field: EventOrderField = strawberry.field(default=EventOrderField.OCCURRED_AT, description="What to order by.")
    direction: Direction = strawberry.field(default=Direction.DESC, description="Which end comes first.")
