"""Access points."""

from __future__ import annotations

import strawberry

from resolvers.callers import Scope
from schema.access import requires
from upstreams.instants import Instant


@strawberry.type(description="An access point at a location.", directives=[requires(Scope.LOCATIONS_READ)])
class Hotspot:
    """An access point at a location."""

    source_id: str = strawberry.field(description="The service's own id of it.")
    name: str | None = strawberry.field(description="The name.")
    description: str | None = strawberry.field(description="What it is for.")
    identifier: str | None = strawberry.field(description="How the network knows it.")
    mac_address: str | None = strawberry.field(description="The hardware address.")
    vendor: str | None = strawberry.field(description="Who made it.")
    firmware: str | None = strawberry.field(description="What runs on it.")
    latitude: float | None = strawberry.field(description="Degrees north.")
    longitude: float | None = strawberry.field(description="Degrees east.")
    country: str | None = strawberry.field(description="The country, as sent.")
    city: str | None = strawberry.field(description="The city.")
    address: str | None = strawberry.field(description="Street and number.")
    date: Instant | None = strawberry.field(description="A time whose meaning the source does not document.")
    date_as_sent: str | None = strawberry.field(description="The same as sent, since its format is not documented.")
    deleted: bool | None = strawberry.field(description="Is no longer in use.")
