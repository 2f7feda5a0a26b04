"""Reading ahead: the next upstream page is asked for while the client reads the current one.

Only what the next page of the same size would wait for is read, with the same call that it would make, so a walk that
goes on costs no more calls. Rows that were read ahead wait in a lease as if the page itself had read them. While they
are on their way there is no lease to take: a page that comes for it waits for them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context
from typing import Any, NamedTuple, TypeVar

from resolvers.paging.streams.base import Stream
from upstreams.errors import UpstreamError
from upstreams.feeds import Direction
from upstreams.http.scope import RequestScope, current_scope

R = TypeVar("R")

logger = logging.getLogger(__name__)


class Need(NamedTuple):
    """What the next page would wait for.

    Attributes:
        slots: the streams that it would read on first.
        want: how many records it would still need then.
    """

    slots: frozenset[str]
    want: int


def next_need(
    streams: Mapping[str, Stream[R]], walk: Direction, keep: Callable[[R], bool] | None, count: int
) -> Need | None:
    """What a next page of as many records would wait for; None when all it needs is there."""
    waiting = {slot: stream for slot, stream in streams.items() if not stream.ended and stream.failed is None}
    dry = frozenset(slot for slot, stream in waiting.items() if not stream.ready)
    if dry or not waiting:
        return Need(dry, count) if dry else None
    # The merge stops where the first stream has given its last record; one more than the page is looked for.
    down = walk is Direction.DESC
    lasts = {slot: stream.ready[-1][0] for slot, stream in waiting.items()}
    stop = (max if down else min)(lasts.values())
    there = sum(
        keep is None or keep(row)
        for stream in streams.values()
        for key, row in stream.ready
        if (key >= stop if down else key <= stop)
    )
    if there > count:
        return None
    return Need(frozenset(slot for slot, last in lasts.items() if last == stop), max(1, count - there))


class Prefetch:
    """Reads that run in the background, each under the key of the lease that it will leave.

    Args:
        seconds: that one may take.
        most: at once; beyond them nothing is read ahead.
    """

    def __init__(self, *, seconds: float = 30.0, most: int = 32) -> None:
        self._seconds = seconds
        self._most = most
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Begin to read ahead; False when there is no room, or somebody reads ahead for that lease already."""
        if key in self._running or len(self._running) >= self._most:
            return False
        loop = asyncio.get_running_loop()
        context = Context()
        context.run(current_scope.set, RequestScope(loop.time() + self._seconds))
        task = self._running[key] = loop.create_task(_quietly(work), context=context)
        task.add_done_callback(lambda _: self._running.pop(key))
        return True

    async def arrived(self, key: str) -> None:
        """Return when nothing is being read for a lease (any more), or the request's deadline has passed."""
        task = self._running.get(key)
        if task is not None:
            scope = current_scope.get()
            now = asyncio.get_running_loop().time()
            await asyncio.wait({task}, timeout=None if scope is None else max(0.0, scope.answer_by() - now))

    async def idle(self) -> None:
        """Return when nothing is being read."""
        while self._running:
            await asyncio.wait(set(self._running.values()))

    async def close(self) -> None:
        """End what is being read."""
        for task in self._running.values():
            task.cancel()
        await self.idle()


async def _quietly(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Nobody waits for an error here: a page that finds no lease resumes by position, and has errors of its own."""
    try:
        await work()
    except UpstreamError as error:
        logger.info("reading ahead failed: %s", error)
    except Exception:
        logger.exception("reading ahead failed")
