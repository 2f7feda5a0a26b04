"""What only Cloud4Wi knows of a contact or an event."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import strawberry

from resolvers import details, places
from schema.access import PERSONAL
from schema.hotspot import Hotspot
from schema.info import Info
from schema.scalars import Json
from upstreams.instants import Instant, WallTime

_Parent = strawberry.Parent[Any]


@strawberry.type(description="How another system of the organization knows a contact.", directives=[PERSONAL])
class Cloud4WiExternalId:
    """An external id."""

    prop1: str | None = strawberry.field(description="The first property beside it.")
    prop2: str | None = strawberry.field(description="The second property beside it.")

    @strawberry.field(description="The id there. Its name is not `id`: caches of clients take that for a global one.")
    @staticmethod
    def value(parent: _Parent) -> str | None:
        """The id there."""
        return parent.id  # type: ignore[no-any-return]


@strawberry.type(description="What only Cloud4Wi knows of a contact.")
class Cloud4WiContact:
    """What only Cloud4Wi knows of a contact."""

    username: str | None = strawberry.field(description="The name the contact signs in with.", directives=[PERSONAL])
    title: str | None = strawberry.field(description="A form of address.", directives=[PERSONAL])
    gender: str | None = strawberry.field(description="`male`, `female`, `other` or null.", directives=[PERSONAL])
    age: int | None = strawberry.field(description="Years, as the source counts them.", directives=[PERSONAL])
    birth_date: str | None = strawberry.field(
        description="As sent: a year or a date; see `birthday`.", directives=[PERSONAL]
    )
    birth_day: str | None = strawberry.field(
        description="As sent: month and day; see `birthday`.", directives=[PERSONAL]
    )
    zip_code: str | None = strawberry.field(description="The postal code.", directives=[PERSONAL])
    email_verified: bool | None = strawberry.field(
        description="The contact proved that the e-mail is its own.", directives=[PERSONAL]
    )
    email_valid: bool | None = strawberry.field(description="Mail reaches the e-mail.", directives=[PERSONAL])
    phone_number: str | None = strawberry.field(description="The phone without its prefix.", directives=[PERSONAL])
    phone_prefix: str | None = strawberry.field(description="The phone's country code: `+1`.", directives=[PERSONAL])
    phone_verified: bool | None = strawberry.field(
        description="The contact proved that the phone is its own.", directives=[PERSONAL]
    )
    signup_method: str | None = strawberry.field(description="How the contact signed up.")
    external_identity_id: str | None = strawberry.field(
        description="The contact at an identity provider.", directives=[PERSONAL]
    )
    external_source: str | None = strawberry.field(description="Which system created the contact.")
    ext_id: Cloud4WiExternalId | None = strawberry.field(description="How another system knows the contact.")
    personal_id: str | None = strawberry.field(description="The number of a personal document.", directives=[PERSONAL])
    locked: bool | None = strawberry.field(description="May not sign in.")
    enabled: bool | None = strawberry.field(description="Is in use.")
    organization_id: str | None = strawberry.field(description="The organization at Cloud4Wi.")
    system: str | None = strawberry.field(description="What created the contact: `mobileapp`, `splashportal`.")
    customer_type: str | None = strawberry.field(description="The kind of customer: `guest`.")
    splash_language: str | None = strawberry.field(description="The language of the portal that the contact saw.")
    created_local: WallTime | None = strawberry.field(description="`createdAt` on the location's clock.")
    last_login_at: Instant | None = strawberry.field(description="When the contact last signed in to a network.")
    logins: int | None = strawberry.field(description="How often it did.")

    @strawberry.field(
        graphql_type=Json | None,
        description="The contact's devices, as sent: Cloud4Wi documents no shape. One call.",
        directives=[PERSONAL],
    )
    @staticmethod
    def devices(parent: _Parent, info: Info) -> Awaitable[Any]:
        return details.cloud4wi_devices(info.context, parent.source_id)

    @strawberry.field(
        graphql_type=Json | None,
        description="The contact's Wi-Fi sessions, as sent: Cloud4Wi documents no shape. One call.",
        directives=[PERSONAL],
    )
    @staticmethod
    def accountings(parent: _Parent, info: Info) -> Awaitable[Any]:
        return details.cloud4wi_accountings(info.context, parent.source_id)


@strawberry.type(description="What only Cloud4Wi tells of an event.")
class Cloud4WiEvent:
    """What only Cloud4Wi tells of an event."""

    organization_id: str | None = strawberry.field(
        description="The organization at Cloud4Wi; geofence events have none."
    )
    hotspot_source_id: str | None = strawberry.field(
        description="The access point that saw the contact; costs no call."
    )

    @strawberry.field(
        graphql_type=Hotspot | None, description="The access point that saw the contact; one call for all events."
    )
    @staticmethod
    def hotspot(parent: _Parent, info: Info) -> Any:
        return places.hotspot(info.context, parent.source, parent.hotspot_source_id)
