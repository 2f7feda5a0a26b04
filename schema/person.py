"""People: contacts that are one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers.callers import Scope
from resolvers.people import fields, timeline
from resolvers.people.person import PersonRecord
from schema.access import requires
from schema.arguments import After, Before, EventsFilter, EventsOrder, First, Last, direction, page_args
from schema.connections import EventConnection
from schema.info import Info
from schema.node import Node
from upstreams.identity.keys import MatchKey
from upstreams.instants import Instant
from upstreams.records import Source

if TYPE_CHECKING:
    from schema.contact import Contact
    from schema.segment import Segment

_Parent = strawberry.Parent[PersonRecord]
_Contact = Annotated["Contact", strawberry.lazy("schema.contact")]
_Segment = Annotated["Segment", strawberry.lazy("schema.segment")]


@strawberry.type(
    description="Why a contact belongs to a person: what it has in common with contacts that come before it.",
    directives=[requires(Scope.CONTACTS_READ)],
)
class PersonMatch:
    """Why a contact belongs to a person."""

    contact: _Contact = strawberry.field(description="The contact.")
    matched_by: list[MatchKey] = strawberry.field(description="What it has in common with them.")
    confidence: float = strawberry.field(
        description="How sure that is, from 0 to 1: e-mail and phone 0.99; e-mail 0.97, 0.9 where a name is missing, "
        "0.8 where the names contradict it; phone 0.9, 0.75 where one first name is an initial."
    )


@strawberry.type(
    description="Contacts, of several sources or of one, that are one person: by an equal e-mail, or an equal phone "
    "and names that fit. Links are followed for 4 rounds and to 50 contacts.",
    directives=[requires(Scope.CONTACTS_READ)],
)
class Person(Node):
    """Contacts that are one person."""

    matches: list[PersonMatch] = strawberry.field(
        description="Why each contact but the first belongs, in the order in which they are linked to the first."
    )
    incomplete_sources: list[Source] = strawberry.field(
        description="The sources that could not be asked, or not all of whose contacts are indexed yet: the person may "
        "have more contacts there."
    )
    truncated: bool = strawberry.field(description="The person may have more contacts, but a limit was met.")
    as_of: Instant | None = strawberry.field(
        description="Sources that cannot be searched are found by an index: changes since then may be missing from it. "
        "Null when no index was needed, or none is complete yet."
    )

    @strawberry.field(
        graphql_type=list[_Contact], description="The contacts, by source, then by the source's id; one at least."
    )
    @staticmethod
    def contacts(parent: _Parent, info: Info) -> Sequence[Any]:
        found = fields.tell(info.context, info.raw, parent)
        return () if found is None else found.contacts

    @strawberry.field(
        graphql_type=list[_Segment] | None,
        description="The segments that any of the contacts is in, each once, by name. Their `id`, `kind` and `name` "
        "cost no call where the contacts tell them.",
    )
    @staticmethod
    async def segments(parent: _Parent, info: Info) -> Sequence[Any]:
        return await fields.segments(info.context, info.raw, parent)

    @strawberry.field(
        graphql_type=EventConnection | None,
        description="What happened to any of the contacts, as one timeline. One call a contact and page.",
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
        args = page_args(first, after, last, before)
        return await timeline.events(info.context, info.raw, parent, filter, direction(order_by), args)
