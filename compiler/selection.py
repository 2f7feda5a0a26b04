"""The tree of an operation: selections of objects, fields in them, selections below those; made as far as needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetails

from compiler.arguments import Arguments
from compiler.general import complete
from compiler.getters import Getter, PerRun
from compiler.source import generate

if TYPE_CHECKING:
    from compiler.info import Place
    from compiler.program import Program
    from compiler.run import Run

Finish: TypeAlias = "Callable[[Run, Any, Any, str | int, Place], Any]"


@dataclass(eq=False)
class Field:
    """A field of a selection; those with one response name are one.

    Attributes:
        key: the response name.
        name: the name in the schema.
        details: its places in the document, as graphql-core collected them.
        definition: the field of the schema.
        parent_type: the type of the object around it.
        owner: the field whose object is around it; None for a field of the operation.
        getter: how its value is had.
    """

    program: Program
    key: str
    name: str
    details: list[FieldDetails]
    definition: GraphQLField
    parent_type: GraphQLObjectType
    owner: Field | None
    getter: Getter
    alike: Field = field(init=False)
    """The first field that differs from it in nothing but the type of the object around it."""
    below: dict[str, Selection] = field(init=False)
    """The selections of its objects, by the name of their type, as far as they came up; one for all fields alike."""
    finish: list[Finish] = field(init=False)
    """Make the responses of values at the depths of ``types``; generated for the field's own value, depth 0."""

    def __post_init__(self) -> None:
        self.alike = self.program.first_like(self)
        self.below = {} if self.alike is self else self.alike.below
        self.finish = [partial(_finish, self, depth) for depth in range(len(self.types))]

    @cached_property
    def nodes(self) -> list[FieldNode]:
        """Its places in the document."""
        return [detail.node for detail in self.details]

    @cached_property
    def arguments(self) -> Arguments:
        """What the document says of its arguments."""
        return Arguments(self)

    @cached_property
    def types(self) -> tuple[GraphQLOutputType, ...]:
        """Its type, the type of its items if it is a list, of theirs, and so on."""
        found: list[GraphQLOutputType] = [self.definition.type]
        while is_list_type(inner := _nullable(found[-1])):
            found.append(inner.of_type)
        return tuple(found)

    @cached_property
    def may_be_null(self) -> tuple[bool, ...]:
        """Which of ``types`` may be null."""
        return tuple(not is_non_null_type(type_) for type_ in self.types)

    @cached_property
    def is_plain(self) -> bool:
        """Its value is a leaf or an object that is there, had from the object around it."""
        return is_leaf_type(self.named_type) if isinstance(self.getter, PerRun) else self.getter.is_plain

    @cached_property
    def named_type(self) -> GraphQLNamedType:
        """Its type without lists."""
        return get_named_type(self.definition.type)

    def selection(self, type_: GraphQLObjectType) -> Selection:
        """What is selected of its objects of a type."""
        found = self.below.get(type_.name)
        return self.program.select(self.alike, type_) if found is None else found


def _nullable(type_: Any) -> Any:
    return type_.of_type if is_non_null_type(type_) else type_


@dataclass(eq=False)
class Selection:
    """What is selected of an object of a type.

    Attributes:
        owner: the field whose objects these are; None for the operation's own.
        fields: in the order of the response.
        project: makes the response of an object at a place; generated when it is first called.
        text: the code of it.
    """

    program: Program
    owner: Field | None
    type: GraphQLObjectType
    fields: tuple[Field, ...]
    project: Callable[[Run, Any, Place | None], dict[str, Any]] = field(init=False)
    text: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.project = self._first_project

    def _first_project(self, run: Run, source: Any, place: Place | None) -> dict[str, Any]:
        generate(self)
        return self.project(run, source, place)


def _finish(field: Field, depth: int, run: Run, value: Any, container: Any, key: str | int, place: Place) -> Any:
    return complete(run, field, depth, value, container, key, place)
