"""A small schema with one of everything that operations can be about."""

from __future__ import annotations

import asyncio
import datetime
import enum
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated, Any, NewType

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

Even = NewType("Even", int)


def _even(value: int) -> int | None:
    if value % 2:
        raise ValueError(f"{value} is odd")
    return value or None


@strawberry.enum
class Diet(enum.Enum):
    MEAT = "meat"
    PLANTS = strawberry.enum_value("plants", name="GREENS")


class Denied(BasePermission):
    message = "not you"

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        return bool(info.context["may"])


class Shouting(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs).upper()


@strawberry.interface
class Named:
    name: str

    @strawberry.field
    def initial(self) -> str:
        return self.name[0]


@strawberry.type
class Keeper(Named):
    age: int | None = None

    @strawberry.field
    async def animals(self, info: strawberry.Info, most: int = 2) -> list[Animal]:
        await asyncio.sleep(0)
        return [info.context["animals"][name] for name in ("Leo", "Dot")][:most]


@strawberry.type
class Lion(Named):
    weight: float
    diet: Diet = Diet.MEAT

    @strawberry.field
    async def keeper(self, info: strawberry.Info) -> Keeper | None:
        return await info.context["keepers"](self.name)


@strawberry.type
class Parrot(Named):
    words: list[str]
    diet: Diet | None = None

    @strawberry.field
    def keeper(self, info: strawberry.Info) -> Keeper | None:
        keeper: Any = info.context["keepers"](self.name)
        return keeper

    @strawberry.field
    async def says(self) -> str:
        await asyncio.sleep(0)
        if not self.words:
            raise LookupError(f"{self.name} is dumb")
        return self.words[0]


Animal = Annotated[Lion | Parrot, strawberry.union("Animal")]


@strawberry.input
class Wish:
    name: str
    most: int | None = 3
    diets: list[Diet] = strawberry.field(default_factory=list)


@dataclass
class Loose:
    """An object whose attributes may be anything."""

    text: Any = "t"
    whole: Any = 1
    real: Any = 1.5
    flag: Any = True
    id: Any = "i"
    even: Any = 2
    diet: Any = Diet.MEAT
    texts: Any = ()
    loose: Any = None
    looses: Any = ()
    strict: Any = None


@strawberry.type
class Lax:
    """Everything may be null."""

    text: str | None
    whole: int | None
    real: float | None
    flag: bool | None
    id: strawberry.ID | None
    even: Even | None
    diet: Diet | None
    texts: list[str | None] | None
    loose: Lax | None
    looses: list[Lax | None] | None
    strict: Strict | None


@strawberry.type
class Strict:
    """Nothing may be null."""

    text: str
    whole: int
    real: float
    flag: bool
    id: strawberry.ID
    even: Even
    diet: Diet
    texts: list[str]
    loose: Lax
    looses: list[Strict]


async def _names() -> AsyncIterator[str]:
    for name in ("a", "b"):
        await asyncio.sleep(0)
        yield name


async def _broken_names() -> AsyncIterator[str]:
    yield "a"
    raise OSError("gone")


@strawberry.type
class Query:
    @strawberry.field
    def animal(self, info: strawberry.Info, name: str) -> Animal | None:
        found: Any = info.context["animals"].get(name)
        return found

    @strawberry.field
    def animals(self, info: strawberry.Info) -> list[Animal]:
        return list(info.context["animals"].values())

    @strawberry.field
    async def named(self, info: strawberry.Info) -> list[Named | None]:
        return [*info.context["animals"].values(), None]

    @strawberry.field
    def wished(self, info: strawberry.Info, wish: Wish) -> str:
        return f"{wish.name} {wish.most} {[diet.name for diet in wish.diets]} {info.path.as_list()}"

    @strawberry.field
    def told(self, info: strawberry.Info) -> str:
        raw = info._raw_info
        return " ".join(
            map(
                str,
                (
                    raw.field_name,
                    [node.loc.start for node in raw.field_nodes if node.loc],
                    raw.return_type,
                    raw.parent_type,
                    raw.path.as_list(),
                    sorted(raw.fragments),
                    raw.root_value,
                    raw.operation.name and raw.operation.name.value,
                    raw.variable_values,
                    raw.is_awaitable(1),
                    raw.abort_signal,
                    info.selected_fields[0].name,
                    info.input_extensions,
                ),
            )
        )

    @strawberry.field(permission_classes=[Denied])
    def secret(self) -> str | None:
        return "s"

    @strawberry.field(extensions=[Shouting()])
    def loud(self, word: str = "hey") -> str:
        return word

    @strawberry.field
    def lax(self, info: strawberry.Info) -> Lax | None:
        found: Any = info.context["lax"]
        return found

    @strawberry.field
    def strict(self, info: strawberry.Info) -> Strict | None:
        found: Any = info.context["strict"]
        return found

    @strawberry.field
    def strictly(self, info: strawberry.Info) -> Strict:
        found: Any = info.context["strict"]
        return found

    @strawberry.field
    def generated(self) -> list[str]:
        def letters() -> Iterator[str]:
            yield from "ab"

        return letters()  # type: ignore[return-value]

    @strawberry.field
    def streamed(self) -> list[str] | None:
        return _names()  # type: ignore[return-value]

    @strawberry.field
    def broken_stream(self) -> list[str] | None:
        return _broken_names()  # type: ignore[return-value]

    @strawberry.field
    def later(self) -> list[str | None]:
        async def word(text: str) -> str:
            await asyncio.sleep(0)
            if text == "bad":
                raise ValueError(text)
            return text

        return [word("x"), "y", word("bad"), None]  # type: ignore[list-item]

    @strawberry.field
    def later_all(self) -> list[str] | None:
        async def word(text: str) -> str | None:
            await asyncio.sleep(0)
            return text or None

        return [word("x"), word("")]  # type: ignore[list-item]

    @strawberry.field
    def promised(self) -> str:
        async def word() -> str:
            return "kept"

        promise: Awaitable[str] = word()
        return promise  # type: ignore[return-value]

    @strawberry.field
    def day(self) -> datetime.date:
        return datetime.date(2022, 7, 21)

    @strawberry.field
    def stranger(self) -> Animal | None:
        return SimpleNamespace(name="?")  # type: ignore[return-value]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def add(self, info: strawberry.Info, name: str) -> Lion:
        info.context["log"].append(f"begin {name}")
        await asyncio.sleep(0)
        info.context["log"].append(f"end {name}")
        return Lion(name=name, weight=1.0)

    @strawberry.mutation
    def fail(self, info: strawberry.Info) -> str:
        info.context["log"].append("fail")
        raise RuntimeError("no")

    @strawberry.mutation
    def attempt(self, info: strawberry.Info) -> str | None:
        info.context["log"].append("try")
        raise RuntimeError("no")


SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    types=[Lion, Parrot, Keeper],
    config=StrawberryConfig(scalar_map={Even: strawberry.scalar(name="Even", serialize=_even)}),
)


def context(**more: Any) -> dict[str, Any]:
    """A context with two animals and their keepers."""
    animals = {
        "Leo": Lion(name="Leo", weight=190.5),
        "Polly": Parrot(name="Polly", words=["hello"], diet=Diet.PLANTS),
        "Dot": Parrot(name="Dot", words=[]),
    }

    async def keepers(name: str) -> Keeper | None:
        await asyncio.sleep(0)
        if name == "Dot":
            raise KeyError(name)
        return Keeper(name=f"{name}'s", age=len(name))

    return {"animals": animals, "keepers": keepers, "may": False, "lax": None, "strict": None, "log": [], **more}
