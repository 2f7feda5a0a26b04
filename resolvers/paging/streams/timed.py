"""What scrolls and windows have in common: rows that the upstream sorts by time, second by second.

Rows wait in ``_waiting`` until no later row can come before them: until a few rows of other seconds were seen (so their
own is complete), or, once an upstream was seen to be locally out of order, until a whole upstream page has followed.
They are then sorted by the full key and released. A row that comes after its place was released is released at once: it
is given late, and exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import chain, takewhile
from operator import itemgetter
from typing import Any, TypeVar

from resolvers.paging.leases import Lease
from resolvers.paging.positions import BOTTOM, TOP, Cut, Span, beyond, leading, past, span_from
from resolvers.paging.streams.base import Stream
from resolvers.paging.streams.order import Verdict, disordered, settled, verdict
from resolvers.paging.streams.seen import Seen
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Bounds, Direction, Key, Rows, TimedFeed
from upstreams.instants import Instant, second, shift

R = TypeVar("R")

PATIENCE = 3
"""Answers in a row that may bring nothing new before the upstream is held to go round in circles."""

FOLLOW = 4
"""Rows that must follow a second before it counts as complete: so slight a disorder need not show to do no harm."""

REMEMBERED = 64
"""Answers of a read that are recognised when they come again."""

_BY_KEY = itemgetter(0)


def limits(feed: TimedFeed[Any]) -> Span:
    """The filter's own bounds as a span: ``since`` inclusive, ``until`` exclusive, at full precision."""
    return Span(
        BOTTOM if feed.since is None else Cut((feed.since, -1, ""), -1),
        TOP if feed.until is None else Cut((feed.until, -1, ""), -1),
    )


def bounds_of(span: Span) -> Bounds:
    """The whole seconds that cover a span."""
    start = None if span.low == BOTTOM else second(Instant(span.low.key[0]))
    if span.high == TOP:
        return Bounds(start, None)
    instant = Instant(span.high.key[0])
    before_it = span.high.key[1] < 0 and len(instant) == 19
    return Bounds(start, shift(instant, -1) if before_it else second(instant))


