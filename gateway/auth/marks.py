"""What the marks on a schema mean for each field, worked out once: the scopes it takes, whether it is personal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
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
    own, inputs = _personal_parts(field.args)
    if not own and not inputs:
        return None
    return lambda values: _holds(values, own, inputs)


_Inputs = tuple[tuple[str, GraphQLInputObjectType], ...]


def _personal_parts(parts: Mapping[str, Any]) -> tuple[tuple[str, ...], _Inputs]:
    """Of arguments, or of the parts of an input: those that are personal, and the inputs that may hold such parts."""
    own = tuple(part.out_name or name for name, part in parts.items() if _mark(part))
    inputs = tuple(
        (part.out_name or name, type_)
        for name, part in parts.items()
        if isinstance(type_ := get_named_type(part.type), GraphQLInputObjectType) and _reaches(type_, set())
    )
    return own, inputs


@cache
def _parts_of(type_: GraphQLInputObjectType) -> tuple[tuple[str, ...], _Inputs]:
    return _personal_parts(type_.fields)


def _reaches(type_: GraphQLInputObjectType, seen: set[str]) -> bool:
    """Whether a value of an input type can hold something personal, at any depth."""
    if type_.name in seen:
        return False
    seen.add(type_.name)
    return any(
        _mark(part)
        or (isinstance(named := get_named_type(part.type), GraphQLInputObjectType) and _reaches(named, seen))
        for part in type_.fields.values()
    )


def _holds(value: Any, own: tuple[str, ...], inputs: _Inputs) -> bool:
    """Whether a coerced value, or one in a list of them, holds something personal."""
    if isinstance(value, list):
        return any(_holds(item, own, inputs) for item in value)
    if value is None:
        return False
    return any(value.get(name) is not None for name in own) or any(
        _holds(value[name], *_parts_of(type_)) for name, type_ in inputs if value.get(name) is not None
    )
