"""What goes wrong has the same outcome as with graphql-core: nulls, messages, paths, locations, causes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compiler.both import same
from tests.compiler.zoo import SCHEMA, Diet, Loose, context

_LEAVES = "text whole real flag id even diet texts"
_LAX = f"{{ lax {{ {_LEAVES} loose {{ {_LEAVES} }} looses {{ {_LEAVES} }} }} }}"
_STRICT = f"{{ strict {{ {_LEAVES} looses {{ text }} }} generated }}"

ODD: list[Any] = [
    None,
    True,
    7,
    2**31,
    2**31 - 1,
    -(2**31),
    -(2**31) - 1,
    1.0,
    1.5,
    1e300,
    float("nan"),
    float("inf"),
    "7",
    "",
    b"b",
    [],
    ["a", None, 1],
    ("a", ValueError("in it")),
    {"a": 1},
    {"a"},
    iter(()),
    Diet.PLANTS,
    "MEAT",
    "meat",
    ValueError("given"),
    GraphQLError("ours", extensions={"code": "X"}),
    object,
]


def _told(value: object) -> str:
    """A value in the name of a test: without an address, which differs from one process of the tests to the next."""
    return type(value).__name__ if " at 0x" in repr(value) else repr(value)


@pytest.mark.parametrize("value", ODD, ids=_told)
@pytest.mark.parametrize("name", _LEAVES.split())
async def test_leaves_of_any_kind(name: str, value: Any) -> None:
    outcome = await same(SCHEMA, _LAX, context=lambda: context(lax=Loose(**{name: value})))
    assert outcome.data is not None
    await same(SCHEMA, _STRICT, context=lambda: context(strict=Loose(**{name: value})))


OBJECTS: list[tuple[str, dict[str, Any]]] = [
    ("{ lax { text } }", {}),
    ("{ strictly { text } }", {}),
    ("{ lax { text } generated }", {"lax": ValueError("given")}),
    ("{ strictly { text } generated }", {"strict": ValueError("given")}),
    ("{ strictly { text } generated }", {"strict": Loose(text=None)}),
    ("{ strict { loose { text } } generated }", {"strict": Loose()}),
    ("{ strict { loose { text } } }", {"strict": Loose(loose=Loose(text=GraphQLError("x")))}),
    ("{ strict { looses { text } } }", {"strict": Loose(looses=[Loose(), None])}),
    ("{ strict { looses { text } } }", {"strict": Loose(looses=[Loose(), Loose(text=None), Loose(whole="x")])}),
    ("{ strict { looses { text whole } } }", {"strict": Loose(looses=[Loose(text=None), Loose(whole="x")])}),
    ("{ lax { looses { text } } }", {"lax": Loose(looses=[Loose(), None, ValueError("v"), 5, "s", Loose(text=[])])}),
    ("{ lax { looses { text } } }", {"lax": Loose(looses=5)}),
    ("{ lax { looses { text } } }", {"lax": Loose(looses="abc")}),
    ("{ lax { looses { text } } }", {"lax": Loose(looses=Loose())}),
    ("{ lax { looses { text } } }", {"lax": Loose(looses={"a": 1})}),
    ("{ lax { strict { text } whole } }", {"lax": Loose(strict=Loose(text=None))}),
    ("{ lax { strict { looses { text } } whole } }", {"lax": Loose(strict=Loose(looses=[Loose(text=None)]))}),
    (
        "{ lax { a: whole b: whole c: flag strict { text } } }",
        {"lax": Loose(whole="w", flag="f", strict=Loose(text=[]))},
    ),
    ("{ lax { text } }", {"lax": object()}),
    ("{ strict { text whole } }", {"strict": object()}),
]


@pytest.mark.parametrize(("text", "given"), OBJECTS)
async def test_objects_of_any_kind(text: str, given: dict[str, Any]) -> None:
    await same(SCHEMA, text, context=lambda: context(**given))


JOINS = [
    "{ animals { ... on Parrot { keeper { name } words } } }",
    "{ animals { ... on Parrot { says } ... on Lion { keeper { name } } } }",
    '{ animal(name: "Dot") { ... on Parrot { says name } } generated }',
    '{ animal(name: "Dot") { ... on Parrot { says name } ... on Parrot { keeper { name } } } }',
    '{ animal(name: "Leo") { ... on Lion { keeper { name animals { ... on Parrot { says } } } name } } }',
    "{ later generated laterAll }",
]


@pytest.mark.parametrize("text", JOINS)
async def test_joins_that_fail(text: str) -> None:
    assert (await same(SCHEMA, text, context=context)).errors


async def test_arguments_that_cannot_be_had() -> None:
    text = "query ($most: Int) { animals { ... on Lion { keeper { animals(most: $most) { __typename } } } } }"
    await same(SCHEMA, text, {"most": None}, context=context)
    text = 'query ($name: String = "Leo") { animal(name: $name) { __typename } generated }'
    await same(SCHEMA, text, {"name": None}, context=context)


# Random objects: any attribute may be right, wrong, an exception, or come later.

_MAKERS: st.SearchStrategy[Callable[[], Any]]


def _now(value: Any) -> Callable[[], Any]:
    return lambda: value


def _after(turns: int, make: Callable[[], Any]) -> Callable[[], Any]:
    async def later() -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        made = make()
        if isinstance(made, Exception):
            raise made
        return made

    return later


class _Made:
    """An object whose attributes are made when they are read."""

    def __init__(self, makers: dict[str, Callable[[], Any]]) -> None:
        self.makers = makers

    def __getattr__(self, name: str) -> Any:
        return self.makers[name]() if name in self.makers else getattr(_LOOSE, name)


_LOOSE = Loose()


def _made(makers: dict[str, Callable[[], Any]]) -> Callable[[], Any]:
    return lambda: _Made(makers)


def _several(makers: list[Callable[[], Any]]) -> Callable[[], Any]:
    return lambda: [make() for make in makers]


_WRONG = st.sampled_from([None, "x", 5, [], ValueError("v")]).map(_now)


def _mostly(right: st.SearchStrategy[Callable[[], Any]], *, later: bool) -> st.SearchStrategy[Callable[[], Any]]:
    value = st.one_of(right, right, right, _WRONG)
    if not later:
        return value
    return st.one_of(value, value, st.builds(_after, st.integers(0, 3), value))


def _objects(later: bool) -> st.SearchStrategy[Callable[[], Any]]:
    def around(inner: st.SearchStrategy[Callable[[], Any]]) -> st.SearchStrategy[Callable[[], Any]]:
        attributes = {
            "text": _mostly(st.just(_now("t")), later=later),
            "whole": _mostly(st.just(_now(1)), later=later),
            "loose": _mostly(inner, later=later),
            "strict": _mostly(inner, later=later),
            "looses": _mostly(st.lists(_mostly(inner, later=later), max_size=3).map(_several), later=later),
        }
        return st.fixed_dictionaries({}, optional=attributes).map(_made)

    return st.recursive(st.just(_made({})), around, max_leaves=6)


_DEEP = """{
  lax { ...L looses { ...L } loose { ...L } strict { ...S } }
  strict { ...S loose { ...L strict { ...S } } looses { ...S loose { ...L } } }
  generated
}
fragment L on Lax { text whole loose { text whole } looses { text strict { text } } strict { whole text } }
fragment S on Strict { text whole loose { text looses { text } } }
"""


@given(lax=_objects(later=False), strict=_objects(later=False))
@settings(max_examples=150, deadline=None)
async def test_random_objects(lax: Callable[[], Any], strict: Callable[[], Any]) -> None:
    await same(SCHEMA, _DEEP, context=lambda: context(lax=lax(), strict=strict()))


@given(lax=_objects(later=True))
@settings(max_examples=150, deadline=None)
async def test_random_objects_that_come_later(lax: Callable[[], Any]) -> None:
    text = "{ lax { text loose { text whole looses { text whole } } looses { whole loose { text } } } generated }"
    await same(SCHEMA, text, context=lambda: context(lax=lax()))
