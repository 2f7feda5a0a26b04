"""What is asked for below a field, with fragments and directives."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLString, graphql_sync

from resolvers.selection import selected

CASES = [
    ("{ thing { a b } }", {"a", "b"}),
    ("{ thing { __typename a } }", {"__typename", "a"}),
    ("{ thing { x: a } }", {"a"}),
    ("{ thing { a } thing { b } }", {"a", "b"}),
    ("{ thing { a ... on Thing { b } } }", {"a", "b"}),
    ("{ thing { a ... { b } } }", {"a", "b"}),
    ("{ thing { ...F } } fragment F on Thing { a ...G } fragment G on Thing { b }", {"a", "b"}),
    ("{ thing { a b @skip(if: true) } }", {"a"}),
    ("{ thing { a b @include(if: false) } }", {"a"}),
    ("query ($no: Boolean = false) { thing { a b @include(if: $no) } }", {"a"}),
    ("{ thing { a ...F @skip(if: true) } } fragment F on Thing { b }", {"a"}),
    ("{ thing { a ... on Thing @include(if: false) { b } } }", {"a"}),
    ("{ thing { thing { b } a } }", {"thing", "a"}),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_selected(text: str, expected: set[str]) -> None:
    seen: list[frozenset[str]] = []

    def resolve(_: Any, info: Any) -> dict[str, str]:
        seen.append(selected(info))
        return {}

    thing: GraphQLObjectType = GraphQLObjectType(
        "Thing",
        lambda: {"a": GraphQLField(GraphQLString), "b": GraphQLField(GraphQLString), "thing": GraphQLField(thing)},
    )
    schema = GraphQLSchema(GraphQLObjectType("Query", {"thing": GraphQLField(thing, resolve=resolve)}))
    result = graphql_sync(schema, text)
    assert result.errors is None
    assert seen == [frozenset(expected)]
