"""How large a document may be."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits import Limits, check_extent, check_lists, parse_within
from resolvers.errors import TooComplex
from tests.gateway.support import FakeServices, get, make_app, post


def nested(depth: int) -> str:
    """A selection of so many levels."""
    return "{ item " + "{ inner " * (depth - 2) + "{ name }" + " }" * (depth - 1)


@pytest.mark.parametrize(
    ("document", "depth", "aliases"),
    [
        ("{ a }", 1, 0),
        ("{ a { b { c } } d }", 3, 0),
        ("{ x: a { y: b } }", 2, 2),
        ("{ a { ... on B { c } ... @include(if: true) { d { e } } } }", 3, 0),
        ("{ a { ...F } } fragment F on B { b { x: c } }", 3, 1),
        ("{ a { ...F ...F } ...F } fragment F on B { x: b }", 2, 3),
        ("{ ...F } fragment F on B { ...G ...G } fragment G on B { ...H ...H } fragment H on B { x: b }", 1, 4),
        ("query A { x: a } query B { a { b } }", 2, 1),
        ("{ __schema { types { fields { type { name } } } } }", 1, 0),
        ("{ a { __typename } }", 2, 0),
        ("{ x: __schema { y: types { z: name } } }", 1, 3),
        ("{ ...F } fragment F on B { ...F a { b } }", 2, 0),
        ("{ ...Unknown a }", 1, 0),
    ],
)
def test_extent(document: str, depth: int, aliases: int) -> None:
    """At its exact size a document passes; one less of either and it does not."""
    node = parse(document)
    check_extent(node, Limits(depth=depth, aliases=aliases))
    with pytest.raises(TooComplex, match="level"):
        check_extent(node, Limits(depth=depth - 1, aliases=aliases))
    if aliases:
        with pytest.raises(TooComplex, match="alias"):
            check_extent(node, Limits(depth=depth, aliases=aliases - 1))


@given(st.integers(2, 60))
def test_depth_is_counted_exactly(depth: int) -> None:
    node = parse(nested(depth))
    check_extent(node, Limits(depth=depth))
    with pytest.raises(TooComplex):
        check_extent(node, Limits(depth=depth - 1))


@given(st.integers(1, 40))
def test_doubling_fragments_are_counted_without_being_walked(levels: int) -> None:
    """Each fragment spreads the next twice: 2 ** levels aliases in a text of some lines."""
    chain = "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }} " for n in range(levels))
    node = parse(f"{{ ...F0 }} {chain} fragment F{levels} on Query {{ x: hello }}")
    check_extent(node, Limits(aliases=2**levels))
    with pytest.raises(TooComplex, match=str(2**levels)):
        check_extent(node, Limits(aliases=2**levels - 1))


def test_tokens_are_counted() -> None:
    parse_within("{ a b c }", Limits(tokens=5))
    with pytest.raises(TooComplex, match="4 tokens"):
        parse_within("{ a b c }", Limits(tokens=4))


def test_comments_do_not_get_round_the_limit() -> None:
    with pytest.raises(TooComplex):
        parse_within("#\n" * 6 + "{ a }", Limits(tokens=5))


def test_directives_count_where_fragments_are_spread() -> None:
    node = parse("query @a { b @c ...F ...F ... @d { e } } fragment F on Query { f @g @h }")
    check_extent(node, Limits(directives=7))
    with pytest.raises(TooComplex, match="7 directives"):
        check_extent(node, Limits(directives=6))


def test_lists_of_arguments_have_a_length_at_any_depth() -> None:
    arguments = {"input": {"ids": ["x"] * 3, "rows": [{"tags": ["y"] * 3}]}, "first": 1}
    check_lists(arguments, 3, "field")
    for most, named in ((2, "ids holds 3"), (0, "ids holds 3")):
        with pytest.raises(TooComplex, match=named):
            check_lists(arguments, most, "field")
    with pytest.raises(TooComplex, match="tags holds 3"):
        check_lists({"rows": [{"tags": ["y"] * 3}]}, 2, "field")
    with pytest.raises(TooComplex, match="rows holds 4"):
        check_lists({"rows": [[1], [2], [3], [4]]}, 3, "field")


@pytest.mark.parametrize("size", [900, 2000, 100_000])
def test_nesting_beyond_the_interpreter_is_over_the_limit(size: int) -> None:
    text = "{ a " * size + "}" * size
    with pytest.raises(TooComplex):
        check_extent(parse_within(text, Limits(tokens=10**6)), Limits())


def test_a_long_chain_of_fragments_is_over_the_limit() -> None:
    chain = "".join(f"fragment F{n} on Query {{ item {{ ...F{n + 1} }} }} " for n in range(3000))
    node = parse(f"{{ ...F0 }} {chain} fragment F3000 on Query {{ hello }}")
    with pytest.raises(TooComplex):
        check_extent(node, Limits())


@pytest.mark.parametrize(
    ("environ", "query"),
    [
        ({}, nested(16)),
        ({"GATEWAY_MAX_DEPTH": "2"}, nested(3)),
        ({}, "{ " + " ".join(f"a{n}: hello" for n in range(51)) + " }"),
        ({}, "{" + " hello" * 5000 + "}"),
        ({"GATEWAY_MAX_TOKENS": "3"}, "{ hello item { name } }"),
        ({}, "{" + " item { name }" * 1200 + "}"),
        (
            {},
            "{"
            + "".join(f" ...F{n}" for n in range(400))
            + " }"
            + "".join(f" fragment F{n} on Query {{ item {{ name }} }}" for n in range(400)),
        ),
    ],
)
async def test_over_a_limit_is_refused_before_anything_runs(environ: dict[str, str], query: str) -> None:
    services = FakeServices()
    app = make_app(services, **environ)
    answer = await post(app, query)
    assert (answer.status, answer.codes) == (400, ["QUERY_TOO_COMPLEX"])
    assert services.opened == 0
    assert (await post(app, query, accept="application/json")).status == 200


async def test_at_the_limits_an_operation_runs() -> None:
    """Also one with many small fragments that select the same, as front-ends with a fragment a component have."""
    app = make_app()
    fragments = "".join(f" fragment F{n} on Item {{ name inner {{ name }} }}" for n in range(60))
    of_components = "{ item {" + "".join(f" ...F{n}" for n in range(60)) + " } }" + fragments
    for query in (nested(15), "{ " + " ".join(f"a{n}: hello" for n in range(50)) + " }", of_components):
        answer = await post(app, query)
        assert answer.status == 200
        assert "errors" not in answer.json


async def test_the_standard_introspection_query_fits_any_depth() -> None:
    query = get_introspection_query(
        descriptions=True, specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True
    )
    for environ in ({}, {"GATEWAY_MAX_DEPTH": "3"}):
        answer = await post(make_app(**environ), query)
        assert answer.status == 200
        assert answer.json["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_cyclic_introspection_is_refused() -> None:
    query = "{ __schema { types " + "{ fields { type " * 5 + "{ name }" + " } }" * 5 + " } }"
    answer = await post(make_app(), query)
    assert (answer.status, answer.codes) == (400, ["GRAPHQL_VALIDATION_FAILED"])


async def test_introspection_and_suggestions_can_be_switched_off() -> None:
    app = make_app(GATEWAY_INTROSPECTION="off")
    answer = await get(app, query="{ __schema { queryType { name } } }")
    assert (answer.status, set(answer.codes)) == (400, {"GRAPHQL_VALIDATION_FAILED"})
    assert (await get(app, query="{ __typename }")).said == {"data": {"__typename": "Query"}}
    guess = "query ($x: Itme) { helo hello(nam: $x) item { nam } }"
    assert "Did you mean" in (await post(make_app(), guess)).body.decode()
    assert "Did you mean" not in (await post(app, guess)).body.decode()
