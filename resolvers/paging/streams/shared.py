"""One reading for several walks at once: connections that want different rows, or more rows, of the same list.

The events of many locations are one scan of the organization's events, dealt out: each walk takes the same answers in
the same order and keeps its own rows. The answers form a chain, and all walks stand at the same place after the same
link. So a chain that has to begin anew (a lost scroll, a flag that means the opposite, larger pages for a sparse
filter) begins anew for all of them with one call. How large the next link is, all that wait for it decide together:
which of them runs first makes no difference. A walk that begins later takes the links that are there, and goes on with
the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from msgspec import Struct

from resolvers.batching import LoaderMaker
from resolvers.paging.positions import Span
from resolvers.paging.streams.base import page_size
from resolvers.paging.streams.scroll import Link, Scroll, ScrollStream
from resolvers.paging.streams.timed import bounds_of
from upstreams.feeds import Bounds, Direction, Key, OffsetFeed, Rows, ScrollFeed

R = TypeVar("R")


class Ask(Struct, frozen=True):
    """What a walk needs of the next link.

    Attributes:
        walk: the order that it reads in; that of all walks of a reading.
        whose: whose rows it wants.
        want: how many records it is likely to still need.
        anew: how many rows it would open a scroll anew with; 0: it would go on.
        bounds: where a scroll would have to be opened now.
        lost: scrolls that have died since anything was released.
    """

    walk: Direction
    whose: Hashable
    want: int
    anew: int
    bounds: Bounds
    lost: int


class Reading(Generic[R]):
    """A chain of answers that several walks take.

    Attributes:
        count: how many links there are.
        walks: how many walks take them now.
        exhaustive: it goes on until every walk has what it needs. Otherwise it ends with the first full answer, and a
            walk that needs more goes on alone.
    """

    def __init__(self, feed: ScrollFeed[R], make: LoaderMaker, *, exhaustive: bool) -> None:
        self._most = feed.max_size
        self._scroll = Scroll(feed)
        self._links = make(self._read)
        self._last: Link[R] | None = None
        self._asked: list[Ask] = []
        self.count = 0
        self.walks = 0
        self.exhaustive = exhaustive

    def link(self, number: int, ask: Ask) -> Awaitable[Link[R] | None]:
        """A link of the chain; None when the chain goes no further.

        Awaiting it raises the :class:`UpstreamError` of a feed that failed, the same for all walks.

        Args:
            number: of the link, from 0; the walk has taken the one before it.
            ask: what it needs, if the link has still to be read.
        """
        if number == self.count:
            self._asked.append(ask)
        return self._links.load(number)

    async def _read(self, numbers: list[int]) -> Sequence[Link[R] | None]:
        """The next link, for all who ask by now; who asks while it is on its way takes it as it comes."""
        last, asked = self._last, self._asked
        if last is not None and not self.exhaustive and last.rows.received >= last.size:
            return [None]
        anew = self._first_size(asked) if last is None else max(ask.anew for ask in asked)
        one = asked[0]  # all stand at the same place, and only differ in what they need
        self._last = await self._scroll.read(one.walk, anew, one.bounds, one.lost)
        self._asked = []
        self.count += 1
        return [self._last]

    def _first_size(self, asked: Sequence[Ask]) -> int:
        """As many rows as all need together: each parent's walks look for one row more than the largest page holds."""
        wants: dict[Hashable, int] = {}
        for ask in asked:
            wants[ask.whose] = max(ask.want, wants.get(ask.whose, 0))
        return page_size(sum(wants.values()) + len(wants) - 1, self._most)

    def leave(self, number: int, feed: ScrollFeed[R]) -> Scroll[R] | None:
        """A walk needs no more. The scroll for it to leave behind, if it is the last and stands where the scroll does.

        Args:
            number: of the link that it would take next.
            feed: its own, to go on with.
        """
        self.walks -= 1
        if self.walks or number < self.count or not self.exhaustive:
            return None
        return self._scroll.hand_over(feed)


@dataclass(kw_only=True)
class SharedFeed(ScrollFeed[R]):
    """A scroll whose first rows come from a shared reading.

    Attributes:
        own: what a walk reads when it has to go on alone.
        reading: what it shares with others.
        whose: whose rows it wants of the reading.
    """

    own: ScrollFeed[R]
    reading: Reading[R] = field(repr=False)
    whose: Hashable

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


def shared_feed(own: ScrollFeed[R], reading: Reading[R], whose: Hashable) -> SharedFeed[R]:
    """A walk's own feed, read together with others."""
    reading.walks += 1
    return SharedFeed(
        source=own.source,
        name=own.name,
        part=own.part,
        carries=own.carries,
        since=own.since,
        until=own.until,
        max_size=own.max_size,
        orientation=own.orientation,
        own=own,
        reading=reading,
        whose=whose,
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

    def alone(self) -> OffsetFeed[R]:
        """The feed itself: what is kept for the others' sake is not for who comes later."""
        return self.own

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
    """Takes the links of a shared reading, and goes on alone where they end, or where it is the last who reads."""

    def __init__(self, feed: SharedFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None) -> None:
        super().__init__(feed, walk, span, keep)
        self._shared: SharedFeed[R] | None = feed
        self._number = 0

    def next_size(self, want: int) -> int:
        """See :class:`~resolvers.paging.streams.base.Stream`; what the reading holds costs nothing more."""
        at_hand = self._shared is not None and self._number < self._shared.reading.count
        return 0 if at_hand else super().next_size(want)

    async def _next(self, want: int) -> Link[R]:
        if self._shared is not None:
            shared, anew, bounds = self._shared, self._anew(want), bounds_of(self.rest())
            ask = Ask(self.walk, shared.whose, want, anew, bounds, self._lost)
            link = await shared.reading.link(self._number, ask)
            if link is not None:
                self._number += 1
                return link
            # The scroll of the last link was never sent, but it leads on through the others' rows too.
            self._leads_on = False
            self._go_alone(shared, Scroll(shared.own))
        return await super()._next(want)

    def _go_alone(self, shared: SharedFeed[R], scroll: Scroll[R]) -> None:
        self.feed, self._scroll, self._shared = shared.own, scroll, None

    def part(self) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        if self._shared is not None:
            scroll = self._shared.reading.leave(self._number, self._shared.own)
            if scroll is not None:
                self._go_alone(self._shared, scroll)

    @property
    def lendable(self) -> bool:
        """Nothing is left while the scroll is not this walk's own."""
        return self._shared is None and super().lendable
