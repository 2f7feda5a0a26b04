"""Calls that belong to nobody in particular: each waiter waits as long as it can, equal calls are made once.

A flight is work outside of every request's context. A waiter that leaves (cancelled, or its deadline passed) ends only
its own wait; when the last one has left, the work is cancelled.

Most work waits once, for one answer. Such a flight needs no task: it begins in the frame of who launches it, and goes
on in the frame in which the answer is read. Before it waits for anything else it must be :meth:`Flight.in_task`::

    launched ──steps──► waits for a Reply ──steps──► landed
        └──────── in_task ───────┴──► the same coroutine in a task, for the rest of its life ──► landed
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from math import inf
from typing import Any, Generic, TypeVar

from upstreams.http.alarm import Alarm
from upstreams.http.reply import Reply
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


class Waiter(asyncio.Future[T]):
    """One that waits: a future to await, and its request, whose deadline counts.

    To cancel it is to leave. So it can be awaited as it is, without a task or a coroutine around it.

    Raises (where it is awaited):
        TimeoutError: no outcome came before the request's deadline.
        Grounded: the process is closing.
        Exception: the work's own failure, or the excuse of a pause that outlasts the deadline.
    """

    __slots__ = ("flight", "scope")

    def __init__(self, flight: Flight[T], scope: RequestScope) -> None:
        super().__init__(loop=flight.loop)
        self.flight = flight
        self.scope = scope
        flight.board(self)

    def succeed(self, value: T) -> None:
        """The outcome is there."""
        if not self.done():
            self.left()
            self.set_result(value)

    def fail(self, error: Exception) -> None:
        """There is no outcome for this one."""
        if not self.done():
            self.left()
            self.tell(error)
            self.flight.leave(self, late=isinstance(error, TimeoutError))

    def cancel(self, msg: Any | None = None) -> bool:
        """Leave."""
        if super().cancel(msg):
            self.left()
            self.flight.leave(self, late=False)
            return True
        if not self.cancelled():
            self.exception()  # whoever is cancelled in the moment of the outcome has no more use for it
        return False

    def left(self) -> None:
        """The wait is over; is called once, before the outcome is set (or after a cancellation)."""

    def tell(self, error: Exception) -> None:
        """What this one gets in the place of an outcome."""
        self.set_exception(error)


class Flight(RequestScope, Generic[T]):
    """Work that several may wait for.

    To the work it is the request that it serves: trace and span are those of who began the flight, the time that of
    the waiter who can wait longest, and the rest of an inner flight is told to the waiters of the outer one.

    Attributes:
        loop: the event loop.
        status: the HTTP status of the last answer, for the trace of those who joined.
        overdue: it was abandoned because the last waiter's deadline passed, not because that waiter went away.
        task: where the work is done; None as long as it needs no task, and after it has failed.
    """

    __slots__ = (
        "_alarm",
        "_excuse",
        "_held_until",
        "_landed",
        "_over",
        "_reply",
        "_waiters",
        "_work",
        "loop",
        "overdue",
        "status",
        "task",
    )

    def __init__(
        self,
        work: Callable[[Flight[T]], Coroutine[Any, Any, T]],
        calls: list[Call],
        caller: str = "",
        span: Span | None = None,
        *,
        prompt: bool = False,
        landed: Callable[[Flight[T]], None] | None = None,
        alarm: Alarm | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """The work starts at the loop's next turn, in a task, and somebody must wait for it before that.

        Args:
            work: what is to be done.
            calls: the trace of who began it.
            caller: who that is.
            span: that one's span.
            prompt: the work starts without a task, when it is told to :meth:`start`.
            landed: is called when the work is over.
            alarm: rings no later than at the next deadline of those who wait, and then tells the time
                (:meth:`is_time`); by default the flight sets one for itself.
            loop: the running one, where it is at hand: to look it up takes a system call.
        """
        super().__init__(inf, calls, caller, span)  # the waiters' deadlines count: answer_by
        self.loop = loop or asyncio.get_running_loop()
        self.status: int | None = None
        self.overdue = False
        self.task: asyncio.Task[T] | None = None
        self._waiters: dict[Waiter[T], None] = {}  # in order of arrival, in which they get the outcome
        self._over = False
        self._held_until = -inf
        self._excuse: Excuse = Grounded
        self._reply: Reply[Any] | None = None
        self._landed = landed
        self._alarm = alarm or Alarm(self.loop, self._ring)
        self._work = work(self)
        if not prompt:
            self._go_on_in_task()

    @property
    def joinable(self) -> bool:
        """Whether there is still something to wait for."""
        return not self._over

    def wait(self, scope: RequestScope) -> Waiter[T]:
        """What gets the outcome, if it comes before the deadline of ``scope``."""
        return Waiter(self, scope)

    def board(self, waiter: Waiter[T]) -> None:
        """Somebody waits."""
        self._waiters[waiter] = None
        due = waiter.scope.answer_by()
        if due < self._alarm.due:
            self._alarm.move(due)
        until = self._held_until
        if until > -inf and until > self.loop.time() and not waiter.scope.can_wait(until, self._excuse):
            waiter.fail(self._excuse())

    def leave(self, waiter: Waiter[T], *, late: bool) -> None:
        """Somebody waits no longer; ``late``: because its time was up."""
        self._waiters.pop(waiter, None)
        if not self._waiters and not self._over:
            self._over = True
            self.overdue = late
            self.cancel()

    def is_time(self, now: float) -> None:
        """Have those leave whose deadline has passed."""
        for waiter in list(self._waiters):
            if waiter.scope.answer_by() <= now:
                waiter.fail(TimeoutError())

    def next_deadline(self) -> float:
        """The earliest deadline of those who wait."""
        return min((waiter.scope.answer_by() for waiter in self._waiters), default=inf)

    def answer_by(self) -> float:
        """The latest deadline of those who wait."""
        return max((waiter.scope.answer_by() for waiter in self._waiters), default=-inf)

    def can_wait(self, until: float, excuse: Excuse) -> bool:
        """Whether anybody stays if nothing happens before ``until``; those who cannot leave with an excuse at once.

        If nobody stays, the work is cancelled.
        """
        self._held_until, self._excuse = until, excuse
        stays = False
        for waiter in list(self._waiters):
            if waiter.scope.can_wait(until, excuse):
                stays = True
            else:
                waiter.fail(excuse())
        return stays

    async def rest(self, seconds: float, excuse: Excuse) -> None:
        """Wait within the work; see :meth:`can_wait`."""
        await self.in_task()
        self.can_wait(self.loop.time() + seconds, excuse)
        await asyncio.sleep(seconds)

    async def in_task(self) -> None:
        """Have the work go on in a task, where anything may be waited for."""
        if self.task is None:
            await asyncio.sleep(0)  # a bare yield: _go makes a task of what is left

    def start(self) -> None:
        """Begin the work of a ``prompt`` flight, for which somebody waits by now."""
        self._go(self._work.send, None)

    def cancel(self) -> None:
        """End the work."""
        if self.task is not None:
            self.task.cancel()
            return
        if self._reply is not None:
            self._reply.wake = None
            self._reply.cancel()
        self._go(self._work.throw, asyncio.CancelledError())

    def ground(self) -> None:
        """End the work from outside; the waiters get :class:`Grounded`."""
        self._tell(Grounded())
        self.cancel()

    def _go(self, resume: Callable[[Any], object], what: object) -> None:
        """Go on with the work in the frame of whoever calls, until it waits again."""
        self._reply = None
        try:
            waits_for = resume(what)
        except StopIteration as done:
            self._succeed(done.value)
        except asyncio.CancelledError:
            what = None  # the cancellation, which holds this frame
            self._fail(Grounded())
        except Exception as error:
            self._fail(error)
        else:
            if waits_for is None:
                self._go_on_in_task()
            elif isinstance(waits_for, Reply):
                self._reply = waits_for
                waits_for.wake = self._step
            else:
                self._go(self._work.throw, RuntimeError("a flight without a task waits for a reply only"))

    def _step(self) -> None:
        self._go(self._work.send, None)

    def _go_on_in_task(self) -> None:
        context = Context()
        context.run(current_scope.set, self)
        self.task = self.loop.create_task(self._work, context=context)
        self.task.add_done_callback(self._arrived, context=context)

    def _arrived(self, task: asyncio.Task[T]) -> None:
        current_scope.set(None)  # or flight, task and context would keep each other alive
        if task.cancelled():
            self._fail(Grounded())
        elif (error := task.exception()) is None:
            self._succeed(task.result())
        elif isinstance(error, Exception):
            # Not raised here, or this frame would be one of those that the failure holds, and so hold the task.
            self.task = None
            self._fail(error)
        else:
            raise error

    def _ring(self) -> None:
        self.is_time(max(self._alarm.due, self.loop.time()))
        self._alarm.move(self.next_deadline())

    def _succeed(self, value: T) -> None:
        self._over = True
        for waiter in self._waiters:
            waiter.succeed(value)
        self._waiters.clear()
        if self._landed is not None:
            self._landed(self)

    def _fail(self, error: Exception) -> None:
        self._tell(error)
        if self._landed is not None:
            self._landed(self)

    def _tell(self, error: Exception) -> None:
        self._over = True
        for waiter in list(self._waiters):
            waiter.fail(twin(error))
