"""An operation planned for one set of conditions: its tree of selections and the code made from it."""

from __future__ import annotations

from asyncio import Future, Task
from collections.abc import Hashable, Sequence
from types import CoroutineType
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_abstract_type,
)
from graphql.execution.collect_fields import FragmentDetails, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from compiler.checks import Check, check_of
from compiler.getters import Getter, Typename, getter_of
from compiler.selection import Field, Selection

_MOST_KNOWN = 1_000


class Program:
    """An operation planned for one set of conditions.

    Args:
        schema: what the operation is on; fields are read through :meth:`GraphQLSchema.get_field`.
        operation: a valid one.
        fragments: those of its document.
        variables: those that ``@skip`` and ``@include`` go by.
        hide_suggestions: no message suggests a name of the schema.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
        variables: VariableValues,
        *,
        hide_suggestions: bool,
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.fragment_nodes = fragments
        self.hide_suggestions = hide_suggestions
        self.known: set[type] = {str, int, float, bool, list, tuple, dict, bytes}
        """Classes whose objects are neither awaitable nor exceptions."""
        self.awaited: set[type] = {CoroutineType, Future, Task}
        """Classes whose objects are awaitable."""
        self._fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._variables = variables
        self._checks: dict[str, Check] = {}
        self._first: dict[Hashable, Field] = {}
        root_type = schema.get_root_type(operation.operation)
        assert root_type is not None  # noqa: S101 - the operation is valid
        collected = collect_fields(schema, self._fragments, variables, root_type, operation, hide_suggestions)
        self.root = Selection(self, None, root_type, self._fields(None, root_type, collected.grouped_field_set))

    def select(self, owner: Field, type_: GraphQLObjectType) -> Selection:
        """What is selected of a field's objects of a type."""
        collected = collect_subfields(
            self.schema,
            self._fragments,
            self._variables,
            self.operation,
            type_,
            owner.details,
            self.hide_suggestions,
        )
        fields = self._fields(owner, type_, collected.grouped_field_set)
        selection = owner.below[type_.name] = Selection(self, owner, type_, fields)
        return selection

    def _fields(self, owner: Field | None, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> tuple[Field, ...]:
        fields = []
        for key, details in grouped.items():
            name = details[0].node.name.value
            definition = self.schema.get_field(type_, name)
            if definition is not None:
                getter: Getter = Typename(type_.name) if name == "__typename" else getter_of(self.schema, definition)
                fields.append(Field(self, key, name, details, definition, type_, owner, getter))
        return tuple(fields)

    def first_like(self, field: Field) -> Field:
        """The first field that differs from one in nothing but the type of the object around it, if only itself.

        Where an interface is asked for, what is worked out for a field of one of its types is so for all.
        """
        checked: list[GraphQLNamedType] = [*self.objects_of(field.named_type)]
        if is_abstract_type(field.named_type):
            checked.append(field.named_type)
        around = field.parent_type.name if any(self.check(type_).reads_info for type_ in checked) else None
        nodes = tuple(map(id, field.nodes))
        likeness = field.owner, field.key, nodes, field.getter, str(field.definition.type), around
        return self._first.setdefault(likeness, field)

    def objects_of(self, type_: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        """The types that objects in a field of a type may have."""
        if is_abstract_type(type_):
            return self.schema.get_possible_types(type_)
        return (type_,) if isinstance(type_, GraphQLObjectType) else ()

    def check(self, type_: GraphQLNamedType) -> Check:
        """How the type of an object is found out or checked."""
        found = self._checks.get(type_.name)
        if found is None:
            found = self._checks[type_.name] = check_of(type_)
        return found

    def learn(self, class_: type[Any]) -> None:
        """Objects of a class are neither awaitable nor exceptions."""
        if len(self.known) < _MOST_KNOWN:
            self.known.add(class_)

    def learn_awaited(self, class_: type[Any]) -> None:
        """Objects of a class are awaitable, if the class itself says so."""
        if hasattr(class_, "__await__") and len(self.awaited) < _MOST_KNOWN:
            self.awaited.add(class_)
