"""Events as ``/v1/organizations/{cid}/events`` and its like tell them, in both published shapes.

The example nests what happened in ``event``; the schema puts ``type``, ``id`` and the detail at the top level. An
:class:`Event` is the flat shape, and takes over what a nested one holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from upstreams.cloud4wi.details import (
    App,
    Campaign,
    Geofence,
    MessageRow,
    PromoRow,
    SignupRow,
    SurveyAnswer,
    SurveyRow,
    VisitRow,
    WhenRow,
    WhereRow,
    answers_of,
    geofence_of,
)
from upstreams.cloud4wi.texts import instant_or_none, text_or_none, texts_or_none, wall_time_or_none, wall_times_or_none
from upstreams.instants import Instant, WallTime, parse_instant
from upstreams.records import Entity, EventType, LocationRef, Source

EVENT_TYPES = {
    "signup": EventType.SIGNUP,
    "login": EventType.LOGIN,
    "arriving": EventType.ARRIVING,
    "visit": EventType.VISIT,
    "geo_arriving": EventType.GEO_ARRIVING,
    "geo_visit": EventType.GEO_VISIT,
    "promo": EventType.PROMO,
    "survey": EventType.SURVEY,
    "send_email": EventType.SEND_EMAIL,
    "open_email": EventType.OPEN_EMAIL,
    "click_email": EventType.CLICK_EMAIL,
    "send_sms": EventType.SEND_SMS,
    "click_sms": EventType.CLICK_SMS,
}
"""The types that have a meaning here; every other is ``OTHER``."""


class EventDetail(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What happened: the object ``event`` of a nested row."""

    source_id: str | None = field(name="id", default=None)
    raw_type: str | None = field(name="type", default=None)
    visit: VisitRow | None = None
    signup: SignupRow | None = None
    email: MessageRow | None = None
    sms: MessageRow | None = None
    survey: SurveyRow | None = None
    promo: PromoRow | None = None


def _types(events: Sequence[Event]) -> list[EventType]:
    return [EVENT_TYPES.get(event.raw_type, EventType.OTHER) for event in events]


def _local_times(events: Sequence[Event]) -> Sequence[WallTime | None]:
    return wall_times_or_none([event._when.created_at_local for event in events])


def _timezones(events: Sequence[Event]) -> Sequence[str | None]:
    return texts_or_none([event._when.timezone for event in events])


