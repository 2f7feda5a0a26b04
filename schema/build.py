"""The schema, put together."""

from __future__ import annotations

import strawberry
from graphql import build_schema as parse_schema
from graphql import lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig

from schema import enums as enums  # the enums must be described before a type refers to them
from schema.event import EVENT_CLASSES
from schema.info import Info
from schema.query import Query
from schema.scalars import SCALARS


def build_schema() -> strawberry.Schema:
    """The schema of the API, all types included."""
    return strawberry.Schema(
        query=Query,
        types=EVENT_CLASSES,
        config=StrawberryConfig(scalar_map=SCALARS, info_class=Info),
    )


def sdl(schema: strawberry.Schema) -> str:
    """The schema as text, sorted, so that the same schema is always the same text."""
    # Sorting Strawberry's own schema would lose how it writes the defaults of enums, so the printed one is sorted.
    return print_schema(lexicographic_sort_schema(parse_schema(schema.as_str()))) + "\n"
