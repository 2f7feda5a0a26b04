"""One reading for several walks at once: sibling connections that want different rows of the same list.

The events of many locations are one scan of the organization's events, dealt out: each walk takes the same answers in
the same order and keeps its own rows. The answers form a chain; whoever needs the next link first reads it, the others
find it there. All walks stand at the same place after the same link, so a chain that has to begin anew (a lost scroll,
a flag that means the opposite, larger pages for a sparse filter) begins anew for all of them with one call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from resolvers.paging.positions import Span
from resolvers.paging.streams.base import page_size
from resolvers.paging.streams.scroll import LOST, STEP, ScrollStream
from resolvers.paging.streams.timed import bounds_of
from upstreams.errors import UpstreamError
from upstreams.feeds import Bounds, Direction, Key, OffsetFeed, Rows, ScrollFeed

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Link(Generic[R]):
    """One answer of a shared reading.

    Attributes:
        rows: the answer.
        size: how many rows were asked for.
        anew: it begins a scroll, so what waited before it comes again.
    """

    rows: Rows[R]
    size: int
    anew: bool


class Reading(Generic[R]):
    """A chain of answers that several walks take.

    Attributes:
        walks: how many walks take it; the first pages are as large as all of them need together.
        exhaustive: it goes on until every walk has what it needs. Otherwise it ends with the first full answer, and a
            walk that needs more goes on alone.
    """

    def __init__(self, feed: ScrollFeed[R], walks: int, *, exhaustive: bool) -> None:
        self._feed = feed
        self.walks = walks
        self.exhaustive = exhaustive
        self._links: list[Link[R]] = []
        self._failure: UpstreamError | None = None
        self._bounds = Bounds()
        self._lost = 0
        self._turn = asyncio.Lock()

    def size(self, want: int) -> int:
        """How many rows the next link asks for, when a walk needs ``want`` more."""
        if self._links and want <= STEP * self._links[-1].size:
            return self._links[-1].size
        # Each walk looks for one row more than its page holds.
        together = want if self._links else (want + 1) * self.walks
        return page_size(together, self._feed.max_size)

    def holds(self, number: int) -> bool:
        """Whether a link costs nothing more."""
        return number < len(self._links)

    async def link(self, number: int, bounds: Bounds, walk: Direction, want: int, *, anew: bool) -> Link[R] | None:
        """A link of the chain; None when the chain goes no further.

        Args:
            number: of the link, from 0; the one before it was taken.
            bounds: where a scroll would have to begin now.
            anew: the scroll so far is of no use.

        Raises:
            UpstreamError: the feed failed; all walks get the same failure.
        """
        async with self._turn:
            if number < len(self._links):
                return self._links[number]
            if self._failure is not None:
                raise self._failure
            last = self._links[-1] if self._links else None
            if last is not None and not self.exhaustive and last.rows.received >= last.size:
                return None
            try:
                link = await self._read(last, bounds, walk, self.size(want), anew=anew)
            except UpstreamError as failure:
                self._failure = failure
                raise
            self._links.append(link)
            return link

    async def _read(self, last: Link[R] | None, bounds: Bounds, walk: Direction, size: int, *, anew: bool) -> Link[R]:
        if last is not None and last.rows.scroll is not None and not anew and size == last.size:
            try:
                rows = await self._feed.advance(last.rows.scroll, self._bounds, walk, size)
            except UpstreamError:
                self._lost += 1
                if self._lost > LOST:
                    raise
            else:
                self._lost = 0
                return Link(rows, size, anew=False)
        self._bounds = bounds
        return Link(await self._feed.open(bounds, walk, size), size, anew=True)


@dataclass(kw_only=True)
class SharedFeed(ScrollFeed[R]):
    """A scroll whose first rows come from a shared reading.

    Attributes:
        own: what a walk reads when it has to go on alone.
        reading: what it shares with its siblings.
    """

    own: ScrollFeed[R]
    reading: Reading[R] = field(repr=False)

    def key(self, row: R) -> Key:
        """As the walk's own feed."""
        return self.own.key(row)

    async def open(self, bounds: Bounds, direction: Direction, size: int) -> Rows[R]:
        """Read alone."""
        return await self.own.open(bounds, direction, size)

    async def advance(self, scroll: str, bounds: Bounds, direction: Direction, size: int) -> Rows[R]:
        """Read on alone."""
        return await self.own.advance(scroll, bounds, direction, size)

    async def total(self) -> int | None:
        """As the walk's own feed."""
        return await self.own.total()


def shared_feed(own: ScrollFeed[R], reading: Reading[R]) -> SharedFeed[R]:
    """A walk's own feed, read together with its siblings."""
    return SharedFeed(
        source=own.source,
        name=own.name,
        part=own.part,
        since=own.since,
        until=own.until,
        max_size=own.max_size,
        orientation=own.orientation,
        own=own,
        reading=reading,
    )


@dataclass(kw_only=True)
class SharedRows(OffsetFeed[R]):
    """Rows by number that several walks read: each stretch is read once, whoever comes first.

    Attributes:
        own: a feed whose rows are the same for all of the walks.
    """

    own: OffsetFeed[R]
    _read: dict[tuple[Direction, int, int], asyncio.Task[Rows[R]]] = field(default_factory=dict, repr=False)

    def key(self, row: R) -> Key:
        """As the feed."""
        return self.own.key(row)

    def serial(self, row: R) -> int:
        """As the feed."""
        return self.own.serial(row)

    async def read(self, direction: Direction, start: int, limit: int) -> Rows[R]:
        """Rows ``start`` to ``start + limit``, at hand or read now."""
        asked = (direction, start, limit)
        if asked not in self._read:
            self._read[asked] = asyncio.ensure_future(self.own.read(direction, start, limit))
        return await asyncio.shield(self._read[asked])

    async def total(self) -> int | None:
        """As the feed."""
        return await self.own.total()


def shared_rows(own: OffsetFeed[R]) -> SharedRows[R]:
    """A feed that several walks read together."""
    return SharedRows(
        source=own.source,
        name=own.name,
        part=own.part,
        max_size=own.max_size,
        ordered=own.ordered,
        window=own.window,
        unfiltered=own.unfiltered,
        own=own,
    )


class SharedStream(ScrollStream[R]):
    """Takes the links of a shared reading, and goes on alone where they end. It leaves no lease."""

    feed: SharedFeed[R]

    def __init__(self, feed: SharedFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None) -> None:
        super().__init__(feed, walk, span, keep)
        self._number = 0
        self._alone = False

    def next_size(self, want: int) -> int:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        if self._alone:
            return super().next_size(want)
        return 0 if self.feed.reading.holds(self._number) else self.feed.reading.size(want)

    async def _next(self, want: int) -> Rows[R]:
        if not self._alone:
            bounds = bounds_of(self.rest())
            link = await self.feed.reading.link(self._number, bounds, self.walk, want, anew=self.turned)
            if link is not None:
                if link.anew:
                    self.start_over()
                self._number += 1
                self._size = link.size
                return link.rows
            # The scroll of the last link was never sent, but it leads on through the siblings' rows too.
            self._alone, self._scroll, self._size = True, None, 0
        return await super()._next(want)

    @property
    def lendable(self) -> bool:
        """Nothing is left: the scroll is not this walk's own."""
        return False

    def lease(self) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
