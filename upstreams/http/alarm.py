"""An alarm that is cheap to move: for what must happen in time, and nearly always does."""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from contextvars import Context
from math import inf


class Alarm:
    """Rings once when its time has come, which may be moved as often as one likes.

    A timer of the loop costs as much as a task. So one that is moved later only has its new time noted; the timer
    rings too early then, and is set anew.

    Args:
        loop: by whose clock and in whose frames it rings.
        ring: is called when its time has come; may move it again.

    Attributes:
        due: when it rings, or has rung; ``inf``: it does not.
    """

    __slots__ = ("_loop", "_ring", "_timer", "_timer_due", "due")

    def __init__(self, loop: AbstractEventLoop, ring: Callable[[], object]) -> None:
        self.due = self._timer_due = inf
        self._loop = loop
        self._ring = ring
        self._timer: TimerHandle | None = None

    def move(self, due: float) -> None:
        """From now on it rings at this time, on the loop's clock; ``inf``: not before it is moved again."""
        self.due = due
        if due < self._timer_due:
            self._set_timer()

    def stop(self) -> None:
        """It does not ring before it is moved again, and the loop holds nothing of it."""
        self.due = self._timer_due = inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = self.due
        # In a context of its own, since it may outlive the request in whose frame it is set, and must not keep that.
        self._timer = self._loop.call_at(self.due, self._timer_rings, context=Context())

    def _timer_rings(self) -> None:
        # Not by the clock: a loop that reckons in milliseconds may be a part of one early, and would be asked again at
        # once, until the clock has moved.
        rings = self.due <= self._timer_due
        self._timer, self._timer_due = None, inf
        if rings:
            self._ring()
        elif self.due < inf:
            self._set_timer()
