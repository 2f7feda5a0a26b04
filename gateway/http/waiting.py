"""Waiting: for what must be there by a deadline; for an operation until it ends or its client has left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar, cast

from starlette.types import Receive

from gateway.errors import Border, formatted
from gateway.execution import Result
from gateway.http.body import ClientLeft

T = TypeVar("T")

_LAST_RESORT = 1.0
"""Seconds past the deadline after which an execution is cut off that should have ended by itself."""

_MOMENT = 0.05
"""Seconds that an operation may take before anybody looks at its client and at the time."""


@coroutine
def within(deadline: float, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """What work comes to before a deadline. Work that has nothing to wait for is done without setting an alarm.

    Args:
        deadline: on the clock of the loop.
        work: is begun by this.

    Raises:
        TimeoutError: it had to wait, and the time was up.
    """
    try:
        waits = work.send(None)
    except StopIteration as done:
        return cast(T, done.value)
    return (yield from _rest(deadline, work, waits).__await__())


async def _rest(deadline: float, work: Coroutine[Any, Any, T], waits: Any) -> T:
    async with asyncio.timeout_at(deadline):
        return await _resumed(work, waits)


@coroutine
def _resumed(work: Coroutine[Any, Any, T], waits: Any) -> Generator[Any, Any, T]:
    """Go on with work that was begun and waits for something."""
    while True:
        try:
            given = yield waits
        except BaseException as error:  # what is thrown into it, such as its cancellation, is for the work to see
            step: Callable[[Any], Any] = work.throw
            given = error
        else:
            step = work.send
        try:
            waits = step(given)
        except StopIteration as done:
            return cast(T, done.value)


async def wait_for(
    outcome: Awaitable[Result], receive: Receive, border: Border, *, deadline: float, allowed: float
) -> Result:
    """The result of an operation; errors in place of it where there is none.

    Args:
        outcome: what will be the result.
        receive: tells when the client disconnects.
        border: words the errors.
        deadline: when the operation should be over, by the clock of the loop.
        allowed: seconds from the request to that, for the words.

    Raises:
        ClientLeft: the client has left, and the operation was cancelled.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - an ASGI server calls from a task
    watch = _Watch(task, receive, deadline + _LAST_RESORT)
    try:
        return await outcome
    except asyncio.CancelledError as error:
        if watch.client_left:
            task.uncancel()
            raise ClientLeft from error
        if watch.is_late and not task.uncancel():
            message = f"The request took longer than the {allowed:g} s that this gateway allows."
            return Result(None, [formatted(message, "UPSTREAM_TIMEOUT", extensions={"retryable": True})])
        if task.cancelling():
            raise
        # Nobody cancelled the request: something inside it was cancelled that should not have been.
        return Result(None, [border.exception(error)])
    finally:
        watch.end()


class _Watch:
    """Cancels a task when the client disconnects before the task is over, or its time is up.

    Args:
        task: runs an operation.
        receive: tells when the client disconnects.
        latest: when it must be over, by the clock of the loop.

    Attributes:
        client_left, is_late: why it was cancelled by this; at most one of them is true.
    """

    def __init__(self, task: asyncio.Task[Any], receive: Receive, latest: float) -> None:
        self._task = task
        self._receive = receive
        self._latest = latest
        self._watcher: asyncio.Task[None] | None = None
        self._over = False
        self.client_left = self.is_late = False
        # Most operations end before this begins, which is more work than to wait for them.
        self._alarm = task.get_loop().call_later(_MOMENT, self._begin)

    def _begin(self) -> None:
        """From now on a client that leaves, or the time, is the end."""
        self._alarm = self._task.get_loop().call_at(self._latest, self._ring)
        self._watcher = asyncio.create_task(self._run())

    def end(self) -> None:
        """The task is over."""
        self._over = True
        self._alarm.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _ring(self) -> None:
        if not self.client_left:
            self.is_late = True
            self._task.cancel()

    async def _run(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not (self._over or self.is_late):
            self.client_left = True
            self._task.cancel()
