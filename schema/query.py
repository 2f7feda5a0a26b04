"""Where a query starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from resolvers import contacts, events, nodes, places
from resolvers.people import fields as people
from schema.access import PERSONAL
from schema.arguments import (
    After,
    Before,
    ContactsFilter,
    ContactsOrder,
    EventsFilter,
    EventsOrder,
    First,
    Last,
    LocationsFilter,
    SegmentsFilter,
    direction,
    page_args,
)
from schema.connections import ContactConnection, EventConnection, LocationConnection, SegmentConnection
from schema.contact import Contact
from schema.directory import Directory
from schema.info import Info
from schema.location import Location
from schema.node import Node
from schema.person import Person
from schema.segment import Segment
from schema.source import SourceStatus
from upstreams.records import Entity

_Id = Annotated[strawberry.ID, strawberry.argument(description="An `id` as an answer gave it.")]
_ContactId = Annotated[strawberry.ID | None, strawberry.argument(description="The `id` of a contact of the person.")]
_Email = Annotated[
    str | None,
    strawberry.argument(description="An e-mail of the person, in any case.", directives=[PERSONAL]),
]
_Phone = Annotated[
    str | None,
    strawberry.argument(
        description="A phone of the person, with its country: `+12125550123`; without it, one of "
        "`GATEWAY_DEFAULT_REGION`.",
        directives=[PERSONAL],
    ),
]
_Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Each an `id` as an answer gave it.")]


@strawberry.type(description="Where a query starts.")
class Query(Directory):
    """Where a query starts."""

    @strawberry.field(graphql_type=Node | None, description="Anything by its id; null when it is gone.")
    @staticmethod
    def node(info: Info, id: _Id) -> Any:
        return nodes.node(info.context, id)

    @strawberry.field(
        graphql_type=list[Node | None],
        description="Many things by their ids, in that order. A broken id is null, with an error at its place.",
    )
    @staticmethod
    async def nodes(info: Info, ids: _Ids) -> Sequence[Any]:
        return await nodes.nodes(info.context, ids)

    @strawberry.field(graphql_type=Contact | None, description="A contact by its id; null when it is gone.")
    @staticmethod
    def contact(info: Info, id: _Id) -> Any:
        return nodes.node_of(info.context, id, Entity.CONTACT)

    @strawberry.field(graphql_type=ContactConnection | None, description="The contacts of all sources.")
    @staticmethod
    async def contacts(
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: ContactsFilter = None,
        order_by: ContactsOrder = None,
    ) -> Any:
        args = page_args(first, after, last, before)
        return await contacts.contacts(
            info.context, info.raw, "Query.contacts", None, filter, direction(order_by), args
        )

    @strawberry.field(graphql_type=EventConnection | None, description="What happened, in all sources.")
    @staticmethod
    async def events(
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: EventsFilter = None,
        order_by: EventsOrder = None,
    ) -> Any:
        args = page_args(first, after, last, before)
        return await events.events(info.context, info.raw, "Query.events", None, filter, direction(order_by), args)

    @strawberry.field(graphql_type=Segment | None, description="A segment by its id; null when it is gone.")
    @staticmethod
    def segment(info: Info, id: _Id) -> Any:
        return nodes.node_of(info.context, id, Entity.SEGMENT)

    @strawberry.field(graphql_type=SegmentConnection | None, description="The segments of all sources, by name.")
    @staticmethod
    async def segments(
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: SegmentsFilter = None,
    ) -> Any:
        return await places.segments(info.context, info.raw, filter, page_args(first, after, last, before))

    @strawberry.field(graphql_type=Location | None, description="A location by its id; null when it is gone.")
    @staticmethod
    def location(info: Info, id: _Id) -> Any:
        return nodes.node_of(info.context, id, Entity.LOCATION)

    @strawberry.field(graphql_type=LocationConnection | None, description="The locations of all sources, by name.")
    @staticmethod
    async def locations(
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: LocationsFilter = None,
    ) -> Any:
        return await places.locations(info.context, info.raw, filter, page_args(first, after, last, before))

    @strawberry.field(
        graphql_type=Person | None,
        description="A person by a contact, an e-mail or a phone: give exactly one. Null when there is none. Of "
        "several persons with one phone, the one with the first contact.",
    )
    @staticmethod
    async def person(info: Info, contact_id: _ContactId = None, email: _Email = None, phone: _Phone = None) -> Any:
        return await people.person(info.context, info.raw, contact_id, email, phone)

    @strawberry.field(
        graphql_type=list[SourceStatus], description="The services behind this gateway and how they do; costs no call."
    )
    @staticmethod
    def sources(info: Info) -> Sequence[Any]:
        return list(info.context.services.sources.values())
