"""Documents made to cost much: each is refused in the contract's words, before any upstream call."""

from __future__ import annotations

import json

from graphql import parse, validate

from tests.abuse.target import target
from tests.schema.harness import SCHEMA

PERSON = "query ($first: Int!) { contacts(first: $first) { nodes { person { contacts { id } } } } }"


def nested(field: str, inner: str, levels: int) -> str:
    return f"{field} {{ " * levels + inner + " }" * levels


def lasagna(levels: int, width: int) -> str:
    """Fragments that each spread the next several times: a thousand bytes that mean 2 to the power of many fields."""
    parts = [f"fragment F{n} on Query {{ {f'...F{n + 1} ' * width} }}" for n in range(levels)]
    return "{ ...F0 } " + " ".join(parts) + f" fragment F{levels} on Query {{ __typename }}"


REFUSED: dict[str, tuple[str, set[str]]] = {
    "depth": (
        "{ contacts { nodes { " + nested("events { nodes { contact", "id", 6) + " } } " * 6 + " } } }",
        {"QUERY_TOO_COMPLEX"},
    ),
    "depth without end": ("{ a " * 2400 + "}" * 2400, {"QUERY_TOO_COMPLEX"}),
    "depth through fragments": (
        "{ contacts { nodes { ...F0 } } } "
        + " ".join(
            f"fragment F{n} on Contact {{ events {{ nodes {{ contact {{ ...F{n + 1} }} }} }} }}" for n in range(5)
        )
        + " fragment F5 on Contact { id }",
        {"QUERY_TOO_COMPLEX"},
    ),
    "aliases": ("{ " + " ".join(f"a{n}: sources {{ name }}" for n in range(500)) + " }", {"QUERY_TOO_COMPLEX"}),
    "aliases in a fragment spread often": (
        "{ a: sources { ...F ...F ...F } } fragment F on SourceStatus { "
        + " ".join(f"n{n}: name" for n in range(40))
        + " }",
        {"QUERY_TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED"},
    ),
    "tokens": ("{" + " __typename" * 6000 + "}", {"QUERY_TOO_COMPLEX"}),
    "commas and blanks": ("{" + " ,\t" * 200_000 + "nonsense }", {"GRAPHQL_VALIDATION_FAILED"}),
    "comments": ("#\n" * 200_000 + "{ __typename }", {"QUERY_TOO_COMPLEX"}),
    "a name without end": ("{ " + "a" * 900_000 + " }", {"GRAPHQL_VALIDATION_FAILED"}),
    "a string without end": ('{ contacts(filter: {search: "' + "\\u0061" * 100_000, {"GRAPHQL_PARSE_FAILED"}),
    "a cycle of fragments": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "a fragment of itself": ("{ ...A } fragment A on Query { __typename ...A }", {"GRAPHQL_VALIDATION_FAILED"}),
    "a thousand fragments unused": (
        "{ __typename } " + " ".join(f"fragment F{n} on Query {{ __typename }}" for n in range(700)),
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "the same fields again and again": ("{" + " sources { name }" * 1200 + "}", {"QUERY_TOO_COMPLEX"}),
    "directives": ("{ __typename" + " @include(if: true)" * 800 + " }", {"QUERY_TOO_COMPLEX"}),
    "directives that nobody knows": ("{ __typename" + " @a" * 2400 + " }", {"QUERY_TOO_COMPLEX"}),
    "directives on an operation": ("query" + " @skip(if: true)" * 800 + " { __typename }", {"QUERY_TOO_COMPLEX"}),
    "introspection in a circle": (
        "{ __schema { types " + "{ fields { type " * 5 + "{ name }" + " } }" * 5 + " } }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "introspection many times": (
        "{ " + " ".join(f"s{n}: __schema {{ types {{ fields {{ name }} }} }}" for n in range(60)) + " }",
        {"QUERY_TOO_COMPLEX"},
    ),
    "operations without end": (" ".join(f"query Q{n} {{ __typename }}" for n in range(900)), {"BAD_REQUEST"}),
    "cost": (
        "{ contacts(first: 1000) { nodes { events(first: 1000) { nodes { id } } } } }",
        {"QUERY_TOO_COMPLEX"},
    ),
    "an integer of 100,000 digits": (
        "{ contacts(first: " + "9" * 100_000 + ") { nodes { id } } }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "a float of 100,000 digits": (
        "{ contacts(first: 1e" + "9" * 100_000 + ") { nodes { id } } }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "null bytes": ("{ __typename \0}", {"GRAPHQL_PARSE_FAILED"}),
    "a lone surrogate": ('{ contacts(filter: {search: "\\ud800"}) { nodes { id } } }', {"GRAPHQL_PARSE_FAILED"}),
    "a list in a list in a list": (
        "{ nodes(ids: " + "[" * 2000 + "]" * 2000 + ") { id } }",
        {"GRAPHQL_VALIDATION_FAILED", "QUERY_TOO_COMPLEX"},
    ),
    "a type in a type": ("query ($x: " + "[" * 2000 + "ID" + "]" * 2000 + ") { __typename }", {"QUERY_TOO_COMPLEX"}),
    "a subscription": ("subscription { contacts { nodes { id } } }", {"GRAPHQL_VALIDATION_FAILED"}),
    "a schema": ("type Query { a: Int } extend type Contact { b: Int }", {"GRAPHQL_VALIDATION_FAILED"}),
    "10,000 ids in the document": (
        "{ nodes(ids: [" + " ".join('"x"' for _ in range(10_000)) + "]) { id } }",
        {"QUERY_TOO_COMPLEX"},
    ),
}


async def test_no_document_is_too_much() -> None:
    async with target() as attacked:
        for name, (query, codes) in REFUSED.items():
            status, found = await attacked.ask(query)
            assert (status, bool(found)) == (400, True), name
            assert set(found) <= codes, (name, found)
            assert attacked.calls() == [], name
        await attacked.is_well()


async def test_fragments_that_multiply_cost_no_more_than_their_text() -> None:
    """They are valid, and mean one field."""
    async with target() as attacked:
        assert await attacked.ask(lasagna(30, 2)) == (200, [])
        assert (await attacked.ask(lasagna(60, 3)))[1] in ([], ["QUERY_TOO_COMPLEX"])
        assert attacked.calls() == []
        await attacked.is_well()


VARIABLES: dict[str, tuple[str, object, set[str]]] = {
    "10,000 ids": ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x"] * 10_000}, {"QUERY_TOO_COMPLEX"}),
    "10,000 ids beside what costs calls": (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } segments { nodes { id } } }",
        {"ids": ["x"] * 10_000},
        {"QUERY_TOO_COMPLEX"},
    ),
    "10,000 ids in a filter": (
        "query ($ids: [ID!]) { contacts(filter: {segmentIds: $ids}) { nodes { id } } segments { nodes { id } } }",
        {"ids": ["x"] * 10_000},
        {"QUERY_TOO_COMPLEX"},
    ),
    "a list of wrong things": (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": [{}] * 10_000},
        {"BAD_USER_INPUT"},
    ),
    "a page of a billion": (PERSON, {"first": 10**9}, {"QUERY_TOO_COMPLEX", "BAD_USER_INPUT"}),
    "beyond 32 bits": (PERSON, {"first": 2**31}, {"BAD_USER_INPUT"}),
    "beyond 64 bits": (PERSON, {"first": 2**64}, {"BAD_USER_INPUT"}),
    "1,000 digits": (PERSON, {"first": 10**1000}, {"BAD_REQUEST"}),
    "a number that is none": (PERSON, {"first": "1" * 100_000}, {"BAD_USER_INPUT"}),
    "a search with null bytes": (
        "query ($s: String!) { contacts(filter: {search: $s}) { nodes { id } } }",
        {"s": "\0" * 1000},
        set(),
    ),
    "50 persons of everything": (PERSON, {"first": 1000}, {"QUERY_TOO_COMPLEX"}),
}


