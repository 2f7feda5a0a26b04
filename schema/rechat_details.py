"""What a contact of Rechat is made of and related to: attributes, addresses, users, teams, flows."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.access import PERSONAL
from schema.scalars import Json
from upstreams.instants import Instant
from upstreams.rechat import relations

_Parent = strawberry.Parent[Any]


@strawberry.type(description="A postal address; parts that are unknown are null.", directives=[PERSONAL])
class RechatAddress:
    """A postal address."""

    full: str | None = strawberry.field(description="In one line.")
    line1: str | None = strawberry.field(description="The first line.")
    line2: str | None = strawberry.field(description="The second line.")
    name: str | None = strawberry.field(description="The name of the street.")
    suftype: str | None = strawberry.field(description="The kind of street: `Avenue`.")
    house_num: str | None = strawberry.field(description="The number of the house.")
    city: str | None = strawberry.field(description="The city.")
    state: str | None = strawberry.field(description="The state or region.")
    postcode: str | None = strawberry.field(description="The postal code.")
    country: str | None = strawberry.field(description="The country, as sent.")
    extra: str | None = strawberry.field(description="What the label or the second line said: `Office`.")


@strawberry.type(description="A member of the team, or an agent who is also a contact.", directives=[PERSONAL])
class RechatUser:
    """A user of Rechat."""

    source_id: str = strawberry.field(description="Rechat's own id of the user.")
    display_name: str | None = strawberry.field(description="The name that Rechat shows.")
    first_name: str | None = strawberry.field(description="The given name.")
    last_name: str | None = strawberry.field(description="The family name.")
    email: str | None = strawberry.field(description="The e-mail.")
    phone_number: str | None = strawberry.field(description="The phone.")
    profile_image_url: str | None = strawberry.field(description="Where a picture is.")
    timezone: str | None = strawberry.field(description="The time zone, an IANA name.")
    as_sent: Json | None = strawberry.field(
        graphql_type=Json | None, description="The user as sent: Rechat documents no shape. Null where only the id is."
    )


@strawberry.type(description="A team.")
class RechatBrand:
    """A team."""

    source_id: str = strawberry.field(description="Rechat's own id of it.")
    name: str | None = strawberry.field(description="The name.")
    brand_type: str | None = strawberry.field(description="The kind of team: `Office`.")
    as_sent: Json | None = strawberry.field(
        graphql_type=Json | None,
        description="The team as sent: Rechat documents no shape. Null where only the id is.",
        directives=[PERSONAL],
    )


@strawberry.type(description="A contact's enrolment in a series of steps.")
class RechatFlow:
    """An enrolment."""

    source_id: str = strawberry.field(description="Rechat's own id of it.")
    name: str | None = strawberry.field(description="The name.")
    description: str | None = strawberry.field(description="What it is for.")
    origin_id: str | None = strawberry.field(description="What the team made the flow from.")
    starts_at: Instant | None = strawberry.field(description="When its first step is due.")
    steps: Json | None = strawberry.field(
        graphql_type=Json | None, description="The steps as sent: Rechat documents no shape.", directives=[PERSONAL]
    )
    created_at: Instant | None = strawberry.field(description="When it was made.")
    updated_at: Instant | None = strawberry.field(description="When it was last changed.")
    deleted_at: Instant | None = strawberry.field(description="When it was stopped.")

    @strawberry.field(graphql_type=RechatUser | None, description="Who made it.")
    @staticmethod
    def created_by(parent: _Parent) -> Any:
        return relations.user_of(parent.created_by)

    @strawberry.field(graphql_type=RechatUser | None, description="Who last changed it.")
    @staticmethod
    def updated_by(parent: _Parent) -> Any:
        return relations.user_of(parent.updated_by)

    @strawberry.field(graphql_type=RechatBrand | None, description="The team that it belongs to.")
    @staticmethod
    def brand(parent: _Parent) -> Any:
        return relations.brand_of(parent.brand)


@strawberry.type(description="What kind of attribute contacts can have.")
class RechatAttributeDefinition:
    """A kind of attribute."""

    source_id: str = strawberry.field(description="Rechat's own id of it.")
    name: str | None = strawberry.field(description="The name: `email`.")
    label: str | None = strawberry.field(description="The name that Rechat shows.")
    data_type: str | None = strawberry.field(description="`text`, `date`, `address` or `number`.")
    section: str | None = strawberry.field(description="Where Rechat shows it.")
    is_global: bool | None = strawberry.field(description="Rechat's own; else the team added it.")
    required: bool | None = strawberry.field(description="A contact must have it.")
    singular: bool | None = strawberry.field(description="A contact has one at most.")
    show: bool | None = strawberry.field(description="Rechat shows it.")
    filterable: bool | None = strawberry.field(description="Rechat can filter by it.")
    editable: bool | None = strawberry.field(description="Users may change it.")
    searchable: bool | None = strawberry.field(description="Rechat's search looks into it.")
    has_label: bool | None = strawberry.field(description="Its values may carry a label.")
    labels: list[str] | None = strawberry.field(description="The labels that a value may carry.")
    enum_values: list[str] | None = strawberry.field(description="The values that it may have; null: any.")
    created_at: Instant | None = strawberry.field(description="When it was made.")
    updated_at: Instant | None = strawberry.field(description="When it was last changed.")
    deleted_at: Instant | None = strawberry.field(description="When it was deleted.")

    @strawberry.field(description="The team that added it.")
    @staticmethod
    def brand_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.brand)

    @strawberry.field(description="The user who owns it.")
    @staticmethod
    def user_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.user)

    @strawberry.field(description="The user who made it.")
    @staticmethod
    def created_by_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.created_by)

    @strawberry.field(description="The user who last changed it.")
    @staticmethod
    def updated_by_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.updated_by)


@strawberry.type(description="One value of a contact; exactly one of `text`, `date`, `number` and `address` is set.")
class RechatAttribute:
    """One value of a contact."""

    source_id: str = strawberry.field(description="Rechat's own id of it.")
    contact: str | None = strawberry.field(name="contactSourceId", description="Rechat's id of the contact.")
    attribute_type: str | None = strawberry.field(description="The name of its definition, if Rechat made that.")
    attribute_def: RechatAttributeDefinition | None = strawberry.field(name="definition", description="What it is.")
    text: str | None = strawberry.field(description="The value of a text.", directives=[PERSONAL])
    date: Instant | None = strawberry.field(description="The value of a date: midnight, UTC.", directives=[PERSONAL])
    number: float | None = strawberry.field(description="The value of a number.", directives=[PERSONAL])
    address: RechatAddress | None = strawberry.field(description="The value of an address.")
    label: str | None = strawberry.field(description="What the value is for: `Work`.")
    is_primary: bool | None = strawberry.field(description="It is the first of its kind.")
    is_partner: bool | None = strawberry.field(description="It is the value of the contact's partner.")
    index: int | None = strawberry.field(description="Joins attributes that belong together.")
    created_at: Instant | None = strawberry.field(description="When it was added.")
    updated_at: Instant | None = strawberry.field(description="When it was last changed.")
    deleted_at: Instant | None = strawberry.field(description="When it was removed.")

    @strawberry.field(description="The user who added it.")
    @staticmethod
    def created_by_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.created_by)

    @strawberry.field(description="The user who last changed it.")
    @staticmethod
    def updated_by_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.updated_by)


@strawberry.type(
    description="The values of a contact's own attributes in one plain object, as Rechat sums them up.",
    directives=[PERSONAL],
)
class RechatSummary:
    """A contact's attributes in one plain object."""

    id: str | None = strawberry.field(name="sourceId", description="Rechat's id of the contact.")
    is_partner: bool | None = strawberry.field(description="It sums up the contact's partner.")
    display_name: str | None = strawberry.field(description="The name that Rechat shows.")
    abbreviated_display_name: str | None = strawberry.field(description="The same, shorter.")
    title: str | None = strawberry.field(description="A form of address.")
    first_name: str | None = strawberry.field(description="The given name.")
    middle_name: str | None = strawberry.field(description="The middle name.")
    last_name: str | None = strawberry.field(description="The family name.")
    marketing_name: str | None = strawberry.field(description="What to call the contact in campaigns.")
    nickname: str | None = strawberry.field(description="What friends call the contact.")
    email: str | None = strawberry.field(description="The primary e-mail.")
    phone_number: str | None = strawberry.field(description="The primary phone.")
    company: str | None = strawberry.field(description="The company.")
    job_title: str | None = strawberry.field(description="What the contact does there.")
    birthday: Instant | None = strawberry.field(description="The birthday: midnight, UTC.")
    profile_image_url: str | None = strawberry.field(description="Where a picture is.")
    cover_image_url: str | None = strawberry.field(description="Where a cover picture is.")
    source_type: str | None = strawberry.field(description="Which way the contact came in.")
    lead_source: str | None = strawberry.field(description="Where the contact came from.")
    tags: list[str] = strawberry.field(description="The names of the tags.")


