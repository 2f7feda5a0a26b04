"""Calls that belong to nobody in particular: each waiter waits as long as it can, equal calls are made once.

A flight is work in a task of its own, outside of every request's context. A waiter that leaves (cancelled, or its
deadline passed) ends only its own wait; when the last one has left, the work is cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context
from typing import Any, Generic, TypeVar

from upstreams.http.scope import Call, RequestScope, Span, current_scope

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

Excuse = Callable[[], Exception]
"""Makes the failure for one waiter that cannot wait any longer."""


class Grounded(Exception):
    """The flight was ended from outside: the process is closing."""


def twin(error: E) -> E:
    """The same failure once more, since raising one exception object in many tasks would tangle their tracebacks."""
    copy = error.__class__.__new__(error.__class__, *error.args)
    copy.__dict__.update(error.__dict__)
    copy.__cause__ = error.__cause__
    return copy.with_traceback(error.__traceback__)


class _Waiter(Generic[T]):
    """One that waits: its future and its request, which tells it when its time is over."""

    __slots__ = ("future", "scope")

    def __init__(self, scope: RequestScope, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[T] = loop.create_future()
        self.scope = scope

    def late(self) -> None:
        self.fail(TimeoutError())

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Flight(RequestScope, Generic[T]):
    """Work that several may wait for.

    To the work it is the request that it serves: trace and span are those of who began the flight, the time that of
    the waiter who can wait longest, and the rest of an inner flight is told to the waiters of the outer one.

    Attributes:
        status: the HTTP status of the last answer, for the trace of those who joined.
        overdue: it was abandoned because the last waiter's deadline passed, not because that waiter went away.
        task: where the work is done.
    """

    __slots__ = ("_excuse", "_held_until", "_over", "_waiters", "overdue", "status", "task")

    def __init__(
        self,
        work: Callable[[Flight[T]], Coroutine[Any, Any, T]],
        calls: list[Call],
        caller: str = "",
        span: Span | None = None,
    ) -> None:
        """The work starts at the loop's next turn; the caller must wait for it before that."""
        super().__init__(float("inf"), calls, caller, span)  # the waiters' deadlines count: answer_by
        self.status: int | None = None
        self.overdue = False
        self._waiters: dict[_Waiter[T], None] = {}  # in order of arrival, in which they get the outcome
        self._over = False
        self._held_until = float("-inf")
        self._excuse: Excuse = Grounded
        context = Context()
        context.run(current_scope.set, self)
        self.task: asyncio.Task[None] = asyncio.get_running_loop().create_task(self._fly(work), context=context)

    @property
    def joinable(self) -> bool:
        """Whether there is still something to wait for."""
        return not self._over

    async def wait(self, scope: RequestScope) -> T:
        """The outcome, if it comes before the deadline of ``scope``.

        Raises:
            TimeoutError: it did not.
            Grounded: the process is closing.
            Exception: the work's own failure, or the excuse of a pause that outlasts the deadline.
        """
        loop = asyncio.get_running_loop()
        waiter: _Waiter[T] = _Waiter(scope, loop)
        self._waiters[waiter] = None
        scope.warn(waiter.late)
        try:
            if self._held_until > loop.time() and not scope.can_wait(self._held_until, self._excuse):
                raise self._excuse()
            return await waiter.future
        finally:
            scope.unwarn(waiter.late)
            self._leave(waiter)

    def answer_by(self) -> float:
        """The latest deadline of those who wait."""
        return max((waiter.scope.answer_by() for waiter in self._waiters), default=float("-inf"))

    def can_wait(self, until: float, excuse: Excuse) -> bool:
        """Whether anybody stays if nothing happens before ``until``; those who cannot leave with an excuse at once.

        If nobody stays, the work is cancelled.
        """
        self._held_until, self._excuse = until, excuse
        stays = False
        for waiter in self._waiters:
            if waiter.scope.can_wait(until, excuse):
                stays = True
            else:
                waiter.fail(excuse())
        return stays

    async def rest(self, seconds: float, excuse: Excuse) -> None:
        """Wait within the work; see :meth:`can_wait`."""
        self.can_wait(asyncio.get_running_loop().time() + seconds, excuse)
        await asyncio.sleep(seconds)

    def ground(self) -> None:
        """End the work from outside; the waiters get :class:`Grounded`."""
        self._land(Grounded())
        self.task.cancel()

    async def _fly(self, work: Callable[[Flight[T]], Coroutine[Any, Any, T]]) -> None:
        try:
            value = await work(self)
        except asyncio.CancelledError:
            self._land(Grounded())
            raise
        except Exception as error:
            self._land(error)
        else:
            self._over = True
            for waiter in self._waiters:
                if not waiter.future.done():
                    waiter.future.set_result(value)
        finally:
            current_scope.set(None)  # or flight, task and context would keep each other alive

    def _land(self, error: Exception) -> None:
        self._over = True
        for waiter in self._waiters:
            waiter.fail(twin(error))

    def _leave(self, waiter: _Waiter[T]) -> None:
        del self._waiters[waiter]
        future = waiter.future
        late = future.done() and not future.cancelled() and isinstance(future.exception(), TimeoutError)
        if not self._waiters and not self._over:
            self._over = True
            self.overdue = late
            self.task.cancel()


class Flights:
    """The flights of one wire: all of them, so that they can be ended; those that may be shared by their key."""

    __slots__ = ("_aloft", "_shared", "closed", "generation")

    def __init__(self) -> None:
        self._aloft: dict[asyncio.Task[None], tuple[Flight[Any], Hashable | None]] = {}
        self._shared: dict[Hashable, Flight[Any]] = {}
        self.generation = 0
        self.closed = False

    def find(self, key: Hashable) -> Flight[Any] | None:
        """An equal flight that can be joined."""
        flight = self._shared.get(key)
        return flight if flight is not None and flight.joinable else None

    def launch(
        self, work: Callable[[Flight[T]], Coroutine[Any, Any, T]], scope: RequestScope, key: Hashable | None = None
    ) -> Flight[T]:
        """Begin a flight; with a key, others may join it.

        Raises:
            Grounded: the process is closing.
        """
        if self.closed:
            raise Grounded
        flight = Flight(work, scope.calls, scope.caller, scope.span)
        self._aloft[flight.task] = flight, key
        flight.task.add_done_callback(self._landed)
        if key is not None:
            self._shared[key] = flight
        return flight

    def cut(self) -> None:
        """A write has ended: what was begun before it is joined by nobody from now on."""
        self.generation += 1
        self._shared.clear()

    async def close(self) -> None:
        """End all flights."""
        self.closed = True
        aloft = list(self._aloft)
        for flight, _ in self._aloft.values():
            flight.ground()
        await asyncio.gather(*aloft, return_exceptions=True)

    def _landed(self, task: asyncio.Task[None]) -> None:
        flight, key = self._aloft.pop(task)
        if key is not None and self._shared.get(key) is flight:
            del self._shared[key]
