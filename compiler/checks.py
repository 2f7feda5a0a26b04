"""How the type of an object is found out or checked, as Strawberry and graphql-core do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema
from graphql.execution import default_type_resolver

from compiler.functions import answers_later, ignores, is_always_true


@dataclass(frozen=True, slots=True)
class Check:
    """How the type of an object is found out (of an abstract type) or checked (of an object type).

    Attributes:
        function: ``resolve_type`` or ``is_type_of``; None where there is nothing to check.
        reads_info: it looks at more than the object.
    """

    function: Callable[..., Any] | None
    reads_info: bool


def check_of(type_: GraphQLNamedType) -> Check:
    """The check of a type."""
    function: Callable[..., Any] | None
    if isinstance(type_, GraphQLObjectType):
        function = type_.is_type_of
        if function is None or is_always_true(function):
            return Check(None, False)
    else:
        function = getattr(type_, "resolve_type", None) or default_type_resolver
    return Check(function, not ignores(function, 1))


def checks_later(schema: GraphQLSchema) -> bool:
    """Whether a type of a schema is checked by an awaitable."""
    return any(
        answers_later(getattr(type_, "is_type_of", None) or getattr(type_, "resolve_type", None))
        for type_ in schema.type_map.values()
    )
