"""What a contact or a conversation of Acquire is made of: its fields, its company, its device, agents, the timeline."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.access import PERSONAL
from schema.contact_details import CustomField
from schema.scalars import Json
from upstreams.acquire import relations
from upstreams.instants import Instant

_Parent = strawberry.Parent[Any]


@strawberry.type(description="A country, as Acquire knows it.")
class AcquireCountry:
    """A country."""

    name: str | None = strawberry.field(description="The name.")
    name_official: str | None = strawberry.field(description="The official name.")
    cca2: str | None = strawberry.field(description="The code of two letters.")
    cca3: str | None = strawberry.field(description="The code of three letters.")
    ccn3: str | None = strawberry.field(description="The code in digits.")
    calling_code: str | None = strawberry.field(description="What its phones begin with: `91`.")
    region_id: str | None = strawberry.field(description="Acquire's own id of its region.")
    lat: float | None = strawberry.field(description="Degrees north.")
    lng: float | None = strawberry.field(description="Degrees east.")
    voip_enable: bool | None = strawberry.field(description="Acquire can call there.")


@strawberry.type(
    description="The fields of a contact that are Acquire's own, as sent; the others are `customFields`.",
    directives=[PERSONAL],
)
class AcquireContactFields:
    """The fields of a contact."""

    name: str | None = strawberry.field(description="The whole name.")
    email: str | None = strawberry.field(description="The e-mail.")
    phone: str | None = strawberry.field(description="The phone.")
    city: str | None = strawberry.field(description="The city.")
    state: str | None = strawberry.field(description="The state or region.")
    country: AcquireCountry | None = strawberry.field(description="The country.")
    country_id: str | None = strawberry.field(description="Acquire's own id of the country.")
    ip: str | None = strawberry.field(description="The internet address that the contact was last seen at.")
    calling_code: str | None = strawberry.field(description="The country code of the phone: `91`.")
    contact_country_flag: str | None = strawberry.field(description="The flag that Acquire shows: `in`.")


@strawberry.type(description="The fields of a company that are Acquire's own, as sent.")
class AcquireCompanyFields:
    """The fields of a company."""

    name: str | None = strawberry.field(description="The name.", directives=[PERSONAL])
    website: str | None = strawberry.field(description="The website.", directives=[PERSONAL])
    logo: str | None = strawberry.field(description="Where a picture is.", directives=[PERSONAL])
    industry: str | None = strawberry.field(description="What it works in.")
    description: str | None = strawberry.field(description="What it does.", directives=[PERSONAL])
    source: str | None = strawberry.field(description="Where the company is known from.")
    revenue: str | None = strawberry.field(description="What it earns.")
    address: str | None = strawberry.field(description="The street.", directives=[PERSONAL])
    city: str | None = strawberry.field(description="The city.", directives=[PERSONAL])
    state: str | None = strawberry.field(description="The state or region.", directives=[PERSONAL])
    country: AcquireCountry | None = strawberry.field(description="The country.")
    country_id: str | None = strawberry.field(description="Acquire's own id of the country.")
    employees: str | None = strawberry.field(description="How many work there.")
    foundation: str | None = strawberry.field(description="When it was founded.")


@strawberry.type(description="The company that a contact belongs to.")
class AcquireCompany:
    """A company."""

    source_id: str = strawberry.field(description="Acquire's own id of it.")
    created_at: Instant | None = strawberry.field(description="When it was made.")
    updated_at: Instant | None = strawberry.field(description="When it was last changed.")

    @strawberry.field(graphql_type=AcquireCompanyFields | None, description="What is known of it.")
    @staticmethod
    def fields(parent: _Parent) -> Any:
        return relations.one_of(parent.fields, relations.CompanyFields)

    @strawberry.field(graphql_type=list[CustomField], description="Its fields that the organization added itself.")
    @staticmethod
    def custom_fields(parent: _Parent) -> Any:
        return relations.more_fields(parent.fields, relations.CompanyFields)


@strawberry.type(description="What draws the pages of a browser.")
class AcquireEngine:
    """What draws the pages of a browser."""

    name: str | None = strawberry.field(description="The name: `Blink`.")
    version: str | None = strawberry.field(description="The version.")


@strawberry.type(description="What a browser is connected by.")
class AcquireNetwork:
    """What a browser is connected by."""

    type: str | None = strawberry.field(description="The kind: `4g`.")
    speed: str | None = strawberry.field(description="As sent; Acquire names no unit.")


@strawberry.type(description="What the contact's browser told of itself.", directives=[PERSONAL])
class AcquireClientDetails:
    """What a browser told of itself."""

    ua: str | None = strawberry.field(description="The user agent.")
    engine: AcquireEngine | None = strawberry.field(description="What draws its pages.")
    network: AcquireNetwork | None = strawberry.field(description="What it is connected by.")
    as_sent: Json | None = strawberry.field(
        graphql_type=Json | None, description="All of it as sent: Acquire documents the parts above only."
    )


@strawberry.type(description="An agent of the organization.", directives=[PERSONAL])
class AcquireAgent:
    """An agent."""

    source_id: str | None = strawberry.field(description="Acquire's own id of the agent.")
    name: str | None = strawberry.field(description="The name.")
    first_name: str | None = strawberry.field(description="The given name.")
    last_name: str | None = strawberry.field(description="The family name.")
    email: str | None = strawberry.field(description="The e-mail.")
    photo: str | None = strawberry.field(description="Where a picture is.")
    title: str | None = strawberry.field(description="What the agent is called.")
    alt: str | None = strawberry.field(description="What stands for the picture.")
    url: str | None = strawberry.field(description="The agent's page.")
    client_id: str | None = strawberry.field(description="Acquire's own id of the agent's client.")
    parent_id: str | None = strawberry.field(description="The agent that this one belongs to.")
    departments: Json | None = strawberry.field(
        graphql_type=Json | None, description="As sent: Acquire documents no shape."
    )
    roles: Json | None = strawberry.field(graphql_type=Json | None, description="As sent: Acquire documents no shape.")


@strawberry.type(description="The last card on a contact's timeline.")
class AcquireLastView:
    """A card."""

    view_id: str | None = strawberry.field(description="Acquire's own id of it.")
    icon_image_url: str | None = strawberry.field(description="Where its picture is.")
    icon_font: str | None = strawberry.field(description="The character that stands for it.")


@strawberry.type(description="A tag that a contact or a conversation has.")
class AcquireTag:
    """A tag."""

    source_id: str | None = strawberry.field(description="Acquire's own id of it.")
    name: str | None = strawberry.field(description="The name.")
    color: str | None = strawberry.field(description="The colour: `#RRGGBB`.")
    type: list[str] | None = strawberry.field(description="What can have it: `contact`, `case`; null: anything.")
    user_id: str | None = strawberry.field(description="The agent who made it.")
    created_at: Instant | None = strawberry.field(description="When it was made.")


@strawberry.type(description="Who takes part in a conversation.")
class AcquireCaseUser:
    """Who takes part in a conversation."""

    source_id: str | None = strawberry.field(description="Acquire's own id of the part.")
    case_id: str | None = strawberry.field(description="The conversation.")
    user_id: str | None = strawberry.field(description="The agent or contact.")
    type: str | None = strawberry.field(description="`user` or `contact`.")
    role: str | None = strawberry.field(description="`owner` and the like.")
    status: str | None = strawberry.field(description="`active`, `rejected`.")
    closed: bool | None = strawberry.field(description="The part is over.")
    created_at: Instant | None = strawberry.field(description="When it began.")
    last_assigned_at: Instant | None = strawberry.field(description="When it was last given.")
    meta: Json | None = strawberry.field(
        graphql_type=Json | None, description="As sent: Acquire documents no shape.", directives=[PERSONAL]
    )


@strawberry.type(description="An entry of a contact's timeline: points at one conversation, card or note.")
class AcquireTimelineEntry:
    """An entry of a timeline."""

    source_id: str | None = strawberry.field(description="Acquire's own id of it.")
    object_type: str | None = strawberry.field(description="`case`, `view` or `note`.")
    case_id: str | None = strawberry.field(description="The conversation.")
    view_id: str | None = strawberry.field(description="The card.")
    note_id: str | None = strawberry.field(description="The note.")
    thread_id: str | None = strawberry.field(description="Where its messages are.")
    contact_id: str | None = strawberry.field(name="contactSourceId", description="Acquire's own id of the contact.")
    archive: bool | None = strawberry.field(description="It is hidden.")
    created_at: Instant | None = strawberry.field(description="When it was made.")
    updated_at: Instant | None = strawberry.field(description="When it was last changed.")
    meta: Json | None = strawberry.field(
        graphql_type=Json | None, description="As sent: Acquire documents no shape.", directives=[PERSONAL]
    )
