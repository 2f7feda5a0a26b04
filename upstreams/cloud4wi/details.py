"""The parts of an event: the objects that tell what happened and where, and what is read out of them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from upstreams.cloud4wi.texts import as_text, text_or_none
from upstreams.liberal import Whole


class App(Struct, frozen=True, gc=False):
    """``visit.properties``: the mobile app that saw a geofence."""

    source_id: str | None = field(name="appId", default=None)
    bundle: str | None = field(name="appBundle", default=None)
    project_id: str | None = field(name="projectId", default=None)
    os: str | None = field(name="appOs", default=None)


class VisitRow(Struct, frozen=True, gc=False, rename="camel"):
    """``visit``."""

    start_at: str | None = None
    start_at_local: str | None = None
    timezone: str | None = None
    duration: Whole | None = None
    properties: App | None = None


class SignupRow(Struct, frozen=True, gc=False):
    """``signup``."""

    source: str | None = None


class MessageRow(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """``email`` or ``sms``: a message of a campaign."""

    campaign_id: str | None = None
    campaign_name: str | None = None
    communication_id: str | None = None
    channel: str | None = None
    email: str | None = None
    phone: str | None = None
    prefix: str | None = None


class SurveyRow(Struct, frozen=True, gc=False, rename="camel"):
    """``survey``: ``questions`` holds ``question_1`` and so on, ``answers`` the same numbers."""

    campaign_id: str | None = None
    campaign_name: str | None = None
    answer_id: str | None = None
    questions: dict[str, Any] | None = None
    answers: dict[str, Any] | None = None


class PromoRow(Struct, frozen=True, gc=False):
    """``promo``."""

    type: str | None = None


class WhereRow(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """``where``: a location, or a geofence."""

    location_id: str | None = None
    location_name: str | None = None
    hotspot_id: str | None = None
    geofence_id: str | None = None
    geofence_name: str | None = None
    geofence_ext_id: str | None = None
    geofence_metadata: Any = None
    geofence_json: Any = field(name="geofenceJSON", default=None)


class WhenRow(Struct, frozen=True, gc=False, rename="camel"):
    """``when``: an event without it is a malformed row."""

    created_at: str
    created_at_local: str | None = None
    timezone: str | None = None


class NamedRow(Struct, frozen=True, gc=False, kw_only=True):
    """What tells one event from another, in either shape."""

    id: str | None = None
    type: str | None = None


class EventDetail(NamedRow, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What happened: the object ``event`` of a nested row."""

    visit: VisitRow | None = None
    signup: SignupRow | None = None
    email: MessageRow | None = None
    sms: MessageRow | None = None
    survey: SurveyRow | None = None
    promo: PromoRow | None = None


class Campaign(Struct, frozen=True):
    """What sent a message or asked a question."""

    source_id: str | None
    name: str | None


class SurveyAnswer(Struct, frozen=True):
    """One question of a survey and what the contact answered; ``key`` is what both are filed under (``1``)."""

    key: str
    question: str | None
    answer: str | None


class Geofence(Struct, frozen=True):
    """An area on the map.

    Attributes:
        latitude: of the centre, in degrees; None where the shape is no circle or point.
        longitude: likewise.
        radius: of a circle; metres, as far as the examples tell.
        shape: ``geofenceJSON`` as sent. A circle's coordinates are longitude, latitude.
        metadata: ``geofenceMetadata`` as sent; the documents show it empty only.
    """

    source_id: str
    name: str | None
    external_id: str | None
    latitude: float | None
    longitude: float | None
    radius: float | None
    shape: Any
    metadata: Any

    @property
    def shape_type(self) -> str | None:
        """``geofenceJSON.type``: ``Circle`` and the like."""
        return as_text(self.shape.get("type")) if isinstance(self.shape, dict) else None


def geofence_of(where: WhereRow | None) -> Geofence | None:
    """The geofence that an event happened in."""
    if where is None or not where.geofence_id:
        return None
    latitude, longitude, radius = _circle(where.geofence_json)
    return Geofence(
        where.geofence_id,
        text_or_none(where.geofence_name),
        text_or_none(where.geofence_ext_id),
        latitude,
        longitude,
        radius,
        where.geofence_json,
        where.geofence_metadata,
    )


def answers_of(survey: SurveyRow | None) -> tuple[SurveyAnswer, ...]:
    """Questions and answers, joined by their numbers and in the order of these."""
    if survey is None:
        return ()
    questions, answers = _by_number(survey.questions), _by_number(survey.answers)
    keys = sorted({*questions, *answers}, key=lambda key: (not key.isdecimal(), len(key), key))
    return tuple(SurveyAnswer(key, questions.get(key), answers.get(key)) for key in keys)


def _circle(shape: Any) -> tuple[float | None, float | None, float | None]:
    """Latitude, longitude and radius of a ``Circle`` or ``Point``, whose coordinates are ``[longitude, latitude]``."""
    if not isinstance(shape, dict):
        return None, None, None
    radius = _number(shape.get("radius"))
    match shape.get("coordinates"):
        case [longitude, latitude, *_] if _number(longitude) is not None and _number(latitude) is not None:
            return _number(latitude), _number(longitude), radius
    return None, None, radius


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _by_number(texts: dict[str, Any] | None) -> dict[str, str | None]:
    """``{"question_1": "Why?"}`` as ``{"1": "Why?"}``."""
    return {key.rpartition("_")[2]: as_text(value) for key, value in (texts or {}).items()}
