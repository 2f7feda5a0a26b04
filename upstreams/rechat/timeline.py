"""The calendar as a feed: windows of time that are known to be complete.

The documents name ``low``, ``high`` and a ``limit``, but not in which order rows come, nor which of them a limit cuts
off. So an answer as long as its limit proves nothing, and is asked for again in a shorter window; one that is shorter
is complete, and its rows are sorted here. Something that recurs is placed at its next time, which the upstream need not
look at: what lies outside of a window is dropped, and comes with the window that it lies in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from msgspec.structs import force_setattr

from upstreams.codecs import RowCodec
from upstreams.errors import UpstreamMalformed, UpstreamNotFound
from upstreams.feeds import Bounds, Direction, Key, Rows, WindowFeed
from upstreams.instants import Instant, from_unix, to_unix
from upstreams.rechat import assumptions
from upstreams.rechat.client import Client
from upstreams.rechat.codecs import EVENTS
from upstreams.rechat.decode import Listing
from upstreams.rechat.records import CalendarEvent
from upstreams.records import EventRecord, Source

RANK = Source.RECHAT.rank
Window = tuple[int, int]
"""From one second to another, unix, both inclusive."""

GROWTH = 4
"""How much longer each window is than the one before it."""

FEWEST = 100
"""The least that a call is limited to."""

_EARLIEST, _LATEST = (int(to_unix(Instant(text))) for text in assumptions.CALENDAR_SPAN.assumed)
_DOUBLES = frozenset(assumptions.CALENDAR_TYPES_OF_CONTACT.assumed) - frozenset(assumptions.CALENDAR_TYPES.assumed)
"""What stands for one contact's part in something that the team's calendar holds as well."""


@dataclass(slots=True)
class Pace:
    """What reads of one calendar have learned of how dense it is; a wrong guess costs calls and nothing else.

    Attributes:
        edges: by direction, where the first window with events ends in a read from the open end.
        span: seconds of a window that held events and was not too long; None: not known yet.
    """

    edges: dict[Direction, int] = field(default_factory=dict)
    span: int | None = None

    def windows(self, low: int, high: int, direction: Direction, *, open_end: bool) -> list[Window]:
        """The range as windows to try, the first one last: as long as known, then ever longer."""
        down = direction is Direction.DESC
        edge = self.edges.get(direction) if open_end else None
        span = self.span or high - low + 1
        windows: list[Window] = []
        if edge is not None and low <= edge <= high:
            windows.append((edge, high) if down else (low, edge))
            low, high = (low, edge - 1) if down else (edge + 1, high)
        while low <= high:
            span = min(span, high - low + 1)
            windows.append((high - span + 1, high) if down else (low, low + span - 1))
            low, high = (low, high - span) if down else (low + span, high)
            span *= GROWTH
        return windows[::-1]


@dataclass(kw_only=True)
class Calendar(WindowFeed[EventRecord]):
    """What the team, or one contact, has in the calendar.

    Attributes:
        contact_id: whose; None: the team's.
        object_types: the only types to ask for; empty: all.
        pace: what is known of the calendar.
    """

    codec: ClassVar[RowCodec[Any] | None] = EVENTS

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
        down = direction is Direction.DESC
        open_end = (bounds.end if down else bounds.start) is None
        most = assumptions.CALENDAR_MAX_LIMIT.assumed
        limit = min(most, max(FEWEST, 2 * size))
        windows = self.pace.windows(low, high, direction, open_end=open_end)
        rows: list[CalendarEvent] = []
        seen: dict[Key, CalendarEvent] = {}
        while windows and len(rows) < size:
            begin, end = windows.pop()
            if len(_inside(seen.values(), begin, end)) < limit:
                listing = await self._window(begin, end, limit)
                if not _cut(listing, limit):
                    found = sorted(_inside(listing.rows, begin, end), key=self.key, reverse=down)
                    if found and not rows and open_end:
                        self.pace.edges[direction] = begin if down else end
                    if found and windows:
                        self.pace.span = end - begin + 1
                    rows += found
                    continue
                seen.update((self.key(row), row) for row in listing.rows)
            # Rows may be missing: of two halves, each may be complete.
            if begin < end:
                middle = (begin + end) // 2
                halves = [(begin, middle), (middle + 1, end)]
                windows += halves if down else halves[::-1]
            elif limit < most:
                limit = most
                windows.append((begin, end))
            else:
                reason = f"more than {most} records lie within one second"
                raise UpstreamMalformed(self.source, self.name, reason)
        return Rows(rows, len(rows))

    async def at(self, instant: Instant) -> Sequence[CalendarEvent]:
        """What the calendar holds in the second of an instant."""
        moment = int(to_unix(instant))
        return (await self._window(moment, moment, assumptions.CALENDAR_MAX_LIMIT.assumed)).rows

    async def _window(self, begin: int, end: int, limit: int) -> Listing[CalendarEvent]:
        """One call. A second more at both ends, since the bounds may be exclusive and times have fractions.

        A contact that is gone has no calendar, and no more in it than one that is empty.
        """
        try:
            listing = await self.client.calendar(
                begin - 1, end + 1, limit=limit, contact=self.contact_id, object_types=self.object_types
            )
        except UpstreamNotFound:
            if self.contact_id is None:
                raise
            return Listing((), 0)
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


def _inside(rows: Iterable[CalendarEvent], begin: int, end: int) -> list[CalendarEvent]:
    first, last = from_unix(begin), from_unix(end)
    return [row for row in rows if first <= row.occurred_at[:19] <= last]
