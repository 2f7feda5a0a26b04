"""Without introspection no message names what the client has not named itself."""

from __future__ import annotations

import re

import pytest

from gateway.discretion import Discretion
from tests.gateway.support import GRAPHQL, SCHEMA, make_app, post

TOLD = [
    ("{ helo }", {}),
    ("{ hello { name } }", {}),
    ("{ item }", {}),
    ("{ item { nam } }", {}),
    ("{ fail }", {}),
    ("{ hello(nam: 1) }", {}),
    ("{ hello(name: 1) }", {}),
    ("{ twice(number: X) }", {}),
    ("query ($x: Item) { hello }", {}),
    ("query ($x: Itm) { hello }", {}),
    ("query ($x: Int) { hello(name: $x) }", {}),
    ("query ($how: String) { fail(how: $how) }", {}),
    ("{ item { ... on Query { hello } } }", {}),
    ("{ item { ...F } } fragment F on Query { hello }", {}),
    ("query ($x: String!) { hello(name: $x) }", {}),
    ("query ($x: Int!) { twice(number: $x) }", {"x": "one"}),
]


@pytest.mark.parametrize(("query", "variables"), TOLD)
async def test_no_message_names_what_the_client_does_not_know(query: str, variables: dict[str, object]) -> None:
    app = make_app(GATEWAY_INTROSPECTION="off")
    answer = await post(app, query, variables=variables, accept=GRAPHQL)
    assert answer.status == 400
    schema = SCHEMA._schema
    ours = set(schema.type_map) | {name for type_ in schema.type_map.values() for name in getattr(type_, "fields", ())}
    ours |= {"how", "number", "name"}
    known = {*re.findall(r"\w+", query), "Query", "Mutation", "Int", "String", "Boolean", "Float", "ID"}
    for error in answer.json["errors"]:
        quoted = {word for part in re.findall(r"'[^']*'", error["message"]) for word in re.findall(r"\w+", part)}
        assert quoted & ours <= known, error["message"]


async def test_with_introspection_messages_help() -> None:
    (error,) = (await post(make_app(), "{ item { nam } }")).json["errors"]
    assert error["message"] == "Cannot query field 'nam' on type 'Item'. Did you mean 'name'?"


@pytest.mark.parametrize(
    ("message", "said", "told"),
    [
        ("Cannot query field 'a' on type 'Item'.", "{ item { a } }", "Cannot query field 'a' on type '…'."),
        ("Cannot query field 'a' on type 'Item'.", "{ ... on Item { a } }", "Cannot query field 'a' on type 'Item'."),
        (
            "Argument 'how' of type '[String!]!' is due.",
            "{ fail }",
            "Argument '…' of type '[String!]!' is due.",
        ),
        ("Item cannot represent value: 'x'", '{ a(b: "x") }', "… cannot represent value: 'x'"),
        ("It can't be 'inner', since it isn't \"name\".", "", "It can't be '…', since it isn't \"…\"."),
        ("Syntax Error: Expected Name, found '}'.", "{}", "Syntax Error: Expected Name, found '}'."),
    ],
)
def test_only_names_are_hidden(message: str, said: str, told: str) -> None:
    assert Discretion(SCHEMA._schema).hide(message, said) == told
