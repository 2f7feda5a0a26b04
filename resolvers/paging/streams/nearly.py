"""Rows by number in the upstream's own order (its ids), which is only nearly that of time.

The rows are brought in order within a window: read one by one into a heap, and when it holds more than the window, its
first is released. So the state of a walk is two places and needs no memory of a server:

- the *frontier*: how far the upstream was read, in its own order;
- the *stand*: the record released last.

Of the rows within the *reach* (two windows) before the frontier, those behind the stand were given, the others are
held. A row that is read when its place was passed already comes late, at once. A row that would be held for longer than
the reach, since its time is far ahead of its neighbours', is given too: what lies further back is always given. Neither
moves the stand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
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
        reach: how many rows before the place may still be held.
    """

    number: int
    grew: bool
    serial: int
    reach: int


class Held(NamedTuple):
    """A row that waits for its turn."""

    key: Key
    number: int


class NearlyStream(Numbered[R]):
    """Brings rows in order within a window."""

    hint_length = 5

    def __init__(
        self, feed: OffsetFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None, hint: Hint | None
    ) -> None:
        super().__init__(feed, walk, span, keep, hint)
        self._window = max(1, min(feed.window, feed.max_size // 3))
        self._reach = 2 * self._window
        self._passed = span.begin(walk)
        self._held: list[Held] = []
        self._rows: dict[Key, R] = {}
        at = self._start_hint
        self._frontier = None if at is None else Frontier(at[1], bool(at[2]), at[3], at[4])
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
        self._rows.clear()
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
            behind = quiet = self._reach
            place, found = await self.locate(0, size, self._before_stand, lead=behind, rough=True)
        else:
            behind, quiet = (at.reach, 0) if at.grew == self.onward else (0, self._reach)
            place, found = await self._locate_frontier(at, size, max(1, behind))
        for number, key, row in found if self.onward else reversed(found):
            distance = number - place if self.onward else place - 1 - number
            given = not beyond(key, self._passed, self.walk)
            if distance < -behind or (given and distance < quiet):
                if distance >= 0:
                    self._advance(number, row)
                if quiet == 0 or not beyond(key, self.span.begin(self.walk), self.walk):
                    self.note_behind(row)
            elif distance < 0 and quiet == 0:
                self._hold(number, key, row)
            else:
                self._meet(number, key, row)
        return self._high - self._low < size if self.onward else self._low == 0

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

    def _hold(self, number: int, key: Key, row: R) -> None:
        if key not in self._rows:
            self._rows[key] = row
            self._held.append(Held(key, number))
            self._held.sort(key=lambda held: held.key, reverse=self.walk is Direction.DESC)

    def _meet(self, number: int, key: Key, row: R) -> None:
        """Read one more row."""
        stray = next((held for held in self._held if abs(number - held.number) >= self._reach), None)
        if stray is not None and self._frontier is not None:
            self._held.remove(stray)
            before = self._frontier._replace(reach=self._reach - 1)
            self._give(self._passed.key, self._rows.pop(stray.key), before)
        at = self._advance(number, row)
        if not beyond(key, self._passed, self.walk):
            self._give(key, row, at)
            return
        self._hold(number, key, row)
        self._release(self._window, at)

    def _advance(self, number: int, row: R) -> Frontier:
        self._frontier = Frontier(
            number + 1 if self.onward else number, self.onward, self.feed.serial(row), self._reach
        )
        return self._frontier

    def _release(self, hold: int, at: Frontier) -> None:
        while len(self._held) > hold:
            key = self._held.pop(0).key
            if not beyond(key, self.span.end(self.walk), self.walk.flipped):
                self.ended = True
                self._held.clear()
                return
            self._passed = past(key, self.walk)
            self._give(key, self._rows.pop(key), at)

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
            "held": [held.number for held in self._held],
            "places": [place for place, _ in self.ready],
            "passed": self._passed,
            "found": self._found,
            "ended": self.ended,
            "behind": self.behind,
        }
        return Lease(state, [*(row for _, row in self.ready), *(self._rows[held.key] for held in self._held)])

    def restore(self, state: dict[str, Any], rows: list[R]) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        self._count = Direction.ASC if state["up"] else Direction.DESC
        places = [(text, rank, id) for text, rank, id in state["places"]]
        self.ready.extend(zip(places, rows, strict=False))
        for number, row in zip(state["held"], rows[len(places) :], strict=True):
            key = self.feed.key(row)
            self._held.append(Held(key, number))
            self._rows[key] = row
        self._given = state["given"] and Frontier(*state["given"])
        self._frontier = state["frontier"] and Frontier(*state["frontier"])
        self._frontiers.extend(Frontier(*frontier) for frontier in state["frontiers"])
        (text, rank, id), side = state["passed"]
        self._passed = Cut((text, rank, id), side)
        self._found, self.ended, self.behind = state["found"], state["ended"], state["behind"]
