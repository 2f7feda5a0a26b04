"""The schema as a caller with certain scopes sees it: the same types, with resolvers that give nothing away.

A view differs from the schema in the resolvers of the fields that the caller may not read or use in full. It is made
once for a set of scopes, and whoever has all scopes is served by the schema itself: nothing is checked field by field.
Whatever executes or compiles an operation finds the resolvers where it finds all others, in
:meth:`GraphQLSchema.get_field`; those that give a constant away are :class:`Withheld`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, Protocol

from graphql import (
    GraphQLCompositeType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    is_list_type,
    is_non_null_type,
)

from gateway.auth.marks import FieldMarks, Given, read_marks
from resolvers.callers import ALL_SCOPES, Scope
from resolvers.denials import Denials
from resolvers.errors import Forbidden

_PII = frozenset({Scope.CONTACTS_PII})

Resolver = Callable[..., Any]


class Denying(Protocol):
    """The context of a request whose caller lacks a scope."""

    @property
    def denials(self) -> Denials: ...


class Views:
    """The views of a schema, by the scopes of callers."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._marks = read_marks(schema)
        self._by_scopes: dict[frozenset[Scope], GraphQLSchema] = {ALL_SCOPES: schema}

    def of(self, scopes: frozenset[Scope]) -> GraphQLSchema:
        """The schema for a caller with these scopes."""
        view = self._by_scopes.get(scopes)
        if view is None:
            view = self._by_scopes[scopes] = self._view(scopes)
        return view

    def _view(self, scopes: frozenset[Scope]) -> GraphQLSchema:
        fields = {}
        for place, marks in self._marks.items():
            parent = self._schema.type_map[place[0]]
            assert isinstance(parent, GraphQLObjectType)  # noqa: S101 - marks are read from object types only
            resolve = _restricted(parent, parent.fields[place[1]], marks, scopes)
            if resolve is not None:
                fields[place] = field = copy(parent.fields[place[1]])
                field.resolve = resolve
        return _View.over(self._schema, fields) if fields else self._schema


def withheld_of(schema: GraphQLSchema) -> frozenset[tuple[str, str]]:
    """The fields, by type and name, that are resolved without a look at what they are about."""
    return schema.withheld if isinstance(schema, _View) else frozenset()


class _View(GraphQLSchema):
    """A schema, with other resolvers in some fields."""

    _fields: Mapping[tuple[str, str], GraphQLField]
    withheld: frozenset[tuple[str, str]]

    @classmethod
    def over(cls, schema: GraphQLSchema, fields: Mapping[tuple[str, str], GraphQLField]) -> _View:
        view = cls.__new__(cls)
        view.__dict__.update(schema.__dict__)
        view._fields = fields
        view.withheld = frozenset(
            place for place, field in fields.items() if isinstance(field.resolve, Withheld | Refused | _Instead)
        )
        return view

    def get_field(self, parent_type: GraphQLCompositeType, field_name: str) -> GraphQLField | None:
        return self._fields.get((parent_type.name, field_name)) or super().get_field(parent_type, field_name)


def _restricted(
    parent: GraphQLObjectType, field: GraphQLField, marks: FieldMarks, scopes: frozenset[Scope]
) -> Resolver | None:
    """What resolves a field for a caller with these scopes; None: what always does."""
    if missing := marks.scopes - scopes:
        return _nothing(field, missing)
    if Scope.CONTACTS_PII in scopes:
        return None
    if marks.personal is None:
        return _without_personal_arguments(field, marks.given) if marks.given else None
    if marks.personal.instead:
        return _Instead(parent.fields[marks.personal.instead])
    return _nothing(field, _PII)


def _nothing(field: GraphQLField, missing: frozenset[Scope]) -> Resolver:
    """Null where that may be, else an empty list, else a refusal."""
    if not is_non_null_type(field.type):
        return Withheld(missing, None)
    return Withheld(missing, ()) if is_list_type(field.type.of_type) else Refused(missing)


class Withheld:
    """A field whose value is the same for every object, and told as denied.

    Attributes:
        scopes: what the caller lacks.
        value: what stands in the field.
    """

    def __init__(self, scopes: frozenset[Scope], value: Any) -> None:
        self.scopes = scopes
        self.value = value

    def __call__(self, source: Any, info: GraphQLResolveInfo[Denying], **arguments: Any) -> Any:
        """Resolve the field."""
        info.context.denials.note(info.field_nodes, info.path.as_list(), self.scopes)
        return self.value


class Refused:
    """A field that can hold nothing instead, so that its object has to go.

    Attributes:
        scopes: what the caller lacks.
    """

    def __init__(self, scopes: frozenset[Scope]) -> None:
        self.scopes = scopes

    def __call__(self, source: Any, info: GraphQLResolveInfo[Denying], **arguments: Any) -> Any:
        """Refuse the field.

        Raises:
            Forbidden: always.
        """
        raise Forbidden(self.scopes)


class _Instead:
    """A field that has the value of a harmless one beside it, and is told as denied."""

    def __init__(self, other: GraphQLField) -> None:
        assert other.resolve is not None  # noqa: S101 - Strawberry gives every field a resolver
        self._resolve = other.resolve

    def __call__(self, source: Any, info: GraphQLResolveInfo[Denying], **arguments: Any) -> Any:
        info.context.denials.note(info.field_nodes, info.path.as_list(), _PII)
        return self._resolve(source, info)


def _without_personal_arguments(field: GraphQLField, given: Given) -> Resolver:
    """The field as it is, unless an argument asks for something personal."""
    resolve = field.resolve
    assert resolve is not None  # noqa: S101 - Strawberry gives every field a resolver

    def checked(source: Any, info: GraphQLResolveInfo[Denying], **arguments: Any) -> Any:
        if given(arguments):
            raise Forbidden(_PII)
        return resolve(source, info, **arguments)

    return checked
