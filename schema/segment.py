"""Segments: groups of contacts."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers import contacts
from resolvers.callers import Scope
from resolvers.ids import GlobalId
from schema.access import requires
from schema.acquire import AcquireSegment
from schema.arguments import After, Before, ContactsFilter, ContactsOrder, First, Last, direction, page_args
from schema.connections import ContactConnection
from schema.info import Info
from schema.node import Node
from schema.rechat import RechatSegment
from upstreams.instants import Instant
from upstreams.records import Entity, SegmentKind, SegmentRecord, Source

_Parent = strawberry.Parent[SegmentRecord]


@strawberry.type(description="A group of contacts.", directives=[requires(Scope.SEGMENTS_READ)])
class Segment(Node):
    """A group of contacts."""

    source: Source = strawberry.field(description="The service that keeps the segment.")
    source_id: str = strawberry.field(description="The service's own id of it.")
    kind: SegmentKind = strawberry.field(description="How its members are chosen.")
    name: str = strawberry.field(description="The name.")
    description: str | None = strawberry.field(description="What it is for.")
    size: int | None = strawberry.field(description="How many contacts are in it, as the source last counted.")
    status: str | None = strawberry.field(description="Its state in the source's words.")
    last_run_at: Instant | None = strawberry.field(description="When the source last worked out its members.")
    created_at: Instant | None = strawberry.field(description="When it was made.")
    updated_at: Instant | None = strawberry.field(description="When it was last changed.")

    @strawberry.field(
        graphql_type=RechatSegment | None, description="What only Rechat tells; null for segments of others."
    )
    @staticmethod
    def rechat(parent: _Parent) -> Any:
        return parent if parent.source is Source.RECHAT else None

    @strawberry.field(
        graphql_type=AcquireSegment | None, description="What only Acquire tells; null for segments of others."
    )
    @staticmethod
    def acquire(parent: _Parent) -> Any:
        return parent if parent.source is Source.ACQUIRE else None

    @strawberry.field(
        graphql_type=ContactConnection | None, description="The contacts in the segment. One call a page."
    )
    @staticmethod
    async def contacts(
        parent: _Parent,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: ContactsFilter = None,
        order_by: ContactsOrder = None,
    ) -> Any:
        whose = GlobalId(Entity.SEGMENT, parent.source, parent.source_id)
        args = page_args(first, after, last, before)
        return await contacts.contacts(
            info.context, info.raw, "Segment.contacts", whose, filter, direction(order_by), args
        )
