"""The schema, put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import strawberry
from graphql import DirectiveDefinitionNode, NameNode, Node, Visitor, parse, print_ast, visit
from strawberry.schema.config import StrawberryConfig

from schema import enums as enums  # the enums must be described before a type refers to them
from schema.event import EVENT_CLASSES
from schema.info import Info
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS


def build_schema() -> strawberry.Schema:
    """The schema of the API, all types included."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=EVENT_CLASSES,
        config=StrawberryConfig(scalar_map=SCALARS, info_class=Info),
    )


def sdl(schema: strawberry.Schema) -> str:
    """The schema as text, sorted, so that the same schema is always the same text."""
    # graphql-core's own printer and sorting of a schema lose the marks on it, so the text itself is sorted.
    return "\n".join(_spaced(print_ast(visit(parse(schema.as_str()), _Sorted())))) + "\n"


class _Sorted(Visitor):
    """Sorts a schema's text by name: definitions, fields, arguments, values, interfaces, marks."""

    def leave(self, node: Node, *_: Any) -> Node:
        lists = {key: getattr(node, key) for key in node.keys if key in _SORTED}
        changes: dict[str, Any] = {key: tuple(sorted(held, key=_place)) for key, held in lists.items() if held}
        return replace(node, **changes) if changes else node


_QUOTES = '"""'
_SORTED = {"definitions", "fields", "arguments", "values", "interfaces", "directives", "locations", "types"}


def _place(node: Any) -> tuple[int, str]:
    """Directives come before types; a schema definition, which has no name, before all."""
    name = node.value if isinstance(node, NameNode) else getattr(getattr(node, "name", None), "value", "")
    return (0 if not name else 1 if isinstance(node, DirectiveDefinitionNode) else 2, name)


def _spaced(text: str) -> Iterator[str]:
    """The lines of a schema, with an empty one before each member that has a description and is not the first."""
    last, inside = "", False
    for line in text.splitlines():
        mark = line.lstrip()
        if not inside and mark.startswith(_QUOTES) and line != mark and last[-1:] not in {"{", "("}:
            yield ""
        if mark.startswith(_QUOTES):
            inside = not inside and mark.count(_QUOTES) == 1
        yield line
        last = line
