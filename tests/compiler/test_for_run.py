"""Functions that say what they are in one run: asked once, with the same responses as graphql-core's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
import strawberry
from graphql import ExecutionResult

from compiler.columns import WORTHWHILE
from tests.compiler.both import coerced, compiled, plan_of, same


def _said(for_run: Callable[[strawberry.Info], Callable[[Any], Any]]) -> Callable[..., Any]:
    def resolve(parent: strawberry.Parent[Any], info: strawberry.Info) -> Any:
        return for_run(info)(parent)

    resolve.for_run = for_run  # type: ignore[attr-defined]
    return resolve


@dataclass
class Given:
    """What a run is given.

    Attributes:
        words: what numbers are called.
        asked: the response names of the fields whose functions were made, in order.
    """

    words: dict[int, Any]
    count: int = WORTHWHILE
    asked: list[str] = field(default_factory=list)


@strawberry.type
class Number:
    value: int

    @strawberry.field(graphql_type=str | None)
    @staticmethod
    @_said
    def word(info: strawberry.Info) -> Callable[[Number], Any]:
        given: Given = info.context
        given.asked.append(str(info.path.key))
        if not given.words:
            raise LookupError("no words")
        return lambda number: given.words[number.value]

    @strawberry.field(graphql_type=Annotated["Number", strawberry.lazy("tests.compiler.test_for_run")] | None)
    @staticmethod
    @_said
    def next(info: strawberry.Info) -> Callable[[Number], Any]:
        loop = asyncio.get_running_loop()

        def after(number: Number) -> Any:
            if number.value % 2:
                return Number(value=number.value + 1)
            future = loop.create_future()
            future.set_result(Number(value=number.value + 1))
            return future

        return after


@strawberry.type
class Query:
    @strawberry.field
    @staticmethod
    def numbers(info: strawberry.Info) -> list[Number]:
        return [Number(value=value) for value in range(info.context.count)]


SCHEMA = strawberry.Schema(Query)
WORDS: dict[int, Any] = {value: f"word {value}" for value in range(100)}
TEXTS = [
    "{ numbers { value word } }",
    "{ numbers { value other: word next { value word } } }",
    "{ numbers { next { next { word } } } more: numbers { word } }",
]
ODD: dict[str, dict[int, Any]] = {
    "nothing": {},
    "None": {3: None},
    "a number": {3: 5},
    "an exception": {3: LookupError("given")},
    "a word that is missing": {3: ...},
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("count", [WORTHWHILE - 1, WORTHWHILE])
async def test_the_same_responses(text: str, odd: str, count: int) -> None:
    words = {value: word for value, word in {**WORDS, **ODD[odd]}.items() if word is not ...}
    await same(SCHEMA, text, context=lambda: Given(words, count))


async def test_a_function_that_cannot_be_made_fails_its_field_only() -> None:
    outcome = await same(SCHEMA, "{ numbers { value word } }", context=lambda: Given({}, 2))
    assert outcome.data == {"numbers": [{"value": 0, "word": None}, {"value": 1, "word": None}]}
    assert [error["path"] for error in outcome.errors] == [["numbers", 0, "word"], ["numbers", 1, "word"]]


@pytest.mark.parametrize("count", [1, WORTHWHILE - 1, WORTHWHILE, 40])
async def test_it_is_asked_for_once_a_run_and_field(count: int) -> None:
    text = "{ numbers { word other: word next { word } } }"
    plan, variables = plan_of(SCHEMA, text), coerced(SCHEMA, text)
    for _ in range(2):
        given = Given(WORDS, count)
        ran = plan.run(variables, given)
        result = ran if isinstance(ran, ExecutionResult) else await ran
        assert result.errors is None
        assert given.asked == ["word", "other", "word"]


async def test_a_leaf_of_it_is_plain_data_of_a_long_list() -> None:
    given = Given(WORDS)
    result = await compiled(SCHEMA, "{ numbers { word } }", context=given)
    assert result.data == {"numbers": [{"word": f"word {value}"} for value in range(WORTHWHILE)]}
    assert given.asked == ["word"]
