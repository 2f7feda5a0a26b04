"""What a client asks for below a field, read before any call is made.

Directives are honoured (``@skip``, ``@include``); a fragment on another type than the field's own counts as asked for,
which can cost a call that was not needed but never misses one that was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

_LEAVES_OUT = {"skip": True, "include": False}
"""What the one argument of a directive must be for it to leave out what it is on."""


def selected(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """The names of the fields that are asked for right below the field that is being resolved."""
    names: set[str] = set()
    for node in info.field_nodes:
        _add(names, node.selection_set, info)
    return frozenset(names)


def _add(names: set[str], selections: SelectionSetNode | None, info: GraphQLResolveInfo[Any]) -> None:
    for node in () if selections is None else selections.selections:
        if node.directives and _is_left_out(node.directives, info):
            continue
        if isinstance(node, FieldNode):
            names.add(node.name.value)
        elif isinstance(node, InlineFragmentNode):
            _add(names, node.selection_set, info)
        elif isinstance(node, FragmentSpreadNode):
            _add(names, info.fragments[node.name.value].selection_set, info)


def _is_left_out(directives: Iterable[DirectiveNode], info: GraphQLResolveInfo[Any]) -> bool:
    values: Any = info.variable_values
    variables = getattr(values, "coerced", values)  # graphql-core's, which Strawberry's executor and ours give plain
    return any(
        value_from_ast_untyped(argument.value, variables) is _LEAVES_OUT[directive.name.value]
        for directive in directives
        if directive.name.value in _LEAVES_OUT
        for argument in directive.arguments or ()
    )
