"""How the value of a field is had, and the proof that nothing else stands between.

Strawberry wraps every resolver. What a wrapper does for a field without extensions, permissions and handlers of
exceptions can be told beforehand, so such a field is read, or its function called, without the wrapper. A resolver that
is not Strawberry's own wrapper (a view of the schema may put one in its place) is called as it stands.

A function of an object and ``info`` may say, in its attribute ``for_run``, what it is in one run: from ``info``
to a function of the object. That is asked for once a run and field of the document, with an ``info`` whose path is no
object's, and whose parent type is one of those that the field is selected of; it must come to the same as the function
itself, and asking it again about an object must do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Protocol

from graphql import GraphQLField, GraphQLSchema
from graphql.execution import default_field_resolver
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from compiler.conversion import Convert, conversion_of
from compiler.info import Place, ResolveInfo

if TYPE_CHECKING:
    from compiler.run import Run
    from compiler.selection import Field


class Getter(Protocol):
    """How the value of a field is had."""

    @property
    def is_plain(self) -> bool:
        """It takes nothing but the object: no arguments, no ``info``."""
        ...

    def get(self, run: Run, field: Field, source: Any, place: Place) -> Any:
        """The value, or what it can be awaited from."""
        ...


@dataclass(frozen=True, slots=True)
class Typename:
    """``__typename``."""

    name: str
    is_plain = True

    def get(self, run: Run, field: Field, source: Any, place: Place) -> Any:
        """The name of the object's type."""
        return self.name


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the object."""

    name: str
    is_plain = True

    def get(self, run: Run, field: Field, source: Any, place: Place) -> Any:
        """Read it."""
        return getattr(source, self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A function of the schema's author. Two are equal if they call the same one in the same way.

    Attributes:
        function: what is called.
        takes_self: it takes the object first, by position.
        parents: the names by which it takes the object.
        info: the name by which it takes ``info``, if it does.
        info_class: what that is an instance of.
        definition: the field as Strawberry knows it.
        convert: makes Python values of the field's arguments; None where it has none.
        is_async: it is a coroutine function.
    """

    function: Callable[..., Any]
    takes_self: bool
    parents: tuple[str, ...]
    info: str | None
    info_class: type
    definition: StrawberryField
    convert: Convert | None
    is_async: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self._way == other._way

    def __hash__(self) -> int:
        return hash(self._way)

    @property
    def _way(self) -> Hashable:
        # A function may be any object that can be called: without a hash, or equal to one that does something else.
        return id(self.function), self.takes_self, self.parents, self.info, self.info_class, self.is_async

    @property
    def is_plain(self) -> bool:
        """See :class:`Getter`."""
        return self.info is None and self.convert is None and not self.is_async

    def get(self, run: Run, field: Field, source: Any, place: Place) -> Any:
        """Call it."""
        named: dict[str, Any] = dict.fromkeys(self.parents, source)
        if self.info is not None:
            named[self.info] = self.info_for(run, field, place)
        if self.convert is not None:
            named.update(run.arguments(field))
        return self.function(source, **named) if self.takes_self else self.function(**named)

    def info_for(self, run: Run, field: Field, place: Place) -> Any:
        """What the function is told of the field."""
        return self.info_class(_raw_info=ResolveInfo(run, field, place), _field=self.definition)


@dataclass(frozen=True, slots=True, eq=False)
class PerRun:
    """A function of the object alone, made for each run by one of the schema's author.

    Two are equal if they come of the same one.

    Attributes:
        make: makes it of ``info``.
        info_class: what that is an instance of.
        definition: the field as Strawberry knows it.
    """

    make: Callable[[Any], Callable[[Any], Any]]
    info_class: type
    definition: StrawberryField
    is_plain = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PerRun) and self.make is other.make and self.info_class is other.info_class

    def __hash__(self) -> int:
        return hash((id(self.make), self.info_class))

    def get(self, run: Run, field: Field, source: Any, place: Place) -> Any:
        """Call it."""
        return run.ask(field)(source)

    def made(self, run: Run, field: Field) -> Callable[[Any], Any]:
        """The function of a run."""
        place: Place = (None, field.key, field.parent_type.name)
        return self.make(self.info_class(_raw_info=ResolveInfo(run, field, place), _field=self.definition))


@dataclass(frozen=True, slots=True, eq=False)
class Resolve:
    """A resolver as graphql-core would call it. No two are equal, since nothing is known of it."""

    resolve: Callable[..., Any]
    is_plain = False

    def get(self, run: Run, field: Field, source: Any, place: Place) -> Any:
        """Call it."""
        return self.resolve(source, ResolveInfo(run, field, place), **run.arguments(field))


def getter_of(schema: GraphQLSchema, field: GraphQLField) -> Attribute | Call | PerRun | Resolve:
    """How the value of a field of a schema is had."""
    resolve = field.resolve or default_field_resolver
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or not _is_only_wrapped(resolve, definition):
        return Resolve(resolve)
    if definition.base_resolver is None:
        return Attribute(definition.python_name) if definition.default_resolver is getattr else Resolve(resolve)
    return _call(schema, definition, definition.base_resolver) or Resolve(resolve)


def _call(
    schema: GraphQLSchema, definition: StrawberryField, resolver: StrawberryResolver[Any]
) -> Call | PerRun | None:
    strawberry = getattr(schema, "_strawberry_schema", None)
    if strawberry is None or not callable(resolver.wrapped_func):
        return None
    config, registry = strawberry.config, strawberry.schema_converter.scalar_registry
    for_run = getattr(resolver.wrapped_func, "for_run", None)
    if for_run is not None and resolver.info_parameter and not (definition.arguments or definition.is_async):
        return PerRun(for_run, config.info_class, definition)
    parents = {parameter.name for parameter in (resolver.parent_parameter, resolver.root_parameter) if parameter}
    return Call(
        function=resolver.wrapped_func,
        takes_self=resolver.self_parameter is not None,
        parents=tuple(sorted(parents)),
        info=resolver.info_parameter.name if resolver.info_parameter else None,
        info_class=config.info_class,
        definition=definition,
        convert=conversion_of(definition, registry, config) if definition.arguments else None,
        is_async=definition.is_async,
    )


def _codes_within(function: Callable[..., Any]) -> dict[str, CodeType]:
    """The functions that a function defines, by name."""
    code = getattr(function, "__code__", None)
    return {} if code is None else {const.co_name: const for const in code.co_consts if isinstance(const, CodeType)}


_WRAPPERS = _codes_within(GraphQLCoreConverter.from_resolver)
_READS = _WRAPPERS.get("_get_basic_result")
_CALLS = {_WRAPPERS.get("_resolver"), _WRAPPERS.get("_async_resolver")}


def _is_only_wrapped(resolve: Callable[..., Any], definition: StrawberryField) -> bool:
    """Whether a resolver is Strawberry's own wrapper of a field that has nothing but its resolver."""
    if (
        not isinstance(resolve, FunctionType)
        or definition.extensions
        or definition.is_subscription
        or type(definition).get_result is not StrawberryField.get_result
    ):
        return False
    held = {
        name: cell.cell_contents
        for name, cell in zip(resolve.__code__.co_freevars, resolve.__closure__ or (), strict=True)
    }
    if resolve.__code__ is _READS:
        return held.get("field") is definition
    return resolve.__code__ in _CALLS and held.get("field_exception_handlers") == ()
