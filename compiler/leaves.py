"""Leaves whose response can be told from the class of the value, which is what nearly all are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from math import isfinite
from types import NoneType
from typing import Any

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLLeafType, GraphQLString
from graphql.pyutils import UndefinedType
from graphql.type.scalars import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT

_SPECIFIED = {
    GraphQLString.coerce_output_value: "{0}.__class__ is str",
    GraphQLID.coerce_output_value: "{0}.__class__ is str",
    GraphQLInt.coerce_output_value: f"{{0}}.__class__ is int and {GRAPHQL_MIN_INT} <= {{0}} <= {GRAPHQL_MAX_INT}",
    GraphQLFloat.coerce_output_value: "{0}.__class__ is float and {0} - {0} == 0.0",
    GraphQLBoolean.coerce_output_value: "({0} is True or {0} is False)",
}


def _int32(values: Sequence[int]) -> bool:
    return min(values) >= GRAPHQL_MIN_INT and max(values) <= GRAPHQL_MAX_INT


def _finite(values: Sequence[float]) -> bool:
    return all(map(isfinite, values))


def _any(values: Sequence[Any]) -> bool:
    return True


_MANY: dict[Any, tuple[AbstractSet[type], Callable[[Sequence[Any]], bool]]] = {
    GraphQLString.coerce_output_value: ({str}, _any),
    GraphQLID.coerce_output_value: ({str}, _any),
    GraphQLInt.coerce_output_value: ({int}, _int32),
    GraphQLFloat.coerce_output_value: ({float}, _finite),
    GraphQLBoolean.coerce_output_value: ({bool}, _any),
}
"""The same of many values: their class, and what must hold of them besides."""

_NOTHING = {NoneType, UndefinedType}


@dataclass(frozen=True, slots=True)
class Quick:
    """The quick way to the response of a leaf.

    Attributes:
        test: an expression over ``{0}``, the value, and ``known``, a run's known classes: the quick way is open.
        response: the expression of the response; None: the value itself.
        bound: what ``{1}`` stands for in both, if it is there.
        may_fail: the response may turn out to be None, which is an error.
    """

    test: str
    response: str | None = None
    bound: Any = None
    may_fail: bool = False


@lru_cache(maxsize=256)
def quick(type_: GraphQLLeafType) -> Quick:
    """The quick way to the responses of a leaf type."""
    if (test := _SPECIFIED.get(type_.coerce_output_value)) is not None:
        return Quick(test)
    members = getattr(type_, "wrapped_cls", None)
    if isinstance(type_, GraphQLEnumType) and isinstance(members, type) and issubclass(members, Enum):
        # Members are single objects and live as long as the type, so that their identity says which one it is.
        names = {id(member): type_.coerce_output_value(member) for member in members}
        return Quick("id({0}) in {1}", "{1}[id({0})]", names)
    return Quick("{0}.__class__ in known", "{1}({0})", type_.coerce_output_value, may_fail=True)


class UnusualError(Exception):
    """There is a value that is not the usual one of its type."""


@lru_cache(maxsize=256)
def many(type_: GraphQLLeafType) -> Callable[[Sequence[Any], AbstractSet[type]], Sequence[Any]]:
    """The quick way to the responses of many values of a leaf type, none of them None.

    Returns:
        A function of the values and a run's known classes. It raises UnusualError, or whatever comes up,
        where the quick way of :func:`quick` is not open to one of them.
    """
    coerce = type_.coerce_output_value
    if coerce in _MANY:
        usual, fits = _MANY[coerce]

        def checked(values: Sequence[Any], known: AbstractSet[type]) -> Sequence[Any]:
            if {*map(type, values)} != usual or not fits(values):
                raise UnusualError
            return values

        return checked
    found = quick(type_)
    if not found.may_fail:
        names = found.bound
        return lambda values, known: [names[id(value)] for value in values]

    def coerced(values: Sequence[Any], known: AbstractSet[type]) -> Sequence[Any]:
        if not {*map(type, values)} <= known:
            raise UnusualError
        responses = [coerce(value) for value in values]
        if not _NOTHING.isdisjoint(map(type, responses)):
            raise UnusualError
        return responses

    return coerced