async def test_no_variables_are_too_much() -> None:
    async with target() as attacked:
        for name, (query, variables, codes) in VARIABLES.items():
            status, found = await attacked.ask(query, variables=variables)
            calls = attacked.calls()
            assert set(found) <= codes, (name, found)
            if codes:
                assert (status, bool(found), calls) == (400, True, []), name
        await attacked.is_well()


BODIES: dict[str, bytes] = {
    "nested variables": b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "nested objects": b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "an integer of 100,000 digits": b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 100_000 + b"}}",
    "a lone surrogate": b'{"query": "{ __typename \\ud800 }"}',
    "surrogates in a variable": b'{"query": "{ __typename }", "variables": {"a": "\\udfff\\ud800"}}',
    "bytes that are no text": b'{"query": "{ __typename \xc3\x28 }"}',
    "a null byte": b'{"query": "{ __typename }"}\0',
    "equal keys": b'{"query": "{ __typename }", "query": "{ sources { name } }"}',
    "equal keys by another spelling": b'{"query": "{ __typename }", "\\u0071uery": "{ sources { name } }"}',
    "100,000 keys": b"{" + b",".join(b'"k%d": 1' % n for n in range(50_000)) + b"}",
    "equal keys, 50,000 times": b"{" + b",".join(b'"\\u0061": 1' for n in range(50_000)) + b"}",
    "a batch": b"[" + b",".join([b'{"query": "{ __typename }"}'] * 1000) + b"]",
    "nothing": b"",
    "half": b'{"query": "{ __type',
    "another encoding": '{"query": "{ __typename }"}'.encode("utf-16"),
    "not a number": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
}


async def test_no_body_is_too_much() -> None:
    async with target() as attacked:
        for name, body in BODIES.items():
            status, found = await attacked.send(body)
            assert (status, found) in ((400, ["BAD_REQUEST"]), (200, [])), (name, status, found)
            assert attacked.calls() == [], name
        await attacked.is_well()


async def test_a_subject_that_is_asked_for_again_and_again_is_still_one_operation() -> None:
    """What passes the limits passes because it is cheap: the widest operation that does is answered."""
    wide = "{ " + " ".join(f"a{n}: __typename" for n in range(50)) + " }"
    async with target() as attacked:
        assert await attacked.ask(wide) == (200, [])
        assert await attacked.ask("{ " + " ".join(["__typename"] * 4000) + " }") in (
            (200, []),
            (400, ["QUERY_TOO_COMPLEX"]),
        )


def test_what_is_asked_in_these_attacks_is_there() -> None:
    """An attack on a field that is gone would be refused for that."""
    good = [query for query, _, _ in VARIABLES.values()]
    good += [REFUSED[name][0] for name in ("depth", "depth through fragments", "cost", "aliases")]
    for query in good:
        assert validate(SCHEMA._schema, parse(query)) == [], json.dumps(query[:100])
