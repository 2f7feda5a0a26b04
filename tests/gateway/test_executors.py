"""Who runs an operation, and which plans are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import ExecutionResult

from compiler import Plan
from gateway import executors as module
from gateway.auth.views import Views
from gateway.documents import Document, Documents
from gateway.executors import Executor, Executors
from gateway.limits import Limits
from resolvers.callers import ALL_SCOPES, Scope
from tests.schema.harness import SCHEMA


def document(text: str, **given: Any) -> Document:
    """A document of the gateway's schema."""
    return replace(Documents(SCHEMA._schema, Limits()).read(text), **given)


class Ran:
    """Runs operations, and writes down who ran them and how often a plan was made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, executor: Executor = Executor.COMPILED) -> None:
        self.executors = Executors(executor, hide_suggestions=False)
        self.compiled = 0

        def compile(*given: Any, **named: Any) -> Plan:
            self.compiled += 1
            return real(*given, **named)

        real = module.compile
        monkeypatch.setattr(module, "compile", compile)

    def __call__(self, found: Document, which: str | None = None, schema: Any = SCHEMA._schema, **given: Any) -> Any:
        operation = found.operation(which)
        variables = self.executors.coerce(schema, operation, given)
        assert not isinstance(variables, list), variables
        result = self.executors.run(schema, found, operation, variables, None)
        assert isinstance(result, ExecutionResult)
        assert result.errors is None
        return result.data


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    return Ran(monkeypatch)


def test_an_operation_is_compiled_once_for_each_view_of_the_schema(ran: Ran) -> None:
    found = document("query A { __typename } query B { b: __typename }")
    views = Views(SCHEMA._schema)
    assert ran(found, "A") == ran(found, "A") == {"__typename": "Query"}
    assert ran(found, "B") == {"b": "Query"}
    assert ran.compiled == 2
    for _ in range(2):
        ran(found, "A", views.of(ALL_SCOPES - {Scope.CONTACTS_PII}))
    assert ran.compiled == 3
    assert ran.executors.runs == {(Executor.COMPILED, ""): 5}


def test_the_plans_least_recently_used_are_forgotten(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = (document(f"{{ {name}: __typename }}") for name in ("one", "two", "six"))
    monkeypatch.setattr(module, "_ROOM", 2 * len(one.text))
    for found in (one, two, one, three, one):
        ran(found)
    assert ran.compiled == 3
    ran(two)
    assert ran.compiled == 4


def test_a_plan_that_is_larger_than_the_room_is_kept_until_the_next(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROOM", 1)
    found = document("{ __typename }")
    ran(found)
    ran(found)
    assert ran.compiled == 1


def test_plans_of_trusted_documents_stay(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROOM", 1)
    trusted = document("{ trusted: __typename }", trusted=True)
    ran(trusted)
    for name in ("a", "b"):
        ran(document(f"{{ {name}: __typename }}"))
    ran(trusted)
    assert ran.compiled == 3


def test_what_is_not_compiled_is_run_by_graphql_core_and_not_tried_again(ran: Ran) -> None:
    found = document("{ __schema { queryType { name } } }")
    for _ in range(2):
        assert ran(found) == {"__schema": {"queryType": {"name": "Query"}}}
    assert ran.compiled == 1
    assert ran.executors.runs == {(Executor.GRAPHQL_CORE, "introspection"): 2}


def test_variables_that_were_not_given_are_none_for_graphql_core_either(ran: Ran) -> None:
    found = document("query ($no: Boolean = false, $name: String!) { __type(name: $name) { name @skip(if: $no) } }")
    assert ran(found, name="Query") == {"__type": {"name": "Query"}}


def test_nothing_is_compiled_where_graphql_core_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = Ran(monkeypatch, Executor.GRAPHQL_CORE)
    assert ran(document("{ __typename }")) == {"__typename": "Query"}
    assert (ran.compiled, ran.executors.runs) == (0, {(Executor.GRAPHQL_CORE, ""): 1})


def test_a_plan_keeps_nothing_of_a_client_s_variables() -> None:
    text = "query ($if: Boolean!, $id: ID!) { __typename @skip(if: $if) node(id: $id) @include(if: $if) { id } }"
    found = document(text)
    operation = found.operation(None)
    executors = Executors(Executor.COMPILED, hide_suggestions=False)
    variables = executors.coerce(SCHEMA._schema, operation, {"if": False, "id": "secret"})
    assert not isinstance(variables, list)
    plan = module.compile(SCHEMA._schema, found.node, operation.node)
    assert "secret" not in repr(vars(plan.program(variables)))
