"""What is compiled, what is left to graphql-core, and what a plan tells of itself."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, GraphQLField, GraphQLObjectType, GraphQLString, build_schema, parse

from compiler import Fallback, Way, compile
from tests.compiler.both import coerced, operation_of, plan_of, same
from tests.compiler.zoo import SCHEMA, context

REASONS = [
    ("{ __schema { queryType { name } } }", "introspection"),
    ("{ ...F } fragment F on Query { ... { __type(name: \"Query\") { name } } }", "introspection"),
    ("{ named { ... @defer { name } } }", "incremental delivery"),
    ("{ named @stream { name } }", "incremental delivery"),
    ("query @x { generated }", "directive on the operation"),
    ("subscription { x }", "subscription"),
    ("query (" + " ".join(f"$v{n}: Boolean!" for n in range(9)) + ") {"
     + " ".join(f"a{n}: generated @skip(if: $v{n})" for n in range(9)) + "}", "too many conditions"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_what_is_left_to_graphql_core(text: str, reason: str) -> None:
    with pytest.raises(Fallback) as caught:
        plan_of(SCHEMA, text)
    assert caught.value.reason == reason


def test_a_condition_without_a_value() -> None:
    text = "query ($v: Boolean = true) { generated @skip(if: $v) }"
    plan = plan_of(SCHEMA, text)
    with pytest.raises(Fallback, match="condition without a value"):
        plan.run(coerced(SCHEMA, text, {"v": None}), None)
    assert isinstance(plan.run(coerced(SCHEMA, text), None), ExecutionResult)


def test_arguments_of_a_fragment() -> None:
    document = parse("{ ...F(n: 1) } fragment F($n: Int) on Query { generated }", experimental_fragment_arguments=True)
    with pytest.raises(Fallback, match="arguments of a fragment"):
        compile(SCHEMA._schema, document, document.definitions[0])  # type: ignore[arg-type]


def test_a_type_that_is_checked_by_a_coroutine() -> None:
    async def is_type_of(value: Any, info: Any) -> bool:
        return True

    query = GraphQLObjectType("Query", {"x": GraphQLField(GraphQLString)}, is_type_of=is_type_of)
    schema = build_schema("type Query { x: String }")
    schema.query_type = schema.type_map["Query"] = query
    with pytest.raises(Fallback, match="asynchronous type check"):
        compile(schema, parse("{ x }"), operation_of("{ x }"))


def test_a_program_is_made_for_each_set_of_conditions_and_the_latest_are_kept() -> None:
    names = [f"v{number}" for number in range(5)]
    text = f"query ({' '.join(f'${name}: Boolean!' for name in names)}) {{" + " ".join(
        f"{name}: generated @skip(if: ${name})" for name in names
    ) + "}"  # fmt: skip
    plan = plan_of(SCHEMA, text)
    sets = [{name: bool(number >> place & 1) for place, name in enumerate(names)} for number in range(32)]
    programs = [plan.program(coerced(SCHEMA, text, given)) for given in sets]
    assert len(set(map(id, programs))) == 32
    assert plan.program(coerced(SCHEMA, text, sets[-1])) is programs[-1]
    assert plan.program(coerced(SCHEMA, text, sets[0])) is not programs[0]


def test_a_plan_tells_what_is_data_and_what_is_a_join() -> None:
    text = """query ($with: Boolean!) {
      animals { ... on Lion { name keeper @include(if: $with) { name animals(most: 1) { __typename } } } }
      kept: generated
    }"""
    animals, kept = plan_of(SCHEMA, text).explain()
    assert (animals.key, animals.name, animals.type, animals.way) == ("animals", "animals", "[Animal!]!", Way.JOIN)
    lion, parrot = animals.below
    assert (lion.types, parrot.types, parrot.fields) == (("Lion",), ("Parrot",), ())
    name, keeper = lion.fields
    assert (name.way, keeper.way, keeper.type) == (Way.DATA, Way.JOIN, "Keeper")
    (person,) = keeper.below
    below = person.fields[1]
    assert (below.way, below.arguments, below.below[0].types) == (Way.JOIN, ("most",), ("Lion", "Parrot"))
    assert (kept.key, kept.name, kept.way, kept.below) == ("kept", "generated", Way.DATA, ())


async def test_resolvers_of_a_view_are_called_in_place_of_the_schema_s() -> None:
    """A view overrides only how fields are looked up."""

    class View(type(SCHEMA._schema)):  # type: ignore[misc]
        def get_field(self, parent_type: Any, field_name: str) -> Any:
            field = super().get_field(parent_type, field_name)
            if (parent_type.name, field_name) != ("Lion", "name"):
                return field
            return GraphQLField(
                field.type, resolve=lambda source, info: f"a {info.parent_type} at {info.path.as_list()}"
            )

    view = View.__new__(View)
    view.__dict__.update(SCHEMA._schema.__dict__)
    text = '{ animal(name: "Leo") { ... on Lion { name weight } } }'
    result = compile(view, parse(text), operation_of(text)).run(coerced(SCHEMA, text), context())
    assert isinstance(result, ExecutionResult)
    assert result.data == {"animal": {"name": "a Lion at ['animal', 'name']", "weight": 190.5}}
    assert (await same(SCHEMA, text, context=context)).data == {"animal": {"name": "Leo", "weight": 190.5}}


async def test_fields_of_a_schema_that_is_not_strawberry_s() -> None:
    schema = build_schema("type Query { a: String b(n: Int = 2): Int c: C } type C { d: [Int!] }")
    root = {"a": "x", "b": lambda info, n: n * 2, "c": {"d": (1, 2)}}
    text = "{ a b e: b(n: 5) c { d } }"
    variables = coerced(SCHEMA, "{ __typename }")
    result = compile(schema, parse(text), operation_of(text)).run(variables, None, root)
    assert isinstance(result, ExecutionResult)
    assert result.errors is None
    assert result.data == {"a": "x", "b": 4, "e": 10, "c": {"d": [1, 2]}}


@strawberry.type
class Counted:
    name: str

    @strawberry.field
    def number(self, info: strawberry.Info) -> int:
        calls: list[str] = info.context
        calls.append(self.name)
        return len(calls) if self.name != "x" else "not a number"  # type: ignore[return-value]


@strawberry.type
class CountingQuery:
    @strawberry.field
    def counted(self) -> list[Counted | None]:
        return [Counted(name=name) for name in "axb"]


def test_nothing_is_called_twice_whatever_goes_wrong() -> None:
    schema, calls = strawberry.Schema(CountingQuery), list[str]()
    text = "{ counted { name number } }"
    result = plan_of(schema, text).run(coerced(schema, text), calls)
    assert isinstance(result, ExecutionResult)
    assert result.data == {"counted": [{"name": "a", "number": 1}, None, {"name": "b", "number": 3}]}
    assert calls == ["a", "x", "b"]
