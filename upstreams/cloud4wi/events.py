"""Events: what a row tells, and no more of it than can be asked for.

Most of a row is decoded only where it is read: without it an event is an :class:`EventFrame`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct

from upstreams.cloud4wi.details import (
    App,
    Campaign,
    EventDetail,
    Geofence,
    MessageRow,
    SurveyAnswer,
    SurveyRow,
    VisitRow,
    WhereRow,
    answers_of,
    geofence_of,
)
from upstreams.cloud4wi.texts import instant_or_none, text_or_none, texts_or_none, wall_time_or_none, wall_times_or_none
from upstreams.instants import Instant, WallTime
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


def _local_times(events: Sequence[EventFrame]) -> Sequence[WallTime | None]:
    return wall_times_or_none([event._local_time for event in events])


def _timezones(events: Sequence[EventFrame]) -> Sequence[str | None]:
    return texts_or_none([event._timezone for event in events])


class EventFrame(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What every event has: all of it that is decoded where nobody will read more. There is no more to be read of it.

    Attributes:
        source_id: ``event.id``.
        raw_type: ``event.type`` as sent.
        type: what the raw type means here.
        occurred_at: ``when.createdAt``, UTC. Of a visit this is the end.
        contact_source_id: ``customerId``.
        payload: of an event whose type has no meaning here, its detail as plain JSON; else None.
    """

    entity: ClassVar[Entity] = Entity.EVENT
    source: ClassVar[Source] = Source.CLOUD4WI
    __columns__: ClassVar[Mapping[str, Callable[[Sequence[EventFrame]], Sequence[Any]]]] = {
        "local_time": _local_times,
        "timezone": _timezones,
    }
    """What a page of events says, at a fraction of the price of asking each."""

    source_id: str
    raw_type: str
    type: EventType
    occurred_at: Instant
    contact_source_id: str | None = None
    payload: Any = None
    _local_time: str | None = None
    _timezone: str | None = None

    @property
    def local_time(self) -> WallTime | None:
        """``when.createdAtLocal``: what the clock of the place showed; may contradict ``timezone``, as sent."""
        return wall_time_or_none(self._local_time)

    @property
    def timezone(self) -> str | None:
        """``when.timezone``: an IANA name."""
        return text_or_none(self._timezone)


class Event(EventFrame, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Something that happened to a contact.

    Attributes:
        organization_id: ``organizationId``; geofence events have none.
    """

    __columns__ = EventFrame.__columns__

    organization_id: str | None = None
    _where: WhereRow | None = None
    _detail: EventDetail

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
        return text_or_none(signup.source) if (signup := self._detail.signup) else None

    @property
    def visit(self) -> VisitRow | None:
        """The visit as sent."""
        return self._detail.visit

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
        return self._detail.email or self._detail.sms

    @property
    def survey(self) -> SurveyRow | None:
        """The survey as sent."""
        return self._detail.survey

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
        return text_or_none(promo.type) if (promo := self._detail.promo) else None
