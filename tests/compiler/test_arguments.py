"""Variables and arguments: the values, and objects of input classes, that graphql-core and Strawberry make."""

from __future__ import annotations

import enum
import string
from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLSchema
from graphql.execution.values import get_variable_values
from hypothesis import given
from hypothesis import strategies as st
from strawberry.relay import GlobalID
from strawberry.schema.config import StrawberryConfig

from compiler import Variables
from tests.compiler.both import compiled, operation_of, same, schema_of


@strawberry.enum
class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@strawberry.input
class Box:
    size: Size
    label: str | None = "plain"
    tags: list[str] | None = None
    marks: list[str] = strawberry.field(default_factory=list)
    within: Annotated[Box, strawberry.lazy("tests.compiler.test_arguments")] | None = None
    beside: list[list[Annotated[Box, strawberry.lazy("tests.compiler.test_arguments")] | None]] | None = None
    count: int | None = strawberry.UNSET


@strawberry.input
class Choice:
    name: strawberry.Maybe[str | None]


@strawberry.type
class Query:
    @strawberry.field
    def plain(self, a: int = 1, b: str | None = "b", c: float | None = None, d: bool | None = strawberry.UNSET) -> str:
        return repr((a, b, c, d))

    @strawberry.field
    def box(self, box: Box | None = None, size: Size = Size.LARGE, sizes: list[Size] | None = None) -> str:
        return repr((box, size, sizes))

    @strawberry.field
    def need(self, value: int, names: list[str]) -> str:
        return repr((value, names))

    @strawberry.field
    def left(self, id: GlobalID | None = None, choice: Choice | None = None) -> str:
        return repr((id and (id.type_name, id.node_id), choice and choice.name))

    @strawberry.field
    def grow(self, names: list[str] = ["one"]) -> str:  # noqa: B006 - it is what the test is about
        names.append("more")
        return repr(names)


SCHEMA = strawberry.Schema(Query, config=StrawberryConfig(relay_max_results=1))


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ plain }", {}),
        ('{ plain(a: 2, b: null, c: 1, d: true) other: plain(b: "x") }', {}),
        ("query ($a: Int = 5, $b: String) { plain(a: $a, b: $b) }", {}),
        ("query ($a: Int = 5, $b: String) { plain(a: $a, b: $b) }", {"a": 6, "b": None}),
        ("query ($a: Int = 5) { plain(a: $a) }", {"a": None}),
        ("query ($a: Int!) { plain(a: $a) }", {"a": 3}),
        ("query ($c: Float) { plain(c: $c) }", {"c": 3}),
        ("{ box }", {}),
        ("{ box(box: null, sizes: null) }", {}),
        ("{ box(box: {size: SMALL}, size: SMALL, sizes: [SMALL, LARGE]) }", {}),
        ("{ box(box: {size: SMALL, within: {size: LARGE, tags: []}, beside: [[null, {size: SMALL}]]}) }", {}),
        ("{ box(sizes: SMALL) }", {}),
        ("query ($label: String) { box(box: {size: SMALL, label: $label}) }", {}),
        ("query ($label: String) { box(box: {size: SMALL, label: $label}) }", {"label": None}),
        ("query ($label: String) { box(box: {size: SMALL, label: $label, count: 2}) }", {"label": "x"}),
        ("query ($box: Box, $size: Size!) { box(box: $box, size: $size, sizes: [$size]) }", {"size": "SMALL"}),
        ("query ($box: Box) { box(box: $box) }", {"box": {"size": "SMALL", "tags": "one", "count": 3}}),
        ("query ($sizes: [Size!]) { box(sizes: $sizes) }", {"sizes": ["SMALL"]}),
        ('{ need(value: 1, names: "n") }', {}),
        ("query ($value: Int = 4) { need(value: $value, names: []) }", {"value": None}),
        ("query ($value: Int = 4) { need(value: $value, names: []) }", {}),
        ('{ left(id: "QTox") other: left(id: "nonsense") }', {}),
        ('{ left(choice: {name: "n"}) a: left(choice: {name: null}) b: left(choice: {}) }', {}),
    ],
)
async def test_arguments(text: str, variables: dict[str, Any]) -> None:
    await same(SCHEMA, text, variables)


async def test_a_value_that_a_function_changes_is_another_one_for_the_next() -> None:
    for text in ("{ grow }", '{ grow(names: ["one"]) }'):
        for _ in range(2):
            assert (await compiled(SCHEMA, text)).data == {"grow": "['one', 'more']"}


def told(found: Any) -> Any:
    """Variables, or errors, that can be compared."""
    if isinstance(found, list):
        return [error.formatted for error in found]
    sources = {name: (str(source.signature.type), source.value) for name, source in found.sources.items()}
    return list(found.coerced.items()), sources


_DEFINED = (
    "$a: Int",
    "$a: Int!",
    "$a: Int = 3",
    "$b: ID!",
    "$b: String",
    "$c: Float, $d: Boolean!",
    "$s: Size",
    "$s: [Size!]!",
    "$x: Box",
    "$u: Unknown",
    "$a: Int!, $b: ID, $s: Size!",
)
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(string.ascii_letters),
    st.sampled_from(["SMALL", "LARGE"]),
    st.just({"size": "SMALL"}),
    st.lists(st.sampled_from(["SMALL", "MIDDLE"])),
)


@given(st.sampled_from(_DEFINED), st.dictionaries(st.sampled_from("abcdsxu"), _VALUES), st.booleans())
def test_variables_are_what_graphql_core_makes_of_them(defined: str, given: dict[str, Any], hide: bool) -> None:
    schema: GraphQLSchema = schema_of(SCHEMA)
    definitions = operation_of(f"query ({defined}) {{ plain }}").variable_definitions
    assert definitions is not None
    variables = Variables(schema, definitions, max_errors=2, hide_suggestions=hide)
    expected = get_variable_values(schema, definitions, given, max_errors=2, hide_suggestions=hide)
    assert str(told(variables.coerce(given))) == str(told(expected))
