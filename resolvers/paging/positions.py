"""Places in the total order, and the ranges between them. Pure: no I/O, no clock.

A *key* stands at a record. A *cut* stands between records: just below or just above a key. Cuts compare in the natural
(ascending) order whatever the direction of a walk, so a range is two cuts and a record is in it or is not.

A *position* is what a cursor names: the record after which the walk stands, and the feeds that stand elsewhere,
because they could not be asked at the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from upstreams.feeds import Direction, Key


class Cut(NamedTuple):
    """A place between records: below (-1) or above (1) a key."""

    key: Key
    side: int

    def __str__(self) -> str:
        return f"{'above' if self.side > 0 else 'below'} {self.key}"


BOTTOM = Cut(("", -1, ""), -1)
"""Below every record."""

TOP = Cut(("\U0010ffff", 99, ""), 1)
"""Above every record."""


class Edgeless(Enum):
    """Where a feed stands that has given no record yet."""

    START = 0
    END = 1


Stand = Key | Edgeless

Hint = tuple[int, int]
"""Where an offset feed stands in its own order: (1 if counted in the connection's direction else 0, row number)."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a connection.

    Attributes:
        key: the record that the place is at; every feed not named below stands there too.
        stands: the feeds that stand elsewhere.
        hints: row numbers of feeds that are read by number; may be wrong.
    """

    key: Key
    stands: Mapping[str, Stand] = field(default_factory=dict)
    hints: Mapping[str, Hint] = field(default_factory=dict)


def past(key: Key, direction: Direction) -> Cut:
    """The cut just behind a record, for one who walks in a direction."""
    return Cut(key, 1 if direction is Direction.ASC else -1)


def short_of(key: Key, direction: Direction) -> Cut:
    """The cut just in front of a record, for one who walks in a direction."""
    return Cut(key, -1 if direction is Direction.ASC else 1)


def origin(direction: Direction) -> Cut:
    """Where a walk in a direction begins."""
    return BOTTOM if direction is Direction.ASC else TOP


def cut_after(position: Position, feed: str, direction: Direction) -> Cut:
    """Where a feed goes on when the connection is read ``after`` a position."""
    stand = position.stands.get(feed, position.key)
    if stand is Edgeless.START:
        return origin(direction)
    if stand is Edgeless.END:
        return origin(direction.flipped)
    return past(stand, direction)


def cut_before(position: Position, feed: str, direction: Direction) -> Cut:
    """Where a feed ends when the connection is read ``before`` a position.

    The record at the position is left out. A feed that stands elsewhere has given the record that it stands at, so
    that one is before the position.
    """
    if feed in position.stands:
        return cut_after(position, feed, direction)
    return short_of(position.key, direction)


@dataclass(frozen=True, slots=True)
class Range:
    """The records of a feed between two cuts."""

    low: Cut = BOTTOM
    high: Cut = TOP

    @property
    def empty(self) -> bool:
        """No record can lie in it."""
        return self.low >= self.high

    def holds(self, key: Key) -> bool:
        """A record with this key lies in it."""
        return self.low < (key, 0) < self.high

    def begin(self, direction: Direction) -> Cut:
        """The end at which a walk in a direction enters."""
        return self.low if direction is Direction.ASC else self.high

    def end(self, direction: Direction) -> Cut:
        """The end at which a walk in a direction leaves."""
        return self.high if direction is Direction.ASC else self.low

    def beginning_at(self, cut: Cut, direction: Direction) -> Range:
        """What is left of it for a walk that has come to a cut."""
        return Range(cut, self.high) if direction is Direction.ASC else Range(self.low, cut)


def range_between(after: Position | None, before: Position | None, feed: str, direction: Direction) -> Range:
    """The records of a feed after one position and before another, in the connection's direction."""
    begin = origin(direction) if after is None else cut_after(after, feed, direction)
    end = origin(direction.flipped) if before is None else cut_before(before, feed, direction)
    return Range(begin, end) if direction is Direction.ASC else Range(end, begin)
