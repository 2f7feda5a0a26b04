"""One operation, run by both executors on the same schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import ExecutionResult, GraphQLSchema, OperationDefinitionNode, parse, validate
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler import Plan, compile


@dataclass(frozen=True)
class Outcome:
    """What came of a run, comparable; ``keys`` tells the order of the response, ``causes`` what errors came from."""

    data: Any
    keys: str
    errors: list[dict[str, Any]]
    causes: list[str]

    @classmethod
    def of(cls, result: ExecutionResult) -> Outcome:
        errors = sorted(result.errors or [], key=lambda error: (str(error.path), error.message))
        return cls(
            result.data,
            str(result.data),
            [dict(error.formatted) for error in errors],
            [type(error.original_error).__name__ for error in errors],
        )


def schema_of(schema: strawberry.Schema) -> GraphQLSchema:
    """What is executed of a Strawberry schema."""
    return schema._schema


def plan_of(schema: strawberry.Schema, text: str) -> Plan:
    """The plan of a document's first operation."""
    document = parse(text)
    return compile(schema_of(schema), document, operation_of(text))


def operation_of(text: str) -> OperationDefinitionNode:
    """The first operation of a document."""
    return next(node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode))


def coerced(schema: strawberry.Schema, text: str, variables: Mapping[str, Any] | None = None) -> VariableValues:
    """The variables of an operation."""
    definitions = operation_of(text).variable_definitions or ()
    found = get_variable_values(schema_of(schema), definitions, dict(variables or {}))
    assert isinstance(found, VariableValues), found
    return found


async def compiled(
    schema: strawberry.Schema,
    text: str,
    variables: Mapping[str, Any] | None = None,
    *,
    context: Any = None,
    root: Any = None,
) -> ExecutionResult:
    """Run it compiled."""
    ran = plan_of(schema, text).run(coerced(schema, text, variables), context, root)
    return ran if isinstance(ran, ExecutionResult) else await ran


async def by_graphql_core(
    schema: strawberry.Schema,
    text: str,
    variables: Mapping[str, Any] | None = None,
    *,
    context: Any = None,
    root: Any = None,
) -> ExecutionResult:
    """Run it as Strawberry has graphql-core run it."""
    executor = StrawberryGraphQLCoreExecutionContext.build(
        schema_of(schema),
        parse(text),
        root,
        context,
        dict(variables or {}),
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
    )
    assert not isinstance(executor, list), executor
    ran: Any = executor.execute_operation()
    return ran if isinstance(ran, ExecutionResult) else await ran


async def same(
    schema: strawberry.Schema,
    text: str,
    variables: Mapping[str, Any] | None = None,
    *,
    context: Callable[[], Any] = lambda: None,
    root: Callable[[], Any] = lambda: None,
) -> Outcome:
    """What both make of it, which must be the same.

    Args:
        context: makes a context for each run.
        root: makes a root value for each run.
    """
    assert validate(schema_of(schema), parse(text)) == []
    ours = Outcome.of(await compiled(schema, text, variables, context=context(), root=root()))
    theirs = Outcome.of(await by_graphql_core(schema, text, variables, context=context(), root=root()))
    assert ours == theirs
    return ours
