"""What a change of the schema does to its clients.

graphql-core names the kinds of changes and which of them break an operation that was valid before. What it does not
look at is added here: the marks that decide who may read a field, a type that comes in behind an interface, and what is
deprecated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from graphql import (
    ConstDirectiveNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    print_ast,
)
from graphql.utilities.find_schema_changes import BreakingChange, DangerousChange, find_schema_changes

MARKS = ("personal", "requiresScopes")
"""Directives by which a field is withheld from some callers."""

_PROMISE = re.compile(r"Use .+\. Removed after \d{4}-\d{2}-\d{2}\.", re.S)
"""What the reason of a deprecation says."""

Element = GraphQLNamedType | GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue


class Effect(Enum):
    """What a change does to a client that was written before it."""

    BREAKS = "breaks clients"
    SURPRISES = "may surprise clients"
    SAFE = "breaks nobody"


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        effect: on clients.
        kind: its name, as graphql-core's are.
        description: a sentence about it.
    """

    effect: Effect
    kind: str
    description: str


def compare(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """What is different in a new schema, the worst first."""
    found = [Change(_effect(change), change.type.name, change.description) for change in find_schema_changes(old, new)]
    before, after = dict(_elements(old)), dict(_elements(new))
    found += _implementors(old, new)
    for name, element in after.items():
        if name in before:
            found += _marked(name, before[name], element)
            found += _deprecated(name, before[name], element)
    order = list(Effect)
    return sorted(found, key=lambda change: order.index(change.effect))


def unpromised(schema: GraphQLSchema) -> list[str]:
    """The coordinates of what is deprecated without saying what to use instead, and until when it stays."""
    return [
        name
        for name, element in _elements(schema)
        if (reason := _reason(element)) is not None and not _PROMISE.fullmatch(reason)
    ]


def _effect(change: object) -> Effect:
    if isinstance(change, BreakingChange):
        return Effect.BREAKS
    return Effect.SURPRISES if isinstance(change, DangerousChange) else Effect.SAFE


def _elements(schema: GraphQLSchema) -> Iterator[tuple[str, Element]]:
    """Everything that can be marked or deprecated, by its coordinate."""
    for type_ in schema.type_map.values():
        if is_introspection_type(type_):
            continue
        yield type_.name, type_
        if isinstance(type_, GraphQLEnumType):
            for name, value in type_.values.items():
                yield f"{type_.name}.{name}", value
        elif isinstance(type_, GraphQLInputObjectType):
            for name, part in type_.fields.items():
                yield f"{type_.name}.{name}", part
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field
                for argument_name, argument in field.args.items():
                    yield f"{type_.name}.{name}({argument_name}:)", argument


def _implementors(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """New types where a client may believe that it knows all."""
    for type_ in new.type_map.values():
        if isinstance(type_, GraphQLObjectType) and type_.name not in old.type_map:
            for interface in type_.interfaces:
                if interface.name in old.type_map:
                    description = f"{type_.name} was added, which implements {interface.name}."
                    yield Change(Effect.SURPRISES, "IMPLEMENTING_TYPE_ADDED", description)


def _marked(name: str, old: Element, new: Element) -> Iterator[Change]:
    for mark in MARKS:
        before, after = _directive(old, mark), _directive(new, mark)
        if before == after:
            continue
        if after is None:
            yield Change(Effect.SAFE, "MARK_REMOVED", f"{name} is @{mark} no longer.")
        elif before is None:
            yield Change(Effect.BREAKS, "MARK_ADDED", f"{name} became {after}.")
        else:
            yield Change(Effect.BREAKS, "MARK_CHANGED", f"{name} became {after}, it was {before}.")


def _directive(element: Element, name: str) -> str | None:
    directives: tuple[ConstDirectiveNode, ...] = getattr(element.ast_node, "directives", None) or ()
    return next((print_ast(each) for each in directives if each.name.value == name), None)


def _deprecated(name: str, old: Element, new: Element) -> Iterator[Change]:
    before, after = _reason(old), _reason(new)
    if before is None and after is not None:
        yield Change(Effect.SAFE, "DEPRECATED", f"{name} was deprecated: {after}")
    elif before is not None and after is None:
        yield Change(Effect.SAFE, "DEPRECATION_REMOVED", f"{name} is deprecated no longer.")


def _reason(element: Element) -> str | None:
    reason: str | None = getattr(element, "deprecation_reason", None)
    return reason