@strawberry.type(description="One condition of a contact list.")
class RechatListFilter:
    """One condition of a contact list."""

    id: str | None = strawberry.field(name="sourceId", description="Rechat's own id of it.")
    operator: str | None = strawberry.field(description="`eq`, `gte`, `lte`, `like`, `any` or `all`.")
    value: Json | None = strawberry.field(
        graphql_type=Json | None,
        description="What the attribute is compared with: text, a number or several.",
        directives=[PERSONAL],
    )
    invert: bool | None = strawberry.field(description="The contact must not have it.")

    @strawberry.field(description="The definition of the attribute that is looked at.")
    @staticmethod
    def definition_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.attribute_def)


@strawberry.type(description="What a contact list asks beside its conditions.")
class RechatListArguments:
    """What a contact list asks beside its conditions."""

    filter_type: str | None = strawberry.field(description="`and`: all conditions must hold; `or`: any.")
    q: Json | None = strawberry.field(
        graphql_type=Json | None, description="Text to search for, as sent.", directives=[PERSONAL]
    )
    crm_tasks: Json | None = strawberry.field(graphql_type=Json | None, description="Ids of tasks, as sent.")
    flows: Json | None = strawberry.field(graphql_type=Json | None, description="Ids of flows, as sent.")
    assignees: Json | None = strawberry.field(graphql_type=Json | None, description="Ids of users, as sent.")
