"""What each source takes for what fields need: one row a source.

The sizes come from the sources' own tables of assumptions, so that they are written down once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.cost.pages import Kind, Reading
from upstreams.acquire import assumptions as acquire
from upstreams.cloud4wi import assumptions as cloud4wi
from upstreams.cloud4wi.records import EVENT_TYPES
from upstreams.rechat import assumptions as rechat
from upstreams.records import EventType, Source

CALENDAR = 6
"""Calls that one answer of Rechat's calendar takes: windows of time are shortened or lengthened until they hold enough.
How long they must be is learned once a process, which is not counted."""

CALENDAR_STEADY = 2
"""The same in the middle of a scan, which has learned how long a window may be."""

CALENDAR_OF_CONTACT = 2
"""The same for the calendar of one contact, which seldom holds as much as one call may ask for."""

NONE = Reading(Kind.WHOLE, calls=0)
"""A list that a source does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a source takes. The defaults are a source that has contacts and nothing else.

    Attributes:
        batch: contacts that one call by id may name.
        contacts: its list of contacts.
        events: its list of everybody's events.
        timeline: its list of one contact's events.
        event: calls to find one event by its id.
        lists: calls for each of its complete lists; what is missing it does not have.
        search: calls to find who has an e-mail or phone; None: an index is looked into, whose contacts are then read.
        filters: what of a filter on contacts it applies itself.
        has: the types of events that it has.
        types: those of them that it tells apart itself.
        timed: it lists events by time, so that ``from`` and ``to`` cost no scan.
        refs: what it tells of a contact's segments beside their names.
    """

    batch: int
    contacts: Reading
    events: Reading = NONE
    timeline: Reading = NONE
    event: int = 0
    lists: Mapping[str, int] = field(default_factory=dict)
    search: int | None = None
    filters: frozenset[str] = frozenset()
    has: frozenset[EventType] = frozenset()
    types: frozenset[EventType] = frozenset()
    timed: bool = True
    refs: frozenset[str] = frozenset()


_TIMES = frozenset({"createdFrom", "createdTo", "updatedFrom", "updatedTo"})
_CALENDAR = frozenset({EventType.TASK, EventType.EMAIL_THREAD, EventType.TOUCH, EventType.ANNIVERSARY})
_BY_NAME = frozenset({"__typename", "source", "kind", "name"})

PROFILES: Mapping[Source, Profile] = {
    Source.CLOUD4WI: Profile(
        batch=1,
        contacts=Reading(Kind.SCROLL, cloud4wi.MAX_SIZE.assumed),
        events=Reading(Kind.SCROLL, cloud4wi.MAX_SIZE.assumed),
        timeline=Reading(Kind.WINDOW, cloud4wi.MAX_SIZE.assumed),
        event=1,
        lists={"segments": 1, "locations": 1, "hotspots": 1},
        filters=_TIMES | {"segmentIds", "locationIds"},
        has=frozenset({*EVENT_TYPES.values(), EventType.OTHER}),
        types=frozenset(EventType(name.upper()) for name in cloud4wi.EVENT_TYPES_DOCUMENTED.assumed),
        refs=_BY_NAME | {"id", "sourceId", "contacts"},
    ),
    Source.RECHAT: Profile(
        batch=rechat.MAX_IDS.assumed,
        contacts=Reading(Kind.NUMBERED, rechat.MAX_LIMIT.assumed),
        events=Reading(Kind.WINDOW, rechat.CALENDAR_MAX_LIMIT.assumed // 2, calls=CALENDAR, steady=CALENDAR_STEADY),
        timeline=Reading(Kind.WINDOW, rechat.CALENDAR_MAX_LIMIT.assumed // 2, calls=CALENDAR_OF_CONTACT),
        event=2,
        lists={"segments": 2},
        search=1,
        filters=_TIMES | {"segmentIds"},
        has=_CALENDAR | {EventType.OTHER},
        types=_CALENDAR,
        refs=_BY_NAME,
    ),
    Source.ACQUIRE: Profile(
        batch=1,
        contacts=Reading(Kind.NEARLY, acquire.PAGE_SIZE.assumed, once=2, unfiltered=True),
        events=Reading(Kind.NEARLY, acquire.PAGE_SIZE.assumed, once=2),
        timeline=Reading(Kind.WHOLE, calls=2),
        event=2,
        lists={"segments": 1},
        search=1,
        has=frozenset({EventType.PAGE_VIEW, EventType.CONVERSATION}),
        types=frozenset({EventType.PAGE_VIEW, EventType.CONVERSATION}),
        timed=False,
        refs=_BY_NAME,
    ),
}
"""The sources, in their order.

``once`` of Acquire: how many rows there are, since those in the other direction are counted from the end, and the ids
of tags.
"""
