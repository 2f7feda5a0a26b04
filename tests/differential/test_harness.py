"""The comparison itself: it finds nothing where there is nothing, and finds what an executor does wrong."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from graphql import parse, validate
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Reference

import gateway.executors
from tests.differential.case import Case
from tests.differential.generator import Generator
from tests.differential.hunt import Difference, generator_for, hunt, in_virtual_time
from tests.differential.reply import Asked, Reply
from tests.differential.sides import Side, Sides, World
from tests.differential.upstream import Upstream
from tests.differential.weather import Weather
from tests.schema.harness import SCHEMA

CASES = 150


class ReversesKeys(Reference):
    """The keys of an object stand in the wrong order."""

    def execute_fields(self, parent_type: Any, source_value: Any, path: Any, fields: Any, position: Any) -> Any:
        backward = dict(reversed(fields.items()))
        return super().execute_fields(parent_type, source_value, path, backward, position)


class StopsNull(Reference):
    """A null in a non-null field stays where it is."""

    def handle_field_error(self, raw_error: Any, return_type: Any, details: Any, path: Any) -> None:
        super().handle_field_error(raw_error, getattr(return_type, "of_type", return_type), details, path)


class Stringly(Reference):
    """A number is given as it comes, whatever the type says."""

    @staticmethod
    def complete_leaf_value(return_type: Any, result: Any) -> Any:
        return str(result) if type(result) is int else Reference.complete_leaf_value(return_type, result)


class SaysNothing(Reference):
    """An error under a nullable field is not told."""

    def handle_field_error(self, raw_error: Any, return_type: Any, details: Any, path: Any) -> None:
        collected = self.collected_errors
        with patch.object(type(collected), "add", lambda *_: None):
            super().handle_field_error(raw_error, return_type, details, path)


class LosesTheIndex(Reference):
    """The path of an error names no place in a list."""

    def handle_field_error(self, raw_error: Any, return_type: Any, details: Any, path: Any) -> None:
        while isinstance(path.key, int):
            path = path.prev
        super().handle_field_error(raw_error, return_type, details, path)


class AsksAgain(Reference):
    """A field is resolved twice."""

    def execute_field(self, parent_type: Any, source: Any, details: Any, path: Any, position: Any) -> Any:
        if path.prev is None:
            first = super().execute_field(parent_type, source, details, path, position)
            if self.is_awaitable(first):
                self.settle_in_background([first])
        return super().execute_field(parent_type, source, details, path, position)


WRONG = [ReversesKeys, StopsNull, Stringly, SaysNothing, LosesTheIndex, AsksAgain]


class Mutated(Side):
    """A side whose executor does something wrong."""

    def __init__(self, wrong: type[Reference]) -> None:
        super().__init__("graphql-core")
        self._wrong = wrong

    async def ask(self, case: Case, world: World, upstream: Upstream) -> Reply:
        with patch.object(gateway.executors, "StrawberryGraphQLCoreExecutionContext", self._wrong):
            return await super().ask(case, world, upstream)


def first_difference(tried: Side) -> Case | None:
    """The first case that shows one, if any."""

    async def main() -> Case | None:
        async with Sides.over(Side("graphql-core"), tried) as sides:
            generator = await generator_for(sides)
            for case in map(generator.case, range(CASES)):
                if await sides.compare(case):
                    return case
        return None

    return in_virtual_time(main)


def test_what_is_due_at_one_time_happens_in_the_order_in_which_it_was_asked_for() -> None:
    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        happened: list[int] = []
        for number in range(100):
            loop.call_later(float(number % 3), happened.append, number)
        await asyncio.sleep(3)
        return happened

    assert in_virtual_time(main) == sorted(range(100), key=lambda number: number % 3)


def test_an_executor_does_not_differ_from_itself() -> None:
    assert first_difference(Side("graphql-core")) is None


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: each.__name__)
def test_what_an_executor_does_wrong_is_found(wrong: type[Reference]) -> None:
    assert first_difference(Mutated(wrong)) is not None


def test_what_is_found_is_shown_in_little() -> None:
    async def main() -> Difference | None:
        async with Sides.over(Side("graphql-core"), Mutated(Stringly)) as sides:
            async for found in hunt(sides, await generator_for(sides), range(CASES)):
                if found is not None:
                    return found
        return None

    found = in_virtual_time(main)
    assert found is not None
    assert len(found.case.query) < 100, str(found)
    assert "data:" in str(found)


def generated(check: Callable[[Generator], None]) -> None:
    """Look at what a generator makes."""

    async def main() -> None:
        reference = Side("graphql-core")
        async with Sides.over(reference, reference) as sides:
            check(await generator_for(sides))

    in_virtual_time(main)


def test_a_seed_is_one_case_and_nearly_all_cases_are_valid() -> None:
    def check(generator: Generator) -> None:
        cases = [generator.case(seed) for seed in range(300)]
        assert cases == [generator.case(seed) for seed in range(300)]
        assert len({case.query for case in cases}) > 290
        valid = [case for case in cases if not validate(SCHEMA._schema, parse(case.query))]
        assert 0.9 * len(cases) < len(valid) < len(cases)
        for case in cases:
            assert Case.load(case.dump()) == case

    generated(check)


def test_cases_reach_nearly_all_of_the_schema() -> None:
    def check(generator: Generator) -> None:
        text = "\n".join(generator.case(seed).query for seed in range(2000))
        words = set(re.findall(r"\w+", text))
        kinds = [kind for name, kind in SCHEMA._schema.type_map.items() if not name.startswith("__")]
        names = {name for kind in kinds for name in getattr(kind, "fields", {})}
        assert len(names & words) > 0.95 * len(names), names - words
        for wanted in ("\nfragment ", "... on ", "...F0", "@skip", "@include", "{ __schema", "__typename", "mutation"):
            assert wanted in text

    generated(check)


def test_equal_calls_meet_equal_weather() -> None:
    weather = Weather(seed=3, share=0.5, faults=("503", "slow"))
    again = Weather(seed=3, share=0.5, faults=("503", "slow"))
    calls = [("GET", f"/path?page={number}", None) for number in range(50)]
    drawn = [weather.fault(*call) for call in calls]
    assert drawn == [again.fault(*call) for call in reversed(calls)][::-1]
    assert {None, "503", "slow"} == set(drawn)


def reply(answer: dict[str, Any], *asked: Asked) -> Reply:
    """What a side answered after these calls."""
    return Reply.read(200, "application/json", json.dumps(answer).encode(), Counter(asked))


A, B = ("GET", "/a", None), ("GET", "/b", None)
FAILED = {"message": "no", "path": ["a", 0, "b"]}
CUT_SHORT = [{"data": None, "errors": [FAILED]}, {"data": {"a": [None]}, "errors": [FAILED]}]
WHOLE = [{"data": {"a": [{"b": None}]}, "errors": [FAILED]}, {"data": None, "errors": [{"message": "refused"}]}]


def refused(status: int) -> dict[str, Any]:
    """An answer with a call of such a status in its trace."""
    line = {"source": "RECHAT", "operation": "contacts", "status": status, "shared": False, "cached": False}
    return {"data": {}, "extensions": {"upstream": [line]}}


def test_who_is_refused_once_more_is_left_open() -> None:
    """Of calls that wait together for a gate; not where nobody was refused, nor where other calls were made."""
    assert not reply(refused(429), A, A, B).differences(reply(refused(429), A, B, B))
    assert reply(refused(200), A, A, B).differences(reply(refused(200), A, B, B))
    assert reply(refused(429), A, A).differences(reply(refused(429), A, B))


@pytest.mark.parametrize("answer", CUT_SHORT)
def test_calls_of_what_an_error_cut_short_do_not_count(answer: dict[str, Any]) -> None:
    assert reply(answer, A).differences(reply(answer)) == []
    assert reply(answer, A).differences(reply({**answer, "errors": []}, A))


@pytest.mark.parametrize("answer", WHOLE)
def test_all_other_calls_count(answer: dict[str, Any]) -> None:
    assert reply(answer, A, B).differences(reply(answer, B, A)) == []
    assert reply(answer, A).differences(reply(answer, A, A)) == [f"asked:\n  - {{}}\n  + {{{A}: 1}}"]


def failing(*path: str) -> dict[str, Any]:
    """An answer whose field ``a`` an error at a place made null."""
    return {"data": {"a": None}, "errors": [{"message": f"no {path[-1]}", "path": list(path)}]}


def test_which_of_several_errors_made_an_object_null_is_left_open() -> None:
    assert reply(failing("a", "b")).differences(reply(failing("a", "c", "d"))) == []
    for other in (failing("a"), {**failing("a", "c"), "errors": []}, {**failing("a", "c"), "data": None}):
        assert reply(failing("a", "b")).differences(reply(other))
    assert reply(failing("a")).differences(reply(failing("a", "b")))


def missing(*path: str | int, message: str = "no", data: Any = 1) -> dict[str, Any]:
    """An answer with something missing, which is told beside the value of one of two fields."""
    return {"data": {"a": [{"b": data}, {"b": 2}]}, "errors": [{"message": message, "path": list(path)}]}


def test_where_something_is_told_that_is_missing_from_several_fields_is_left_open() -> None:
    first = reply(missing("a", 0, "b"))
    assert first.differences(reply(missing("a", 1, "b"))) == []
    for other in (missing("a", 1, "b", message="not"), missing("a", 1, "b", data=None)):
        assert first.differences(reply(other))
    assert reply(missing("a", 0, "b", data=None)).differences(reply(missing("a", 1, "b", data=None)))


@pytest.mark.parametrize(
    "other",
    [
        {"data": {"b": 2, "a": 1}, "errors": []},
        {"data": {"a": 1, "b": 2.0}, "errors": []},
        {"data": {"a": 1, "b": 2}},
        {"data": {"a": 1, "b": 2}, "errors": [], "extensions": {"cost": {"requested": 2}}},
    ],
)
def test_answers_are_equal_to_the_order_of_keys(other: dict[str, Any]) -> None:
    assert reply({"data": {"a": 1, "b": 2}, "errors": []}).differences(reply(other))
