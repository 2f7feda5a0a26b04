"""A scroll as a stream: forward as long as the upstream remembers, by position when it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from resolvers.paging.leases import Lease
from resolvers.paging.positions import Span
from resolvers.paging.streams.base import page_size
from resolvers.paging.streams.timed import TimedStream, bounds_of
from upstreams.errors import UpstreamError
from upstreams.feeds import SPENT, Bounds, Direction, Rows, ScrollFeed
from upstreams.instants import Instant

R = TypeVar("R")

DRY = 3
"""Answers in a row that release nothing (a burst in one second) before larger ones are asked for."""

STEP = 8
"""How much larger."""

LOST = 4
"""Scrolls in a row that may die before anything was released."""


class ScrollStream(TimedStream[R]):
    """Opens at a place, advances while the scroll lives, opens anew where it was lost.

    A scroll id is spent from the moment it is sent: if its answer is lost, nobody knows whether the upstream moved on.
    """

    feed: ScrollFeed[R]

    def __init__(self, feed: ScrollFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None) -> None:
        super().__init__(feed, walk, span, keep)
        self._scroll: str | None = None
        self._bounds = Bounds()
        self._size = 0
        self._dry = 0
        self._lost = 0

    def next_size(self, want: int) -> int:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        alive = self._scroll is not None and want <= STEP * self._size
        return self._size if alive else page_size(want, self.feed.max_size)

    async def fill(self, want: int) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        while not self.ready and not self.ended:
            rows = await self._next(want)
            # Short pages occur in the middle of a scroll: only an empty one, or no way on, is the end.
            final = rows.received == 0 or rows.scroll is None
            self._scroll = rows.scroll if self.accept(rows, window=self._size, final=final) else None
            if self.ready:
                self._dry = self._lost = 0
            else:
                self._dry += 1

    async def _next(self, want: int) -> Rows[R]:
        scroll, self._scroll = self._scroll, None
        if scroll is None or self.turned:
            return await self._open(page_size(want, self.feed.max_size))
        if self._size < self.feed.max_size and self._dry >= DRY:
            return await self._open(self._size * STEP)
        if want > STEP * self._size:
            return await self._open(page_size(want, self.feed.max_size))
        try:
            return await self.feed.advance(scroll, self._bounds, self.walk, self._size)
        except UpstreamError:
            self._lost += 1
            if self._lost > LOST:
                raise
            # More at once, in case the ties of one second outlast every scroll.
            return await self._open(self._size if self._lost == 1 else self._size * STEP)

    async def _open(self, size: int) -> Rows[R]:
        self.start_over()
        self._dry = 0
        self._size = min(max(size, self._size), self.feed.max_size)
        self._bounds = bounds_of(self.rest())
        return await self.feed.open(self._bounds, self.walk, self._size)

    @property
    def lendable(self) -> bool:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        return self._scroll != SPENT

    def lease(self) -> Lease | None:
        """Rows whose scroll another walk goes on from are not left: they could take the place of that walk's lease."""
        if not self.lendable:
            return None
        return super().lease() if self.ready or self.ended or self._scroll else None

    def _save(self) -> dict[str, Any]:
        return {
            **super()._save(),
            "scroll": self._scroll,
            "bounds": [self._bounds.start, self._bounds.end],
            "size": self._size,
        }

    def restore(self, state: dict[str, Any], rows: list[R]) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        super().restore(state, rows)
        start, end = state["bounds"]
        self._bounds = Bounds(start and Instant(start), end and Instant(end))
        self._scroll = state["scroll"]
        self._size = state["size"]
