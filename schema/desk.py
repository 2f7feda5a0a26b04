"""What agents do with contacts: notes, cards on a timeline, blocks; and clusters of duplicates."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers.callers import Scope
from resolvers.ids import simple_id
from schema.access import PERSONAL, requires
from schema.contact import Contact
from schema.scalars import Json
from upstreams.instants import Instant
from upstreams.records import Entity, Source


@strawberry.type(description="A note on a contact.", directives=[requires(Scope.CONTACTS_READ)])
class ContactNote:
    """A note on a contact."""

    source: Source = strawberry.field(description="The service that keeps it.")
    source_id: str = strawberry.field(description="The service's own id of it.")
    payload: Json | None = strawberry.field(
        graphql_type=Json | None,
        description="The note as sent: its text is `lastMessage.message`.",
        directives=[PERSONAL],
    )

    @strawberry.field(graphql_type=strawberry.ID, description="The contact it is on.")
    @staticmethod
    def contact_id(parent: strawberry.Parent[Any]) -> str:
        return simple_id(Entity.CONTACT, parent.source, parent.contact_id)


@strawberry.type(description="A card on a contact's timeline.", directives=[requires(Scope.CONTACTS_READ)])
class ContactCard:
    """A card on a contact's timeline."""

    source: Source = strawberry.field(description="The service that keeps it.")
    source_id: str = strawberry.field(description="The service's own id of it.")
    payload: Json | None = strawberry.field(
        graphql_type=Json | None, description="The card as sent.", directives=[PERSONAL]
    )


@strawberry.type(description="A block that keeps contacts out.", directives=[requires(Scope.CONTACTS_READ)])
class ContactBlock:
    """A block that keeps contacts out."""

    source: Source = strawberry.field(description="The service that keeps it.")
    source_id: str = strawberry.field(description="The service's own id of it; what `contactUnblock` takes.")
    until: Instant | None = strawberry.field(description="When it ends.")
    payload: Json | None = strawberry.field(
        graphql_type=Json | None, description="The block as sent.", directives=[PERSONAL]
    )

    @strawberry.field(
        graphql_type=list[strawberry.ID], description="The contacts that it keeps out, as far as it names them."
    )
    @staticmethod
    def contact_ids(parent: strawberry.Parent[Any]) -> list[str]:
        return [simple_id(Entity.CONTACT, parent.source, id) for id in parent.contact_source_ids]


@strawberry.type(
    description="Contacts that their source takes for one person.", directives=[requires(Scope.CONTACTS_READ)]
)
class DuplicateCluster:
    """Contacts that their source takes for one person."""

    source: Source = strawberry.field(description="The service that found them.")
    source_id: str = strawberry.field(
        description="The service's number of the cluster; it may give it to another cluster later."
    )
    contacts: list[Contact] = strawberry.field(description="The contacts.")


@strawberry.type(
    description="A part of the clusters of duplicates, numbered by the source.",
    directives=[requires(Scope.CONTACTS_READ)],
)
class DuplicateClusters:
    """A part of the clusters of duplicates."""

    nodes: list[DuplicateCluster] = strawberry.field(description="The clusters.")
    total_count: int | None = strawberry.field(description="How many there are in all, where the source says so.")
