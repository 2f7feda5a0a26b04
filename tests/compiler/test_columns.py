"""Long lists of plain data: the same responses as graphql-core's, whatever is among them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, ClassVar, NewType, cast

import pytest
import strawberry
from graphql import ExecutionResult
from graphql.pyutils import Undefined
from strawberry.schema.config import StrawberryConfig

from compiler.columns import WORTHWHILE
from tests.compiler.both import Outcome, by_graphql_core, coerced, compiled, plan_of

Even = NewType("Even", int)


def _even(value: int) -> int | None:
    if value % 2:
        raise ValueError(f"{value} is odd")
    return value or None


class Diet(Enum):
    MEAT = "meat"
    PLANTS = "plants"


async def _word() -> str:
    return "kept"


@dataclass
class Row:
    text: Any = "t"
    whole: Any = 1
    real: Any = 1.5
    flag: Any = True
    even: Any = 2
    diet: Any = Diet.MEAT
    row: Any = None
    named: Any = "Striped"

    @property
    def raised(self) -> str:
        if self.text == "raise":
            raise LookupError("raised")
        return "r"


@strawberry.interface
class Patterned:
    text: str
    row: Wide | None

    @classmethod
    def resolve_type(cls, obj: Any, info: Any, abstract: Any) -> Any:
        return obj.named

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        return True


@strawberry.type
class Striped(Patterned):
    whole: int


@strawberry.type
class Dotted(Patterned):
    real: float | None

    @strawberry.field
    def dots(self) -> str:
        return f"{self.text}…"


@strawberry.type
class Wide:
    """Nothing may be null but what says so."""

    text: str
    whole: int
    real: float
    flag: bool
    even: Even
    diet: strawberry.enum(Diet)  # type: ignore[valid-type]
    raised: str
    row: Narrow | None

    @strawberry.field
    def promised(self) -> str:
        promise: Any = _word() if self.text == "promise" else "p"
        return cast(str, promise)


@strawberry.type
class Narrow:
    text: str | None
    whole: int | None
    real: float | None
    flag: bool | None
    even: Even | None
    diet: strawberry.enum(Diet) | None  # type: ignore[valid-type]
    row: Wide | None


@strawberry.type
class Query:
    @strawberry.field
    def wide(self, info: strawberry.Info) -> list[Wide | None]:
        return cast(Any, info.context)  # type: ignore[no-any-return]

    @strawberry.field
    def narrow(self, info: strawberry.Info) -> list[Narrow] | None:
        return cast(Any, info.context)  # type: ignore[no-any-return]

    @strawberry.field
    def patterned(self, info: strawberry.Info) -> list[Patterned | None]:
        return cast(Any, info.context)  # type: ignore[no-any-return]


SCHEMA = strawberry.Schema(
    Query,
    types=[Striped, Dotted],
    config=StrawberryConfig(scalar_map={Even: strawberry.scalar(name="Even", serialize=_even)}),
)
TEXTS = [
    "{ wide { a: text text whole real flag even diet raised promised __typename row { text even row { text } } } }",
    "{ narrow { text whole real flag even diet row { text row { text } } } }",
    "{ patterned { __typename text row { whole } ... on Striped { whole } ... on Dotted { real dots } } }",
    "query ($no: Boolean = false) { wide { text @include(if: $no) } }",
]


def _later() -> Any:
    future = asyncio.get_running_loop().create_future()
    future.set_result("later")
    return future


ODD: dict[str, Callable[[], dict[str, Any]]] = {
    "nothing": dict,
    "None": lambda: {"text": None, "real": None},
    "an enum's None": lambda: {"diet": None},
    "Undefined": lambda: {"text": Undefined},
    "a number for a text": lambda: {"text": 5},
    "a bool for an int": lambda: {"whole": True},
    "a large int": lambda: {"whole": 2**31},
    "a small int": lambda: {"whole": -(2**31)},
    "an int for a float": lambda: {"real": 2},
    "not a number": lambda: {"real": float("nan")},
    "a number for a bool": lambda: {"flag": 1},
    "a scalar's failure": lambda: {"even": 3},
    "a scalar's None": lambda: {"even": 0},
    "no member": lambda: {"diet": "meat"},
    "an exception for a value": lambda: {"text": LookupError("given")},
    "a getter that raises": lambda: {"text": "raise"},
    "a function that makes a coroutine": lambda: {"text": "promise"},
    "a future": lambda: {"text": _later()},
    "an object": lambda: {"row": Row(text="inner")},
    "a wrong object inside": lambda: {"row": Row(text=None, whole="x")},
    "another type": lambda: {"named": "Dotted"},
    "a type that there is not": lambda: {"named": "Checked"},
    "a type's name that is none": lambda: {"named": ["Striped"]},
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("count", [WORTHWHILE - 1, WORTHWHILE, 20])
async def test_lists_with_something_odd(text: str, odd: str, count: int) -> None:
    def plain(more: int) -> list[Any]:
        inner = Row(row=Row(row=Row(), diet=Diet.PLANTS))
        return [replace(inner, text=f"t{number}") for number in range(more)]

    def rows() -> list[Any]:
        return [*plain(5), Row(**ODD[odd]()), *plain(count - 6), *(None for _ in range(count // 20))]

    plan, variables = plan_of(SCHEMA, text), coerced(SCHEMA, text)
    plan.run(variables, plain(count))  # learns that their class is usual
    ran = plan.run(variables, rows())
    ours = Outcome.of(ran if isinstance(ran, ExecutionResult) else await ran)
    assert ours == Outcome.of(await by_graphql_core(SCHEMA, text, context=rows()))
    gc.collect()  # a coroutine that nobody waited for would complain


class Counting:
    """Tells how often it was asked alone and together."""

    asked: ClassVar[list[str]] = []

    def __init__(self, number: int) -> None:
        self.number = number

    @property
    def text(self) -> str:
        self.asked.append("alone")
        return f"t{self.number}"

    def _texts(rows: Sequence[Counting]) -> list[str]:  # type: ignore[misc]
        Counting.asked.append("together")
        return [f"t{row.number}" for row in rows]

    __columns__: ClassVar[dict[str, Any]] = {"text": _texts}


class Quieter(Counting):
    @property
    def text(self) -> str:
        return "quiet"


@pytest.mark.parametrize(
    ("last", "told"), [(Counting(11), ["together"]), (Quieter(11), ["alone"] * 11)], ids=["one class", "a subclass"]
)
async def test_a_class_is_asked_for_all_its_objects(last: Counting, told: list[str]) -> None:
    Counting.asked.clear()
    rows = [*(Counting(number) for number in range(11)), last]
    plan, variables = plan_of(SCHEMA, "{ narrow { text } }"), coerced(SCHEMA, "{ narrow { text } }")
    for _ in range(2):  # the first run learns that their classes are usual
        Counting.asked.clear()
        result = plan.run(variables, rows)
    assert isinstance(result, ExecutionResult)
    assert result.data == {"narrow": [{"text": row.text} for row in rows]}
    assert Counting.asked[: len(told)] == told


async def test_a_short_list_is_gone_through_one_by_one() -> None:
    Counting.asked.clear()
    await compiled(SCHEMA, "{ narrow { text } }", context=[Counting(1)] * (WORTHWHILE - 1))
    assert Counting.asked == ["alone"] * (WORTHWHILE - 1)
