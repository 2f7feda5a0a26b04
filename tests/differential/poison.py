"""Records whose attributes hold what no decoder lets pass, to try what an executor does with it.

Decoders make records right, so nothing else could give an executor a null that may not be, an exception in the place of
a value, or something to wait for where data is expected.
"""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import types
from collections.abc import AsyncIterator, Callable
from functools import cache
from types import FrameType
from typing import Any

import msgspec
from graphql import GraphQLError, GraphQLObjectType
from graphql.pyutils import Undefined
from strawberry.schema.schema_converter import GraphQLCoreConverter

from resolvers.errors import BadUserInput
from tests.differential.weather import Weather
from tests.schema.harness import SCHEMA

_SPARED = frozenset({"source", "source_id", "entity", "occurred_at", "created_at", "id"})
"""What records are found and ordered by: without them there would be no page to compare."""


class _Odd:
    """A thing that no type of the schema expects."""

    def __repr__(self) -> str:
        return "something odd"


def _later(value: Any, seconds: float) -> asyncio.Future[Any]:
    """A value, or a failure, after a while."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle() -> None:
        if future.done():
            return
        if isinstance(value, Exception):
            future.set_exception(value)
            future.exception()  # whether anybody waits is not certain
        else:
            future.set_result(value)

    loop.call_later(seconds, settle)
    return future


async def _one_by_one(value: Any) -> AsyncIterator[Any]:
    yield value


def _raise(error: Exception) -> Any:
    raise error


_FATES: tuple[Callable[[Any, float], Any], ...] = (
    lambda value, seconds: None,
    lambda value, seconds: None,
    lambda value, seconds: None,
    lambda value, seconds: Undefined,
    lambda value, seconds: _raise(ValueError("odd")),
    lambda value, seconds: _raise(BadUserInput("odd")),
    lambda value, seconds: _raise(GraphQLError("odd", extensions={"odd": True})),
    lambda value, seconds: ValueError("odd"),
    lambda value, seconds: BadUserInput("odd"),
    lambda value, seconds: _later(value, seconds),
    lambda value, seconds: _later(value, seconds),
    lambda value, seconds: _later(None, seconds),
    lambda value, seconds: _later(ValueError("odd"), seconds),
    lambda value, seconds: [value, None, ValueError("odd"), _later(value, seconds), _later(None, seconds)],
    lambda value, seconds: [value],
    lambda value, seconds: (each for each in (value, value)),
    lambda value, seconds: _one_by_one(value),
    lambda value, seconds: 2**31,
    lambda value, seconds: 2**53 + 1,
    lambda value, seconds: 0.5,
    lambda value, seconds: float("nan"),
    lambda value, seconds: "text",
    lambda value, seconds: "",
    lambda value, seconds: True,
    lambda value, seconds: _Odd(),
    lambda value, seconds: {"odd": 1},
)


_POISON = "_poison"
_ASKING = frozenset({"compiler", "graphql", "schema", "strawberry"})


@cache
def _names() -> frozenset[str]:
    """The attributes that fields of the schema are read from."""
    found = set()
    for kind in SCHEMA._schema.type_map.values():
        for field in kind.fields.values() if isinstance(kind, GraphQLObjectType) else ():
            definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            found.add(getattr(definition, "python_name", ""))
    return frozenset(found) - _SPARED


def _is_asking(frame: FrameType) -> bool:
    """Whether code reads records for a response: of an executor, generated code among it, or of the schema."""
    module: str = frame.f_globals.get("__name__", "")
    return module.partition(".")[0] in _ASKING or frame.f_code.co_filename == "<selection>"


@cache
def _poisonable(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The same struct, whose attributes are read through the poison that an instance carries.

    Only an executor and the schema meet it: pages are made of records as they were decoded.
    """

    def read(self: Any, name: str) -> Any:
        value = kind.__getattribute__(self, name)
        if name not in _names() or not _is_asking(sys._getframe(1)):
            return value
        weather, key = kind.__getattribute__(self, "__dict__")[_POISON]
        chance = weather.draw("poison", *key, name)
        if chance.random() >= weather.records:
            return value
        return chance.choice(_FATES)(value, chance.random() / 10)

    def fill(namespace: dict[str, Any]) -> None:
        namespace["__getattribute__"] = read
        namespace["__post_init__"] = lambda record: None  # what is there to convert was converted by the decoder

    return types.new_class(kind.__name__, (kind,), {"dict": True, "gc": True}, fill)


def poisoned(value: Any, weather: Weather, *key: object) -> Any:
    """A decoded value whose records have odd attributes here and there; equal keys, equal oddities.

    What has an id of its own is odd in the same way in whatever answer it comes, since an executor is free to ask for
    several at once.

    Args:
        value: a record, or something that holds records.
        weather: how many.
        key: says which value it is.
    """
    if isinstance(value, msgspec.Struct):
        if id := getattr(value, "source_id", None):
            key = type(value).__qualname__, id
        values = {name: poisoned(getattr(value, name), weather, *key, name) for name in value.__struct_fields__}
        made = _poisonable(type(value))(**values)
        made.__dict__[_POISON] = weather, key
        return made
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {each.name: getattr(value, each.name) for each in dataclasses.fields(value) if each.init}
        return dataclasses.replace(
            value, **{name: poisoned(each, weather, *key, name) for name, each in changes.items()}
        )
    if isinstance(value, list):
        return [poisoned(each, weather, *key, number) for number, each in enumerate(value)]
    if type(value) is tuple:
        return tuple(poisoned(each, weather, *key, number) for number, each in enumerate(value))
    return value
