"""Who runs an operation: its compiled plan, or graphql-core for what is not compiled.

A plan takes a few hundred bytes of memory for each character of its document, more where types are many, so only those
lately used are kept; those of trusted documents stay.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, MutableMapping
from enum import StrEnum
from typing import Any, cast

from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from graphql.execution.values import VariableValues
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler import Fallback, Plan, Variables, compile
from gateway.documents import Document, Operation

_MOST_COERCION_ERRORS = 20
_ROOM = 50_000
"""Characters of the documents whose plans are kept; a document counts for each operation and view of the schema."""

Key = tuple[str, str | None, GraphQLSchema]
Executed = ExecutionResult | Awaitable[ExecutionResult]


class Executor(StrEnum):
    """What runs operations."""

    COMPILED = "compiled"
    GRAPHQL_CORE = "graphql-core"


class Executors:
    """Runs operations.

    Args:
        executor: who runs them where it can.
        hide_suggestions: no message suggests a name of the schema.

    Attributes:
        runs: how many operations were run by whom, and why that was not their plan where plans are made.
    """

    def __init__(self, executor: Executor, *, hide_suggestions: bool) -> None:
        self._executor = executor
        self._hide_suggestions = hide_suggestions
        self.runs: MutableMapping[tuple[str, ...], int] = defaultdict(int)
        self._kept: OrderedDict[Key, Plan | str] = OrderedDict()
        self._size = 0
        self._trusted: dict[Key, Plan | str] = {}

    def coerce(
        self,
        schema: GraphQLSchema,
        operation: Operation,
        given: dict[str, Any] | None,
    ) -> VariableValues | list[GraphQLError]:
        """The variables of an operation as its resolvers get them, or what is wrong with them."""
        known = operation.variables
        if known is None:
            known = operation.variables = Variables(
                schema,
                operation.node.variable_definitions or (),
                max_errors=_MOST_COERCION_ERRORS,
                hide_suggestions=self._hide_suggestions,
            )
        return known.coerce(given or {})

    def run(
        self,
        schema: GraphQLSchema,
        document: Document,
        operation: Operation,
        variables: VariableValues,
        context: Any,
    ) -> Executed:
        """Run an operation; what waits for nothing is done when this returns."""
        reason = ""
        if self._executor is Executor.COMPILED:
            try:
                executed = self._plan(schema, document, operation).run(variables, context)
            except Fallback as fallback:
                reason = fallback.reason
            else:
                self.runs[Executor.COMPILED, ""] += 1
                return executed
        self.runs[Executor.GRAPHQL_CORE, reason] += 1
        return self._run_by_graphql_core(schema, document, operation, variables, context)

    def _plan(self, schema: GraphQLSchema, document: Document, operation: Operation) -> Plan:
        key = (document.text, operation.name, schema)
        plans = self._trusted if document.trusted else self._kept
        plan = plans.get(key)
        if plan is None:
            try:
                plan = compile(schema, document.node, operation.node, hide_suggestions=self._hide_suggestions)
            except Fallback as fallback:
                plan = fallback.reason
            plans[key] = plan
            if plans is self._kept:
                self._make_room(len(document.text))
        elif plans is self._kept:
            self._kept.move_to_end(key)
        if isinstance(plan, str):
            raise Fallback(plan)
        return plan

    def _make_room(self, size: int) -> None:
        self._size += size
        while self._size > _ROOM and len(self._kept) > 1:
            (text, _, _), _ = self._kept.popitem(last=False)
            self._size -= len(text)

    def _run_by_graphql_core(
        self,
        schema: GraphQLSchema,
        document: Document,
        operation: Operation,
        variables: VariableValues,
        context: Any,
    ) -> Executed:
        executor = StrawberryGraphQLCoreExecutionContext.build(
            schema,
            document.node,
            context_value=context,
            raw_variable_values={name: source.value for name, source in variables.sources.items()},
            operation_name=operation.name,
            max_coercion_errors=_MOST_COERCION_ERRORS,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # a bool, where a TypeGuard is meant
            hide_suggestions=self._hide_suggestions,
        )
        assert not isinstance(executor, list)  # noqa: S101 - the variables were coerced before
        return cast(Executed, executor.execute_operation())
