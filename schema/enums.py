"""The enums of the API, each value described."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

import strawberry

from resolvers.people.indexer import IndexState
from upstreams.feeds import Direction
from upstreams.identity.keys import MatchKey
from upstreams.records import EventType, SegmentKind, Source
from upstreams.source import CircuitState, SourceState

E = TypeVar("E", bound=type[Enum])


def describe(enum: E, name: str, description: str, values: dict[str, str]) -> E:
    """Make an enum of the lower layers part of the schema; every value must be described."""
    strawberry.enum(enum, name=name, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return enum


describe(
    Source,
    "Source",
    "A service that the data comes from.",
    {source.value: f"{source.label}: {source.about}." for source in Source},
)
describe(
    SourceState,
    "SourceState",
    "How a source has been doing lately.",
    {
        "HEALTHY": "It answers.",
        "DEGRADED": "Some calls fail, or it asks for patience.",
        "DOWN": "Calls fail.",
    },
)
describe(
    CircuitState,
    "CircuitState",
    "Whether a source is asked.",
    {
        "CLOSED": "It is asked.",
        "OPEN": "It failed so often that calls fail at once, without being sent.",
        "HALF_OPEN": "A call was sent to try it; all others fail at once.",
    },
)
describe(
    EventType,
    "EventType",
    "What happened.",
    {
        "SIGNUP": "A contact was created: at the Wi-Fi's portal, a kiosk or through an API.",
        "LOGIN": "A contact authenticated to a Wi-Fi network.",
        "ARRIVING": "A contact was seen at a location.",
        "VISIT": "A contact left a location after a visit.",
        "GEO_ARRIVING": "A contact entered a geofence.",
        "GEO_VISIT": "A contact left a geofence after a stay.",
        "PROMO": "A contact followed the call to action of a promo page.",
        "SURVEY": "A contact answered a survey.",
        "SEND_EMAIL": "A campaign's e-mail was sent.",
        "OPEN_EMAIL": "A campaign's e-mail was opened.",
        "CLICK_EMAIL": "A link in a campaign's e-mail was followed.",
        "SEND_SMS": "A campaign's text message was sent.",
        "CLICK_SMS": "A link in a campaign's text message was followed.",
        "PAGE_VIEW": "A visitor looked at a web page.",
        "CONVERSATION": "A conversation with support.",
        "TASK": "A task in the calendar.",
        "EMAIL_THREAD": "A thread of e-mails.",
        "TOUCH": "A contact was, or is to be, spoken to.",
        "ANNIVERSARY": "A birthday, wedding day and the like.",
        "OTHER": "Anything not known by name; see `rawType`.",
    },
)
describe(
    SegmentKind,
    "SegmentKind",
    "How the members of a segment are chosen.",
    {
        "DYNAMIC": "By rules that the source evaluates from time to time.",
        "LIST": "By a saved search.",
        "TAG": "By a tag on each contact.",
    },
)
describe(
    MatchKey,
    "MatchKey",
    "What two contacts of one person have in common.",
    {
        "EMAIL": "An e-mail, without regard to case.",
        "PHONE": "A phone, however it is spelled, and names that fit: equal but for case and accents, or an initial.",
    },
)
describe(
    IndexState,
    "IndexState",
    "How far an index is.",
    {
        "IDLE": "Nobody has asked for people yet, so nothing is read for it.",
        "BUILDING": "The contacts are read for the first time.",
        "READY": "All contacts are in it; changes are taken in from time to time.",
    },
)
describe(
    Direction,
    "OrderDirection",
    "Which end of the order comes first.",
    {"ASC": "The earliest first.", "DESC": "The latest first."},
)


@strawberry.enum(description="What contacts can be ordered by.")
class ContactOrderField(Enum):
    """What contacts can be ordered by."""

    CREATED_AT = strawberry.enum_value("CREATED_AT", description="When the source first knew the contact.")


@strawberry.enum(description="What events can be ordered by.")
class EventOrderField(Enum):
    """What events can be ordered by."""

    OCCURRED_AT = strawberry.enum_value("OCCURRED_AT", description="When it happened.")
