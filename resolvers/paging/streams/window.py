"""A list that is read by time bounds alone, as a stream: each read goes on at the second that the last one ended in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from resolvers.paging.leases import Lease
from resolvers.paging.positions import Span
from resolvers.paging.streams.base import page_size
from resolvers.paging.streams.timed import TimedStream, bounds_of
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Direction, WindowFeed

R = TypeVar("R")

STEP = 4
"""How much more is read when one answer was too small to complete a second."""


class WindowStream(TimedStream[R]):
    """Fewer rows than asked for are the last ones; an answer within one second is asked for again, larger.

    More records in one second than one answer may hold cannot be told apart by any call: that is an error.
    """

    feed: WindowFeed[R]

    def __init__(self, feed: WindowFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None) -> None:
        super().__init__(feed, walk, span, keep)
        self._size = 0

    def next_size(self, want: int) -> int:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        return max(self._size, page_size(want, self.feed.max_size))

    async def fill(self, want: int) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`.

        Raises:
            UpstreamMalformed: more records within one second than one answer holds.
        """
        self._size = max(self._size, page_size(want, self.feed.max_size))
        while not self.ready and not self.ended:
            self.start_over()
            size = self._size
            rows = await self.feed.read(bounds_of(self.rest()), self.walk, size)
            confirmed = self.feed.orientation.confirms(self._flag)
            accepted = self.accept(rows, window=size // 2, final=rows.received < size, confirmed=confirmed)
            if self.ready or self.ended or not accepted or self.turned:
                continue
            if size == self.feed.max_size:
                raise UpstreamMalformed(
                    self.feed.source, self.feed.name, f"more than {size} records lie within one second"
                )
            self._size = min(size * STEP, self.feed.max_size)

    def lease(self) -> Lease | None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        if self.turned or not (self.ready or self.ended):
            return None
        # The next read begins anew, so nothing of the last one is worth its memory.
        self.start_over()
        return super().lease()

    def _save(self) -> dict[str, Any]:
        return {**super()._save(), "size": self._size}

    def restore(self, state: dict[str, Any], rows: list[R]) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        super().restore(state, rows)
        self._size = state["size"]
