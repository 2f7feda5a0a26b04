"""Whole queries in flight: equal ones of callers who may see the same are executed once.

::

    caller ──► key: upstream account, tenant, scopes, writes so far, document, operation, variables
                 │
                 ├── nobody asks that now ──► a flight of its own ─┐
                 └── somebody does ──────────► waits for it ◄──────┘

The key holds all that an answer depends on. What differs between those who wait is done for each of them by itself:
who they are, how often they may ask, what their query costs, the words of their errors, their trace and their deadline.

To the upstreams a flight is the request of who began it: the calls stand in that one's trace, and queue in that one's
name. So does its deadline bound the flight, since what cannot be had by then is answered with errors in its place. A
caller who has time left when a flight was cut short by another's deadline asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import orjson
from msgspec.structs import replace

from resolvers.callers import Caller
from upstreams.http.flights import Excuse, twin
from upstreams.http.scope import Call, RequestScope, current_scope

_WORTH = 1.0
"""Seconds that a caller must have left to ask again what was cut short by another's deadline."""


class Outcome(Protocol):
    """What comes of an execution."""

    @property
    def has_failed(self) -> bool:
        """Whether anything of it went wrong."""
        ...

    def encode(self) -> None:
        """Several clients get it: do once what can be done for all of them."""
        ...


T = TypeVar("T", bound=Outcome)


class Answered(NamedTuple, Generic[T]):
    """What a caller gets.

    Attributes:
        outcome: of the execution.
        shared: another had begun it.
    """

    outcome: T
    shared: bool


class QueryFlight(RequestScope, Generic[T]):
    """An execution that several requests may wait for.

    One that leaves ends only its own wait; when the last one has left, the execution is cancelled.

    Attributes:
        joined: others than who began it have waited for it.
        hurried: something was given up because of its deadline.
    """

    __slots__ = ("_landed", "_lines", "_over", "_task", "_waiters", "hurried", "joined")

    def __init__(self, scope: RequestScope, landed: Callable[[], object]) -> None:
        """``scope`` is the request of who begins it; ``landed`` is called when it can be joined no longer."""
        super().__init__(scope.deadline, scope.calls, scope.caller, scope.span)
        self.joined = False
        self.hurried = False
        self._lines = len(scope.calls)
        self._landed = landed
        self._over = False
        self._task: asyncio.Task[None] | None = None
        self._waiters: dict[asyncio.Future[T], None] = {}  # in order of arrival, in which they get the outcome

    @property
    def trace(self) -> Sequence[Call]:
        """The calls that it made, joined or was spared."""
        return self.calls[self._lines :]

    def can_wait(self, until: float, excuse: Excuse) -> bool:
        """See :meth:`RequestScope.can_wait`."""
        if until <= self.deadline:
            return True
        self.hurried = True
        return False

    def fly(self, execution: Awaitable[T]) -> None:
        """Go on in a task of its own; the context of whoever calls must name the flight as the request."""
        self._task = asyncio.get_running_loop().create_task(self._fly(execution))

    def enlist(self) -> asyncio.Future[T]:
        """Somebody is going to :meth:`wait`."""
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = None
        return waiter

    async def wait(self, waiter: asyncio.Future[T]) -> T:
        """What came of it.

        Raises:
            Exception: the execution's own failure, a copy for each.
            CancelledError: of the one who waits, or something in the execution was cancelled.
        """
        try:
            return await waiter
        finally:
            del self._waiters[waiter]
            if not self._waiters and not self._over and self._task is not None:
                task = self._task
                self._end()
                task.cancel()
                await asyncio.wait([task])

    async def _fly(self, execution: Awaitable[T]) -> None:
        try:
            value = await execution
        except asyncio.CancelledError:
            for waiter in self._waiters:
                waiter.cancel()
            raise
        except Exception as error:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_exception(twin(error))
        else:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(value)
        finally:
            self.hurried = self.hurried or asyncio.get_running_loop().time() >= self.deadline
            self._end()
            current_scope.set(None)  # or flight, task and context would keep each other alive

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._task = None
            self._landed()


class Sharing(Generic[T]):
    """The queries in flight of a process.

    Args:
        account: tells apart the credentials that upstreams are asked with. It is one value for the life of a process,
            which has one set of them, and part of the key so that nothing else has to change where that does.
        generation: how many writes have ended, here or on other workers. A query that begins after a write joins none
            that began before it ended.
    """

    def __init__(self, account: str, generation: Callable[[], int]) -> None:
        self._account = account
        self._generation = generation
        self._flights: dict[Hashable, QueryFlight[T]] = {}

    def key(self, caller: Caller, document: str, operation: str | None, variables: Mapping[str, Any]) -> Hashable:
        """All that the answer of a query depends on.

        Args:
            caller: who asks, of whom tenant and scopes count.
            document: its text.
            operation: the name of its operation that is run.
            variables: coerced. As JSON, numbers with and without a fraction, texts, booleans and null all differ; an
                input's fields stand in the order of its type.

        Returns:
            None: the variables hold what JSON does not, and the query is not shared.
        """
        try:
            values = orjson.dumps(variables)
        except TypeError:
            return None
        return self._account, caller.tenant, caller.scopes, self._generation(), document, operation, values

    def ask(
        self, key: Hashable, scope: RequestScope, execute: Callable[[], T | Awaitable[T]]
    ) -> Answered[T] | Awaitable[Answered[T]]:
        """Join an equal query in flight, or begin one.

        Args:
            key: of the query.
            scope: of the request that asks it.
            execute: begins an execution; what waits for nothing is done when it returns.
        """
        found = self._flights.get(key)
        if found is not None:
            found.joined = True
            return self._join(found, found.enlist(), key, scope, execute)
        flight: QueryFlight[T] = QueryFlight(scope, lambda: self._flights.pop(key, None))
        token = current_scope.set(flight)
        try:
            outcome = execute()
            if not isinstance(outcome, Awaitable):
                return Answered(outcome, shared=False)
            flight.fly(outcome)
        finally:
            current_scope.reset(token)
        self._flights[key] = flight
        return self._lead(flight, flight.enlist())

    async def _lead(self, flight: QueryFlight[T], waiter: asyncio.Future[T]) -> Answered[T]:
        outcome = await flight.wait(waiter)
        if flight.joined:
            outcome.encode()
        return Answered(outcome, shared=False)

    async def _join(
        self,
        flight: QueryFlight[T],
        waiter: asyncio.Future[T],
        key: Hashable,
        scope: RequestScope,
        execute: Callable[[], T | Awaitable[T]],
    ) -> Answered[T]:
        outcome = await flight.wait(waiter)
        scope.calls += (replace(call, shared=True) for call in flight.trace)
        left = scope.deadline - asyncio.get_running_loop().time()
        if flight.hurried and outcome.has_failed and left >= _WORTH:
            answered = self.ask(key, scope, execute)
            return answered if isinstance(answered, Answered) else await answered
        outcome.encode()
        return Answered(outcome, shared=True)
