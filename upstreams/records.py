"""What every source's records have in common.

A source's own record *is* the value that travels through the gateway; these protocols say which facts the rest reads
from it. Where a source lacks a fact, its record answers ``None`` or an empty tuple. Facts are as the source sent them:
cleaning and joining across sources happens in ``resolvers``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, ClassVar, NamedTuple, Protocol, Self, runtime_checkable

from upstreams.instants import Instant, WallTime


class Fixed(Enum):
    """Members are keys of tables that are looked into for every row; Enum's own hash is written in Python."""

    __hash__ = object.__hash__


class Source(Fixed):
    """An upstream service. The order of the members is the order of ties between sources.

    A member is its value, its label and what it is about.

    Attributes:
        label: the name of the service as people write it.
        about: what the service is, as the schema describes it.
        rank: the place of the source in the order of ties: 0, 1, 2.
    """

    _value_: str
    label: str
    about: str
    rank: int

    CLOUD4WI = "CLOUD4WI", "Cloud4Wi", "guest Wi-Fi"
    RECHAT = "RECHAT", "Rechat", "customer relations for real estate"
    ACQUIRE = "ACQUIRE", "Acquire", "chat and support"

    def __new__(cls, value: str, label: str, about: str) -> Self:
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        member.about = about
        member.rank = len(cls.__members__)
        return member


class Entity(Fixed):
    """What a record is a record of. Every record class names its own (``entity: ClassVar[Entity]``)."""

    CONTACT = "c"
    EVENT = "e"
    SEGMENT = "s"
    LOCATION = "l"
    PERSON = "p"
    COMPANY = "o"
    DEFINITION = "d"
    JOB = "j"


class EventType(Fixed):
    """What happened."""

    SIGNUP = "SIGNUP"
    LOGIN = "LOGIN"
    ARRIVING = "ARRIVING"
    VISIT = "VISIT"
    GEO_ARRIVING = "GEO_ARRIVING"
    GEO_VISIT = "GEO_VISIT"
    PROMO = "PROMO"
    SURVEY = "SURVEY"
    SEND_EMAIL = "SEND_EMAIL"
    OPEN_EMAIL = "OPEN_EMAIL"
    CLICK_EMAIL = "CLICK_EMAIL"
    SEND_SMS = "SEND_SMS"
    CLICK_SMS = "CLICK_SMS"
    PAGE_VIEW = "PAGE_VIEW"
    CONVERSATION = "CONVERSATION"
    TASK = "TASK"
    EMAIL_THREAD = "EMAIL_THREAD"
    TOUCH = "TOUCH"
    ANNIVERSARY = "ANNIVERSARY"
    OTHER = "OTHER"


class SegmentKind(Enum):
    """How the members of a segment are chosen."""

    DYNAMIC = "DYNAMIC"
    LIST = "LIST"
    TAG = "TAG"


class Birthday(NamedTuple):
    """A birthday, as far as it is known."""

    year: int | None
    month: int | None
    day: int | None


class Consent(NamedTuple):
    """What a contact agreed to, or not."""

    name: str
    accepted: bool
    date: Instant | None
    version: str | None


class CustomField(NamedTuple):
    """A field that the organization added itself."""

    key: str
    value: str | None


class LocationRef(NamedTuple):
    """What a record says of its location without a call."""

    id: str
    name: str | None


class SegmentRef(NamedTuple):
    """What a contact says of a segment it is in without a call.

    Attributes:
        id: the segment's id; empty when the contact tells the name alone (a tag), which then is unique in its kind.
    """

    id: str
    name: str | None
    kind: SegmentKind = SegmentKind.DYNAMIC


class ContactRecord(Protocol):
    """A person as one source knows it."""

    entity: ClassVar[Entity]

    @property
    def source(self) -> Source: ...
    @property
    def source_id(self) -> str: ...
    @property
    def given_display_name(self) -> str | None:
        """The name that the source itself shows, where it has one."""
        ...

    @property
    def first_name(self) -> str | None: ...
    @property
    def last_name(self) -> str | None: ...
    @property
    def emails_as_sent(self) -> Sequence[str]: ...
    @property
    def phones_as_sent(self) -> Sequence[str]: ...
    @property
    def language(self) -> str | None: ...
    @property
    def country_as_sent(self) -> str | None: ...
    @property
    def birthday(self) -> Birthday | None: ...
    @property
    def company(self) -> str | None: ...
    @property
    def job_title(self) -> str | None: ...
    @property
    def created_at(self) -> Instant: ...
    @property
    def updated_at(self) -> Instant | None: ...
    @property
    def segment_refs(self) -> Sequence[SegmentRef] | None:
        """The segments the record names; None when this answer did not say (they must be asked for)."""
        ...

    @property
    def location_ref(self) -> LocationRef | None:
        """Where the contact was registered."""
        ...

    @property
    def last_visited_location_ref(self) -> LocationRef | None: ...
    @property
    def consents(self) -> Sequence[Consent]: ...
    @property
    def custom_fields(self) -> Sequence[CustomField] | None:
        """What the organization added itself; None when this answer did not say (it must be asked for)."""
        ...

    @property
    def metrics(self) -> Any:
        """Visit statistics (a record of the source), or None."""
        ...


@runtime_checkable
class WholeNamed(Protocol):
    """A contact whose source keeps one name in one piece, so that first and last name are a guess."""

    @property
    def whole_name(self) -> str | None: ...


class EventRecord(Protocol):
    """Something that happened to a contact, as one source tells it.

    Beside these, an event has what its type brings (``duration``, ``campaign``, …), read by the type of the schema.
    """

    entity: ClassVar[Entity]

    @property
    def source(self) -> Source: ...
    @property
    def source_id(self) -> str: ...
    @property
    def type(self) -> EventType: ...
    @property
    def raw_type(self) -> str: ...
    @property
    def occurred_at(self) -> Instant: ...
    @property
    def local_time(self) -> WallTime | None: ...
    @property
    def timezone(self) -> str | None: ...
    @property
    def contact_source_id(self) -> str | None: ...
    @property
    def location_ref(self) -> LocationRef | None: ...


class SegmentRecord(Protocol):
    """A group of contacts."""

    entity: ClassVar[Entity]

    @property
    def source(self) -> Source: ...
    @property
    def source_id(self) -> str: ...
    @property
    def kind(self) -> SegmentKind: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str | None: ...
    @property
    def size(self) -> int | None: ...
    @property
    def status(self) -> str | None: ...
    @property
    def last_run_at(self) -> Instant | None: ...
    @property
    def created_at(self) -> Instant | None: ...
    @property
    def updated_at(self) -> Instant | None: ...


class LocationRecord(Protocol):
    """A place of the organization."""

    entity: ClassVar[Entity]

    @property
    def source(self) -> Source: ...
    @property
    def source_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def timezone(self) -> str | None: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...
    @property
    def address(self) -> Any:
        """A record with street, city, state, postal_code, country; or None."""
        ...

    @property
    def tags(self) -> Sequence[str]: ...


class HotspotRecord(Protocol):
    """An access point at a location."""

    @property
    def source(self) -> Source: ...
    @property
    def source_id(self) -> str: ...
    @property
    def location_source_id(self) -> str | None: ...
