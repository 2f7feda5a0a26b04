"""One run of a program: what it waits for, and what it makes of values and failures.

A join is waited for by a callback, not by a task of its own; all joins are started while objects are projected, so
those of one turn of the loop are together in the batches of dataloaders. When one settles, only what hangs on it goes
on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import ExecutionResult, GraphQLError, located_error
from graphql.execution.values import VariableValues

from compiler.getters import Call, PerRun
from compiler.info import Place, is_within, keys_of, nullable_above
from compiler.response import PENDING, Response

if TYPE_CHECKING:
    from compiler.program import Program
    from compiler.selection import Field


_TURNS = 1
"""How many turns of the loop after a field that must not be null failed, other failures are told of all the same."""


Wait: TypeAlias = "tuple[Field, int, Any, str | int, Place, asyncio.Task[Any] | None]"
"""A place of the response whose value is waited for: the field whose value it is, and the depth in it (0 for the value
itself, 1 for an item of its list, and so on); the object or list of the response that it goes into, and under what; the
place; what was made a task for this run, which may cancel it."""


class Run:
    """One run of a program.

    Args:
        program: what runs.
        variables: coerced; the program was made for the conditions among them.
        context: what resolvers get as ``info.context``.
        root_value: the object whose fields are the operation's.
    """

    __slots__ = (
        "_arguments",
        "_done",
        "_failing",
        "_shared",
        "_together",
        "_waits",
        "asks",
        "awaited",
        "context",
        "known",
        "program",
        "response",
        "root_value",
        "ties",
        "variables",
    )

    def __init__(
        self,
        program: Program,
        variables: VariableValues,
        context: Any,
        root_value: Any,
    ) -> None:
        self.program = program
        self.known = program.known
        self.awaited = program.awaited
        self.variables = variables
        self.context = context
        self.root_value = root_value
        self.response = Response()
        self._arguments: dict[Field, dict[str, Any]] = {}
        self.asks: dict[Field, Callable[[Any], Any]] = {}
        """What gives the values of fields whose function is made for each run, by the first of those alike."""
        self._waits: dict[int, Wait] = {}
        """By the number that a tie had when the wait began."""
        self._together: dict[int, tuple[Any, list[int]]] = {}
        """What is waited for, by its id, and the waits for it."""
        self._failing: list[tuple[int, GraphQLError]] = []
        self._shared: dict[tuple[Field, int], tuple[Any, Any]] = {}
        self.ties = 0
        """Counts what ties a response to its place: a wait, an error, a look at the path. Where none came up, equal
        values of fields that are alike have one response."""
        self._done: asyncio.Future[None] | None = None

    # What resolvers are called with.

    def arguments(self, field: Field) -> dict[str, Any]:
        """The values of a field's arguments, coerced once a run.

        Raises:
            GraphQLError: a value does not fit.
        """
        found = self._arguments.get(field)
        if found is None:
            found = field.arguments.values(self.variables)
            getter = field.getter
            if isinstance(getter, Call) and getter.convert is not None:
                place: Place = (None, field.key, field.parent_type.name)
                found = getter.convert(found, partial(getter.info_for, self, field, place))
            self._arguments[field] = found
        return found

    def ask(self, field: Field) -> Callable[[Any], Any]:
        """What gives the values of a field, and of those alike, whose function is made for each run."""
        first = field.alike
        found = self.asks.get(first)
        if found is None:
            assert isinstance(first.getter, PerRun)  # noqa: S101 - no other is
            found = self.asks[first] = first.getter.made(self, first)
        return found

    # What is waited for.

    def wait(self, awaitable: Any, field: Field, depth: int, container: Any, key: str | int, place: Place) -> Any:
        """Have a place filled when an awaitable settles.

        Returns:
            What stands there until then.
        """
        self.ties = number = self.ties + 1
        task = None
        together = self._together.get(id(awaitable))
        if together is not None:
            together[1].append(number)
        else:
            if not hasattr(awaitable, "add_done_callback"):
                awaitable = task = asyncio.ensure_future(awaitable)
            self._together[id(awaitable)] = awaitable, [number]
            awaitable.add_done_callback(partial(self._settled, id(awaitable)))
        self._waits[number] = field, depth, container, key, place, task
        return PENDING

    def _settled(self, name: int, future: Any) -> None:
        """Fill the places that an awaitable was for."""
        waits = self._waits
        filled: tuple[Field, Any] | None = None
        try:
            for number in self._together.pop(name)[1]:
                wait = waits.get(number)
                if wait is None:
                    if not future.cancelled():
                        future.exception()  # nobody waits for it any more
                elif filled is not None and filled[0] is wait[0].alike:
                    _, _, container, key, _, _ = wait
                    container[key] = filled[1]
                    del waits[number]
                else:
                    filled = self._fill(number, wait, future)
            self._end_if_idle()
        except asyncio.CancelledError:
            self._end(None)
        except BaseException as error:
            self._end(error)
            if not isinstance(error, Exception):
                raise

    def _fill(self, number: int, wait: Wait, future: Any) -> tuple[Field, Any] | None:
        """Fill one place.

        Returns:
            The first of the fields alike and the response, where all their places that wait for the same have that.
        """
        field, depth, container, key, place, _ = wait
        filled = None
        try:
            value = future.result()
            first = field.alike
            name = (first, id(value))
            shared = self._shared.get(name)
            if shared is None:
                ties = self.ties
                container[key] = response = field.finish[depth](self, value, container, key, place)
                if self.ties == ties:
                    self._shared[name] = value, response
                    filled = first, response
            else:
                container[key] = response = shared[1]
                filled = first, response
        except Exception as error:
            located = located_error(error, field.nodes, keys_of(place))
            if not field.may_be_null[depth]:
                if not self._failing:
                    asyncio.get_running_loop().call_soon(self._pass_on, _TURNS, self._failing)
                self._failing.append((number, located))
                return None
            container[key] = None
            self._note(located, place)
            self._drop(place)
        self._waits.pop(number, None)
        return filled

    def _pass_on(self, turns: int, failing: list[tuple[int, GraphQLError]]) -> None:
        """Pass failures of one turn of the loop on to the objects around them, some turns later."""
        if turns:
            if self._failing is failing:
                self._failing = []
            asyncio.get_running_loop().call_soon(self._pass_on, turns - 1, failing)
            return
        nulled: set[Place | None] = set()
        for number, error in failing:
            wait = self._waits.get(number)
            if wait is not None:
                field, depth, _, _, place, _ = wait
                null = nullable_above(field, depth, place)
                self._note(error, null)
                self.response.set_null(null)
                nulled.add(null)
        self._cancel([n for n, (*_, place, _) in self._waits.items() if None in nulled or is_within(place, nulled)])
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        if not self._waits and self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _end(self, error: BaseException | None) -> None:
        done = self._done
        if done is None or done.done():
            return
        if error is None:
            done.cancel()
        else:
            done.set_exception(error)

    def idle(self) -> Awaitable[None]:
        """Wait until nothing is waited for any more."""
        self._done = asyncio.get_running_loop().create_future()
        return self._until_done(self._done)

    async def _until_done(self, done: asyncio.Future[None]) -> None:
        try:
            await done
        except BaseException:
            # Whoever cancels a run may take it that nothing of it goes on.
            await asyncio.gather(*self._cancel([*self._waits]), return_exceptions=True)
            raise

    @property
    def is_idle(self) -> bool:
        """Nothing is waited for."""
        return not self._waits

    # What went wrong.

    def null(self, field: Field) -> TypeError:
        """The error of a field that must not be null and is."""
        return TypeError(f"Cannot return null for non-nullable field {field.parent_type}.{field.name}.")

    def failed(self, field: Field, depth: int, error: Exception, place: Place) -> None:
        """A value cannot be had: note it, and null stands in its place.

        Raises:
            GraphQLError: no null may stand there; it is the object around it that cannot be had.
        """
        located = located_error(error, field.nodes, keys_of(place))
        if not field.may_be_null[depth]:
            raise located
        self._note(located, place)
        self._drop(place)

    def failed_wholly(self, error: GraphQLError) -> None:
        """Not even the operation's own object can be had."""
        self._note(error, None)
        self.response.set_null(None)
        self._waits.clear()

    def _note(self, error: GraphQLError, place: Place | None) -> None:
        self.ties += 1
        self.response.note(error, place)

    def _drop(self, place: Place) -> None:
        """Wait no longer for what was begun below a place that has just failed: the latest waits."""
        around = {place}
        while self._waits and is_within(next(reversed(self._waits.values()))[4], around):
            self._waits.popitem()

    def _cancel(self, waits: Sequence[int]) -> list[asyncio.Task[Any]]:
        """Wait for some things no longer.

        Returns:
            The tasks that were made for them, which have been told to end.
        """
        given_up = [self._waits.pop(number) for number in waits]
        tasks = [task for *_, task in given_up if task is not None]
        for task in tasks:
            task.cancel()
        return tasks

    def result(self) -> ExecutionResult:
        """What came of it."""
        self.asks.clear()  # they may hold the run, which is to be gone when nobody needs it
        return self.response.result()
