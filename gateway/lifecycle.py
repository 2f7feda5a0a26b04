"""From ready to gone: which requests are in flight, and whether the process is on its way out.

On SIGTERM readiness turns red first, while the listener stays open, so that a load balancer can see it and nothing in
flight is cut off; once the requests that were in flight have been answered, the server is told to stop.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

logger = logging.getLogger("contactgraph.lifecycle")


class Lifecycle:
    """One app's life.

    Attributes:
        draining: a stop was asked for; readiness is red.
        in_flight: how many requests are being answered.
    """

    def __init__(self) -> None:
        self.draining = False
        self.in_flight = 0
        self._awaited = 0  # of those in flight, what began before the drain
        self._idle = asyncio.Event()
        """Those are answered: nobody looks at it before the drain."""

    def begin(self) -> bool:
        """A request is in flight.

        Returns:
            Whether a drain waits for it, as :meth:`end` has to know.
        """
        self.in_flight += 1
        if self.draining:
            return False
        self._awaited += 1
        return True

    def end(self, awaited: bool) -> None:
        """A request is in flight no more."""
        self.in_flight -= 1
        if awaited:
            self._awaited -= 1
            if self.draining and not self._awaited:
                self._idle.set()

    async def drain(self, grace: float) -> None:
        """Turn readiness red and wait until the requests that are in flight now have ended, ``grace`` seconds at most.

        What comes meanwhile, from clients that do not look at readiness, does not put off the end.
        """
        self.draining = True
        logger.info("draining: %d requests in flight", self.in_flight)
        try:
            async with asyncio.timeout(grace):
                if self._awaited:
                    await self._idle.wait()
        except TimeoutError:
            logger.warning("%d requests are still in flight after %g s", self.in_flight, grace)

    @contextmanager
    def drained_signals(self, grace: float) -> Iterator[None]:
        """Put a drain before what the server does on SIGTERM and SIGINT; a second signal goes straight through.

        Does nothing outside the main thread, where Python hears no signals.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        servers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        tasks: set[asyncio.Task[None]] = set()

        async def drain_then_stop(number: int) -> None:
            await self.drain(grace)
            _call(servers[signal.Signals(number)], number)

        def begin(number: int) -> None:
            tasks.add(asyncio.ensure_future(drain_then_stop(number)))

        def on_signal(number: int, frame: FrameType | None) -> None:
            if self.draining:
                _call(servers[signal.Signals(number)], number)
                return
            self.draining = True
            loop.call_soon_threadsafe(begin, number)

        for number in servers:
            signal.signal(number, on_signal)
        try:
            yield
        finally:
            for number, handler in servers.items():
                if signal.getsignal(number) is on_signal:
                    signal.signal(number, handler)
            for task in tasks:
                task.cancel()


def _call(handler: Any, number: int) -> None:
    """Do what a signal's former handler did."""
    if callable(handler):
        handler(number, None)
    elif handler == signal.SIG_DFL:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
