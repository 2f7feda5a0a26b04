"""Contacts: what a client can ask of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import cleaning, contacts, details, events, links
from resolvers.callers import Scope
from resolvers.ids import GlobalId
from resolvers.people import fields as people
from schema.access import PERSONAL, Personal, requires
from schema.acquire import AcquireContact
from schema.arguments import After, Before, EventsFilter, EventsOrder, First, Last, direction, page_args
from schema.cloud4wi import Cloud4WiContact
from schema.columns import asked_for_a_run
from schema.connections import EventConnection
from schema.contact_details import Birthday, Consent, ContactMetrics, CustomField
from schema.info import Info
from schema.node import Node
from schema.rechat import RechatContact
from upstreams.instants import Instant
from upstreams.records import ContactRecord, Entity, Source

if TYPE_CHECKING:
    from schema.location import Location
    from schema.person import Person
    from schema.segment import Segment

_Parent = strawberry.Parent[ContactRecord]
_Location = Annotated["Location", strawberry.lazy("schema.location")]
_Person = Annotated["Person", strawberry.lazy("schema.person")]
_Segment = Annotated["Segment", strawberry.lazy("schema.segment")]


@strawberry.type(description="A person as one source knows it.", directives=[requires(Scope.CONTACTS_READ)])
class Contact(Node):
    """A person as one source knows it."""

    source: Source = strawberry.field(description="The service that knows this contact.")
    source_id: str = strawberry.field(description="The service's own id of it.")
    first_name: str | None = strawberry.field(description="The given name.", directives=[PERSONAL])
    last_name: str | None = strawberry.field(description="The family name.", directives=[PERSONAL])
    language: str | None = strawberry.field(description="The language, as the source writes it: `it`.")
    birthday: Birthday | None = strawberry.field(description="The birthday, as far as it is known.")
    company: str | None = strawberry.field(description="The company the contact works for.", directives=[PERSONAL])
    job_title: str | None = strawberry.field(description="What the contact does there.", directives=[PERSONAL])
    created_at: Instant = strawberry.field(description="When the source first knew the contact.")
    updated_at: Instant | None = strawberry.field(description="When the source last changed the contact.")
    consents: list[Consent] = strawberry.field(description="What the contact agreed to, or not.")
    metrics: ContactMetrics | None = strawberry.field(description="Statistics of visits, where the source keeps them.")

    @strawberry.field(
        graphql_type=str,
        description="What to call the contact: the source's own display name, else first and last name, else company, "
        "e-mail, phone, `sourceId`.",
        directives=[Personal(instead="sourceId")],
    )
    @staticmethod
    @asked_for_a_run
    def display_name(info: Info) -> Callable[[ContactRecord], str]:
        region = info.context.services.default_region
        return lambda contact: cleaning.display_name(contact, region)

    @strawberry.field(description="The first of `emails`.", directives=[PERSONAL])
    @staticmethod
    def email(parent: _Parent) -> str | None:
        return cleaning.email(parent)

    @strawberry.field(description="The e-mails, trimmed; empty and junk values are left out.", directives=[PERSONAL])
    @staticmethod
    def emails(parent: _Parent) -> list[str]:
        return cleaning.emails(parent)

    @strawberry.field(graphql_type=str | None, description="The first of `phones`.", directives=[PERSONAL])
    @staticmethod
    @asked_for_a_run
    def phone(info: Info) -> Callable[[ContactRecord], str | None]:
        region = info.context.services.default_region
        return lambda contact: cleaning.phone(contact, region)

    @strawberry.field(
        graphql_type=list[str],
        description="The phones in E.164 where they can be read, else as sent.",
        directives=[PERSONAL],
    )
    @staticmethod
    @asked_for_a_run
    def phones(info: Info) -> Callable[[ContactRecord], list[str]]:
        region = info.context.services.default_region
        return lambda contact: cleaning.phones(contact, region)

    @strawberry.field(description="The country, ISO 3166-1 alpha-2 in upper case.")
    @staticmethod
    def country(parent: _Parent) -> str | None:
        return cleaning.country(parent)

    @strawberry.field(graphql_type=list[CustomField], description="Fields that the organization added itself.")
    @staticmethod
    def custom_fields(parent: _Parent, info: Info) -> Any:
        return contacts.custom_fields(info.context, parent)

    @strawberry.field(
        graphql_type=list[_Segment] | None,
        description="The segments that the contact is in. Their `id`, `kind` and `name` cost no call.",
    )
    @staticmethod
    @asked_for_a_run
    def segments(info: Info) -> Callable[[ContactRecord], Any]:
        return contacts.segments(info.context, info.raw)

    @strawberry.field(graphql_type=EventConnection | None, description="What happened to the contact. One call a page.")
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
        whose = GlobalId(Entity.CONTACT, parent.source, parent.source_id)
        args = page_args(first, after, last, before)
        return await events.events(info.context, info.raw, "Contact.events", whose, filter, direction(order_by), args)

    @strawberry.field(
        graphql_type=_Location | None,
        description="Where the contact was registered. Its `id` and `name` cost no call.",
    )
    @staticmethod
    @asked_for_a_run
    def location(info: Info) -> Callable[[ContactRecord], Any]:
        location = links.locations(info.context, info.raw)
        return lambda contact: location(contact.source, contact.location_ref)

    @strawberry.field(graphql_type=_Location | None, description="Where the contact's last visit was.")
    @staticmethod
    @asked_for_a_run
    def last_visited_location(info: Info) -> Callable[[ContactRecord], Any]:
        location = links.locations(info.context, info.raw)
        return lambda contact: location(contact.source, contact.last_visited_location_ref)

    @strawberry.field(
        graphql_type=list[Annotated["Contact", strawberry.lazy("schema.contact")]] | None,
        description="The other contacts that are the same person, in other sources and in this one; see `person`.",
    )
    @staticmethod
    async def counterparts(parent: _Parent, info: Info) -> Sequence[Any]:
        return await people.counterparts(info.context, info.raw, parent)

    @strawberry.field(
        graphql_type=_Person | None,
        description="The person that the contact is, with its contacts in all sources; of this one alone where no "
        "other is linked. One call a key and source that can be searched, and one a contact that an index names.",
    )
    @staticmethod
    async def person(parent: _Parent, info: Info) -> Any:
        return await people.person_of(info.context, info.raw, parent)

    @strawberry.field(
        graphql_type=Cloud4WiContact | None, description="What only Cloud4Wi knows; null for contacts of others."
    )
    @staticmethod
    def cloud4wi(parent: _Parent) -> Any:
        return parent if parent.source is Source.CLOUD4WI else None

    @strawberry.field(
        graphql_type=RechatContact | None,
        description="What only Rechat knows; null for contacts of others. What it is related to costs no call where it "
        "is asked for with the contact.",
    )
    @staticmethod
    def rechat(parent: _Parent, info: Info) -> Any:
        return details.own(info.context, info.raw, parent, Source.RECHAT)

    @strawberry.field(
        graphql_type=AcquireContact | None,
        description="What only Acquire knows; null for contacts of others. What it is related to costs no call where "
        "it is asked for with the contact.",
    )
    @staticmethod
    def acquire(parent: _Parent, info: Info) -> Any:
        return details.own(info.context, info.raw, parent, Source.ACQUIRE)
