"""What feeds that are read by number have in common: finding the row where a walk goes on.

Row numbers shift whenever a record comes or goes, so a number from a cursor is only a guess. The rows around it say
whether it is right; when it is not, the place is searched for: outward in growing steps, then by halves.

A list may be numbered from either end. A walk keeps the numbering of the cursor it started from, so a backward page
reads the rows in front of the cursor's number and needs no idea of the total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from resolvers.paging.positions import Hint, Span
from resolvers.paging.streams.base import Stream
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Direction, Key, OffsetFeed

R = TypeVar("R")

MAX_PROBES = 64


class Search:
    """Where among numbered rows the last one of the low side stands, from looks at some of them. Pure.

    Attributes:
        low: the highest row known to be of the low side; -1 before any.
        high: the lowest row known to be of the high side, or to lie behind the end; None before any.
    """

    __slots__ = ("_onward", "_size", "_step", "high", "low")

    def __init__(self, size: int, *, onward: bool) -> None:
        self.low = -1
        self.high: int | None = None
        self._size = size
        self._step = (size + 1) // 2
        self._onward = onward

    def saw(self, start: int, sides: list[bool], *, end: bool) -> int | None:
        """Rows from ``start`` on, True for the low side. The boundary (how many rows are low), once it is certain.

        Args:
            start: the number of the first row.
            sides: its side, and those of the rows behind it.
            end: no rows follow these.
        """
        lows = sum(sides)
        if lows:
            self.low = max(self.low, start + lows - 1)
        if lows < len(sides) or end:
            bound = start + lows
            self.high = bound if self.high is None else min(self.high, bound)
        if self.high is None or self.high > self.low + 1:
            return None
        return self.high

    def guess(self) -> int:
        """Where to look next."""
        self._step *= 2
        if self.high is None:
            return self.low + self._step
        if self.high - self.low < self._size:
            # One look covers all that is left.
            return self.low + 1 if self._onward else self.high
        middle = (self.low + self.high + 1) // 2
        return max(self.high - self._step, middle) if self.low < 0 else middle


class Numbered(Stream[R], Generic[R]):
    """Reads stretches of rows and finds places among them."""

    numbered = True
    hint_length = 3
    feed: OffsetFeed[R]

    def __init__(
        self, feed: OffsetFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None, hint: Hint | None
    ) -> None:
        super().__init__(feed, walk, span, keep)
        hint = hint if hint and len(hint) == self.hint_length else None
        self._start_hint = hint
        self._count = walk if hint is None else Direction.ASC if hint[0] else Direction.DESC
        self._low = self._high = 0

    @property
    def onward(self) -> bool:
        """The numbers grow as the walk goes on."""
        return self._count is self.walk

    def part(self) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        self.feed = self.feed.alone()

    async def stretch(self, start: int, limit: int) -> tuple[list[tuple[Key, R]], int]:
        """Rows by number, keyed, and how many the upstream counted."""
        rows = await self.feed.read(self._count, start, limit)
        self.rows_read += rows.received
        return [(self.feed.key(row), row) for row in rows.rows], rows.received

    def numbered_rows(self, start: int, received: int, rows: list[tuple[Key, R]]) -> list[tuple[int, Key, R]]:
        """Rows with their numbers; where malformed ones were left out, counted so that the walk rather overlaps."""
        first = start if self.onward else start + received - len(rows)
        return [(first + index, key, row) for index, (key, row) in enumerate(rows)]

    async def locate(
        self, guess: int, size: int, low_side: Callable[[Key, R], bool], *, lead: int = 1, rough: bool = False
    ) -> tuple[int, list[tuple[int, Key, R]]]:
        """A boundary and the rows around it, the walk's next ones among them.

        Args:
            guess: where the first look is.
            size: rows a look.
            low_side: whether a row's number is lower than the boundary's.
            lead: how many rows in front of the boundary (as the walk goes) to bring too.
            rough: the rows are only nearly in order of the boundary, so about the place will do.

        Raises:
            UpstreamMalformed: the rows are in no order in which the place could be found.
        """
        search = Search(size, onward=self.onward)
        for _ in range(MAX_PROBES):
            start = max(0, guess - lead if self.onward else guess + lead - size)
            limit = size if self.onward else max(1, guess + lead - start)
            rows, received = await self.stretch(start, limit)
            sides = [low_side(key, row) for key, row in rows]
            end = received < limit
            found = search.saw(start, sides, end=end)
            if found is None:
                guess = search.guess()
            elif not self._reaches(found, start, start + received, end=end):
                guess = found
            elif not rough and len(rows) == received and self._torn(sides, first=start == 0, last=end):
                # Rows came or went between two looks.
                search, guess = Search(size, onward=self.onward), found
            else:
                self._low, self._high = start, start + received
                return found, self.numbered_rows(start, received, rows)
        raise UpstreamMalformed(self.feed.source, self.feed.name, "the rows are not in the order they should be in")

    def _reaches(self, place: int, low: int, high: int, *, end: bool) -> bool:
        """The stretch holds a boundary and the row that the walk meets behind it, if there is one."""
        if self.onward:
            return low <= place < high or (place == high and end)
        return low < place <= high or place == low == 0

    def _torn(self, sides: list[bool], *, first: bool, last: bool) -> bool:
        """Rows that the walk must meet lie outside the stretch, on the side it comes from."""
        if not sides:
            return False
        return not (first or sides[0]) if self.onward else sides[-1] and not last
