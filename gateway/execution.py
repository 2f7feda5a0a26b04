"""From a request's parameters to the result: prepare, then execute.

:meth:`Engine.prepare` does what may refuse the request (:class:`RequestRefused`) and calls no upstream;
:meth:`Engine.start` runs the operation, whose result always has ``data``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql.execution.values import VariableValues
from strawberry.schema.schema import Schema

from gateway.auth.views import Views, withheld_of
from gateway.cost import Config, Costs, Estimate, Estimates, over_cost
from gateway.documents import Document, Documents, too_complex
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


@dataclass(frozen=True, slots=True)
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
    extensions: dict[str, Any] = field(default_factory=dict)
    hash: str | None = None
    by_id: bool = False


class Prepared(NamedTuple):
    """An operation that may be executed.

    Attributes:
        name: the operation's own; it is a GraphQL name, so it may be logged.
    """

    document: Document
    operation: OperationDefinitionNode
    name: str | None
    parameters: Parameters


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


class Started(NamedTuple):
    """An operation that runs.

    Attributes:
        cost: upstream calls that it costs at worst.
        outcome: what is answered, or will be.
    """

    cost: int
    outcome: Result | Awaitable[Result]


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
        self._config = config or Config(())
        self._costs = Costs(schema._schema, self._config)
        self._max_cost = max_cost
        self._views = Views(schema._schema)
        self._sharing = sharing
        self.executors = Executors(executor, hide_suggestions=not introspection)

    @property
    def sources(self) -> Sequence[Source]:
        """Whose calls are counted."""
        return self._config.sources

    def prepare(self, parameters: Parameters, *, queries_only: bool) -> Prepared:
        """Everything that can be said of an operation without its variables.

        Raises:
            RequestRefused: it must not be executed.
        """
        document = self._documents.named(parameters.query, parameters.hash, by_id=parameters.by_id)
        operation = document.operation(parameters.operation_name)
        if queries_only and operation.operation is not OperationType.QUERY:
            raise RequestRefused(
                [formatted("A GET request runs queries only; send a mutation by POST.", "BAD_REQUEST")],
                status=405,
                headers={"allow": "POST"},
            )
        return Prepared(document, operation, operation.name.value if operation.name else None, parameters)

    def start(
        self, prepared: Prepared, caller: Caller, open_context: Callable[[Caller], Context], border: Border
    ) -> Started:
        """Coerce the variables and run the operation; what waits for nothing is done when this returns.

        Args:
            prepared: the operation.
            caller: who asks.
            open_context: makes what resolvers get, for an execution, which closes it.
            border: words the errors for the client.

        Raises:
            RequestRefused: the variables do not fit or are too large, or the operation costs too much.
        """
        schema = self._views.of(caller.scopes)
        current_needs.set(_needs(prepared, schema))
        variables = self.executors.coerce(schema, prepared.document, prepared.operation, prepared.parameters.variables)
        if isinstance(variables, list):
            told = [document_error(error, "BAD_USER_INPUT") for error in variables]
            raise RequestRefused(self._documents.discreet(told, prepared.document.text), well_formed=True)
        try:
            estimate = self._estimate(prepared, variables)
        except TooComplex as error:
            raise too_complex(error) from error
        if self._max_cost is not None and estimate.requested > self._max_cost:
            raise RequestRefused(
                [formatted(over_cost(estimate, self._max_cost), "QUERY_TOO_COMPLEX")], well_formed=True
            )
        scope = current_scope.get()
        key = None
        if self._sharing is not None and scope is not None and prepared.operation.operation is OperationType.QUERY:
            key = self._sharing.key(caller, prepared.document.text, prepared.name, variables.coerced)
        if self._sharing is None or scope is None or key is None:
            executed = self._execute(prepared, schema, variables, caller, open_context)
            if isinstance(executed, Executed):
                return Started(estimate.requested, self._result(prepared, executed, border))
            return Started(estimate.requested, self._finish(prepared, executed, border))
        execute = partial(self._execute, prepared, schema, variables, caller, open_context)
        answered = self._sharing.ask(key, scope, execute)
        if isinstance(answered, Answered):
            return Started(estimate.requested, self._result(prepared, answered.outcome, border))
        return Started(estimate.requested, self._finish_shared(prepared, answered, border))

    def _estimate(self, prepared: Prepared, variables: VariableValues) -> Estimate:
        known = prepared.document.estimates.get(prepared.name)
        if known is None:
            known = Estimates(self._costs, prepared.document.node, prepared.operation)
            prepared.document.estimates[prepared.name] = known
        return known.of(variables)

    async def execute(
        self, prepared: Prepared, caller: Caller, open_context: Callable[[Caller], Context], border: Border
    ) -> Result:
        """Run the operation to its end.

        Raises:
            RequestRefused: as of :meth:`start`.
        """
        outcome = self.start(prepared, caller, open_context, border).outcome
        return outcome if isinstance(outcome, Result) else await outcome

    async def _finish(self, prepared: Prepared, executed: Awaitable[Executed], border: Border) -> Result:
        return self._result(prepared, await executed, border)

    async def _finish_shared(
        self, prepared: Prepared, answered: Awaitable[Answered[Executed]], border: Border
    ) -> Result:
        executed, shared = await answered
        result = self._result(prepared, executed, border)
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

    def _result(self, prepared: Prepared, executed: Executed, border: Border) -> Result:
        """What came of an execution, worded for a client."""
        if not executed.has_failed:
            return Result(executed.data, [])
        errors = [border.field(error) for error in executed.errors]
        self._documents.discreet(errors, prepared.document.text)
        for told in executed.told:
            locations = GraphQLError("", told.nodes).locations
            errors.append(border.exception(told.error, path=told.path, locations=locations))
        return Result(executed.data, errors)


def _needs(prepared: Prepared, schema: GraphQLSchema) -> frozenset[Need]:
    """What is read of contacts on a view of the schema, worked out once."""
    key = prepared.name, schema
    known = prepared.document.needs.get(key)
    if known is None:
        known = needs_of(prepared.document.node, prepared.operation, withheld_of(schema))
        prepared.document.needs[key] = known
    return known
