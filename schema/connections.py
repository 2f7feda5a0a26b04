"""Relay's connection types, one of each for contacts, events, segments and locations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers.callers import Scope
from resolvers.connections import Connection as Value
from schema.access import requires
from upstreams.records import Source

if TYPE_CHECKING:
    from schema.contact import Contact
    from schema.event import Event
    from schema.location import Location
    from schema.segment import Segment


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    """Where a page begins and ends, and whether there is more."""

    has_next_page: bool = strawberry.field(
        description="There is more after this page. Exact: the next page is never empty, unless a scan budget ran "
        "out or a source is missing (see `incompleteSources`); the walk then goes on from `endCursor`."
    )
    has_previous_page: bool = strawberry.field(
        description="There is more before this page. Exact where that costs no call; else as Relay allows."
    )
    start_cursor: str | None = strawberry.field(description="The place of the first record; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="The place of the last record, or of the last one looked at when a scan budget ran out."
    )


@strawberry.type
class _Edge:
    """What every edge has: the place of its record."""

    cursor: str = strawberry.field(
        description="The place of the record in this connection. It works next week, on another server, and after the "
        "source forgot the walk; it belongs to this field, parent, filter and order."
    )


@strawberry.type
class _Connection:
    """What every page of records has."""

    page_info: PageInfo = strawberry.field(description="Where the page begins and ends, and whether there is more.")
    incomplete_sources: list[Source] = strawberry.field(
        description="The sources whose records are missing from this page; `errors` says why. When they answer again, "
        "the walk gives what was missed first."
    )

    @strawberry.field(
        description="How many records there are in all, where every source says so; null where one cannot: events, and "
        "contacts with a filter that a source lacks (`hasEmail`, `hasPhone`, `search`). May cost one call a source."
    )
    @staticmethod
    async def total_count(parent: strawberry.Parent[Value[Any]]) -> int | None:
        return await parent.total_count()


_Contact = Annotated["Contact", strawberry.lazy("schema.contact")]
_Event = Annotated["Event", strawberry.lazy("schema.event")]
_Segment = Annotated["Segment", strawberry.lazy("schema.segment")]
_Location = Annotated["Location", strawberry.lazy("schema.location")]


@strawberry.type(description="A contact and its place in the connection.", directives=[requires(Scope.CONTACTS_READ)])
class ContactEdge(_Edge):
    """A contact and its place."""

    node: _Contact = strawberry.field(description="The contact.")


@strawberry.type(description="A page of contacts.", directives=[requires(Scope.CONTACTS_READ)])
class ContactConnection(_Connection):
    """A page of contacts."""

    edges: list[ContactEdge] = strawberry.field(description="The contacts with their cursors.")
    nodes: list[_Contact] = strawberry.field(description="The contacts without cursors.")


@strawberry.type(description="An event and its place in the connection.", directives=[requires(Scope.EVENTS_READ)])
class EventEdge(_Edge):
    """An event and its place."""

    node: _Event = strawberry.field(description="The event.")


@strawberry.type(description="A page of events.", directives=[requires(Scope.EVENTS_READ)])
class EventConnection(_Connection):
    """A page of events."""

    edges: list[EventEdge] = strawberry.field(description="The events with their cursors.")
    nodes: list[_Event] = strawberry.field(description="The events without cursors.")


@strawberry.type(description="A segment and its place in the connection.", directives=[requires(Scope.SEGMENTS_READ)])
class SegmentEdge(_Edge):
    """A segment and its place."""

    node: _Segment = strawberry.field(description="The segment.")


@strawberry.type(description="A page of segments.", directives=[requires(Scope.SEGMENTS_READ)])
class SegmentConnection(_Connection):
    """A page of segments."""

    edges: list[SegmentEdge] = strawberry.field(description="The segments with their cursors.")
    nodes: list[_Segment] = strawberry.field(description="The segments without cursors.")


@strawberry.type(description="A location and its place in the connection.", directives=[requires(Scope.LOCATIONS_READ)])
class LocationEdge(_Edge):
    """A location and its place."""

    node: _Location = strawberry.field(description="The location.")


@strawberry.type(description="A page of locations.", directives=[requires(Scope.LOCATIONS_READ)])
class LocationConnection(_Connection):
    """A page of locations."""

    edges: list[LocationEdge] = strawberry.field(description="The locations with their cursors.")
    nodes: list[_Location] = strawberry.field(description="The locations without cursors.")
