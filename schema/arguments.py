"""The arguments that every connection takes."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.paging import PageArgs
from schema.inputs import ContactFilter, ContactOrder, EventFilter, EventOrder, LocationFilter, SegmentFilter
from upstreams.feeds import Direction

First = Annotated[
    int | None,
    strawberry.argument(description="At most this many records, from the start of the range; 20 by default."),
]
After = Annotated[str | None, strawberry.argument(description="The range starts behind this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="At most this many records, from the end of the range.")]
Before = Annotated[str | None, strawberry.argument(description="The range ends in front of this cursor.")]

ContactsFilter = Annotated[ContactFilter | None, strawberry.argument(description="Which contacts.")]
ContactsOrder = Annotated[
    ContactOrder | None, strawberry.argument(description="In which order; the latest first by default.")
]
EventsFilter = Annotated[EventFilter | None, strawberry.argument(description="Which events.")]
EventsOrder = Annotated[
    EventOrder | None, strawberry.argument(description="In which order; the latest first by default.")
]
SegmentsFilter = Annotated[SegmentFilter | None, strawberry.argument(description="Which segments.")]
LocationsFilter = Annotated[LocationFilter | None, strawberry.argument(description="Which locations.")]


def page_args(first: int | None, after: str | None, last: int | None, before: str | None) -> PageArgs:
    """The paging arguments as one value."""
    return PageArgs(first=first, after=after, last=last, before=before)


def direction(order: ContactOrder | EventOrder | None) -> Direction:
    """The direction that an order asks for; the latest first by default."""
    return Direction.DESC if order is None else order.direction
