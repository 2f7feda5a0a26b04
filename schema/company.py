"""Companies that contacts work for, where a source keeps them."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers.callers import Scope
from schema.access import requires
from schema.contact_details import CustomField
from schema.info import Info
from schema.node import Node
from upstreams.acquire.values import json_text
from upstreams.instants import Instant
from upstreams.records import CustomField as CustomFieldValue
from upstreams.records import Source

_Parent = strawberry.Parent[Any]


@strawberry.type(
    description="A company that contacts belong to; Acquire keeps them.", directives=[requires(Scope.CONTACTS_READ)]
)
class Company(Node):
    """A company that contacts belong to."""

    source: Source = strawberry.field(description="The service that keeps it.")
    source_id: str = strawberry.field(description="The service's own id of it.")
    name: str | None = strawberry.field(description="The name.")
    created_at: Instant | None = strawberry.field(description="When it was made.")
    updated_at: Instant | None = strawberry.field(description="When it was last changed.")

    @strawberry.field(graphql_type=list[CustomField], description="All that is known of it, by the service's keys.")
    @staticmethod
    def fields(parent: _Parent, info: Info) -> Any:
        return [CustomFieldValue(key, json_text(value)) for key, value in parent.fields.items()]
