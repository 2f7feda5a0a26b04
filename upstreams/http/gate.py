"""The gate to one source: so many calls in the air, so many a second, none while the source asked for quiet.

Those who queue are let out fairly by caller. A 429 closes the gate for every call of every request until its
``Retry-After`` has passed. Those who queue wait if they can, and are told at once if they cannot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from upstreams.http.budget import Bucket, Budget, Demand
from upstreams.http.fair_queue import FairQueue
from upstreams.http.flights import Flight
from upstreams.http.throttle import Pause, Window


class _Ticket:
    """A place in the queue."""

    __slots__ = ("caller", "flight", "number", "operation", "turn")

    def __init__(self, number: int, flight: Flight[Any], operation: str, turn: asyncio.Future[None]) -> None:
        self.number = number
        self.flight = flight
        self.caller = flight.caller
        self.operation = operation
        self.turn = turn


class Gate:
    """Lets calls out to one source.

    Args:
        budget: what the source can bear, as far as it is this process's.
        refusal: makes the failure of an operation that cannot wait the given number of seconds.
        rate: calls a second that the source can bear in all; None: any number.

    Attributes:
        in_use: how many calls are in the air.
    """

    __slots__ = (
        "_bucket",
        "_budget",
        "_numbers",
        "_pause",
        "_queue",
        "_refusal",
        "_timer",
        "_waiting",
        "_window",
        "in_use",
    )

    def __init__(
        self, budget: Budget, refusal: Callable[[str, float], Exception], *, rate: float | None = None
    ) -> None:
        self.in_use = 0
        self._budget = budget
        self._bucket = Bucket(rate, lambda: budget.share)
        self._numbers = count()
        self._pause = Pause()
        self._window = Window()
        self._queue: FairQueue[_Ticket] = FairQueue()
        self._waiting: dict[Flight[Any], _Ticket] = {}
        self._refusal = refusal
        self._timer: asyncio.TimerHandle | None = None
        budget.serve(self)

    @property
    def blocked_until(self) -> float:
        """When the gate opens again, on the event loop's clock; in the past when it is open."""
        return self._pause.until

    @property
    def queued(self) -> int:
        """How many calls wait."""
        return len(self._queue)

    def demand(self) -> Demand:
        """What is needed now."""
        return Demand(self.in_use, len(self._queue))

    def take(self, now: float) -> int | None:
        """A turn that need not be waited for: see :meth:`enter`; None where it must be."""
        pause = self._pause
        if self._queue.waiting or pause.until > now or not self._has_room() or not self._bucket.take(now):
            return None
        self.in_use += 1
        return pause.count

    async def enter(self, flight: Flight[Any], operation: str) -> int:
        """Wait for a turn. The caller must :meth:`leave`; what is returned goes to :meth:`close` and :meth:`lift`.

        Raises:
            Exception: what :meth:`turn_away` was given.
        """
        loop = asyncio.get_running_loop()
        count = self.take(loop.time())
        if count is not None:
            return count
        ticket = _Ticket(next(self._numbers), flight, operation, loop.create_future())
        self._queue.push(ticket.caller, ticket)
        self._waiting[flight] = ticket
        try:
            while True:
                self.admit()
                self._warn(ticket, loop.time())
                try:
                    await ticket.turn
                except asyncio.CancelledError:
                    if not ticket.turn.cancelled() and ticket.turn.exception() is None:
                        self.leave()  # the turn had come in the same moment
                    raise
                if self._pause.until <= loop.time():
                    return self._pause.count
                # A 429 came between the turn and now: back to the old place.
                self.in_use -= 1
                ticket.turn = loop.create_future()
                line = self._queue.line(ticket.caller)
                self._queue.restore(ticket.caller, ticket, sum(other.number < ticket.number for other in line))
        finally:
            self._queue.remove(ticket)
            del self._waiting[flight]

    def leave(self) -> None:
        """The call is over: the next one's turn."""
        self.in_use -= 1
        if self._queue.waiting:
            self.admit()

    def join(self, flight: Flight[Any], caller: str) -> None:
        """Another caller waits for a flight too, which may be that one's turn sooner."""
        ticket = self._waiting.get(flight)
        if ticket is not None and ticket in self._queue:
            self._queue.push(caller, ticket)

    def close(self, asked: float | None, sent: int) -> None:
        """A 429: nobody goes out before its time has passed."""
        now, before = asyncio.get_running_loop().time(), self._pause.until
        if self._pause.impose(now, asked, sent):
            self._window.narrow(self.in_use)
        if self._pause.until > before:
            self._budget.quiet(self._pause.until - now)
            self._pause_began()

    def hush(self, seconds: float) -> None:
        """Another worker had a 429."""
        if self._pause.extend(asyncio.get_running_loop().time() + seconds):
            self._pause_began()

    def lift(self, sent: int) -> None:
        """The source took a call."""
        self._pause.lift(sent)
        self._window.widen()

    def turn_away(self, refusal: Callable[[str], Exception]) -> None:
        """Let nobody wait any longer: each gets a failure of its own."""
        for ticket in self._queue.items():
            self._queue.remove(ticket)
            if not ticket.turn.done():
                ticket.turn.set_exception(refusal(ticket.operation))

    def admit(self) -> None:
        """Let out as many as may go; if time is all that is missing, come back then."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._queue:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._pause.until > now:
            self._timer = loop.call_at(self._pause.until, self.admit)
            return
        while self._queue:
            if not self._has_room():
                self._budget.ask()
                return
            ticket = self._queue.first()
            if ticket.turn.done():  # who waited for it has left in this moment
                self._queue.remove(ticket)
                continue
            if not self._bucket.take(now):
                self._timer = loop.call_at(self._bucket.ready(now), self.admit)
                return
            self._queue.pop()
            self.in_use += 1
            ticket.turn.set_result(None)

    def _has_room(self) -> bool:
        return self.in_use < self._budget.permits and self._window.bears(self.in_use)

    def _pause_began(self) -> None:
        until = self._pause.until
        for ticket in self._queue.items():
            ticket.flight.can_wait(until, partial(self._excuse, ticket.operation, until))
        self.admit()

    def _warn(self, ticket: _Ticket, now: float) -> None:
        """Tell those who cannot wait until the turn can have come, as far as that is known."""
        if ticket.turn.done():
            return
        until = max(self._pause.until, self._bucket.ready(now, self._queue.ahead(ticket.caller)))
        if until > now:
            ticket.flight.can_wait(until, partial(self._excuse, ticket.operation, until))

    def _excuse(self, operation: str, until: float) -> Exception:
        return self._refusal(operation, max(until - asyncio.get_running_loop().time(), 0.0))