class Event(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Something that happened to a contact; without a time, an id or a type it is a malformed row.

    Attributes:
        source_id: ``event.id``.
        raw_type: ``event.type`` as sent; ``type`` is what it means here.
        occurred_at: ``when.createdAt``, UTC. Of a visit this is the end.
        contact_source_id: ``customerId``.
        organization_id: ``organizationId``; geofence events have none.
        payload: of an event whose type has no meaning here, its detail as plain JSON; else None.
    """

    entity: ClassVar[Entity] = Entity.EVENT
    source: ClassVar[Source] = Source.CLOUD4WI
    __columns__: ClassVar[Mapping[str, Callable[[Sequence[Event]], Sequence[Any]]]] = {
        "type": _types,
        "local_time": _local_times,
        "timezone": _timezones,
    }
    """What a page of events says, at a fraction of the price of asking each."""

    source_id: str = field(name="id", default="")
    raw_type: str = field(name="type", default="")
    occurred_at: Instant = field(name="$occurredAt", default=Instant(""))
    contact_source_id: str | None = field(name="customerId", default=None)
    organization_id: str | None = field(name="organizationId", default=None)
    payload: Any = field(name="$payload", default=None)
    _event: EventDetail | None = field(name="event", default=None)
    _where: WhereRow | None = field(name="where", default=None)
    _when: WhenRow = field(name="when")
    _visit: VisitRow | None = field(name="visit", default=None)
    _signup: SignupRow | None = field(name="signup", default=None)
    _email: MessageRow | None = field(name="email", default=None)
    _sms: MessageRow | None = field(name="sms", default=None)
    _survey: SurveyRow | None = field(name="survey", default=None)
    _promo: PromoRow | None = field(name="promo", default=None)

    def __post_init__(self) -> None:
        nested = self._event
        if nested is not None:
            force_setattr(self, "source_id", nested.source_id or self.source_id)
            force_setattr(self, "raw_type", nested.raw_type or self.raw_type)
        if not self.source_id or not self.raw_type:
            raise ValueError("an event without an id or a type")
        if self.contact_source_id == "":
            force_setattr(self, "contact_source_id", None)
        force_setattr(self, "occurred_at", parse_instant(self._when.created_at))

    @property
    def type(self) -> EventType:
        """What the raw type means."""
        return EVENT_TYPES.get(self.raw_type, EventType.OTHER)

    @property
    def local_time(self) -> WallTime | None:
        """``when.createdAtLocal``: what the clock of the place showed; may contradict ``timezone``, as sent."""
        return wall_time_or_none(self._when.created_at_local)

    @property
    def timezone(self) -> str | None:
        """``when.timezone``: an IANA name."""
        return text_or_none(self._when.timezone)

    @property
    def location_ref(self) -> LocationRef | None:
        """``where.locationId`` and ``where.locationName``."""
        where = self._where
        if where is None or not where.location_id:
            return None
        return LocationRef(where.location_id, text_or_none(where.location_name))

    @property
    def hotspot_source_id(self) -> str | None:
        """``where.hotspotId``: the access point."""
        return text_or_none(self._where.hotspot_id) if self._where else None

    @property
    def signup_source(self) -> str | None:
        """``signup.source``: how the contact came in."""
        signup = self._event.signup if self._event else self._signup
        return text_or_none(signup.source) if signup else None

    @property
    def visit(self) -> VisitRow | None:
        """The visit as sent."""
        return self._event.visit if self._event else self._visit

    @property
    def started_at(self) -> Instant | None:
        """``visit.startAt``, UTC."""
        return instant_or_none(visit.start_at) if (visit := self.visit) else None

    @property
    def started_at_local(self) -> WallTime | None:
        """``visit.startAtLocal``."""
        return wall_time_or_none(visit.start_at_local) if (visit := self.visit) else None

    @property
    def visit_timezone(self) -> str | None:
        """``visit.timezone``."""
        return text_or_none(visit.timezone) if (visit := self.visit) else None

    @property
    def duration(self) -> int | None:
        """``visit.duration``: whole minutes, rounded down."""
        return visit.duration if (visit := self.visit) else None

    @property
    def app(self) -> App | None:
        """``visit.properties``."""
        return visit.properties if (visit := self.visit) else None

    @property
    def geofence(self) -> Geofence | None:
        """The geofence of ``where``."""
        return geofence_of(self._where)

    @property
    def message(self) -> MessageRow | None:
        """``email`` or ``sms`` as sent."""
        if self._event is not None:
            return self._event.email or self._event.sms
        return self._email or self._sms

    @property
    def survey(self) -> SurveyRow | None:
        """The survey as sent."""
        return self._event.survey if self._event else self._survey

    @property
    def campaign(self) -> Campaign | None:
        """What sent the message or asked the questions."""
        told = self.message or self.survey
        if told is None or not (told.campaign_id or told.campaign_name):
            return None
        return Campaign(text_or_none(told.campaign_id), text_or_none(told.campaign_name))

    @property
    def communication_id(self) -> str | None:
        """``communicationId`` of a message."""
        return text_or_none(message.communication_id) if (message := self.message) else None

    @property
    def channel(self) -> str | None:
        """``channel`` of a message."""
        return text_or_none(message.channel) if (message := self.message) else None

    @property
    def address(self) -> str | None:
        """Where the message went: the e-mail address, or prefix and number joined."""
        message = self.message
        if message is None:
            return None
        if message.email:
            return text_or_none(message.email)
        return text_or_none(f"{message.prefix or ''}{message.phone}") if message.phone else None

    @property
    def sms_prefix(self) -> str | None:
        """``sms.prefix``: the country code."""
        return text_or_none(message.prefix) if (message := self.message) else None

    @property
    def phone(self) -> str | None:
        """``sms.phone``: the number without the prefix."""
        return text_or_none(message.phone) if (message := self.message) else None

    @property
    def answer_id(self) -> str | None:
        """``survey.answerId``."""
        return text_or_none(survey.answer_id) if (survey := self.survey) else None

    @property
    def answers(self) -> tuple[SurveyAnswer, ...]:
        """Questions and answers, joined by their numbers and in the order of these."""
        return answers_of(self.survey)

    @property
    def promo_type(self) -> str | None:
        """``promo.type``."""
        promo = self._event.promo if self._event else self._promo
        return text_or_none(promo.type) if promo else None
