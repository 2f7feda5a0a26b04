"""The face of the compiler: an operation in, a plan out, which runs it as graphql-core would."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.values import VariableValues

from compiler import general
from compiler.checks import checks_later
from compiler.explain import Code, Explained, code_of, explain
from compiler.program import Program
from compiler.run import Run

_MOST_CONDITIONS = 8
_MOST_PROGRAMS = 16


class Fallback(Exception):
    """An operation that is left to graphql-core.

    Attributes:
        reason: why, as a short constant text.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Plan:
    """A compiled operation. Made by :func:`compile`.

    A program is made for each set of conditions that the operation is run with, and the latest are kept.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
        conditions: dict[str, bool],
        *,
        hide_suggestions: bool,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = fragments
        self._conditions = conditions
        self._hide_suggestions = hide_suggestions
        self._programs: OrderedDict[tuple[Any, ...], Program] = OrderedDict()

    def explain(self) -> tuple[Explained, ...]:
        """The fields of the operation as they are run when no condition leaves any out."""
        return explain(self._whole().root)

    def code(self) -> tuple[Code, ...]:
        """The code that runs the operation when no condition leaves any field out."""
        return tuple(code_of(self._whole().root))

    def _whole(self) -> Program:
        return self._program(tuple(self._conditions.values()))

    def program(self, variables: VariableValues) -> Program:
        """The program for the conditions among some variables.

        Raises:
            Fallback: a condition is neither true nor false.
        """
        if not self._conditions:
            return self._program(())
        coerced = variables.coerced
        values = tuple(coerced.get(name) for name in self._conditions)
        if any(value is not True and value is not False for value in values):
            raise Fallback("condition without a value")
        return self._program(values)

    def _program(self, values: tuple[Any, ...]) -> Program:
        program = self._programs.get(values)
        if program is not None:
            self._programs.move_to_end(values)
            return program
        # Nothing else of a client's variables may outlive its request.
        conditions = VariableValues({}, dict(zip(self._conditions, values, strict=True)))
        program = self._programs[values] = Program(
            self._schema, self._operation, self._fragments, conditions, hide_suggestions=self._hide_suggestions
        )
        if len(self._programs) > _MOST_PROGRAMS:
            self._programs.popitem(last=False)
        return program

    def run(
        self, variables: VariableValues, context: Any, root_value: Any = None
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Run the operation; what waits for nothing is done when this returns.

        Args:
            variables: as :func:`graphql.execution.values.get_variable_values` coerced them.
            context: what resolvers get as ``info.context``.
            root_value: the object whose fields are the operation's.

        Raises:
            Fallback: it cannot be run with these variables. Nothing was resolved yet.
        """
        program = self.program(variables)
        run = Run(program, variables, context, root_value)
        if self._operation.operation is OperationType.MUTATION:
            return _serially(run)
        try:
            run.response.data = program.root.project(run, root_value, None)
        except GraphQLError as error:
            run.failed_wholly(error)
        return run.result() if run.is_idle else _finished(run)


def _finished(run: Run) -> Awaitable[ExecutionResult]:
    idle = run.idle()

    async def finished() -> ExecutionResult:
        await idle
        return run.result()

    return finished()


async def _serially(run: Run) -> ExecutionResult:
    """One field after another, each with all below it."""
    selection = run.program.root
    response: dict[str, Any] = {}
    run.response.data = response
    for field in selection.fields:
        place = (None, field.key, selection.type.name)
        try:
            response[field.key] = general.resolve(run, field, run.root_value, place, response)
        except GraphQLError as error:
            run.failed_wholly(error)
        if not run.is_idle:
            await run.idle()
        if run.response.data is None:
            break
    return run.result()


def compile(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, *, hide_suggestions: bool = False
) -> Plan:
    """Plan an operation of a valid document.

    Args:
        schema: what it is on; its fields are read through :meth:`GraphQLSchema.get_field`, which a view may override.
        hide_suggestions: no message suggests a name of the schema.

    Raises:
        Fallback: it holds something that is not compiled.
    """
    if operation.operation is OperationType.SUBSCRIPTION:
        raise Fallback("subscription")
    if operation.directives:
        raise Fallback("directive on the operation")
    if _checks_later(schema):
        raise Fallback("asynchronous type check")
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    conditions: dict[str, bool] = {}
    for node in _nodes(operation.selection_set, fragments, set()):
        if isinstance(node, FieldNode):
            if node.name.value in ("__schema", "__type"):
                raise Fallback("introspection")
        elif isinstance(node, DirectiveNode):
            if node.name.value in ("defer", "stream"):
                raise Fallback("incremental delivery")
            if node.name.value in ("skip", "include"):
                values = (argument.value for argument in node.arguments or ())
                lets_in = node.name.value == "include"
                conditions.update((value.name.value, lets_in) for value in values if isinstance(value, VariableNode))
        elif node.variable_definitions:
            raise Fallback("arguments of a fragment")
    if len(conditions) > _MOST_CONDITIONS:
        raise Fallback("too many conditions")
    return Plan(schema, operation, fragments, conditions, hide_suggestions=hide_suggestions)


_LATER: WeakKeyDictionary[GraphQLSchema, bool] = WeakKeyDictionary()


def _checks_later(schema: GraphQLSchema) -> bool:
    found = _LATER.get(schema)
    if found is None:
        found = _LATER[schema] = checks_later(schema)
    return found


def _nodes(
    selections: SelectionSetNode | None, fragments: dict[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[FieldNode | DirectiveNode | FragmentDefinitionNode]:
    """The fields and directives of selections, and the fragments spread in them, each once."""
    for node in selections.selections if selections is not None else ():
        yield from node.directives or ()
        if isinstance(node, FieldNode):
            yield node
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in seen and name in fragments:
                seen.add(name)
                yield fragments[name]
                yield from _nodes(fragments[name].selection_set, fragments, seen)
        else:
            yield from _nodes(getattr(node, "selection_set", None), fragments, seen)
