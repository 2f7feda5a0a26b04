"""Views of a schema: which fields are withheld, and that whoever has all scopes pays nothing for it."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLSchema
from graphql.execution import Executor

from gateway.auth.views import Refused, Views, Withheld
from gateway.errors import Border
from gateway.execution import Engine, Parameters, Result
from gateway.limits import Limits
from resolvers.callers import ALL_SCOPES, Caller, Scope
from schema.access import PERSONAL, Personal, requires
from tests.gateway.support import FakeServices


@strawberry.type(directives=[PERSONAL])
class Secret:
    """Personal as a whole."""

    text: str = "secret"


@strawberry.type(directives=[requires(Scope.SEGMENTS_READ)])
class Group:
    """Behind a scope."""

    name: str = "group"


@strawberry.type(directives=[requires(Scope.CONTACTS_READ)])
class Thing:
    """Behind another."""

    number: str = "7"
    plain: str = "plain"
    name: str = strawberry.field(default="name", directives=[Personal(instead="number")])
    bare: str = strawberry.field(default="bare", directives=[PERSONAL])

    @strawberry.field
    def secret(self) -> Secret | None:
        return Secret()

    @strawberry.field
    def secrets(self) -> list[Secret]:
        return [Secret()]

    @strawberry.field
    def group(self) -> Group | None:
        return Group()

    @strawberry.field
    def must(self) -> Group:
        return Group()

    @strawberry.field
    def same(self) -> Thing:
        return Thing()


@strawberry.input
class Inner:
    """A part of a filter."""

    word: str | None = strawberry.field(default=None, directives=[PERSONAL])
    again: Inner | None = None


@strawberry.input
class Outer:
    """A filter."""

    plain: str | None = None
    inner: list[Inner | None] | None = None


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def thing(self) -> Thing | None:
        return Thing()

    @strawberry.field
    def find(
        self,
        by: Annotated[str | None, strawberry.argument(directives=[PERSONAL])] = None,
        filter: Outer | None = None,
    ) -> str | None:
        return "found"

    @strawberry.field(directives=[requires(Scope.EVENTS_READ, Scope.LOCATIONS_READ)])
    def both(self) -> str | None:
        return "both"


@strawberry.type
class Mutation:
    """Changes."""

    @strawberry.mutation(directives=[requires(Scope.CONTACTS_WRITE)])
    def change(self) -> str:
        return "changed"


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation)
WITHOUT_PII = ALL_SCOPES - {Scope.CONTACTS_PII}


async def run(query: str, scopes: frozenset[Scope], variables: dict[str, Any] | None = None) -> Result:
    """What a caller with these scopes gets."""
    engine = Engine(SCHEMA, Limits())
    caller = Caller("somebody", scopes)
    prepared = engine.prepare(Parameters(query, variables), queries_only=False)
    return await engine.execute(prepared, caller, FakeServices().request, Border("test"))


def denied(result: Result) -> dict[str, Any]:
    """The paths of what was denied, with the scopes lacked."""
    assert {error["extensions"]["code"] for error in result.errors} <= {"FORBIDDEN"}
    return {".".join(map(str, error["path"])): error["extensions"]["scopes"] for error in result.errors}


def test_whoever_has_all_scopes_is_served_by_the_schema_itself() -> None:
    views = Views(SCHEMA._schema)
    assert views.of(ALL_SCOPES) is SCHEMA._schema
    assert views.of(frozenset(Scope)) is SCHEMA._schema


def test_a_view_is_made_once_and_shares_all_types() -> None:
    views = Views(SCHEMA._schema)
    view = views.of(WITHOUT_PII)
    assert views.of(frozenset(WITHOUT_PII)) is view
    assert view.type_map is SCHEMA._schema.type_map
    assert view.query_type is not None
    assert view.get_field(view.query_type, "thing") is SCHEMA._schema.query_type.fields["thing"]  # type: ignore[union-attr]


def test_the_schema_itself_is_left_as_it_is() -> None:
    views = Views(SCHEMA._schema)
    thing: Any = SCHEMA._schema.type_map["Thing"]
    before = {name: field.resolve for name, field in thing.fields.items()}
    view = views.of(frozenset())
    assert {name: field.resolve for name, field in thing.fields.items()} == before
    withheld = view.get_field(thing, "secret")
    assert withheld is not None
    assert isinstance(withheld.resolve, Withheld)
    assert isinstance(view.get_field(thing, "bare").resolve, Refused)  # type: ignore[union-attr]


def test_a_schema_without_marks_has_one_view() -> None:
    @strawberry.type
    class Query:
        hello: str = "hello"

    schema = strawberry.Schema(query=Query)._schema
    assert Views(schema).of(frozenset()) is schema


def test_the_executor_asks_the_schema_for_each_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """What views stand on: graphql-core finds resolvers by ``get_field`` alone."""
    asked = []
    plain = GraphQLSchema.get_field

    def get_field(self: GraphQLSchema, parent: Any, name: str) -> Any:
        asked.append((parent.name, name))
        return plain(self, parent, name)

    monkeypatch.setattr(GraphQLSchema, "get_field", get_field)
    document = Engine(SCHEMA, Limits()).prepare(Parameters("{ thing { number } }"), queries_only=False).document.node
    asked.clear()
    executor = Executor.build(SCHEMA._schema, document)
    assert isinstance(executor, Executor)
    executor.execute_operation()
    assert asked == [("Query", "thing"), ("Thing", "number")]


async def test_null_an_empty_list_or_the_field_beside_it_stands_for_what_is_personal() -> None:
    result = await run("{ thing { number plain name secret { text } secrets { text } } }", WITHOUT_PII)
    assert result.data == {"thing": {"number": "7", "plain": "plain", "name": "7", "secret": None, "secrets": []}}
    assert denied(result) == {f"thing.{name}": ["contacts:pii"] for name in ("name", "secret", "secrets")}


async def test_what_nothing_can_stand_for_takes_its_object_with_it() -> None:
    """No field of the API is so; if one were, it would not leak."""
    result = await run("{ thing { number bare } }", WITHOUT_PII)
    assert (result.data, denied(result)) == ({"thing": None}, {"thing.bare": ["contacts:pii"]})
    result = await run("{ thing { must { name } } }", ALL_SCOPES - {Scope.SEGMENTS_READ})
    assert (result.data, denied(result)) == ({"thing": None}, {"thing.must": ["segments:read"]})


async def test_a_type_is_asked_for_at_its_door_alone() -> None:
    result = await run("{ thing { same { group { name } same { number } } } }", frozenset({Scope.CONTACTS_READ}))
    assert result.data == {"thing": {"same": {"group": None, "same": {"number": "7"}}}}
    assert denied(result) == {"thing.same.group": ["segments:read"]}


async def test_all_scopes_of_a_field_are_needed_and_those_that_lack_are_told() -> None:
    for scopes, lacking in (
        (frozenset[Scope](), ["events:read", "locations:read"]),
        (frozenset({Scope.EVENTS_READ}), ["locations:read"]),
    ):
        result = await run("{ both }", scopes)
        assert (result.data, denied(result)) == ({"both": None}, {"both": lacking})
    assert (await run("{ both }", frozenset({Scope.EVENTS_READ, Scope.LOCATIONS_READ}))).data == {"both": "both"}


async def test_a_change_needs_its_scope() -> None:
    result = await run("mutation { change }", ALL_SCOPES - {Scope.CONTACTS_WRITE})
    assert (result.data, denied(result)) == (None, {"change": ["contacts:write"]})
    assert (await run("mutation { change }", frozenset({Scope.CONTACTS_WRITE}))).data == {"change": "changed"}


GIVEN = [
    'by: "x"',
    'by: ""',
    'filter: {inner: {word: "x"}}',
    'filter: {inner: [null, {word: "x"}]}',
    'filter: {inner: [{again: {again: {word: "x"}}}]}',
]


@pytest.mark.parametrize("arguments", GIVEN)
async def test_a_personal_argument_is_found_wherever_it_stands(arguments: str) -> None:
    result = await run(f"{{ find({arguments}) }}", WITHOUT_PII)
    assert (result.data, denied(result)) == ({"find": None}, {"find": ["contacts:pii"]})
    assert (await run(f"{{ find({arguments}) }}", ALL_SCOPES)).data == {"find": "found"}


@pytest.mark.parametrize(
    "arguments", ["by: null", 'filter: {plain: "x"}', "filter: {inner: [{word: null, again: null}]}", "filter: null"]
)
async def test_null_is_not_given(arguments: str) -> None:
    assert (await run(f"{{ find({arguments}) }}", WITHOUT_PII)).data == {"find": "found"}


async def test_a_personal_argument_is_found_in_a_variable() -> None:
    query = "query ($filter: Outer, $by: String) { find(filter: $filter, by: $by) }"
    given: list[dict[str, Any]] = [{"by": "x"}, {"filter": {"inner": [{"again": {"word": "x"}}]}}]
    for variables in given:
        assert (await run(query, WITHOUT_PII, variables)).data == {"find": None}
    assert (await run(query, WITHOUT_PII, {"by": None})).data == {"find": "found"}
