"""Locations of the organization, and their access points."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import strawberry

from resolvers import contacts, events, places
from resolvers.callers import Scope
from resolvers.cleaning import country_or_as_sent
from resolvers.ids import GlobalId
from schema.access import requires
from schema.arguments import (
    After,
    Before,
    ContactsFilter,
    ContactsOrder,
    EventsFilter,
    EventsOrder,
    First,
    Last,
    direction,
    page_args,
)
from schema.connections import ContactConnection, EventConnection
from schema.hotspot import Hotspot
from schema.info import Info
from schema.node import Node
from upstreams.records import Entity, LocationRecord, Source

_Parent = strawberry.Parent[LocationRecord]


@strawberry.type(description="A postal address.")
class Address:
    """A postal address."""

    street: str | None = strawberry.field(description="Street and number.")
    city: str | None = strawberry.field(description="The city.")
    state: str | None = strawberry.field(description="The state or province.")
    postal_code: str | None = strawberry.field(description="The postal code.")

    @strawberry.field(description="The country: ISO 3166-1 alpha-2 where it can be read, else as sent.")
    @staticmethod
    def country(parent: strawberry.Parent[Any]) -> str | None:
        return country_or_as_sent(parent.country)


@strawberry.type(description="A place of the organization.", directives=[requires(Scope.LOCATIONS_READ)])
class Location(Node):
    """A place of the organization."""

    source: Source = strawberry.field(description="The service that keeps the location.")
    source_id: str = strawberry.field(description="The service's own id of it.")
    name: str = strawberry.field(description="The name.")
    external_id: str | None = strawberry.field(description="The organization's own id of it.")
    organization_id: str | None = strawberry.field(description="The organization at the source.")
    timezone: str | None = strawberry.field(description="The time zone, an IANA name: `Europe/Rome`.")
    latitude: float | None = strawberry.field(description="Degrees north.")
    longitude: float | None = strawberry.field(description="Degrees east.")
    address: Address | None = strawberry.field(description="Where it is.")
    tags: list[str] = strawberry.field(description="The tags put on it.")

    @strawberry.field(graphql_type=list[Hotspot] | None, description="Its access points; one call for all locations.")
    @staticmethod
    def hotspots(parent: _Parent, info: Info) -> Awaitable[Any]:
        return places.hotspots(info.context, parent.source, parent.source_id)

    @strawberry.field(
        graphql_type=ContactConnection | None, description="The contacts registered at the location. One call a page."
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
        whose = GlobalId(Entity.LOCATION, parent.source, parent.source_id)
        args = page_args(first, after, last, before)
        return await contacts.contacts(
            info.context, info.raw, "Location.contacts", whose, filter, direction(order_by), args
        )

    @strawberry.field(
        graphql_type=EventConnection | None,
        description="What happened at the location. Sources lack this filter: it scans the organization's events.",
    )
    @staticmethod
    async def events(
        parent: _Parent,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: EventsFilter = None,
        order_by: EventsOrder = None,
    ) -> Any:
        whose = GlobalId(Entity.LOCATION, parent.source, parent.source_id)
        args = page_args(first, after, last, before)
        return await events.events(info.context, info.raw, "Location.events", whose, filter, direction(order_by), args)
