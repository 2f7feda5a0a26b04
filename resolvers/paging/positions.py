"""Places in the total order, and the ranges between them. Pure: no I/O, no clock.

A *key* stands at a record. A *cut* stands between records: just below or just above a key. Cuts compare in the natural
(ascending) order whatever the direction of a walk, so a range is two cuts and a record is in it or is not.

A *position* is what a cursor names: a record, and the feeds that stand elsewhere, because they could not be asked when
that record was given. *Standing* follows where each feed stands during a walk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import gt, lt
from typing import NamedTuple, Protocol

from msgspec import Struct

from upstreams.feeds import Direction, Key


class Cut(NamedTuple):
    """A place between records: below (-1) or above (1) a key."""

    key: Key
    side: int


BOTTOM = Cut(("", -1, ""), -1)
"""Below every record."""

TOP = Cut(("\U0010ffff", 99, ""), 1)
"""Above every record."""

Hint = tuple[int, ...]
"""Where a feed that is read by number stands: 1 if numbered ascending else 0; the number of rows below the place; 1 if
the numbers grew as the walk went on else 0; and what else its stream must know."""


NOWHERE: Mapping[str, Cut] = {}
"""Of feeds that all stand at one place."""

NO_HINTS: Mapping[str, Hint] = {}
"""Of feeds that are not read by number."""


class Place(Protocol):
    """A place in a connection.

    Attributes:
        key: the record that the place is at.
        stands: the feeds that stand elsewhere, by slot.
        hints: where feeds that are read by number stand, by slot; row numbers may be out of date.
    """

    @property
    def key(self) -> Key: ...
    @property
    def stands(self) -> Mapping[str, Cut]: ...
    @property
    def hints(self) -> Mapping[str, Hint]: ...


class Position(Struct, frozen=True, gc=False):
    """A place by itself; see :class:`Place`."""

    key: Key
    stands: Mapping[str, Cut] = NOWHERE
    hints: Mapping[str, Hint] = NO_HINTS


def past(key: Key, direction: Direction) -> Cut:
    """The cut just behind a record, for one who walks in a direction."""
    return Cut(key, 1 if direction is Direction.ASC else -1)


def origin(direction: Direction) -> Cut:
    """Where a walk in a direction begins."""
    return BOTTOM if direction is Direction.ASC else TOP


def beyond(key: Key, cut: Cut, direction: Direction) -> bool:
    """A walk in a direction meets the record after the cut."""
    return (key, 0) > cut if direction is Direction.ASC else (key, 0) < cut


def leading(keys: Sequence[Key], direction: Direction) -> int:
    """How many records, from the first of them on, a walk in a direction meets in this order."""
    follows = gt if direction is Direction.DESC else lt
    return [*map(follows, keys, keys[1:]), False].index(False) + 1 if keys else 0


def further(one: Cut, other: Cut, direction: Direction) -> Cut:
    """The cut that a walk in a direction meets later."""
    return max(one, other) if direction is Direction.ASC else min(one, other)


def cut_at(position: Position, slot: str, walk: Direction) -> Cut:
    """Where a feed goes on, walking from a position in a direction; the record at the position is left behind."""
    return position.stands.get(slot) or past(position.key, walk)


class Span(Struct, frozen=True, gc=False):
    """The records between two cuts."""

    low: Cut = BOTTOM
    high: Cut = TOP

    @property
    def empty(self) -> bool:
        """No record can lie in it."""
        return self.low >= self.high

    def holds(self, key: Key) -> bool:
        """A record with this key lies in it."""
        return self.low < (key, 0) < self.high

    def meet(self, other: Span) -> Span:
        """What lies in both."""
        return Span(max(self.low, other.low), min(self.high, other.high))

    def begin(self, walk: Direction) -> Cut:
        """The end at which a walk enters."""
        return self.low if walk is Direction.ASC else self.high

    def end(self, walk: Direction) -> Cut:
        """The end at which a walk leaves."""
        return self.high if walk is Direction.ASC else self.low


def span_from(begin: Cut, end: Cut, walk: Direction) -> Span:
    """The records that a walk from one cut to another meets."""
    return Span(begin, end) if walk is Direction.ASC else Span(end, begin)


def span_of(start: Position | None, stop: Position | None, slot: str, walk: Direction) -> Span:
    """The records of a feed that a walk from one position to another meets; None is the end of the list."""
    begin = origin(walk) if start is None else cut_at(start, slot, walk)
    end = origin(walk.flipped) if stop is None else cut_at(stop, slot, walk.flipped)
    return span_from(begin, end, walk)


class Standing:
    """Where each feed stands while a walk merges them.

    When a record is given, every feed that answers stands behind that record: nothing of it lies before, since the
    merge took the least of all heads. A feed that failed stays where it stood, so it is caught up when it answers.

    So most feeds stand at one place most of the time: that is kept once, and only what stands elsewhere by slot.
    """

    __slots__ = ("_apart", "_common", "_failed", "_given", "_slots", "_walk")

    def __init__(self, walk: Direction, cuts: Mapping[str, Cut]) -> None:
        self._walk = walk
        self._slots = tuple(cuts)
        self._common = next(iter(cuts.values()), origin(walk))
        self._apart = {slot: cut for slot, cut in cuts.items() if cut != self._common}
        self._failed: set[str] = set()
        self._given = self._common

    def copy(self) -> Standing:
        """The same standing, to be moved on its own."""
        twin = Standing(self._walk, {})
        twin._slots, twin._common, twin._given = self._slots, self._common, self._given
        twin._apart, twin._failed = dict(self._apart), set(self._failed)
        return twin

    def fail(self, slot: str) -> None:
        """A feed can no longer be asked."""
        self._failed.add(slot)
        self._apart[slot] = self.of(slot)

    def of(self, slot: str) -> Cut:
        """Where a feed stands."""
        return self._apart.get(slot, self._common)

    def move(self, slot: str, key: Key) -> bool:
        """A record of a feed is given. True when it is late: behind where its feed already stood."""
        walk = self._walk
        cut = self._given = past(key, walk)
        if not self._apart:
            late = not beyond(key, self._common, walk)
            if not late:
                self._common = cut
            return late
        late = not beyond(key, self.of(slot), walk)
        self._common = further(self._common, cut, walk)
        for other, stand in list(self._apart.items()):
            if other not in self._failed:
                stand = further(stand, cut, walk)
                if stand == self._common:
                    del self._apart[other]
                else:
                    self._apart[other] = stand
        return late

    def march(self, keys: Sequence[Key]) -> int:
        """Records are given one after the other while no other feed's comes between.

        As :meth:`move` for each, at a tenth of its price, until one is late; none where feeds stand apart.

        Returns:
            How many are given; all feeds stand at each of them, so that its position is nothing but its key.
        """
        if self._apart or not keys or not beyond(keys[0], self._common, self._walk):
            return 0
        steps = leading(keys, self._walk)
        self._common = self._given = past(keys[steps - 1], self._walk)
        return steps

    def position(self, hints: Mapping[str, Hint] = NO_HINTS) -> Position:
        """The position at the record that was given last."""
        given = self._given
        if not self._apart and self._common is given:
            return Position(given.key, NOWHERE, hints)
        stands = {slot: stand for slot in self._slots if (stand := self.of(slot)) != given}
        return Position(given.key, stands, hints)


def cuts_at(slots: Iterable[str], start: Position | None, walk: Direction) -> dict[str, Cut]:
    """Where each feed stands when a walk begins."""
    return {slot: origin(walk) if start is None else cut_at(start, slot, walk) for slot in slots}
