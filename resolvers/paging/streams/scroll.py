"""A scroll as a stream: forward as long as the upstream remembers, by position when it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from msgspec import Struct

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

GROWTH = 2
"""What is wanted, in calls of the scroll's size, before one call of a larger size is made instead."""

LOST = 4
"""Scrolls in a row that may die before anything was released."""


class Link(Struct, Generic[R], frozen=True):
    """One answer of a scroll.

    Attributes:
        rows: the answer.
        size: how many rows were asked for.
        flag: what the endpoint's flag was held to mean when the scroll was opened.
        confirmed: that was known to be so when the answer came. Who takes the link later must not know more: all who
            take it would no longer stand at the same place.
        opening: it began a scroll, so that what waited before it comes again; else the scroll went on.
        lost: it stands in the place of an answer that was lost.
    """

    rows: Rows[R]
    size: int
    flag: bool
    confirmed: bool
    opening: bool = False
    lost: bool = False


class Scroll(Generic[R]):
    """Where an upstream's scroll stands: opened at a place, advanced while it lives, opened anew where it was lost.

    A scroll id is spent from the moment it is sent: if its answer is lost, nobody knows whether the upstream moved on.

    Attributes:
        id: leads to the next answer; None: there is no way on but to open anew.
        bounds: what it was opened with.
        size: rows a call.
        flag: what the endpoint's flag was held to mean when it was opened.
    """

    def __init__(
        self,
        feed: ScrollFeed[R],
        id: str | None = None,
        bounds: Bounds | None = None,
        size: int = 0,
        flag: bool | None = None,
    ) -> None:
        self._feed = feed
        self.id = id
        self.bounds = bounds or Bounds()
        self.size = size
        self.flag = feed.orientation.reverse_is_descending if flag is None else flag

    def hand_over(self, feed: ScrollFeed[R]) -> Scroll[R]:
        """The scroll, for another to go on with; this one goes on by position.

        Args:
            feed: what the other reads, the same list.
        """
        id, self.id = self.id, None
        return Scroll(feed, id, self.bounds, self.size, self.flag)

    async def read(self, walk: Direction, anew: int, bounds: Bounds, lost: int) -> Link[R]:
        """The next answer.

        Args:
            anew: how many rows to open a scroll anew with; 0: this one goes on, if it can.
            bounds: where it would have to be opened now.
            lost: scrolls that have died since anything was released.

        Raises:
            UpstreamError: the feed failed, and once too often.
        """
        id, self.id = self.id, None
        if anew or id is None or self.flag != self._feed.orientation.reverse_is_descending:
            return await self._open(walk, anew, bounds)
        try:
            rows = await self._feed.advance(id, self.bounds, walk, self.size)
        except UpstreamError:
            if lost >= LOST:
                raise
            # More at once, in case the ties of one second outlast every scroll.
            return await self._open(walk, self.size * STEP if lost else self.size, bounds, lost=True)
        return self._link(rows)

    async def _open(self, walk: Direction, size: int, bounds: Bounds, *, lost: bool = False) -> Link[R]:
        self.size = min(max(size, self.size), self._feed.max_size)
        self.bounds = bounds
        self.flag = self._feed.orientation.reverse_is_descending
        return self._link(await self._feed.open(bounds, walk, self.size), opening=True, lost=lost)

    def _link(self, rows: Rows[R], *, opening: bool = False, lost: bool = False) -> Link[R]:
        self.id = rows.scroll
        return Link(rows, self.size, self.flag, self._feed.orientation.confirms(self.flag), opening, lost)


class ScrollStream(TimedStream[R]):
    """Takes the answers of a scroll."""

    feed: ScrollFeed[R]

    def __init__(self, feed: ScrollFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None) -> None:
        super().__init__(feed, walk, span, keep)
        self._scroll = Scroll(feed)
        self._leads_on = False
        self._size = 0
        self._near_end = False
        self._dry = 0
        self._lost = 0

    def next_size(self, want: int) -> int:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        return self._anew(want) or self._size

    async def fill(self, want: int) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        while not self.ready and not self.ended:
            link = await self._next(want)
            if link.opening:
                self.start_over()
                self._flag, self._dry = link.flag, 0
            rows, self._size = link.rows, link.size
            self._lost += link.lost
            self._near_end = link.opening and rows.received < link.size
            # Short pages occur in the middle of a scroll: only an empty one, or no way on, is the end.
            final = rows.received == 0 or rows.scroll is None
            accepted = self.accept(rows, window=link.size, final=final, confirmed=link.confirmed)
            self._leads_on = accepted and rows.scroll is not None
            if self.ready:
                self._dry = self._lost = 0
            else:
                self._dry += 1

    def _anew(self, want: int) -> int:
        """How many rows to open a scroll anew with; 0: the one that is open goes on."""
        if not self._leads_on or self.turned:
            return page_size(want, self.feed.max_size)
        if self._size >= self.feed.max_size:
            return 0
        # A scroll whose first answer was not full has mostly no more; to go on is the one call that tells.
        if want > GROWTH * self._size and not self._near_end:
            return page_size(want, self.feed.max_size)
        if self._dry >= DRY:
            return self._size * STEP
        return 0

    async def _next(self, want: int) -> Link[R]:
        return await self._scroll.read(self.walk, self._anew(want), bounds_of(self.rest()), self._lost)

    @property
    def lendable(self) -> bool:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        return self._scroll.id != SPENT

    def lease(self) -> Lease | None:
        """Rows whose scroll another walk goes on from are not left: they could take the place of that walk's lease."""
        if not self.lendable:
            return None
        return super().lease() if self.ready or self.ended or self._leads_on else None

    def _save(self) -> dict[str, Any]:
        scroll = self._scroll
        return {
            **super()._save(),
            "scroll": scroll.id if self._leads_on else None,
            "bounds": [scroll.bounds.start, scroll.bounds.end],
            "size": scroll.size,
        }

    def restore(self, state: dict[str, Any], rows: list[R]) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        super().restore(state, rows)
        start, end = state["bounds"]
        bounds = Bounds(start and Instant(start), end and Instant(end))
        self._scroll = Scroll(self.feed, state["scroll"], bounds, state["size"], state["flag"])
        self._leads_on = self._scroll.id is not None
        self._size = self._scroll.size
