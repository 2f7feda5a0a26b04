"""What the marks on a schema mean for each field, worked out once: the scopes it takes, whether it is personal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from resolvers.callers import Scope
from schema.access import Personal, RequiresScopes

Given = Callable[[Mapping[str, Any]], bool]
"""Whether arguments, coerced, hold something personal."""

_NONE: frozenset[Scope] = frozenset()


@dataclass(frozen=True, slots=True)
class FieldMarks:
    """What a field takes.

    Attributes:
        scopes: what it takes beyond the scopes that its parent took already.
        personal: the mark that makes it personal, its own or its type's; None: it is not.
        given: whether its arguments hold something personal; None: none of them can.
    """

    scopes: frozenset[Scope]
    personal: Personal | None
    given: Given | None


def read_marks(schema: GraphQLSchema) -> dict[tuple[str, str], FieldMarks]:
    """The fields of object types that not every caller may read or use in full, by type and field."""
    found = {}
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        held = _scopes_of(type_)
        for name, field in type_.fields.items():
            marks = FieldMarks(_scopes(field) - held, _personal(field), _given(field))
            if marks.scopes or marks.personal or marks.given:
                found[type_.name, name] = marks
    return found


def _directives(marked: Any) -> Iterator[Any]:
    """The directives that Strawberry was told of a type, a field, an argument or a part of an input."""
    definition = marked.extensions.get("strawberry-definition")
    yield from (definition is not None and definition.directives) or ()


def _own_scopes(marked: Any) -> frozenset[Scope]:
    marks = (mark for mark in _directives(marked) if isinstance(mark, RequiresScopes))
    return frozenset(Scope(name) for mark in marks for name in mark.scopes)


def _scopes_of(type_: GraphQLNamedType) -> frozenset[Scope]:
    """What a type takes: its own scopes and those of its interfaces."""
    interfaces = type_.interfaces if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else ()
    return _own_scopes(type_).union(*map(_own_scopes, interfaces))


def _scopes(field: GraphQLField) -> frozenset[Scope]:
    return _own_scopes(field) | _scopes_of(get_named_type(field.type))


def _mark(marked: Any) -> Personal | None:
    return next((mark for mark in _directives(marked) if isinstance(mark, Personal)), None)


def _personal(field: GraphQLField) -> Personal | None:
    return _mark(field) or _mark(get_named_type(field.type))


def _given(field: GraphQLField) -> Given | None:
    """A check of a field's arguments; null counts as not given."""
    whole = tuple(argument.out_name or name for name, argument in field.args.items() if _mark(argument))
    parts = tuple(
        (argument.out_name or name, part)
        for name, argument in field.args.items()
        if (part := _personal_part(argument.type)) is not None
    )
    if not whole and not parts:
        return None
    return lambda values: (
        any(values.get(name) is not None for name in whole) or any(part(values.get(name)) for name, part in parts)
    )


def _personal_part(type_: GraphQLInputType, around: tuple[str, ...] = ()) -> Callable[[Any], bool] | None:
    """A check of a value of an input type, inputs within inputs and lists of them too; None: nothing to check."""
    named = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType) or named.name in around:
        return None
    whole = tuple(field.out_name or name for name, field in named.fields.items() if _mark(field))
    parts = tuple(
        (field.out_name or name, part)
        for name, field in named.fields.items()
        if (part := _personal_part(field.type, (*around, named.name))) is not None
    )
    if not whole and not parts:
        return None

    def one(value: Any) -> bool:
        if isinstance(value, list):
            return any(map(one, value))
        return value is not None and (
            any(value.get(name) is not None for name in whole) or any(part(value.get(name)) for name, part in parts)
        )

    return one
