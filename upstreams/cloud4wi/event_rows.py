"""Events as ``/v1/organizations/{cid}/events`` and its like send them, in both published shapes.

The example nests what happened in ``event``; the schema puts ``type``, ``id`` and the detail at the top level. An
:class:`EventRow` is either; :func:`events_of` makes of rows what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from upstreams.cloud4wi.details import EventDetail, NamedRow, WhenRow, WhereRow
from upstreams.cloud4wi.events import EVENT_TYPES, Event, EventFrame
from upstreams.instants import Instant
from upstreams.records import EventType

_OTHER = EventType.OTHER  # the member of an enumeration is slow to find


class FrameRow(NamedRow, frozen=True, gc=False, kw_only=True, rename="camel"):
    """The frame of an event as sent."""

    customer_id: str | None = None
    event: NamedRow | None = None
    when: WhenRow


class EventRow(EventDetail, frozen=True, gc=False, kw_only=True, rename="camel"):
    """An event as sent, in either shape: a flat one is its own detail."""

    customer_id: str | None = None
    organization_id: str | None = None
    event: EventDetail | None = None
    where: WhereRow | None = None
    when: WhenRow


N = TypeVar("N", bound=FrameRow | EventRow)
E = TypeVar("E", bound=EventFrame)


def events_of(rows: Sequence[N], instants: Iterable[Instant], of: Callable[[N, str, str, Instant], E]) -> list[E]:
    """What rows tell.

    Args:
        rows: as sent.
        instants: when each happened.
        of: makes the record of a row with its id and its type.

    Raises:
        ValueError: one of them has no id or no type.
    """
    events = []
    for row, occurred_at in zip(rows, instants, strict=True):
        nested = row.event
        if nested is None:
            source_id, raw_type = row.id, row.type
        else:  # what stands in it goes first
            source_id, raw_type = nested.id or row.id, nested.type or row.type
        if not source_id or not raw_type:
            raise ValueError("an event without an id or a type")
        events.append(of(row, source_id, raw_type, occurred_at))
    return events


def frame_of(row: FrameRow, source_id: str, raw_type: str, occurred_at: Instant) -> EventFrame:
    """The frame that a row tells."""
    when = row.when
    return EventFrame(
        source_id=source_id,
        raw_type=raw_type,
        type=EVENT_TYPES.get(raw_type, _OTHER),
        occurred_at=occurred_at,
        contact_source_id=row.customer_id or None,
        _local_time=when.created_at_local,
        _timezone=when.timezone,
    )


def event_of(row: EventRow, source_id: str, raw_type: str, occurred_at: Instant) -> Event:
    """What a row tells."""
    when = row.when
    return Event(
        source_id=source_id,
        raw_type=raw_type,
        type=EVENT_TYPES.get(raw_type, _OTHER),
        occurred_at=occurred_at,
        contact_source_id=row.customer_id or None,
        organization_id=row.organization_id,
        _local_time=when.created_at_local,
        _timezone=when.timezone,
        _where=row.where,
        _detail=_detail_of(row) if row.event is None else row.event,
    )


def _detail_of(row: EventRow) -> EventDetail:
    """The detail of a flat row."""
    return EventDetail(
        visit=row.visit, signup=row.signup, email=row.email, sms=row.sms, survey=row.survey, promo=row.promo
    )
