"""An event loop whose clock stands still while anything can run and jumps to the next timer when nothing can.

Latencies, time-outs, pauses and deadlines then happen in an order that the program alone decides, and cost no time.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

_START = 1000.0


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop without waiting. Sockets are looked at only while a thread works for the loop."""

    def __init__(self) -> None:
        self._now = _START
        self._threads = 0
        self._taken: set[float] = set()
        super().__init__(_Selector(self))

    def time(self) -> float:
        """Virtual seconds."""
        return self._now

    def call_at(  # type: ignore[override]  # typeshed's variadic signature
        self, when: float, *rest: Any, **named: Any
    ) -> asyncio.TimerHandle:
        """As always; what is due at one time happens in the order in which it was asked for, not in that of a heap."""
        while when in self._taken:
            when = math.nextafter(when, math.inf)
        self._taken.add(when)
        return super().call_at(when, *rest, **named)

    def advance(self, timeout: float | None) -> bool:
        """Jump to the next timer, if time may jump; False: a thread is at work, so the selector has to wait for it.

        Raises:
            RuntimeError: nothing is left that could ever happen.
        """
        if self._threads:
            return False
        if timeout is None:
            raise RuntimeError("everybody waits, and for nothing")
        self._now += max(timeout, 0.0)
        self._taken = {when for when in self._taken if when >= self._now}
        return True

    def run_in_executor(  # type: ignore[override]  # typeshed's variadic signature
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As always; time does not jump before the work is done."""
        self._threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self) -> None:
        """As always; it waits for a thread of its own."""
        self._threads += 1
        await super().shutdown_default_executor()

    def _thread_done(self, _: asyncio.Future[Any]) -> None:
        self._threads -= 1


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._loop.advance(timeout):
            return []
        return super().select(None if timeout is None or timeout > 0 else 0)
