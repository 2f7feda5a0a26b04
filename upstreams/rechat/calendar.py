"""Calendar events: the one view that Rechat has of tasks, e-mails, touches and dates."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from upstreams.instants import Instant, WallTime
from upstreams.liberal import Whole
from upstreams.rechat import assumptions
from upstreams.rechat.values import instant_of, instant_or_none
from upstreams.records import Entity, EventType, LocationRef, Source

OBJECT_TYPES = {
    "crm_task": EventType.TASK,
    "crm_association": EventType.TASK,
    "email_thread": EventType.EMAIL_THREAD,
    "email_thread_recipient": EventType.EMAIL_THREAD,
    "contact": EventType.TOUCH,
    "home_anniversary": EventType.ANNIVERSARY,
}
"""The object types that have one meaning here; a contact's date may be an anniversary, every other is ``OTHER``.

``home_anniversary`` is none that the documents name, so it is understood and never asked for.
"""

DATES = "contact_attribute"


class CalendarEvent(Struct, frozen=True, kw_only=True):
    """``calendar_event``; without an id, a type or a time it is a malformed row.

    Attributes:
        source_id: ``id``: of the thing that the row stands for.
        occurred_at: the time; of something that recurs, the next time.
        contact_source_id: ``contact``; of a row of one contact's calendar, that contact.
        type_label: the type as the upstream's own pages show it.
        next_occurance: as the upstream spells it.
        people_len: how many people take part.
        metadata: what else the upstream keeps of it, as sent.
        payload: the row as plain JSON.
        people, full_crm_task, full_deal, full_contact, full_campaign, full_thread, activity: where they were asked for.
    """

    entity: ClassVar[Entity] = Entity.EVENT
    source: ClassVar[Source] = Source.RECHAT
    local_time: ClassVar[WallTime | None] = None
    timezone: ClassVar[str | None] = None
    location_ref: ClassVar[LocationRef | None] = None

    source_id: str = field(name="id")
    object_type: str
    event_type: str | None = None
    type_label: str | None = None
    occurred_at: Instant = field(name="$occurred_at", default=Instant(""))
    recurring: bool | None = None
    title: str | None = None
    contact_source_id: str | None = field(name="contact", default=None)
    crm_task: str | None = None
    deal: str | None = None
    campaign: str | None = None
    thread_key: str | None = None
    brand: Any = None
    created_by: Any = None
    people_len: Whole | None = None
    people: Any = None
    metadata: Any = None
    full_crm_task: Any = None
    full_deal: Any = None
    full_contact: Any = None
    full_campaign: Any = None
    full_thread: Any = None
    activity: Any = None
    row_type: str | None = field(name="type", default=None)
    payload: Any = field(name="$payload", default=None)
    _timestamp: float = field(name="timestamp")
    _end: float | None = field(name="end_date", default=None)
    _next: float | None = field(name="next_occurance", default=None)
    _next_occurrence: float | None = field(name="next_occurrence", default=None)
    _created: float | None = field(name="created_at", default=None)
    _updated: float | None = field(name="updated_at", default=None)

    def __post_init__(self) -> None:
        if not self.source_id or not self.object_type:
            raise ValueError("a calendar event without an id or a type")
        if not self.contact_source_id:
            force_setattr(self, "contact_source_id", None)
        place = self.next_occurance if self.recurring else None
        force_setattr(self, "occurred_at", place or instant_of(self._timestamp))

    @property
    def raw_type(self) -> str:
        """``event_type``, else ``object_type``."""
        return self.event_type or self.object_type

    @property
    def type(self) -> EventType:
        """What the types mean."""
        if self.object_type == DATES:
            dated = self.recurring or self.event_type in assumptions.ANNIVERSARIES.assumed
            return EventType.ANNIVERSARY if dated else EventType.OTHER
        return OBJECT_TYPES.get(self.object_type, EventType.OTHER)

    @property
    def timestamp(self) -> Instant | None:
        """``timestamp``: of something that recurs, what the user typed in."""
        return instant_or_none(self._timestamp)

    @property
    def ends_at(self) -> Instant | None:
        """``end_date``."""
        return instant_or_none(self._end)

    @property
    def next_occurance(self) -> Instant | None:
        """``next_occurance``: when it is next, if it recurs."""
        return instant_or_none(self._next if self._next is not None else self._next_occurrence)

    @property
    def created_at(self) -> Instant | None:
        """When the row's thing was made."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """When it was last changed."""
        return instant_or_none(self._updated)


def object_types(types: frozenset[EventType] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """The object types, of those that a calendar knows, that can be of any of the types (None: of any at all)."""
    if types is None or EventType.OTHER in types:
        return known
    meanings = {**OBJECT_TYPES, DATES: EventType.ANNIVERSARY}
    return tuple(name for name in known if meanings.get(name) in types)


def is_named(types: frozenset[EventType]) -> bool:
    """Whether documented object types alone can be of any of the types; if not, to name those would leave some out."""
    documented = {*assumptions.CALENDAR_TYPES.assumed, *assumptions.CALENDAR_TYPES_OF_CONTACT.assumed}
    others = {meaning for name, meaning in OBJECT_TYPES.items() if name not in documented}
    return types.isdisjoint({EventType.OTHER, *others})
