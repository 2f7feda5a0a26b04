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
    GraphQLIncludeDirective,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
)


def _included(info: GraphQLResolveInfo[Any], node: SelectionNode) -> bool:
    if not node.directives:
        return True
    values = info.variable_values
    skip = get_directive_values(GraphQLSkipDirective, node, values)
    if skip and skip["if"]:
        return False
    include = get_directive_values(GraphQLIncludeDirective, node, values)
    return not (include and not include["if"])


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