class TimedStream(Stream[R]):
    """Second by second: see the module."""

    feed: TimedFeed[R]

    def __init__(self, feed: TimedFeed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None) -> None:
        self._limits = limits(feed)
        span = span.meet(self._limits)
        super().__init__(feed, walk, span, keep)
        self._begin = span.begin(walk)
        self._passed = self._begin
        self._end = span.end(walk)
        self._waiting: list[tuple[Key, R]] = []
        self._page = Seen()
        self._pages: list[str] = []
        self._last = ""
        self._hold = FOLLOW
        self._sure = False
        self._trail: list[str] = []
        self._vain = 0
        self._turned = False
        self._flag = feed.orientation.reverse_is_descending

    def rest(self) -> Span:
        """What has not been released yet."""
        return span_from(self._passed, self._end, self.walk)

    def start_over(self) -> None:
        """Forget what waits: a fresh read brings everything after the place that was released up to."""
        self._begin = self._passed
        self._waiting = []
        self._page = Seen()
        self._pages = []
        self._last = ""
        self._trail = []
        self._sure = False
        self._flag = self.feed.orientation.reverse_is_descending

    @property
    def turned(self) -> bool:
        """Another read of this endpoint has found out meanwhile that its flag means the opposite."""
        return self._flag != self.feed.orientation.reverse_is_descending

    def accept(self, rows: Rows[R], *, window: int, final: bool, confirmed: bool) -> bool:
        """Take in an answer. False when its rows run the wrong way, so that it must be asked for anew.

        Args:
            rows: the answer.
            window: how many rows to hold back once rows are seen to be locally out of order.
            final: there are no more after these.
            confirmed: the flag that they were asked for with is known to mean what it was held to mean.

        Raises:
            UpstreamMalformed: the upstream repeats itself, or ignores the bounds or the direction.
        """
        self.rows_read += rows.received
        keys = [*map(self.feed.key, rows.rows)]
        goes_on = self._goes_on(keys)
        fresh = goes_on or self._is_fresh(keys)
        self._check_progress(keys, rows.received, goes_on=goes_on, fresh=fresh)
        if goes_on:
            self._waiting += zip(keys, rows.rows, strict=True)
        else:
            self._sort_in(zip(keys, rows.rows, strict=True))
        # After a page that came again, perhaps shorter, the upstream may go on from the middle of it.
        self._page = Seen(keys if fresh else [*self._page.all, *keys])
        seconds = self._seconds(keys, goes_on=goes_on)
        if not self._sure and not self._orient(seconds, window, final=final, confirmed=confirmed):
            return False
        if self._sure and disordered([self._last, *seconds] if self._last else seconds, self.walk):
            self._hold = max(self._hold, window)
        if seconds:
            self._last = seconds[-1]
        if final:
            self._release(0)
            self.ended = True
        elif self._sure:
            self._release(self._hold)
        return True

    def _goes_on(self, keys: list[Key]) -> bool:
        """The rows follow, in order, upon all that was read before, as nearly every answer's do.

        So all of them are new and none is late, and the first and the last speak for the others; of any other answer
        each row is looked at.
        """
        if not keys:
            return False
        reached = past(self._waiting[-1][0], self.walk) if self._waiting else self._passed
        return beyond(keys[0], reached, self.walk) and self._inside(keys[0]) and leading(keys, self.walk) == len(keys)

    def _is_fresh(self, keys: list[Key]) -> bool:
        """Some row is within the bounds, new, and was not passed by an earlier one."""
        seen = self._page.all
        bounds = bounds_of(span_from(self._begin, self._end, self.walk))
        return any(
            key not in seen
            and (bounds.start is None or key[0] >= bounds.start)
            and (bounds.end is None or key[0][:19] <= bounds.end)
            and (beyond(key, self._passed, self.walk) or not beyond(key, self._begin, self.walk))
            for key in keys
        )

    def _check_progress(self, keys: list[Key], received: int, *, goes_on: bool, fresh: bool) -> None:
        """Fresh rows are progress; the same page again never is."""
        self._vain = 0 if fresh or not received else self._vain + 1
        mark = _mark((keys[0], keys[-1]) if goes_on else keys, len(keys))
        if mark in self._pages or self._vain > PATIENCE:
            raise UpstreamMalformed(
                self.feed.source, self.feed.name, "the upstream sends the same rows again and again"
            )
        if mark:
            self._pages = [*self._pages[1 - REMEMBERED :], mark]

    def _sort_in(self, page: Iterable[tuple[Key, R]]) -> None:
        walk, seen = self.walk, self._page.all
        waiting = dict(self._waiting)
        late: list[tuple[Key, R]] = []
        for key, row in page:
            if key in seen:
                continue
            if beyond(key, self._passed, walk):
                waiting.setdefault(key, row)
            elif beyond(key, self._begin, walk):
                late.append((key, row))
            elif self._limits.holds(key) and not beyond(key, self.span.begin(walk), walk):
                self.note_behind(row)
        self._waiting = sorted(waiting.items(), key=_BY_KEY, reverse=walk is Direction.DESC)
        self.ready.extend(sorted(late, key=_BY_KEY, reverse=walk is Direction.DESC))

    def _seconds(self, keys: list[Key], *, goes_on: bool) -> list[str]:
        """What the rows say of their order; of rows in order the two ends say it all, unless they are one second."""
        if goes_on and (self._sure or not self._trail):
            ends = [keys[0][0][:19], keys[-1][0][:19]]
            if ends[0] != ends[1]:
                return ends
        return [key[0][:19] for key in keys]

    def _orient(self, seconds: list[str], window: int, *, final: bool, confirmed: bool) -> bool:
        """Settle which way the rows run. False: the wrong way, and there are more."""
        orientation = self.feed.orientation
        self._trail += seconds
        found = verdict(self._trail, self.walk)
        if found is Verdict.REVERSED and self._turned and not final:
            # Both values of the flag were tried: no order of ours can be promised over such rows.
            raise UpstreamMalformed(self.feed.source, self.feed.name, "the rows do not come in the order asked for")
        if found is Verdict.REVERSED and not self._turned:
            self._turned = True
            if not self.turned:
                orientation.turn()
            if not final:
                return False
        elif found is Verdict.RIGHT and not self.turned:
            orientation.confirmed = True
        if found is not Verdict.UNDECIDED or confirmed:
            self._sure = True
            if disordered(self._trail, self.walk):
                self._hold = max(self._hold, window)
            self._trail = []
        return True

    def _release(self, hold: int) -> None:
        rows = self._waiting
        count = settled(rows, hold) if hold else len(rows)
        released = rows[:count]
        if count and not self._inside(released[-1][0]):
            self.ready.extend(takewhile(lambda item: self._inside(item[0]), released))
            self.ended = True
            self._waiting = []
        elif count:
            self.ready.extend(released)
            self._passed = past(released[-1][0], self.walk)
            self._waiting = rows[count:]

    def _inside(self, key: Key) -> bool:
        """The record lies before the end of the span."""
        return (key, 0) < self._end if self.walk is Direction.ASC else (key, 0) > self._end

    def _save(self) -> dict[str, Any]:
        return {
            "passed": self._passed,
            "begin": self._begin,
            "ended": self.ended,
            "behind": self.behind,
            "flag": self._flag,
            "hold": self._hold,
            "sure": self._sure,
            "trail": self._trail,
            "last": self._last,
            "page": self._page.packed(),
            "pages": self._pages,
            "ready": len(self.ready),
        }

    def lease(self) -> Lease | None:
        """Rows that are ready and rows that wait, in one list."""
        if self.failed or self.turned or self.span.empty:
            return None
        rows = [row for _, row in chain(self.ready, self._waiting)]
        return Lease(self._save(), rows, self.rows_read)

    def restore(self, state: dict[str, Any], rows: list[R]) -> None:
        """Go on where a lease stopped."""
        keyed = [(self.feed.key(row), row) for row in rows]
        self.ready.extend(keyed[: state["ready"]])
        self._waiting = keyed[state["ready"] :]
        self._passed = _cut(state["passed"])
        self._begin = _cut(state["begin"])
        self._hold, self._sure, self._last = state["hold"], state["sure"], state["last"]
        self._trail = list(state["trail"])
        self._page = Seen(packed=state["page"])
        self._pages = list(state["pages"])
        self._flag = state["flag"]
        self.ended = state["ended"]
        self.behind = state["behind"]


def _mark(keys: Sequence[Key], count: int) -> str:
    """What tells a page from every other, whatever the order of its rows; empty for an empty page.

    Args:
        keys: of its rows; those at both ends are enough.
        count: of its rows.
    """
    if not keys:
        return ""
    return blake2b(repr((min(keys), max(keys), count)).encode(), digest_size=8).hexdigest()


def _cut(plain: Any) -> Cut:
    (text, rank, id), side = plain
    return Cut((text, rank, id), side)
