"""Upstreams in memory, as difficult as the real ones: the feeds that the engine is tested against.

A :class:`Shelf` holds the records of one source. Its feeds answer from it the way an upstream does: bounds to the whole
second, ties in an order that differs from call to call, short pages, scrolls that are snapshots or live and expire.
Every call is listed; faults are queued and come in turn.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from upstreams.errors import ScrollExpired, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from upstreams.feeds import Bounds, Direction, Key, ListFeed, OffsetFeed, Orientation, Rows, ScrollFeed, WindowFeed
from upstreams.instants import Instant, second, shift
from upstreams.records import Source

EPOCH = Instant("2024-01-01T00:00:00")


@dataclass(frozen=True, slots=True)
class Rec:
    """A record: when, which, and what a filter may look at."""

    at: Instant
    id: str
    colour: str = "red"
    source: Source = Source.CLOUD4WI

    @property
    def key(self) -> Key:
        return (self.at, self.source.rank, self.id)


def moment(seconds: int, fraction: str = "") -> Instant:
    """An instant that many seconds after the epoch of the tests."""
    base = shift(EPOCH, seconds)
    return Instant(f"{base}.{fraction}") if fraction else base


def recs(*seconds: int, source: Source = Source.CLOUD4WI) -> list[Rec]:
    """One record a number; records of one second have ids that differ."""
    return [Rec(moment(at), f"r{index:04d}", source=source) for index, at in enumerate(seconds)]


@dataclass
class Scroll:
    """A scroll that the upstream remembers."""

    rows: list[Rec] | None
    asked: tuple[Bounds, bool, int]
    given: set[str] = field(default_factory=set)
    reached: str = ""


@dataclass
class Shelf:
    """One upstream's records and habits.

    Attributes:
        reverse_descends: which value of the flag really means descending.
        live: scrolls see changes; else they are snapshots.
        short: now and then a page is shorter than asked for.
        final_id: the last page of a scroll still carries an id (the end is then an empty page).
        disorder: rows of an answer stand up to this many places from where they belong.
        faults: what the next calls raise; None lets one pass.
        down: every call fails.
        lose: the answers of so many advances get lost on the way.
    """

    records: list[Rec] = field(default_factory=list)
    source: Source = Source.CLOUD4WI
    reverse_descends: bool = True
    live: bool = False
    short: bool = False
    final_id: bool = True
    disorder: int = 0
    seed: int = 0
    faults: deque[UpstreamError | None] = field(default_factory=deque)
    calls: list[str] = field(default_factory=list)
    rows_given: int = 0
    scrolls: dict[str, Scroll] = field(default_factory=dict)
    down: bool = False
    lose: int = 0
    opened: int = 0
    spent: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.orientation = Orientation(reverse_is_descending=True)

    def expire(self) -> None:
        """Forget all scrolls."""
        self.scrolls.clear()

    def unavailable(self) -> UpstreamError:
        return UpstreamUnavailable(self.source, "list", "no answer")

    async def called(self, call: str) -> None:
        """List the call; let others run meanwhile; raise what is queued for it."""
        self.calls.append(call)
        await asyncio.sleep(0)
        if self.down:
            raise self.unavailable()
        if self.faults:
            fault = self.faults.popleft()
            if fault is not None:
                raise fault

    def select(self, bounds: Bounds, flag: bool) -> list[Rec]:
        """The records within bounds in the order the flag asks for, ties (to the second) in any order."""
        descending = flag == self.reverse_descends
        rows = [
            rec
            for rec in self.records
            if (bounds.start is None or second(rec.at) >= bounds.start)
            and (bounds.end is None or second(rec.at) <= bounds.end)
        ]
        self.random.shuffle(rows)
        rows.sort(key=lambda rec: second(rec.at), reverse=descending)
        if self.disorder:
            places = {rec.id: index + self.random.random() * (self.disorder + 1) for index, rec in enumerate(rows)}
            rows.sort(key=lambda rec: places[rec.id])
        return rows

    def cut(self, rows: Sequence[Rec], size: int) -> list[Rec]:
        """A page of the rows."""
        if self.short and len(rows) > 1 and self.random.random() < 0.5:
            size = self.random.randint(1, size)
        page = list(rows[:size])
        self.rows_given += len(page)
        return page


@dataclass(kw_only=True)
class FakeScroll(ScrollFeed[Rec]):
    """A shelf read by scrolling."""

    shelf: Shelf

    def key(self, row: Rec) -> Key:
        return row.key

    async def open(self, bounds: Bounds, direction: Direction, size: int) -> Rows[Rec]:
        shelf = self.shelf
        flag = self.orientation.flag(direction)
        await shelf.called(f"open {size}")
        scroll = Scroll(None if shelf.live else shelf.select(bounds, flag), (bounds, flag, size))
        return self._page(scroll)

    async def advance(self, scroll: str, bounds: Bounds, direction: Direction, size: int) -> Rows[Rec]:
        shelf = self.shelf
        assert scroll not in shelf.spent, "a scroll id was sent twice"
        shelf.spent.add(scroll)
        flag = self.orientation.flag(direction)
        await shelf.called("advance")
        known = shelf.scrolls.pop(scroll, None)
        if known is None:
            raise ScrollExpired(shelf.source, self.name, "no such scroll")
        assert known.asked == (bounds, flag, size), "parameters changed during a scroll"
        page = self._page(known)
        if shelf.lose:
            shelf.lose -= 1
            raise UpstreamTimeout(shelf.source, self.name, "no answer in time")
        return page

    def _page(self, scroll: Scroll) -> Rows[Rec]:
        shelf = self.shelf
        bounds, flag, size = scroll.asked
        rows = shelf.select(bounds, flag) if scroll.rows is None else scroll.rows
        if scroll.rows is None and scroll.reached:
            # A live scroll goes on from its place; what arrives behind it is not seen.
            descends = flag == shelf.reverse_descends
            rows = [
                rec for rec in rows if (rec.at[:19] <= scroll.reached if descends else rec.at[:19] >= scroll.reached)
            ]
        page = shelf.cut([rec for rec in rows if rec.id not in scroll.given], size)
        scroll.given |= {rec.id for rec in page}
        scroll.reached = page[-1].at[:19] if page else scroll.reached
        left = any(rec.id not in scroll.given for rec in rows)
        if not page or not (left or shelf.final_id):
            return Rows(page, len(page))
        shelf.opened += 1
        id = f"{shelf.source.value}-{shelf.opened}"
        shelf.scrolls[id] = scroll
        return Rows(page, len(page), scroll=id)


@dataclass(kw_only=True)
class Script(ScrollFeed[Rec]):
    """A scroll whose answers are written down; it lists its calls."""

    answers: list[Rows[Rec] | UpstreamError]
    calls: list[str] = field(default_factory=list)

    def key(self, row: Rec) -> Key:
        return row.key

    async def open(self, bounds: Bounds, direction: Direction, size: int) -> Rows[Rec]:
        return self._next(f"open {bounds.end}" if bounds.end else "open")

    async def advance(self, scroll: str, bounds: Bounds, direction: Direction, size: int) -> Rows[Rec]:
        return self._next(f"advance {scroll}")

    def _next(self, call: str) -> Rows[Rec]:
        self.calls.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, UpstreamError):
            raise answer
        return answer


@dataclass(kw_only=True)
class FakeWindow(WindowFeed[Rec]):
    """A shelf read by time bounds."""

    shelf: Shelf

    def key(self, row: Rec) -> Key:
        return row.key

    async def read(self, bounds: Bounds, direction: Direction, size: int) -> Rows[Rec]:
        flag = self.orientation.flag(direction)
        await self.shelf.called(f"read {size}")
        page = self.shelf.select(bounds, flag)[:size]
        self.shelf.rows_given += len(page)
        return Rows(page, len(page))


@dataclass(kw_only=True)
class FakeList(ListFeed[Rec]):
    """A shelf read whole."""

    shelf: Shelf

    def key(self, row: Rec) -> Key:
        return row.key

    async def read(self) -> Sequence[Rec]:
        await self.shelf.called("list")
        return self.shelf.select(Bounds(), True)


@dataclass(kw_only=True)
class FakeOffset(OffsetFeed[Rec]):
    """A shelf read by row number: by time with ties in an order of its own, or by the number in the ids."""

    shelf: Shelf

    def key(self, row: Rec) -> Key:
        return row.key

    def serial(self, row: Rec) -> int:
        return int(row.id[1:])

    async def read(self, direction: Direction, start: int, limit: int) -> Rows[Rec]:
        assert start >= 0
        assert 1 <= limit <= self.max_size
        await self.shelf.called(f"rows {start}+{limit}")
        rows = sorted(self.shelf.records, key=lambda rec: (rec.at, rec.id[::-1]) if self.ordered else self.serial(rec))
        if direction is Direction.DESC:
            rows.reverse()
        page = rows[start : start + limit]
        self.shelf.rows_given += len(page)
        return Rows(page, len(page))


def offset(shelf: Shelf, *, max_size: int = 100, ordered: bool = True) -> FakeOffset:
    return FakeOffset(source=shelf.source, name="rows", shelf=shelf, max_size=max_size, ordered=ordered)


def scroll(
    shelf: Shelf, *, max_size: int = 10_000, since: Instant | None = None, until: Instant | None = None
) -> FakeScroll:
    return FakeScroll(
        source=shelf.source,
        name="events",
        shelf=shelf,
        orientation=shelf.orientation,
        max_size=max_size,
        since=since,
        until=until,
    )


def window(
    shelf: Shelf, *, max_size: int = 10_000, since: Instant | None = None, until: Instant | None = None
) -> FakeWindow:
    return FakeWindow(
        source=shelf.source,
        name="events",
        shelf=shelf,
        orientation=shelf.orientation,
        max_size=max_size,
        since=since,
        until=until,
    )


def complete(shelf: Shelf) -> FakeList:
    return FakeList(source=shelf.source, name="list", shelf=shelf)
