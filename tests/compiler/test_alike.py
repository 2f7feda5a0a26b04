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


class Mark:
    """What a mark is depends on whose it is."""

    text = "M"


@strawberry.interface(name="Mark")
class MarkType:
    text: str

    @classmethod
    def resolve_type(cls, obj: Any, info: Any, abstract: Any) -> str:
        return {"Fish": "Stripe"}.get(info.parent_type.name, "Spot")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        return True


@strawberry.type
class Stripe(MarkType):
    pass


@strawberry.type
class Spot(MarkType):
    pass


@dataclass
class Counter:
    """A resolver without a hash, and equal to others that count something else."""

    name: str
    most: int = field(compare=False)

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self) -> int:
        return self.most


@dataclass(unsafe_hash=True)
class HashedCounter(Counter):
    pass


def _resolve_mark(parent: strawberry.Parent[Any], info: strawberry.Info) -> Any:
    return info.context


@strawberry.interface
class Swimmer:
    mark: MarkType | None = strawberry.field(resolver=staticmethod(_resolve_mark))
    fins: int
    legs: int

    @classmethod
    def resolve_type(cls, obj: Any, info: Any, abstract: Any) -> str:
        return str(obj)

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        return True


@strawberry.type
class Fish(Swimmer):
    fins: int = strawberry.field(resolver=Counter("fins", 7))
    legs: int = strawberry.field(resolver=HashedCounter("legs", 0))


@strawberry.type
class Frog(Swimmer):
    fins: int = strawberry.field(resolver=Counter("fins", 0))
    legs: int = strawberry.field(resolver=HashedCounter("legs", 4))


@strawberry.type
class Pond:
    @strawberry.field
    @staticmethod
    def swimmers() -> list[Swimmer | None]:
        return ["Fish", "Frog"] * 6  # type: ignore[list-item]


POND = strawberry.Schema(Pond, types=[Fish, Frog, Stripe, Spot])


def _mark() -> asyncio.Future[Mark]:
    loop = asyncio.get_running_loop()
    mark: asyncio.Future[Mark] = loop.create_future()
    loop.call_soon(mark.set_result, Mark())
    return mark


async def test_a_type_that_is_found_out_by_the_type_around_it_is_found_out_for_each() -> None:
    await same(POND, "{ swimmers { mark { __typename text } } }", context=_mark)


@pytest.mark.parametrize("name", ["fins", "legs"])
async def test_resolvers_that_are_equal_are_not_taken_for_one(name: str) -> None:
    await same(POND, f"{{ swimmers {{ {name} }} }}", context=_mark)
