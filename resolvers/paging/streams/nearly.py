"""Rows by number in the upstream's own order (its ids), which is only nearly that of time.

The rows are brought in order within a window: read one by one into a heap, and when it holds more than the window, its
first is released. So the state of a walk is two places and needs no memory of a server:

- the *frontier*: how far the upstream was read, in its own order;
- the *stand*: the record released last.

Of the rows between the *floor* (at most two windows back) and the frontier, those behind the stand were given, the
others are held. A row that is read when its place was passed already comes late, at once. A row that the floor passes
while it is held, since its time is far ahead of its neighbours', is given too: what lies behind the floor is always
given. Neither moves the stand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from resolvers.paging.leases import Lease
from resolvers.paging.positions import Cut, Hint, Span, beyond, origin, past
from resolvers.paging.streams.numbered import Numbered
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Direction, Key, OffsetFeed

R = TypeVar("R")

LOST = 3
"""Times in a row that a walk may lose its place among the rows."""


class Frontier(NamedTuple):
    """How far the upstream was read.

    Attributes:
        number: the rows below the place.
        grew: the numbers grew as the walk went on.
        serial: that of the row read last.
        floored: there is a floor.
        floor: the serial of the row that it stands at.
    """

    number: int
    grew: bool
    serial: int
    floored: bool
    floor: int


class NearlyStream(Numbered[R]):
    """Brings rows in order within a window."""

    hint_length = 6

    def __init__(
        self, feed: OffsetFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None, hint: Hint | None
    ) -> None:
        super().__init__(feed, walk, span, keep, hint)
        self._window = max(1, min(feed.window, feed.max_size // 3))
        self._reach = 2 * self._window
        self._sign = 1 if walk is Direction.ASC else -1
        self._passed = span.begin(walk)
        self._held: list[tuple[Key, R]] = []
        self._trail: deque[int] = deque()
        self._floor: int | None = None
        self._frontier = None if self._start_hint is None else _frontier(self._start_hint[1:])
        self._found = False
        self._lost = 0
        self._frontiers: deque[Frontier] = deque()
        self._given: Frontier | None = None

    def next_size(self, want: int) -> int:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        return self.feed.max_size

    async def fill(self, want: int) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        while not self.ready and not self.ended:
            final = await (self._go_on(self._frontier) if self._found and self._frontier else self._find())
            if final:
                if self._frontier is not None:
                    self._release(0, self._frontier)
                self.ended = True

    async def _find(self) -> bool:
        """Take the place of the cursor up again. True when the last row was read."""
        self._held.clear()
        self._trail.clear()
        self._found = True
        size, at = self.feed.max_size, self._frontier
        if at is None and self._passed == origin(self.walk):
            self._count = self.walk
            rows, received = await self.stretch(0, size)
            self._low, self._high = 0, received
            for number, key, row in self.numbered_rows(0, received, rows):
                self._meet(number, key, row)
            return received < size
        if at is None:
            place, found = await self.locate(0, size, self._before_stand, lead=self._reach, rough=True)
            self._take_up(place, found, behind=self._reach, quiet=self._reach)
        elif at.grew == self.onward:
            place, found = await self._locate_frontier(at, size, self._reach)
            self._floor = at.floor if at.floored else None
            self._restore_held(place, found)
        else:
            place, found = await self._locate_frontier(at, size, 1)
            self._floor = at.serial - self._sign
            self._take_up(place, found, behind=0, quiet=self._reach)
        return self._high - self._low < size if self.onward else self._low == 0

    def _distances(self, place: int, found: list[tuple[int, Key, R]]) -> Iterator[tuple[int, int, Key, R]]:
        """Rows as the walk meets them; how far behind the place they stand (negative: in front of it)."""
        for number, key, row in found if self.onward else reversed(found):
            yield number - place if self.onward else place - 1 - number, number, key, row

    def _restore_held(self, place: int, found: list[tuple[int, Key, R]]) -> None:
        """Go on in the direction that the cursor came from: its frontier and floor say what is held."""
        for distance, number, key, row in self._distances(place, found):
            serial = self.feed.serial(row)
            if distance >= 0:
                self._meet(number, key, row)
            elif self._floor is not None and self._sign * serial <= self._sign * self._floor:
                self.note_behind(row)
            else:
                self._trail.append(serial)
                if beyond(key, self._passed, self.walk):
                    self._hold(key, row)
                else:
                    self.note_behind(row)

    def _take_up(self, place: int, found: list[tuple[int, Key, R]], *, behind: int, quiet: int) -> None:
        """Start near a place that only the key tells: what stands in front of it there is no late record."""
        for distance, number, key, row in self._distances(place, found):
            if distance < -behind:
                self._floor = self.feed.serial(row)
            elif distance < quiet and not beyond(key, self._passed, self.walk):
                self._advance(number, row)
                if not beyond(key, self.span.begin(self.walk), self.walk):
                    self.note_behind(row)
            else:
                self._meet(number, key, row)

    def _before_stand(self, key: Key, row: R) -> bool:
        return beyond(key, self._passed, self.walk) != self.onward

    async def _locate_frontier(self, at: Frontier, size: int, lead: int) -> tuple[int, list[tuple[int, Key, R]]]:
        """The rows around the frontier, with all of the reach in front of it."""
        sign = 1 if self._count is Direction.ASC else -1
        last = sign * at.serial

        def low_side(key: Key, row: R) -> bool:
            serial = sign * self.feed.serial(row)
            return serial <= last if at.grew else serial < last

        place, found = await self.locate(at.number, size, low_side, lead=lead)
        short = place - self._low < lead and self._low > 0 if self.onward else self._high - place < lead
        if short and place != at.number:
            place, found = await self.locate(place, size, low_side, lead=lead)
        return place, found

    async def _go_on(self, at: Frontier) -> bool:
        size = self.feed.max_size
        last = at.number - 1 if self.onward else at.number
        start = max(0, last) if self.onward else max(0, last + 1 - size)
        limit = size if self.onward else last + 1 - start
        rows, received = await self.stretch(start, limit)
        if all(self.feed.serial(row) != at.serial for _, row in rows):
            # Rows came or went: find the place again by the serial.
            self._lost += 1
            self._found = False
            if self._lost > LOST:
                raise UpstreamMalformed(self.feed.source, self.feed.name, "the rows move with every call")
            return False
        self._lost = 0
        numbered = self.numbered_rows(start, received, rows)
        new = False
        for number, key, row in numbered if self.onward else reversed(numbered):
            if new:
                self._meet(number, key, row)
            new = new or self.feed.serial(row) == at.serial
        return received < limit if self.onward else start == 0

    def _hold(self, key: Key, row: R) -> None:
        if all(key != held for held, _ in self._held):
            self._held.append((key, row))
            self._held.sort(key=lambda item: item[0], reverse=self.walk is Direction.DESC)

    def _meet(self, number: int, key: Key, row: R) -> None:
        """Read one more row."""
        at = self._advance(number, row)
        if not beyond(key, self._passed, self.walk):
            self._give(key, row, at)
            return
        self._hold(key, row)
        self._release(self._window, at)

    def _advance(self, number: int, row: R) -> Frontier:
        """Move the frontier behind a row, and the floor after it; what the floor passes is given."""
        if len(self._trail) >= self._reach:
            self._floor = self._trail.popleft()
            stray = next((held for held in self._held if self.feed.serial(held[1]) == self._floor), None)
            if stray is not None and self._frontier is not None:
                self._held.remove(stray)
                self._give(self._passed.key, stray[1], self._frontier._replace(floored=True, floor=self._floor))
        serial = self.feed.serial(row)
        self._trail.append(serial)
        at = Frontier(
            number + 1 if self.onward else number, self.onward, serial, self._floor is not None, self._floor or 0
        )
        self._frontier = at
        return at

    def _release(self, hold: int, at: Frontier) -> None:
        while len(self._held) > hold:
            key, row = self._held.pop(0)
            if not beyond(key, self.span.end(self.walk), self.walk.flipped):
                self.ended = True
                self._held.clear()
                return
            self._passed = past(key, self.walk)
            self._give(key, row, at)

    def _give(self, place: Key, row: R, at: Frontier) -> None:
        if not self.ended:
            self.ready.append((place, row))
            self._frontiers.append(at)

    def take(self) -> tuple[Key, R]:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        self._given = self._frontiers.popleft()
        return super().take()

    @property
    def hint(self) -> Hint | None:
        """The frontier at the record last taken."""
        if self._given is None:
            return self._start_hint
        return (int(self._count is Direction.ASC), *map(int, self._given))

    def lease(self) -> Lease | None:
        """The rows that are ready and those that are held."""
        if not self._found and not self.ready:
            return None
        state = {
            "up": self._count is Direction.ASC,
            "given": self._given,
            "frontier": self._frontier,
            "frontiers": list(self._frontiers),
            "trail": list(self._trail),
            "floor": self._floor,
            "places": [place for place, _ in self.ready],
            "passed": self._passed,
            "found": self._found,
            "ended": self.ended,
            "behind": self.behind,
        }
        return Lease(state, [row for _, row in chain(self.ready, self._held)], self.rows_read)

    def restore(self, state: dict[str, Any], rows: list[R]) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        self._count = Direction.ASC if state["up"] else Direction.DESC
        places = [(text, rank, id) for text, rank, id in state["places"]]
        self.ready.extend(zip(places, rows, strict=False))
        self._held = [(self.feed.key(row), row) for row in rows[len(places) :]]
        self._trail.extend(state["trail"])
        self._floor = state["floor"]
        self._given = state["given"] and _frontier(state["given"])
        self._frontier = state["frontier"] and _frontier(state["frontier"])
        self._frontiers.extend(_frontier(frontier) for frontier in state["frontiers"])
        (text, rank, id), side = state["passed"]
        self._passed = Cut((text, rank, id), side)
        self._found, self.ended, self.behind = state["found"], state["ended"], state["behind"]


def _frontier(plain: Sequence[int]) -> Frontier:
    number, grew, serial, floored, floor = plain
    return Frontier(number, bool(grew), serial, bool(floored), floor)
