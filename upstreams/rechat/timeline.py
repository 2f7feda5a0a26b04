"""The calendar as a feed: windows of time that are known to be complete.

The documents name ``low``, ``high`` and a ``limit``, but not in which order rows come, nor which of them a limit cuts
off. So an answer as long as its limit proves nothing, and is asked for again in a shorter window; one that is shorter
is complete, and its rows are sorted here. Something that recurs is placed at its next time, which the upstream need not
look at: what lies outside of a window is dropped, and comes with the window that it lies in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import force_setattr

from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Bounds, Direction, Key, Rows, WindowFeed
from upstreams.instants import Instant, from_unix, to_unix
from upstreams.rechat import assumptions
from upstreams.rechat.client import Client
from upstreams.rechat.decode import Listing
from upstreams.rechat.records import CalendarEvent
from upstreams.records import EventRecord, Source

RANK = Source.RECHAT.rank
GROWTH = 4
"""How much longer the window after a complete one is."""

FEWEST = 100
"""The least that a call is limited to."""

_EARLIEST, _LATEST = (int(to_unix(Instant(text))) for text in assumptions.CALENDAR_SPAN.assumed)
_DOUBLES = frozenset(assumptions.CALENDAR_TYPES_OF_CONTACT.assumed) - frozenset(assumptions.CALENDAR_TYPES.assumed)
"""What stands for one contact's part in something that the team's calendar holds as well."""


@dataclass(slots=True)
class Pace:
    """What reads of one calendar have learned of how dense it is; a wrong guess costs calls and nothing else.

    Attributes:
        edges: by direction, where the first window of a read from the open end had to stop.
        span: seconds of a window that was not too long.
    """

    edges: dict[Direction, int] = field(default_factory=dict)
    span: int = _LATEST - _EARLIEST + 1


@dataclass(kw_only=True)
class Calendar(WindowFeed[EventRecord]):
    """What the team, or one contact, has in the calendar.

    Attributes:
        contact_id: whose; None: the team's.
        object_types: the only types to ask for; empty: all.
        pace: what is known of the calendar.
    """

    client: Client
    contact_id: str | None = None
    object_types: tuple[str, ...] = ()
    pace: Pace = field(default_factory=Pace)

    def key(self, row: EventRecord) -> Key:
        """By time."""
        return row.occurred_at, RANK, row.source_id

    async def read(self, bounds: Bounds, direction: Direction, size: int) -> Rows[EventRecord]:
        """At least the first ``size`` events within the bounds; fewer mean that there are no more.

        Raises:
            UpstreamMalformed: more events within one second than one call may ask for.
        """
        low = _EARLIEST if bounds.start is None else int(to_unix(bounds.start))
        high = _LATEST if bounds.end is None else int(to_unix(bounds.end))
        open_end = bounds.end is None if direction is Direction.DESC else bounds.start is None
        most = assumptions.CALENDAR_MAX_LIMIT.assumed
        limit = min(most, max(FEWEST, 2 * size))
        down = direction is Direction.DESC
        span = self.pace.span
        edge = self.pace.edges.get(direction) if open_end else None
        if edge is not None and low <= edge <= high:
            span = high - edge + 1 if down else edge - low + 1
        rows: list[CalendarEvent] = []
        while low <= high and len(rows) < size:
            span = min(span, high - low + 1)
            begin, end = (high - span + 1, high) if down else (low, low + span - 1)
            listing = await self._window(begin, end, limit)
            if _cut(listing, limit):
                if span == 1 and limit == most:
                    reason = f"more than {most} records lie within one second"
                    raise UpstreamMalformed(self.source, self.name, reason)
                span, limit = (1, most) if span == 1 else (_shorter(listing, begin, end, direction, size), limit)
                continue
            rows += sorted(_inside(listing.rows, begin, end), key=self.key, reverse=down)
            low, high = (low, begin - 1) if down else (end + 1, high)
            if low <= high:
                self.pace.span = span
                if open_end:
                    self.pace.edges[direction] = begin if down else end
            span *= GROWTH
        return Rows(rows, len(rows))

    async def at(self, instant: Instant) -> Sequence[CalendarEvent]:
        """What the calendar holds in the second of an instant."""
        moment = int(to_unix(instant))
        return (await self._window(moment, moment, assumptions.CALENDAR_MAX_LIMIT.assumed)).rows

    async def _window(self, begin: int, end: int, limit: int) -> Listing[CalendarEvent]:
        """One call. A second more at both ends, since the bounds may be exclusive and times have fractions."""
        listing = await self.client.calendar(
            begin - 1, end + 1, limit=limit, contact=self.contact_id, object_types=self.object_types
        )
        if self.contact_id is not None:
            for row in listing.rows:
                if row.contact_source_id is None:
                    force_setattr(row, "contact_source_id", self.contact_id)
            return listing
        rows = [row for row in listing.rows if row.object_type not in _DOUBLES]
        return Listing(rows, listing.received, listing.total, listing.limit)


def _cut(listing: Listing[CalendarEvent], limit: int) -> bool:
    """Rows may be missing: as many came as were asked for, or as the answer says that its limit is."""
    most = limit if not listing.limit else min(limit, listing.limit)
    return listing.received >= most


def _inside(rows: Sequence[CalendarEvent], begin: int, end: int) -> list[CalendarEvent]:
    first, last = from_unix(begin), from_unix(end)
    return [row for row in rows if first <= row.occurred_at[:19] <= last]


def _shorter(listing: Listing[CalendarEvent], begin: int, end: int, direction: Direction, size: int) -> int:
    """A shorter window at the same near end: half of it, or less where the rows that came say so."""
    down = direction is Direction.DESC
    half = (end - begin + 1) // 2
    seconds = sorted((row.occurred_at[:19] for row in _inside(listing.rows, begin, end)), reverse=down)
    if len(seconds) <= size:
        return half
    place = int(to_unix(Instant(seconds[size])))
    return max(1, min(half, end - place + 1 if down else place - begin + 1))
