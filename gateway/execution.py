"""From a request's parameters to the result: prepare, then execute.

:meth:`Engine.prepare` does what may refuse the request (:class:`RequestRefused`) and calls no upstream;
:meth:`Engine.start` runs the operation, whose result always has ``data``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType
from graphql.execution.values import VariableValues
from strawberry.schema.schema import Schema

from gateway.auth.views import Views, withheld_of
from gateway.cost import Config, Costs, Estimate, Estimates, over_cost
from gateway.documents import Document, Documents, Operation, too_complex
from gateway.errors import Border, FormattedError, RequestRefused, document_error, formatted
from gateway.executed import Context, Executed
from gateway.executors import Executor, Executors
from gateway.limits import Limits
from gateway.sharing import Answered, Sharing
from resolvers.callers import Caller
from resolvers.errors import TooComplex
from resolvers.needs import needs_of
from upstreams.http.scope import current_scope
from upstreams.needs import Need, current_needs
from upstreams.records import Source

_QUERY = OperationType.QUERY.value


@dataclass(slots=True)
class Parameters:
    """What a client asked, as GraphQL over HTTP names it.

    Attributes:
        query: the text of the document; None: it is only named.
        hash: the SHA-256 that it is named by, if any.
        by_id: that came as ``documentId``, not with ``persistedQuery``.
    """

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    hash: str | None = None
    by_id: bool = False


@dataclass(slots=True)
class Prepared:
    """An operation that may be executed, with the variables as they were given."""

    document: Document
    operation: Operation
    variables: dict[str, Any] | None


@dataclass(slots=True)
class Result:
    """What is answered.

    Attributes:
        data: the data as a dict, or its JSON where several clients get it; None: there is none.
        errors: as the client reads them.
        shared: it came of the execution of an equal query that another had begun.
    """

    data: Any
    errors: list[FormattedError]
    shared: bool = False


class Engine:
    """Executes operations on a strawberry schema.

    Args:
        schema: what they are on.
        limits: what a document may hold.
        introspection: whether it may read the schema.
        config: what decides costs.
        max_cost: upstream calls that an operation may cost at worst; None: any number.
        trusted: the documents that requests may name, by hash.
        only_trusted: nothing else is run.
        executor: who runs operations.
        sharing: the queries in flight; None: each request executes its own.

    Attributes:
        sources: whose calls are counted.
    """

    def __init__(
        self,
        schema: Schema,
        limits: Limits,
        *,
        introspection: bool = True,
        config: Config | None = None,
        max_cost: int | None = None,
        trusted: Mapping[str, str] | None = None,
        only_trusted: bool = False,
        executor: Executor = Executor.COMPILED,
        sharing: Sharing[Executed] | None = None,
    ) -> None:
        self._documents = Documents(
            schema._schema, limits, introspection=introspection, trusted=trusted, only_trusted=only_trusted
        )
        config = config or Config(())
        self.sources: Sequence[Source] = config.sources
        self._costs = Costs(schema._schema, config)
        self._max_cost = max_cost
        self._views = Views(schema._schema)
        self._sharing = sharing
        self.executors = Executors(executor, hide_suggestions=not introspection)

    def prepare(self, parameters: Parameters, *, queries_only: bool) -> Prepared:
        """Everything that can be said of an operation without its variables.

        Raises:
            RequestRefused: it must not be executed.
        """
        document = self._documents.named(parameters.query, parameters.hash, by_id=parameters.by_id)
        operation = document.operation(parameters.operation_name)
        if queries_only and operation.kind != _QUERY:
            raise RequestRefused(
                [formatted("A GET request runs queries only; send a mutation by POST.", "BAD_REQUEST")],
                status=405,
                headers={"allow": "POST"},
            )
        return Prepared(document, operation, parameters.variables)

    def start(
        self, prepared: Prepared, caller: Caller, open_context: Callable[[Caller], Context], border: Border
    ) -> tuple[int, Result | Awaitable[Result]]:
        """Coerce the variables and run the operation; what waits for nothing is done when this returns.

        Args:
            prepared: the operation.
            caller: who asks.
            open_context: makes what resolvers get, for an execution, which closes it.
            border: words the errors for the client.

        Returns:
            The upstream calls that it costs at worst, and what is answered, or will be.

        Raises:
            RequestRefused: the variables do not fit or are too large, or the operation costs too much.
        """
        document, operation = prepared.document, prepared.operation
        schema = self._views.of(caller.scopes)
        current_needs.set(_needs(prepared, schema))
        variables = self.executors.coerce(schema, operation, prepared.variables)
        if isinstance(variables, list):
            told = [document_error(error, "BAD_USER_INPUT") for error in variables]
            raise RequestRefused(self._documents.discreet(told, document.text), well_formed=True)
        try:
            estimate = self._estimate(prepared, variables)
        except TooComplex as error:
            raise too_complex(error) from error
        cost = estimate.requested
        if self._max_cost is not None and cost > self._max_cost:
            raise RequestRefused(
                [formatted(over_cost(estimate, self._max_cost), "QUERY_TOO_COMPLEX")], well_formed=True
            )
        scope = current_scope.get()
        key = None
        if self._sharing is not None and scope is not None and operation.kind == _QUERY:
            key = self._sharing.key(caller, document.text, operation.name, variables.coerced)
        if self._sharing is None or scope is None or key is None:
            executed = self._execute(prepared, schema, variables, caller, open_context)
            if isinstance(executed, Executed):
                return cost, self._result(document, executed, border)
            return cost, self._finish(document, executed, border)
        execute = partial(self._execute, prepared, schema, variables, caller, open_context)
        answered = self._sharing.ask(key, scope, execute)
        if isinstance(answered, Answered):
            return cost, self._result(document, answered.outcome, border)
        return cost, self._finish_shared(document, answered, border)

    def _estimate(self, prepared: Prepared, variables: VariableValues) -> Estimate:
        operation = prepared.operation
        known = operation.estimates
        if known is None:
            known = operation.estimates = Estimates(self._costs, prepared.document.node, operation.node)
        return known.of(variables)

    async def execute(
        self, prepared: Prepared, caller: Caller, open_context: Callable[[Caller], Context], border: Border
    ) -> Result:
        """Run the operation to its end.

        Raises:
            RequestRefused: as of :meth:`start`.
        """
        _, outcome = self.start(prepared, caller, open_context, border)
        return outcome if isinstance(outcome, Result) else await outcome

    async def _finish(self, document: Document, executed: Awaitable[Executed], border: Border) -> Result:
        return self._result(document, await executed, border)

    async def _finish_shared(
        self, document: Document, answered: Awaitable[Answered[Executed]], border: Border
    ) -> Result:
        executed, shared = await answered
        result = self._result(document, executed, border)
        result.shared = shared
        return result

    def _execute(
        self,
        prepared: Prepared,
        schema: GraphQLSchema,
        variables: VariableValues,
        caller: Caller,
        open_context: Callable[[Caller], Context],
    ) -> Executed | Awaitable[Executed]:
        """Run an operation; what waits for nothing is done when this returns."""
        context = open_context(caller)
        try:
            executed = self.executors.run(schema, prepared.document, prepared.operation, variables, context)
        except BaseException:
            context.close()
            raise
        if isinstance(executed, ExecutionResult):
            context.close()
            return Executed.of(executed, context)
        return self._end(executed, context)

    async def _end(self, executed: Awaitable[ExecutionResult], context: Context) -> Executed:
        try:
            return Executed.of(await executed, context)
        finally:
            context.close()

    def _result(self, document: Document, executed: Executed, border: Border) -> Result:
        """What came of an execution, worded for a client."""
        if not executed.has_failed:
            return Result(executed.data, [])
        errors = [border.field(error) for error in executed.errors]
        self._documents.discreet(errors, document.text)
        for told in executed.told:
            locations = GraphQLError("", told.nodes).locations
            errors.append(border.exception(told.error, path=told.path, locations=locations))
        return Result(executed.data, errors)


def _needs(prepared: Prepared, schema: GraphQLSchema) -> frozenset[Need]:
    """What is read of contacts on a view of the schema, worked out once."""
    operation = prepared.operation
    known = operation.needs.get(schema)
    if known is None:
        known = needs_of(prepared.document.node, operation.node, withheld_of(schema))
        operation.needs[schema] = known
    return known
