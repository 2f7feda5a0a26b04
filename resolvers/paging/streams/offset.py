"""Rows by number, sorted by the upstream: the number in a cursor is checked, and searched for when it is wrong.

Rows of one instant come in any order, so a walk goes on where the instant of its position begins, and rows are released
instant by instant.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from resolvers.paging.leases import Lease
from resolvers.paging.positions import Cut, Hint, Span, beyond, origin, past
from resolvers.paging.streams.base import page_size
from resolvers.paging.streams.numbered import Numbered
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Direction, Key, OffsetFeed

R = TypeVar("R")

LOST = 3
"""Times in a row that a walk may lose its place among the rows before anything was released."""


class OffsetStream(Numbered[R]):
    """Stretches of rows, each overlapping the last by a row, so that a shift is noticed."""

    def __init__(
        self, feed: OffsetFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None, hint: Hint | None
    ) -> None:
        super().__init__(feed, walk, span, keep, hint)
        self._passed = span.begin(walk)
        self._waiting: dict[Key, tuple[int, R]] = {}
        self._begins: dict[str, int] = {}
        self._last: tuple[int, Key] | None = None
        self._final = False
        self._lost = 0
        self._numbers: deque[int] = deque()
        self._given: int | None = None
        self._place: int | None = None

    def next_size(self, want: int) -> int:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        return page_size(want, self.feed.max_size)

    async def fill(self, want: int) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        size = max(2, page_size(want, self.feed.max_size))
        while not self.ready and not self.ended:
            rows = await (self._find(size) if self._last is None else self._go_on(self._last, size))
            for number, key, row in rows if self.onward else reversed(rows):
                self._begins.setdefault(key[0], number)
                if beyond(key, self._passed, self.walk):
                    self._waiting.setdefault(key, (number, row))
                elif not beyond(key, self.span.begin(self.walk), self.walk):
                    self.note_behind(row)
                self._last = (number, key)
            self._release()

    async def _find(self, size: int) -> list[tuple[int, Key, R]]:
        """The first rows of the walk, or those around the place where it goes on."""
        self._waiting.clear()
        self._begins.clear()
        if self._passed == origin(self.walk):
            self._count = self.walk
            rows, received = await self.stretch(0, size)
            self._low, self._high, self._final = 0, received, received < size
            return self.numbered_rows(0, received, rows)
        gate = self._gate()
        _, found = await self.locate(self._guess(), size, lambda key, _: beyond(key, gate, self.walk) != self.onward)
        self._final = self._high - self._low < size if self.onward else self._low == 0
        return found

    def _gate(self) -> Cut:
        """The place in front of all rows of the instant that the walk stands at."""
        text = self._passed.key[0]
        return Cut((text, -1, ""), -1) if self.walk is Direction.ASC else Cut((text, 99, ""), 1)

    def _guess(self) -> int:
        """Where the rows of that instant begin, as far as the cursor knows."""
        if self._place is not None:
            return self._place
        if self._start_hint is None:
            return 0
        _, number, grew = self._start_hint
        if bool(grew) == self.onward:
            return number
        return number + 1 if grew else number - 1

    async def _go_on(self, last: tuple[int, Key], size: int) -> list[tuple[int, Key, R]]:
        number, key = last
        number, size, guarded = self._overlap(number, key[0], size)
        start = number if self.onward else max(0, number + 1 - size)
        limit = size if self.onward else number + 1 - start
        rows, received = await self.stretch(start, limit)
        guard = rows[0 if self.onward else -1][0][0] if rows and guarded else ""
        if guard == key[0] or all(found != key for found, _ in rows):
            # Rows came or went: find the place again by its key.
            self._lost += 1
            self._last = None
            if self._lost > LOST:
                raise UpstreamMalformed(self.feed.source, self.feed.name, "the rows move with every call")
            return []
        self._final = received < limit if self.onward else start == 0
        return self.numbered_rows(start, received, rows)

    def _overlap(self, number: int, instant: str, size: int) -> tuple[int, int, bool]:
        """Where to go on, for how many rows, and whether the first is a row of another instant that guards the place.

        The last row alone where its instant has no other yet; else all of the instant, since the next call may bring
        its rows in another order. An instant that no call holds leaves only the last row.
        """
        begin = self._begins[instant]
        known = abs(number - begin) + 1
        if known == 1 or known + 2 > self.feed.max_size:
            return number, size, False
        guarded = begin > 0 or not self.onward
        place = begin - 1 if self.onward else begin + 1
        return place if guarded else begin, min(max(size, 2 * known + 2), self.feed.max_size), guarded

    def _release(self) -> None:
        if self._last is None and not self._final:
            return
        rows = sorted(self._waiting.items(), key=lambda item: item[0], reverse=self.walk is Direction.DESC)
        count = len(rows)
        if self._last is not None and not self._final:
            open_instant = self._last[1][0]
            while count and rows[count - 1][0][0] == open_instant:
                count -= 1
        end = self.span.end(self.walk)
        for key, (_, row) in rows[:count]:
            if not beyond(key, end, self.walk.flipped):
                self._final = True
                break
            self.ready.append((key, row))
            self._place = self._begins[key[0]] + (not self.onward)
            self._numbers.append(self._place)
            self._passed = past(key, self.walk)
            self._lost = 0
        for key, _ in rows[:count]:
            del self._waiting[key]
        self.ended = self._final
        self._begins = {
            text: number for text, number in self._begins.items() if self._last and text == self._last[1][0]
        }

    def take(self) -> tuple[Key, R]:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        self._given = self._numbers.popleft()
        return super().take()

    @property
    def hint(self) -> Hint | None:
        """The row at which the instant of the last record begins; for a walk against the numbers, the row above it."""
        if self._given is None:
            return self._start_hint
        return (int(self._count is Direction.ASC), self._given, int(self.onward))

    def lease(self) -> Lease | None:
        """Rows that are ready; what waits is read again from the overlap."""
        if not self.ready and not self.ended:
            return None
        state = {
            "up": self._count is Direction.ASC,
            "numbers": list(self._numbers),
            "given": self._given,
            "place": self._place,
            "passed": self._passed,
            "ended": self.ended,
            "behind": self.behind,
        }
        return Lease(state, [row for _, row in self.ready], self.rows_read)

    def restore(self, state: dict[str, Any], rows: list[R]) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        self._count = Direction.ASC if state["up"] else Direction.DESC
        self.ready.extend((self.feed.key(row), row) for row in rows)
        self._numbers.extend(state["numbers"])
        self._given, self._place = state["given"], state["place"]
        (text, rank, id), side = state["passed"]
        self._passed = Cut((text, rank, id), side)
        self.ended = state["ended"]
        self.behind = state["behind"]
