"""What a resolver is told of its field, made from parts that are there anyway; the path only when it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Container, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import FieldNode, FragmentDefinitionNode, GraphQLObjectType, GraphQLOutputType, GraphQLSchema
from graphql import OperationDefinitionNode as Operation
from graphql.pyutils import Path, gather_with_cancel
from graphql.type import GraphQLResolveInfoHelpers
from strawberry.execution import optimized_is_awaitable

if TYPE_CHECKING:
    from compiler.run import Run
    from compiler.selection import Field

Place: TypeAlias = "tuple[Place | None, str | int, str | None]"
"""A place in the response, linked to the one around it: key and type, as :class:`graphql.pyutils.Path` has them."""


def keys_of(place: Place | None) -> list[str | int]:
    """The keys that lead from the root to a place."""
    keys: list[str | int] = []
    while place is not None:
        keys.append(place[1])
        place = place[0]
    return keys[::-1]


def is_within(place: Place | None, around: Container[Place | None]) -> bool:
    """Whether a place is one of several, or below one."""
    while place is not None:
        if place in around:
            return True
        place = place[0]
    return False


def nullable_above(field: Field | None, depth: int, place: Place | None) -> Place | None:
    """The nearest place around one where null may stand; None when that is the whole response."""
    while field is not None and place is not None:
        if field.may_be_null[depth]:
            return place
        place = place[0]
        if depth:
            depth -= 1
        else:
            field = field.owner
            depth = 0 if field is None else len(field.types) - 1
    return None


def path_of(place: Place) -> Path:
    """A place as resolvers know it."""
    above, key, typename = place
    return Path(None if above is None else path_of(above), key, typename)


def _track(values: Sequence[Any]) -> None:
    awaitables = [value for value in values if optimized_is_awaitable(value)]
    if awaitables:
        asyncio.gather(*awaitables, return_exceptions=True)


def _gather(values: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
    return gather_with_cancel(*values)


_HELPERS = GraphQLResolveInfoHelpers(gather=_gather, track=_track)


class ResolveInfo:
    """The members of :class:`graphql.GraphQLResolveInfo`, with Strawberry's meaning.

    Args:
        run: the run that resolves.
        field: what is resolved.
        place: where its value stands in the response.
    """

    __slots__ = ("_field", "_place", "_run", "context")

    abort_signal = None
    async_helpers = _HELPERS
    is_awaitable = staticmethod(optimized_is_awaitable)
    operation_extensions = None

    def __init__(self, run: Run, field: Field, place: Place) -> None:
        self._run = run
        self._field = field
        self._place = place
        self.context = run.context

    @property
    def field_name(self) -> str:
        """The name of the field in the schema."""
        return self._field.name

    @property
    def field_nodes(self) -> list[FieldNode]:
        """Where the field stands in the document."""
        return self._field.nodes

    @property
    def return_type(self) -> GraphQLOutputType:
        """The type of the field."""
        return self._field.types[0]

    @property
    def parent_type(self) -> GraphQLObjectType:
        """The type of the object around it."""
        return self._field.parent_type

    @property
    def path(self) -> Path:
        """Where the value stands in the response."""
        self._run.ties += 1
        return path_of(self._place)

    @property
    def schema(self) -> GraphQLSchema:
        """The schema that the operation was compiled for."""
        return self._run.program.schema

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The fragments of the document, by name."""
        return self._run.program.fragment_nodes

    @property
    def root_value(self) -> Any:
        """The object whose fields are the operation's."""
        return self._run.root_value

    @property
    def operation(self) -> Operation:
        """The operation that runs."""
        return self._run.program.operation

    @property
    def variable_values(self) -> dict[str, Any]:
        """The coerced variables, by name."""
        return self._run.variables.coerced
