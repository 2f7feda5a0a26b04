"""What attributes contacts can have: Rechat's definitions, Acquire's custom attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import strawberry

from resolvers.callers import Scope
from resolvers.directory import definition_label, definition_options, definition_type
from schema.access import requires
from schema.node import Node
from schema.rechat_details import RechatAttributeDefinition
from schema.scalars import Json
from upstreams.records import Source

_Parent = strawberry.Parent[Any]


@strawberry.type(description="What only Acquire tells of the definition of an attribute.")
class AcquireAttributeDefinition:
    """What only Acquire tells."""

    object: str | None = strawberry.field(description="What has it: `contact`, `case` or `company`.")
    system: bool | None = strawberry.field(description="It is Acquire's own.")
    config: Json | None = strawberry.field(graphql_type=Json | None, description="Label, input and options, as sent.")


@strawberry.type(
    description="The definition of an attribute that contacts can have.", directives=[requires(Scope.CONTACTS_READ)]
)
class AttributeDefinition(Node):
    """The definition of an attribute."""

    source: Source = strawberry.field(description="The service that has it.")
    source_id: str = strawberry.field(description="The service's own id of it.")

    @strawberry.field(description="What to call it in `customFields` and in inputs.")
    @staticmethod
    def key(parent: _Parent) -> str:
        return str(parent.key)

    @strawberry.field(description="What people call it.")
    @staticmethod
    def label(parent: _Parent) -> str | None:
        return definition_label(parent)

    @strawberry.field(description="What its values are, in the source's word: `text`, `date`, `number`, `address`.")
    @staticmethod
    def data_type(parent: _Parent) -> str | None:
        return definition_type(parent)

    @strawberry.field(description="The values that it may have; null when it is free.")
    @staticmethod
    def options(parent: _Parent) -> list[str] | None:
        found: Sequence[str] | None = definition_options(parent)
        return None if found is None else list(found)

    @strawberry.field(
        graphql_type=RechatAttributeDefinition | None, description="What only Rechat tells; null for another's."
    )
    @staticmethod
    def rechat(parent: _Parent) -> Any:
        return parent if parent.source is Source.RECHAT else None

    @strawberry.field(
        graphql_type=AcquireAttributeDefinition | None, description="What only Acquire tells; null for another's."
    )
    @staticmethod
    def acquire(parent: _Parent) -> Any:
        return parent if parent.source is Source.ACQUIRE else None
