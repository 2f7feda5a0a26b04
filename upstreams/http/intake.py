"""Large answers are taken in one after the other.

A thousand records are some megabytes of small objects, as much as a core's own cache holds. Where several such answers
have come, and all were decoded before the first became a response, each would be touched twice in cold memory, and all
be held at once. So each is given a few turns of the event loop to become a response, which gives its memory back,
before the next is decoded. Small answers pass by.
"""

from __future__ import annotations

import asyncio
from collections import deque

LARGE = 16 * 1024
"""Bytes of an answer's body from which on it is large: some fifty records."""

TURNS = 16
"""Turns of the loop from one to the next. A page without joins takes five: its call, its batch, its loader, the
execution, the request; more than sixteen were measured to gain nothing."""


class Intake:
    """The order in which one process takes in large answers: the one in which they came."""

    __slots__ = ("_busy", "_waiting")

    def __init__(self) -> None:
        self._busy = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self, size: int, loop: asyncio.AbstractEventLoop) -> bool:
        """Leave to decode an answer of so many bytes at once; else :meth:`enter` has it."""
        if size < LARGE:
            return True
        if self._busy:
            return False
        self._give(loop)
        return True

    async def enter(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait for leave. Whoever is cancelled here takes nobody's turn."""
        if not self._busy:
            # Whoever was refused may have been turns of the loop on the way here.
            self._give(loop)
            return
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _give(self, loop: asyncio.AbstractEventLoop) -> None:
        self._busy = True
        loop.call_soon(self._pass, loop, TURNS)

    def _pass(self, loop: asyncio.AbstractEventLoop, turns: int) -> None:
        """Let so many turns of the loop go by, then let the next one in."""
        if turns > 1:
            loop.call_soon(self._pass, loop, turns - 1)
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._give(loop)
                return
        self._busy = False
