"""The arguments of a field in a document: those that are the same in every run are coerced once.

graphql-core coerces every other one each time, but for a variable that has a value: that was coerced before.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    ArgumentNode,
    GraphQLArgument,
    GraphQLError,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues, coerce_argument

if TYPE_CHECKING:
    from compiler.selection import Field

_NEVER_CHANGED = (str, int, float, type(None), Enum)


class _Varying(NamedTuple):
    """An argument that is coerced in each run.

    Attributes:
        name: as the schema calls it.
        out_name: as it is called among the values.
        node: what the document says of it, if anything.
        variable: the variable that it is, if it is one.
    """

    name: str
    out_name: str
    definition: GraphQLArgument
    node: ArgumentNode | None
    variable: str | None


class Arguments:
    """The arguments of a field."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._fixed: dict[str, Any] = {}
        self._varying: list[_Varying] = []
        given = {node.name.value: node for node in field.nodes[0].arguments or ()}
        for name, definition in field.definition.args.items():
            node = given.get(name)
            value = None if node is None else node.value
            variable = value.name.value if isinstance(value, VariableNode) else None
            varying = _Varying(name, definition.out_name or name, definition, node, variable)
            if _reads_variables(value) or not self._fix(varying):
                self._varying.append(varying)

    def values(self, variables: VariableValues) -> dict[str, Any]:
        """The values, by the names that they go out under.

        Raises:
            GraphQLError: one does not fit.
        """
        found = self._fixed.copy()
        coerced = variables.coerced
        for varying in self._varying:
            if varying.variable is not None and (value := coerced.get(varying.variable)) is not None:
                found[varying.out_name] = value
            else:
                self._coerce(varying, found, variables)
        return found

    def _fix(self, argument: _Varying) -> bool:
        """Note a value for all runs, if it fits and nobody who gets it can change it for the others."""
        found: dict[str, Any] = {}
        try:
            self._coerce(argument, found, None)
        except GraphQLError:
            return False
        if not all(isinstance(value, _NEVER_CHANGED) for value in found.values()):
            return False
        self._fixed.update(found)
        return True

    def _coerce(self, argument: _Varying, found: dict[str, Any], variables: VariableValues | None) -> None:
        coerce_argument(
            found,
            self._field.nodes[0],
            argument.name,
            argument.definition,
            argument.node,
            variables,
            self._field.details[0].fragment_variable_values,
            self._field.program.hide_suggestions,
        )


def _reads_variables(value: ValueNode | None) -> bool:
    match value:
        case VariableNode():
            return True
        case ListValueNode():
            return any(map(_reads_variables, value.values))
        case ObjectValueNode():
            return any(_reads_variables(field.value) for field in value.fields)
    return False
