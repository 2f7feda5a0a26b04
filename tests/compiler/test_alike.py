"""Fields of an interface, selected of objects of several types: worked out once, with graphql-core's responses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry

from tests.compiler.both import coerced, compiled, plan_of, same, schema_of


@dataclass
class Given:
    """What a run is given.

    Attributes:
        kinds: of the beasts, in order.
        age: what the keeper's age turns out to be.
        keepers: what is waited for, by kind; one for all but those that are named.
        asked: how often it was asked for who keeps them.
        told: how often the keeper told its age.
    """

    kinds: str
    age: Any = 7
    alone: str = ""
    asked: int = 0
    told: int = 0
    keeper: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def __post_init__(self) -> None:
        asyncio.get_running_loop().call_soon(self.keeper.set_result, Keeper(self))


def _keeper(info: strawberry.Info) -> Callable[[Beast], Any]:
    given: Given = info.context
    given.asked += 1
    return lambda beast: None if beast.kind in given.alone else given.keeper


def _resolve_keeper(parent: strawberry.Parent[Any], info: strawberry.Info) -> Any:
    return _keeper(info)(parent)


_resolve_keeper.for_run = _keeper  # type: ignore[attr-defined]


class Keeper:
    """Whose age fails, is missing or is told, as the run is given."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self.name = "Ada"

    @property
    def age(self) -> Any:
        self._given.told += 1
        if isinstance(self._given.age, Exception):
            raise self._given.age
        return self._given.age


@strawberry.type(name="Keeper")
class KeeperType:
    name: str
    age: int

    @strawberry.field
    @staticmethod
    def seen_at(parent: strawberry.Parent[Any], info: strawberry.Info) -> str:
        return ".".join(map(str, info.path.as_list()))

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        return True


class Beast:
    def __init__(self, kind: str) -> None:
        self.kind = kind


@strawberry.interface(name="Beast")
class BeastType:
    kind: str
    keeper: KeeperType | None = strawberry.field(resolver=staticmethod(_resolve_keeper))

    @classmethod
    def resolve_type(cls, obj: Any, info: Any, abstract: Any) -> str:
        return {"c": "Cat", "d": "Dog", "o": "Owl"}[obj.kind]

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        return True


@strawberry.type
class Cat(BeastType):
    pass


@strawberry.type
class Dog(BeastType):
    pass


@strawberry.type
class Owl(BeastType):
    keeper: KeeperType = strawberry.field(resolver=staticmethod(_resolve_keeper))


@strawberry.type
class Query:
    @strawberry.field
    @staticmethod
    def beasts(info: strawberry.Info) -> list[BeastType | None]:
        return [Beast(kind) for kind in info.context.kinds]  # type: ignore[misc]


SCHEMA = strawberry.Schema(Query, types=[Cat, Dog, Owl])


@pytest.mark.parametrize(
    "text",
    [
        "{ beasts { kind keeper { name age } } }",
        "{ beasts { keeper { name } ... on Cat { keeper { age } } } }",
        "{ beasts { ... on Cat { keeper { name } } ... on Dog { keeper { age } } ... on Owl { a: keeper { age } } } }",
        "{ beasts { a: keeper { age } b: keeper { age name } __typename } }",
        "{ beasts { keeper { age seenAt } } }",
    ],
)
@pytest.mark.parametrize("kinds", ["", "cdo", "ccddoo", "cdcdcdcdo"])
@pytest.mark.parametrize("alone", ["", "d", "co"])
@pytest.mark.parametrize("age", [7, None, "seven", LookupError("no age")], ids=str)
async def test_the_same_responses(text: str, kinds: str, alone: str, age: Any) -> None:
    await same(SCHEMA, text, context=lambda: Given(kinds, age, alone))


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        ("{ beasts { keeper { age } } }", 2, 2),  # the owl's must not be null
        ("{ beasts { keeper { age seenAt } } }", 2, 6),  # each its own, since the place is looked at
        ("{ beasts { keeper { name } ... on Cat { keeper { age } } } }", 3, 1),
        ("{ beasts { a: keeper { age } b: keeper { age } } }", 4, 4),
    ],
)
async def test_what_is_the_same_is_asked_for_and_made_once(text: str, asked: int, told: int) -> None:
    given = Given("ccddoo")
    result = await compiled(SCHEMA, text, context=given)
    assert result.errors is None
    assert (given.asked, given.told) == (asked, told)


def test_the_code_of_what_is_below_them_is_told_of_each() -> None:
    text = "{ beasts { keeper { name } } }"
    plan = plan_of(SCHEMA, text)
    told = {each.place: each.text for each in plan.code()}
    assert [place for place in told if place.endswith("-> Keeper")] == [
        f"{name}.keeper -> Keeper" for name in ("Cat", "Dog", "Owl")
    ]
    (beasts,) = plan.program(coerced(SCHEMA, text)).root.fields
    below = [beasts.below[name].fields[0].selection(schema_of(SCHEMA).type_map["Keeper"]) for name in ("Cat", "Dog")]  # type: ignore[arg-type]
    assert below[0] is below[1]
