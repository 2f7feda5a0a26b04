"""A future whose outcome is told in the very turn in which it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Reply(asyncio.Future[T]):
    """What an HTTP client waits for between a request and its answer.

    In a task it is a future like any other. A flight that has no task (:mod:`upstreams.http.flights`) puts itself
    into ``wake`` instead, and goes on in the frame in which the answer was read: that spares a turn of the loop.

    Attributes:
        wake: is called when the outcome is there.
    """

    __slots__ = ("wake",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self.wake: Callable[[], None] | None = None

    def answer(self, value: T) -> None:
        """It came, unless nobody waits any longer."""
        if not self.done():
            self.set_result(value)
            if self.wake is not None:
                self.wake()

    def fail(self, failure: Exception) -> None:
        """It will not come, unless nobody waits any longer."""
        if not self.done():
            self.set_exception(failure)
            if self.wake is not None:
                self.wake()
