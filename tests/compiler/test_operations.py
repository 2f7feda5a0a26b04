"""Operations of every form have the same outcome as with graphql-core."""

from __future__ import annotations

from typing import Any

import pytest

from tests.compiler.both import Outcome, same
from tests.compiler.zoo import SCHEMA, context

_FRAGMENTS = "fragment N on Named { name ...M } fragment M on Named { initial name }"

OPERATIONS: dict[str, str] = {
    "typename": "{ __typename again: __typename }",
    "data": '{ animal(name: "Leo") { ... on Lion { name weight diet } } }',
    "union": "{ animals { __typename ... on Lion { weight } ... on Parrot { words diet } ... on Named { name } } }",
    "interface": "{ named { __typename name initial ... on Parrot { words } } }",
    "alias": '{ a: animal(name: "Leo") { __typename } b: animal(name: "Polly") { __typename } c: animal(name: "x") '
    "{ __typename } }",
    "merged": '{ animal(name: "Leo") { ... on Lion { name } } animal(name: "Leo") { ... on Lion { weight name } } }',
    "fragments": "{ named { ...N ...N ... on Lion { ...M weight } } } " + _FRAGMENTS,
    "joins": "{ animals { ... on Lion { keeper { name age } } ... on Parrot { keeper { name } } } }",
    "joins below joins": "{ animals { ... on Lion { keeper { animals { ... on Parrot { says words } } } } } }",
    "merged joins": "{ animals { ... on Lion { keeper { name } keeper { age } } } }",
    "literal arguments": '{ wished(wish: {name: "w", diets: [MEAT, GREENS]}) }',
    "defaults": '{ wished(wish: {name: "w"}) animals { ... on Lion { keeper { animals { __typename } } } } }',
    "told": 'query Q($x: Int = 3) { told other: told wished(wish: {name: "w", most: $x}) }',
    "permission": "{ secret }",
    "extension": '{ loud loud2: loud(word: "you") }',
    "generator": "{ generated }",
    "stream": "{ streamed }",
    "broken stream": "{ brokenStream }",
    "awaitable items": "{ later }",
    "awaitable items, none of which may be null": "{ laterAll generated }",
    "awaitable that nothing tells of": "{ promised generated }",
    "standard scalar": "{ day }",
    "of no type": "{ stranger { __typename } generated }",
    "custom keys": "{ __typename generated again: generated }",
}


@pytest.mark.parametrize("text", OPERATIONS.values(), ids=OPERATIONS.keys())
async def test_same_outcome(text: str) -> None:
    outcome = await same(SCHEMA, text, context=context)
    assert outcome.data is not None or outcome.errors


async def test_a_permission_is_asked() -> None:
    refused = await same(SCHEMA, "{ secret }", context=context)
    assert refused.data == {"secret": None}
    granted = await same(SCHEMA, "{ secret }", context=lambda: context(may=True))
    assert granted.data == {"secret": "s"}


VARIABLES = [
    ("query ($name: String!) { animal(name: $name) { __typename } }", {"name": "Leo"}),
    ("query ($most: Int) { animals { ... on Lion { keeper { animals(most: $most) { __typename } } } } }", {}),
    ("query ($most: Int) { animals { ... on Lion { keeper { animals(most: $most) { __typename } } } } }", {"most": 1}),
    ("query ($most: Int = 1) { animals { ... on Lion { keeper { animals(most: $most) { __typename } } } } }", {}),
    (
        "query ($most: Int) { animals { ... on Lion { keeper { animals(most: $most) { __typename } } } } }",
        {"most": None},
    ),
    ("query ($wish: Wish!) { wished(wish: $wish) }", {"wish": {"name": "w", "diets": ["GREENS"]}}),
    ('query ($diet: Diet!) { wished(wish: {name: "w", diets: [$diet]}) }', {"diet": "MEAT"}),
    (
        'query Q($x: Int = 3, $y: String) { told t: told loud(word: $y) wished(wish: {name: "n", most: $x}) }',
        {"y": "z"},
    ),
]


@pytest.mark.parametrize(("text", "variables"), VARIABLES)
async def test_variables(text: str, variables: dict[str, Any]) -> None:
    await same(SCHEMA, text, variables, context=context)


@pytest.mark.parametrize("a", [True, False])
@pytest.mark.parametrize("b", [True, False])
async def test_conditions(a: bool, b: bool) -> None:
    text = (
        "query ($a: Boolean!, $b: Boolean = false) { day @skip(if: true) generated @include(if: $a) "
        "named @skip(if: $b) { name @skip(if: $a) ...F @include(if: $b) ... @include(if: $a) { initial } "
        "... on Lion @skip(if: $a) @include(if: $b) { weight } } } fragment F on Named { __typename }"
    )
    await same(SCHEMA, text, {"a": a, "b": b}, context=context)


async def test_all_of_a_selection_may_be_left_out() -> None:
    found = await same(SCHEMA, "{ named { name @skip(if: true) } }", context=context)
    assert found.data == {"named": [{}, {}, {}, None]}


async def test_mutations_run_one_after_another() -> None:
    logs: list[list[str]] = []

    def logged() -> dict[str, Any]:
        made = context()
        logs.append(made["log"])
        return made

    async def both(text: str) -> Outcome:
        logs.clear()
        outcome = await same(SCHEMA, text, context=logged)
        assert logs[0] == logs[1]
        return outcome

    await both('mutation { a: add(name: "a") { name keeper { name } } b: add(name: "b") { name } }')
    assert logs[0] == ["begin a", "end a", "begin b", "end b"]
    await both('mutation { attempt a: add(name: "a") { name } }')
    assert logs[0] == ["try", "begin a", "end a"]
    stopped = await both('mutation { a: add(name: "a") { name } fail b: add(name: "b") { name } }')
    assert logs[0] == ["begin a", "end a", "fail"]
    assert stopped.data is None
