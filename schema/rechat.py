"""What only Rechat knows of a contact, an event or a segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import details
from schema.access import PERSONAL
from schema.info import Info
from schema.rechat_details import (
    RechatAddress,
    RechatAttribute,
    RechatBrand,
    RechatFlow,
    RechatListArguments,
    RechatListFilter,
    RechatSummary,
    RechatUser,
)
from schema.scalars import Json
from upstreams.instants import Instant
from upstreams.rechat import relations

if TYPE_CHECKING:
    from schema.contact import Contact
    from schema.segment import Segment

_Parent = strawberry.Parent[Any]
_Contact = Annotated["Contact", strawberry.lazy("schema.contact")]
_Segment = Annotated["Segment", strawberry.lazy("schema.segment")]


@strawberry.type(description="What only Rechat knows of a contact.")
class RechatContact:
    """What only Rechat knows of a contact."""

    display_name: str | None = strawberry.field(
        description="The name that Rechat shows: nickname, else names, else company.", directives=[PERSONAL]
    )
    sort_field: str | None = strawberry.field(description="What Rechat sorts names by.", directives=[PERSONAL])
    title: str | None = strawberry.field(description="A form of address.", directives=[PERSONAL])
    middle_name: str | None = strawberry.field(description="The middle name.", directives=[PERSONAL])
    nickname: str | None = strawberry.field(description="What friends call the contact.", directives=[PERSONAL])
    marketing_name: str | None = strawberry.field(
        description="What to call the contact in campaigns.", directives=[PERSONAL]
    )
    email: str | None = strawberry.field(description="The first e-mail, as sent.", directives=[PERSONAL])
    primary_email: str | None = strawberry.field(description="The primary e-mail, as sent.", directives=[PERSONAL])
    emails: list[str] = strawberry.field(description="All e-mails, as sent.", directives=[PERSONAL])
    phone_number: str | None = strawberry.field(description="The first phone, as sent.", directives=[PERSONAL])
    primary_phone_number: str | None = strawberry.field(
        description="The primary phone, as sent.", directives=[PERSONAL]
    )
    phone_numbers: list[str] = strawberry.field(description="All phones, as sent.", directives=[PERSONAL])
    partner_name: str | None = strawberry.field(description="The name of the partner.", directives=[PERSONAL])
    partner_first_name: str | None = strawberry.field(
        description="The given name of the partner.", directives=[PERSONAL]
    )
    partner_last_name: str | None = strawberry.field(
        description="The family name of the partner.", directives=[PERSONAL]
    )
    partner_email: str | None = strawberry.field(description="The partner's e-mail, as sent.", directives=[PERSONAL])
    addresses: list[RechatAddress] = strawberry.field(description="The postal addresses.")
    website: list[str] = strawberry.field(description="The websites.", directives=[PERSONAL])
    profile_image_url: str | None = strawberry.field(description="Where a picture is.", directives=[PERSONAL])
    cover_image_url: str | None = strawberry.field(description="Where a cover picture is.", directives=[PERSONAL])
    tags: list[str] = strawberry.field(description="The names of the tags; see also `segments`.")
    last_touch: Instant | None = strawberry.field(description="When somebody was last in touch with the contact.")
    last_touch_action: str | None = strawberry.field(description="By which way that was: `email`.")
    next_touch: Instant | None = strawberry.field(description="When somebody should be.")
    touch_freq: int | None = strawberry.field(description="Days between touches.")
    source_type: str | None = strawberry.field(description="Which way the contact came in: `ExplicitlyCreated`.")
    lead_source: str | None = strawberry.field(description="Where the contact came from; Rechat calls it source.")
    user_id: str | None = strawberry.field(description="The user who owns the contact.")
    brand_id: str | None = strawberry.field(description="The team that the contact belongs to.")
    parked: bool | None = strawberry.field(description="Rechat has set the contact aside.")
    ios_address_book_id: str | None = strawberry.field(
        description="The contact in an address book of iOS.", directives=[PERSONAL]
    )
    android_address_book_id: str | None = strawberry.field(
        description="The contact in an address book of Android.", directives=[PERSONAL]
    )
    created_for: str | None = strawberry.field(description="What made the contact: `direct_request`, `import_json`.")
    updated_for: str | None = strawberry.field(description="What last changed it.")
    deleted_for: str | None = strawberry.field(description="What deleted it.")
    deleted_at: Instant | None = strawberry.field(description="When it was deleted.")
    attributes: list[RechatAttribute] | None = strawberry.field(description="The values that the contact is made of.")
    summary: RechatSummary | None = strawberry.field(description="The same in one plain object.")
    lists: list[_Segment] | None = strawberry.field(description="The contact lists that the contact is in.")

    @strawberry.field(graphql_type=RechatUser | None, description="The user who owns the contact.")
    @staticmethod
    def user(parent: _Parent) -> Any:
        return relations.user_of(parent.user)

    @strawberry.field(
        graphql_type=list[RechatUser], description="Users of Rechat who have one of the contact's e-mails or phones."
    )
    @staticmethod
    def users(parent: _Parent) -> Sequence[Any]:
        return relations.users_of(parent.users)

    @strawberry.field(graphql_type=RechatUser | None, description="Who made the contact.")
    @staticmethod
    def created_by(parent: _Parent) -> Any:
        return relations.user_of(parent.created_by)

    @strawberry.field(graphql_type=RechatUser | None, description="Who last changed it.")
    @staticmethod
    def updated_by(parent: _Parent) -> Any:
        return relations.user_of(parent.updated_by)

    @strawberry.field(graphql_type=RechatBrand | None, description="The team that the contact belongs to.")
    @staticmethod
    def brand(parent: _Parent) -> Any:
        return relations.brand_of(parent.brand)

    @strawberry.field(graphql_type=list[RechatFlow], description="The flows that the contact is enrolled in.")
    @staticmethod
    def flows(parent: _Parent) -> Sequence[Any]:
        return relations.flows_of(parent.flows)

    @strawberry.field(
        graphql_type=Json | None,
        description="The deals that the contact has a role in, as sent: Rechat documents no shape.",
        directives=[PERSONAL],
    )
    @staticmethod
    def deals(parent: _Parent) -> Any:
        return parent.deals

    @strawberry.field(
        graphql_type=list[_Contact] | None,
        description="Contacts that Rechat itself takes for the same person, this one among them; empty where there is "
        "none. One call a contact. See also `counterparts`.",
    )
    @staticmethod
    async def duplicates(parent: _Parent, info: Info) -> Sequence[Any]:
        return await details.rechat_duplicates(info.context, parent.source_id)


@strawberry.type(description="What only Rechat tells of an event.")
class RechatEvent:
    """What only Rechat tells of an event."""

    object_type: str = strawberry.field(description="What stands in the calendar: `crm_task`, `activity`.")
    event_type: str | None = strawberry.field(description="What it is in Rechat's words: `Call`, `birthday`.")
    type_label: str | None = strawberry.field(description="The same as Rechat shows it.")
    title: str | None = strawberry.field(description="The title.", directives=[PERSONAL])
    timestamp: Instant | None = strawberry.field(
        description="The time as sent; of something that recurs, what the user typed in: a date of birth.",
        directives=[PERSONAL],
    )
    ends_at: Instant | None = strawberry.field(description="When it ends.")
    recurring: bool | None = strawberry.field(description="It comes again.")
    next_occurance: Instant | None = strawberry.field(
        name="nextOccurrence", description="When it comes next, if it recurs."
    )
    crm_task: str | None = strawberry.field(name="crmTaskId", description="The task.")
    deal: str | None = strawberry.field(name="dealId", description="The deal.")
    campaign: str | None = strawberry.field(name="campaignId", description="The e-mail campaign.")
    thread_key: str | None = strawberry.field(description="The thread of e-mails.")
    people_len: int | None = strawberry.field(name="peopleCount", description="How many people take part.")
    metadata: Json | None = strawberry.field(
        graphql_type=Json | None,
        description="What else Rechat keeps of it, as sent: it documents no shape.",
        directives=[PERSONAL],
    )
    created_at: Instant | None = strawberry.field(description="When it was made.")
    updated_at: Instant | None = strawberry.field(description="When it was last changed.")

    @strawberry.field(graphql_type=RechatUser | None, description="Who made it.")
    @staticmethod
    def created_by(parent: _Parent) -> Any:
        return relations.user_of(parent.created_by)

    @strawberry.field(graphql_type=RechatBrand | None, description="The team that it belongs to.")
    @staticmethod
    def brand(parent: _Parent) -> Any:
        return relations.brand_of(parent.brand)


@strawberry.type(description="What only Rechat tells of a tag or a contact list.")
class RechatSegment:
    """What only Rechat tells of a tag or a contact list."""

    touch_freq: int | None = strawberry.field(description="Days between touches of its contacts.")

    @strawberry.field(description="Of a tag: its contacts take part in campaigns of the whole company.")
    @staticmethod
    def auto_enroll_in_super_campaigns(parent: _Parent) -> bool | None:
        return getattr(parent, "auto_enroll_in_super_campaigns", None)

    @strawberry.field(description="Of a list: users may change it.")
    @staticmethod
    def is_editable(parent: _Parent) -> bool | None:
        return getattr(parent, "is_editable", None)

    @strawberry.field(graphql_type=list[RechatListFilter], description="Of a list: its conditions.")
    @staticmethod
    def filters(parent: _Parent) -> Any:
        return getattr(parent, "filters", ())

    @strawberry.field(graphql_type=RechatListArguments | None, description="Of a list: what it asks beside them.")
    @staticmethod
    def args(parent: _Parent) -> Any:
        return getattr(parent, "args", None)

    @strawberry.field(
        graphql_type=Json | None,
        description="Of a list: the search as Rechat keeps it, as sent: it documents no shape.",
        directives=[PERSONAL],
    )
    @staticmethod
    def query(parent: _Parent) -> Any:
        return getattr(parent, "query", None)

    @strawberry.field(description="Of a list: when it was deleted.")
    @staticmethod
    def deleted_at(parent: _Parent) -> Instant | None:
        return getattr(parent, "deleted_at", None)

    @strawberry.field(description="Of a list: the team that it belongs to.")
    @staticmethod
    def brand_id(parent: _Parent) -> str | None:
        return relations.id_of(getattr(parent, "brand", None))

    @strawberry.field(description="The user who made it.")
    @staticmethod
    def created_by_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.created_by)

    @strawberry.field(description="The user who last changed it.")
    @staticmethod
    def updated_by_id(parent: _Parent) -> str | None:
        return relations.id_of(parent.updated_by)
