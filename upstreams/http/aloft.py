"""The flights of one wire: which are in the air, which of them can be joined, and when the next wait is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from math import inf
from typing import Any, TypeVar

from upstreams.http.alarm import Alarm
from upstreams.http.flights import Flight
from upstreams.http.scope import RequestScope

T = TypeVar("T")


class Flights:
    """The flights of one wire: all of them, so that they can be ended; those that may be shared by their key.

    One alarm serves all who wait. Since nearly everybody gets an answer long before the deadline, to leave does not
    touch it: it rings for the deadline of one who has left, finds nobody, and is moved to the next.
    """

    __slots__ = ("_alarm", "_aloft", "_shared", "closed", "generation")

    def __init__(self) -> None:
        self._aloft: dict[Flight[Any], Hashable | None] = {}
        self._shared: dict[Hashable, Flight[Any]] = {}
        self._alarm: Alarm | None = None
        self.generation = 0
        self.closed = False

    def find(self, key: Hashable) -> Flight[Any] | None:
        """An equal flight that can be joined."""
        flight = self._shared.get(key)
        return flight if flight is not None and flight.joinable else None

    def make(
        self,
        work: Callable[[Flight[T]], Coroutine[Any, Any, T]],
        scope: RequestScope,
        key: Hashable | None,
        loop: asyncio.AbstractEventLoop,
    ) -> Flight[T]:
        """A flight to wait for and then to :meth:`launch`; with a key, others may join it."""
        if self._alarm is None:  # a wire is made before there is a loop
            self._alarm = Alarm(loop, self._ring)
        flight = Flight(
            work,
            scope.calls,
            scope.caller,
            scope.span,
            prompt=True,
            landed=self._landed,
            alarm=self._alarm,
            loop=loop,
        )
        self._aloft[flight] = key
        if key is not None:
            self._shared[key] = flight
        return flight

    def launch(self, flight: Flight[Any]) -> None:
        """Begin it; where the process is closing, its waiters get :class:`upstreams.http.flights.Grounded`."""
        if self.closed:
            flight.ground()
        else:
            flight.start()

    def cut(self) -> None:
        """A write has ended: what was begun before it is joined by nobody from now on."""
        self.generation += 1
        self._shared.clear()

    async def close(self) -> None:
        """End all flights."""
        self.closed = True
        for flight in list(self._aloft):
            if flight in self._aloft:  # one that another waited for may have ended with that
                flight.ground()
        tasks = [flight.task for flight in self._aloft if flight.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._alarm is not None:
            self._alarm.stop()

    def _ring(self) -> None:
        assert self._alarm is not None  # noqa: S101 - it rings
        for flight in list(self._aloft):
            flight.is_time(max(self._alarm.due, flight.loop.time()))
        self._alarm.move(min((flight.next_deadline() for flight in self._aloft), default=inf))

    def _landed(self, flight: Flight[Any]) -> None:
        key = self._aloft.pop(flight)
        if key is not None and self._shared.get(key) is flight:
            del self._shared[key]
