"""The flights of one wire: which are in the air, and which of them can be joined."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from upstreams.http.flights import Flight
from upstreams.http.scope import RequestScope

T = TypeVar("T")


class Flights:
    """The flights of one wire: all of them, so that they can be ended; those that may be shared by their key."""

    __slots__ = ("_aloft", "_shared", "closed", "generation")

    def __init__(self) -> None:
        self._aloft: dict[Flight[Any], Hashable | None] = {}
        self._shared: dict[Hashable, Flight[Any]] = {}
        self.generation = 0
        self.closed = False

    def find(self, key: Hashable) -> Flight[Any] | None:
        """An equal flight that can be joined."""
        flight = self._shared.get(key)
        return flight if flight is not None and flight.joinable else None

    def make(
        self,
        work: Callable[[Flight[T]], Awaitable[T]],
        scope: RequestScope,
        key: Hashable | None,
        loop: asyncio.AbstractEventLoop,
    ) -> Flight[T]:
        """A flight to wait for and then to :meth:`launch`; with a key, others may join it."""
        flight = Flight(work, scope.calls, scope.caller, scope.span, prompt=True, landed=self._landed, loop=loop)
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

    def _landed(self, flight: Flight[Any]) -> None:
        key = self._aloft.pop(flight)
        if key is not None and self._shared.get(key) is flight:
            del self._shared[key]
