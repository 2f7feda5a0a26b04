"""The Relay node: anything that can be fetched again by its id."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers.ids import node_id, node_ids
from schema.columns import asked_together
from schema.names import type_name, type_names


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    """Anything that can be fetched again by its id."""

    @strawberry.field(
        graphql_type=strawberry.ID,
        description="Names this object among all of this API; opaque. Pass it to `node`.",
    )
    @staticmethod
    @asked_together(node_ids)
    def id(parent: strawberry.Parent[Any]) -> str:
        return node_id(parent)

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """Records are not instances of these classes; the interfaces' ``resolve_type`` decides."""
        return True

    @classmethod
    @asked_together(type_names)
    def resolve_type(cls, obj: Any, info: Any, abstract: Any) -> str:
        """The name of a record's type."""
        return type_name(obj)
