"""A plan as a tree to show: what is data, what is a join, what is below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from graphql import is_leaf_type

from compiler.source import generate

if TYPE_CHECKING:
    from compiler.selection import Field, Selection


class Way(Enum):
    """How the response of a field comes about."""

    DATA = "data"
    """It and all below it is read from objects that are there."""
    HOLDER = "holder"
    """It is read from its object, and joins are below it."""
    JOIN = "join"
    """A resolver is called for it, and may have to be waited for."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A field of a plan.

    Attributes:
        key: its name in the response.
        name: its name in the schema.
        type: its type, as the schema writes it: ``[Contact!]``.
        arguments: the names of the arguments that the document gives.
        way: how its response comes about.
        below: what is selected of its objects.
    """

    key: str
    name: str
    type: str
    arguments: tuple[str, ...]
    way: Way
    below: tuple[Below, ...]


@dataclass(frozen=True, slots=True)
class Below:
    """What is selected of objects of some types.

    Attributes:
        types: those of which the same is selected.
        fields: in the order of the response.
    """

    types: tuple[str, ...]
    fields: tuple[Explained, ...]


class Code(NamedTuple):
    """The generated code of what is selected of objects of one type.

    Attributes:
        place: the field that they are in, and their type: ``Event.contact -> Contact``.
        text: Python.
    """

    place: str
    text: str


def explain(selection: Selection) -> tuple[Explained, ...]:
    """The fields of a selection with all below them."""
    return tuple(_explained(field) for field in selection.fields)


def code_of(selection: Selection, owner: Field | None = None) -> Iterator[Code]:
    """The code of a selection and of all below it, in the order of the response; generated where it is not yet.

    Args:
        owner: the field whose objects these are; None for the operation's own.
    """
    if not selection.text:
        generate(selection)
    around = "" if owner is None else f"{owner.parent_type.name}.{owner.key} -> "
    yield Code(around + selection.type.name, selection.text)
    for field in selection.fields:
        if not is_leaf_type(field.named_type):
            for type_ in field.program.objects_of(field.named_type):
                yield from code_of(field.selection(type_), field)


def _explained(field: Field) -> Explained:
    types: dict[tuple[Explained, ...], list[str]] = {}
    if not is_leaf_type(field.named_type):
        for type_ in field.program.objects_of(field.named_type):
            types.setdefault(explain(field.selection(type_)), []).append(type_.name)
    below = tuple(Below(tuple(names), fields) for fields, names in types.items())
    way = Way.JOIN
    if field.is_plain:
        all_data = all(inner.way is Way.DATA for some in below for inner in some.fields)
        way = Way.DATA if all_data else Way.HOLDER
    given = field.nodes[0].arguments or ()
    return Explained(
        field.key,
        field.name,
        str(field.definition.type),
        tuple(argument.name.value for argument in given),
        way,
        below,
    )
