"""Which type of the schema stands for a record: what the interfaces go by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from upstreams.records import Entity, EventType

_EVENT = Entity.EVENT  # the member of an enumeration is slow to find

_TYPES = {
    Entity.CONTACT: "Contact",
    Entity.SEGMENT: "Segment",
    Entity.LOCATION: "Location",
    Entity.PERSON: "Person",
    Entity.COMPANY: "Company",
    Entity.DEFINITION: "AttributeDefinition",
    Entity.JOB: "Job",
}

_EVENTS = {
    EventType.SIGNUP: "SignupEvent",
    EventType.LOGIN: "LoginEvent",
    EventType.ARRIVING: "ArrivingEvent",
    EventType.VISIT: "VisitEvent",
    EventType.GEO_ARRIVING: "GeoArrivingEvent",
    EventType.GEO_VISIT: "GeoVisitEvent",
    EventType.PROMO: "PromoEvent",
    EventType.SURVEY: "SurveyEvent",
    EventType.SEND_EMAIL: "EmailEvent",
    EventType.OPEN_EMAIL: "EmailEvent",
    EventType.CLICK_EMAIL: "EmailEvent",
    EventType.SEND_SMS: "SmsEvent",
    EventType.CLICK_SMS: "SmsEvent",
    EventType.PAGE_VIEW: "PageViewEvent",
    EventType.CONVERSATION: "ConversationEvent",
    EventType.TASK: "CalendarEvent",
    EventType.EMAIL_THREAD: "CalendarEvent",
    EventType.TOUCH: "CalendarEvent",
    EventType.ANNIVERSARY: "CalendarEvent",
    EventType.OTHER: "OtherEvent",
}


def type_names(records: Sequence[Any]) -> list[str]:
    """The names of the types of a page of records."""
    return [_EVENTS[record.type] if record.entity is _EVENT else _TYPES[record.entity] for record in records]


def type_name(record: Any) -> str:
    """The name of a record's type."""
    return _EVENTS[record.type] if record.entity is _EVENT else _TYPES[record.entity]
