"""The gate to one source: so many calls in the air, none while the source asked for quiet, first come, first served.

A 429 closes the gate for every call of every request until its ``Retry-After`` has passed. Those who queue wait if they
can, and are told at once if they cannot.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import count
from typing import Any

from upstreams.http.flights import Flight

FIRST_PAUSE = 1.0
"""Seconds of quiet after a 429 without ``Retry-After``; doubled at each one in a row (contract section 5)."""

LONGEST_PAUSE = 600.0
"""The most seconds of quiet that are believed (contract section 5)."""

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
"""Whole seconds by the RFC; fractions occur."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that ``Retry-After`` asks for; None when it is absent or means nothing.

    A number, or an HTTP date, which is taken against the upstream's own ``Date`` so that clocks need not agree.
    """
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_PAUSE)
    try:
        then = parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
    try:
        now = parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        now = time.time()
    return min(max(then - now, 0.0), LONGEST_PAUSE)


class Pause:
    """Until when a source asked for quiet. Pure: the time is an argument.

    A call remembers the ``count`` it went out with. A 429 to one that went out before the last pause is the same
    refusal once more and doubles nothing; a success of such a one says nothing of what the source bears now.
    """

    __slots__ = ("_streak", "count", "until")

    def __init__(self) -> None:
        self.until = -math.inf
        self.count = 0
        self._streak = 0

    def impose(self, now: float, asked: float | None, sent: int) -> None:
        """A 429 came to a call that went out at count ``sent``; it asked for so many seconds, or did not say."""
        fresh = sent == self.count
        if fresh:
            self.count += 1
            self._streak += 1
        if asked is None:
            asked = min(FIRST_PAUSE * 2.0 ** (min(max(self._streak, 1), 16) - 1), LONGEST_PAUSE)
        self.until = max(self.until, now + asked)

    def lift(self, sent: int) -> None:
        """A call that went out at count ``sent`` was not refused."""
        if sent == self.count:
            self._streak = 0


class _Ticket:
    """A place in the queue."""

    __slots__ = ("flight", "number", "operation", "turn")

    def __init__(self, number: int, flight: Flight[Any], operation: str, turn: asyncio.Future[None]) -> None:
        self.number = number
        self.flight = flight
        self.operation = operation
        self.turn = turn


class Gate:
    """Lets calls out to one source."""

    __slots__ = ("_free", "_numbers", "_pause", "_queue", "_refusal", "_timer")

    def __init__(self, concurrency: int, refusal: Callable[[str, float], Exception]) -> None:
        """``refusal`` makes the failure of an operation that cannot wait the given number of seconds."""
        self._free = concurrency
        self._numbers = count()
        self._pause = Pause()
        self._queue: deque[_Ticket] = deque()
        self._refusal = refusal
        self._timer: asyncio.TimerHandle | None = None

    @property
    def blocked_until(self) -> float:
        """When the gate opens again, on the event loop's clock; in the past when it is open."""
        return self._pause.until

    @property
    def queued(self) -> int:
        """How many calls wait."""
        return len(self._queue)

    async def enter(self, flight: Flight[Any], operation: str) -> int:
        """Wait for a turn. The caller must :meth:`leave`; what is returned goes to :meth:`close` and :meth:`lift`."""
        loop = asyncio.get_running_loop()
        if self._free and not self._queue and self._pause.until <= loop.time():
            self._free -= 1
            return self._pause.count
        ticket = _Ticket(next(self._numbers), flight, operation, loop.create_future())
        self._queue.append(ticket)
        while True:
            self._admit()
            if self._pause.until > loop.time():
                flight.can_wait(self._pause.until, partial(self._excuse, operation))
            try:
                await ticket.turn
            except asyncio.CancelledError:
                if ticket.turn.cancelled():
                    with suppress(ValueError):
                        self._queue.remove(ticket)
                else:  # the turn had come in the same moment
                    self.leave()
                raise
            if self._pause.until <= loop.time():
                return self._pause.count
            # A 429 came between the turn and now: back to the old place.
            self._free += 1
            ticket.turn = loop.create_future()
            self._queue.insert(sum(other.number < ticket.number for other in self._queue), ticket)

    def leave(self) -> None:
        """The call is over: the next one's turn."""
        self._free += 1
        self._admit()

    def close(self, asked: float | None, sent: int) -> None:
        """A 429: nobody goes out before its time has passed."""
        self._pause.impose(asyncio.get_running_loop().time(), asked, sent)
        for ticket in list(self._queue):
            ticket.flight.can_wait(self._pause.until, partial(self._excuse, ticket.operation))
        self._admit()

    def lift(self, sent: int) -> None:
        """The source took a call."""
        self._pause.lift(sent)

    def _excuse(self, operation: str) -> Exception:
        return self._refusal(operation, max(self._pause.until - asyncio.get_running_loop().time(), 0.0))

    def _admit(self) -> None:
        """Let out as many as may go; during a pause, come back at its end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._queue:
            return
        loop = asyncio.get_running_loop()
        if self._pause.until > loop.time():
            self._timer = loop.call_at(self._pause.until, self._admit)
            return
        while self._free and self._queue:
            turn = self._queue.popleft().turn
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
