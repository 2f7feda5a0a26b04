"""What a client asks for below a field, read before any call is made.

Directives are honoured (``@skip``, ``@include``); a fragment on another type than the field's own counts as asked for,
which can cost a call that was not needed but never misses one that was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

_LEAVES_OUT = {"skip": True, "include": False}
"""What the one argument of a directive must be for it to leave out what it is on."""


def _included(info: GraphQLResolveInfo[Any], node: SelectionNode) -> bool:
    if not node.directives:
        return True
    values: Any = info.variable_values
    variables = getattr(values, "coerced", values)  # graphql-core's, which Strawberry's executor and ours give plain
    return not any(
        value_from_ast_untyped(argument.value, variables) is _LEAVES_OUT[directive.name.value]
        for directive in node.directives
        if directive.name.value in _LEAVES_OUT
        for argument in directive.arguments or ()
    )


def _fields(info: GraphQLResolveInfo[Any], selections: SelectionSetNode | None) -> Iterator[FieldNode]:
    if selections is None:
        return
    for node in selections.selections:
        if not _included(info, node):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(info, node.selection_set)
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(info, info.fragments[node.name.value].selection_set)


def selected(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """The names of the fields that are asked for right below the field that is being resolved."""
    return frozenset(_names(info, info.field_nodes))


def _names(info: GraphQLResolveInfo[Any], nodes: Iterable[FieldNode]) -> Iterator[str]:
    for node in nodes:
        for field in _fields(info, node.selection_set):
            yield field.name.value
