"""What Strawberry makes of coerced arguments before a function gets them, with its steps told beforehand.

It decides by the type of each argument, and of each field of an input object, what becomes of the value. All of that
is known with the schema. A type whose values Strawberry makes in a way of its own (``Maybe``, ids, ``from_input``)
is left to it, with all arguments of its field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, NamedTuple, TypeAlias

from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

Convert: TypeAlias = Callable[[dict[str, Any], Callable[[], Any]], dict[str, Any]]
"""Makes what a function is called with of coerced arguments, and of what makes the ``info`` of the call."""

_Way: TypeAlias = Callable[[Any], Any]


class _Part(NamedTuple):
    """An argument, or a field of an input object.

    Attributes:
        name: as the schema calls it.
        python_name: as Python calls it.
        way: what is made of its value; None: the value itself.
    """

    name: str
    python_name: str
    way: _Way | None


class _LeftToStrawberry(Exception):
    """A type is converted in a way of its own."""


def conversion_of(definition: StrawberryField, registry: Mapping[Any, Any], config: StrawberryConfig) -> Convert:
    """How the arguments of a field are converted."""
    ways = _Ways(registry, config)
    try:
        parts = [
            _Part(config.name_converter.from_argument(argument), argument.python_name, ways.of(argument.type))
            for argument in definition.arguments
        ]
    except _LeftToStrawberry:
        return lambda values, info: convert_arguments(values, definition.arguments, registry, config, info())
    return lambda values, info: _converted(parts, values)


def _converted(parts: list[_Part], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        python_name: values[name] if way is None else way(values[name])
        for name, python_name, way in parts
        if name in values
    }


class _Ways:
    """The ways from coerced values to Python's, by type."""

    def __init__(self, registry: Mapping[Any, Any], config: StrawberryConfig) -> None:
        self._registry = registry
        self._config = config
        self._inputs: dict[type, _Input] = {}

    def of(self, type_: Any) -> _Way | None:
        """The way to values of a type; None: they are what was coerced.

        Raises:
            _LeftToStrawberry: it is not known.
        """
        if isinstance(type_, StrawberryMaybe) or type_ is GlobalID:
            raise _LeftToStrawberry
        if isinstance(type_, StrawberryOptional):
            return self.of(type_.of_type)
        if isinstance(type_, StrawberryList):
            return _items(self.of(type_.of_type))
        if is_scalar(type_, self._registry) or isinstance(type_, StrawberryEnumDefinition):
            return None
        if isinstance(type_, LazyType):
            return self.of(type_.resolve_type())
        if has_enum_definition(type_):
            return None
        if isinstance(type_, type) and has_object_definition(type_):
            return self._input(type_)
        raise _LeftToStrawberry

    def _input(self, class_: Any) -> _Input:
        known = self._inputs.get(class_)
        if known is not None:  # an input may have fields of its own type
            return known
        definition = class_.__strawberry_definition__
        if definition.from_input is not None:
            raise _LeftToStrawberry
        made = self._inputs[class_] = _Input(class_)
        for field in definition.fields:
            name = self._config.name_converter.from_field(field)
            way = self.of(field.resolve_type(type_definition=definition))
            made.parts.append(_Part(name, field.python_name, way))
            if definition.is_input and field.default_value is MISSING and field.default_factory is MISSING:
                made.absent[field.python_name] = None
        return made


class _Input:
    """The way to the objects of an input class.

    Attributes:
        parts: its fields.
        absent: what it is made with where nothing is given.
    """

    def __init__(self, class_: type) -> None:
        self._class = class_
        self.parts: list[_Part] = []
        self.absent: dict[str, None] = {}

    def __call__(self, value: Any) -> Any:
        if value is None or value is UNSET:
            return value
        return self._class(**{**self.absent, **_converted(self.parts, value)})


def _items(way: _Way | None) -> _Way:
    def items(value: Any) -> Any:
        if value is None or value is UNSET:
            return value
        # A new list also where the items stay: a default of the schema is the same one for every request.
        return list(value) if way is None else [way(item) for item in value]

    return items
