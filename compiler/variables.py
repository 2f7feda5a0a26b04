"""The variables of an operation, coerced: what is usual on the spot, anything else by graphql-core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLLeafType,
    GraphQLSchema,
    VariableDefinitionNode,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.pyutils import Undefined


class _Usual(NamedTuple):
    """A variable of a leaf type, without a default."""

    signature: GraphQLVariableSignature
    leaf: GraphQLLeafType
    may_be_null: bool


class Variables:
    """The variables that an operation defines.

    Args:
        schema: what the operation is on.
        definitions: its variables.
        max_errors: how many errors are told at most.
        hide_suggestions: no message suggests a name of the schema.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        definitions: Sequence[VariableDefinitionNode],
        *,
        max_errors: int,
        hide_suggestions: bool,
    ) -> None:
        self._schema = schema
        self._definitions = definitions
        self._max_errors = max_errors
        self._hide_suggestions = hide_suggestions
        self._usual = _usual(schema, definitions)

    def coerce(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values as resolvers get them, or what is wrong with those that were given."""
        if self._usual is not None:
            values = _coerced(self._usual, given)
            if values is not None:
                return values
        return get_variable_values(
            self._schema,
            self._definitions,
            given,
            max_errors=self._max_errors,
            hide_suggestions=self._hide_suggestions,
        )


def _usual(schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> Sequence[_Usual] | None:
    """The variables; None where one is not of the usual kind."""
    found = []
    for definition in definitions:
        signature = get_variable_signature(schema, definition)
        if isinstance(signature, GraphQLError) or definition.default_value:
            return None
        leaf = get_nullable_type(signature.type)
        if not is_leaf_type(leaf):
            return None
        found.append(_Usual(signature, leaf, not is_non_null_type(signature.type)))
    return found


def _coerced(usual: Sequence[_Usual], given: Mapping[str, Any]) -> VariableValues | None:
    """The values; None where one does not fit, so that it has to be said what is wrong with it."""
    sources: dict[str, VariableValueSource] = {}
    coerced: dict[str, Any] = {}
    for signature, leaf, may_be_null in usual:
        name = signature.name
        value = given.get(name, Undefined)
        sources[name] = VariableValueSource(signature, value)
        if value is None or value is Undefined:
            if not may_be_null:
                return None
            if value is None:
                coerced[name] = None
            continue
        try:
            result = leaf.coerce_input_value(value)
        except Exception:
            return None
        if result is Undefined:
            return None
        coerced[name] = result
    return VariableValues(sources, coerced)
