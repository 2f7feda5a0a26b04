"""Contacts as ``/v2/customers`` tells them.

A record has an attribute for every field of the published examples. Times that the upstream may leave out or garble are
kept as sent under a private name and read through a property.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import force_setattr

from upstreams.cached import cached_property
from upstreams.cloud4wi.texts import as_text, instant_or_none, join_birthday, text_or_none, wall_time_or_none
from upstreams.instants import Instant, WallTime, parse_instant
from upstreams.liberal import Finite, Whole
from upstreams.records import Birthday, Consent, CustomField, Entity, LocationRef, SegmentRef, Source


class SegmentRow(Struct, frozen=True):
    """A segment inside a contact; published as ``cid``, while the segments' own list says ``id``."""

    cid: str | None = None
    id: str | None = None
    name: str | None = None


class PolicyRow(Struct, frozen=True):
    """One of ``policies``."""

    name: str | None = None
    accepted: bool | None = None
    date: str | None = None
    version: str | None = None


class CustomFieldRow(Struct, frozen=True):
    """One of ``genericCustomField``; organizations store numbers and flags there too."""

    key: str | None = None
    value: str | int | float | bool | None = None


class ExternalId(Struct, frozen=True):
    """``extId``: how another system of the organization knows the contact."""

    id: str | None = None
    prop1: str | None = None
    prop2: str | None = None


class Metrics(Struct, frozen=True, rename="camel", omit_defaults=True):
    """``metrics``: statistics of a contact's visits, kept by the upstream.

    Attributes:
        total_visits: visits in all.
        visited_locations: distinct locations visited.
        average_visit_length: as sent; the documents name no unit.
        monthly_visit_frequency: visits a month.
        top_location_id: the location visited most.
        top_location_visits: visits to it.
        frequency_bucket: ``daily`` and the like.
        last_visit_location_id: where the last visit was.
        preferred_weekday: 0 to 6 or 1 to 7, as sent; the documents do not say which day is first.
        preferred_hour: hour of the day, local to the visits.
        preferred_time_bucket: ``afternoon`` and the like.
        conversion_rate: as sent.
        average_days_between_visits: days.
    """

    total_visits: Whole | None = field(name="countTotalVisits", default=None)
    visited_locations: Whole | None = field(name="countVisitedLocations", default=None)
    average_visit_length: Finite | None = field(name="avgVisitLength", default=None)
    monthly_visit_frequency: Finite | None = field(name="frequencyMonthlyVisit", default=None)
    top_location_id: str | None = field(name="compassTopLocation", default=None)
    top_location_visits: Whole | None = field(name="compassTopLocationCount", default=None)
    frequency_bucket: str | None = field(name="topFrequencyBuckets", default=None)
    last_visit_location_id: str | None = field(name="lastVisitVenue", default=None)
    preferred_weekday: Whole | None = field(name="prefVisitWDay", default=None)
    preferred_hour: Whole | None = field(name="prefVisitTimeHour", default=None)
    preferred_time_bucket: str | None = field(name="prefVisitTimebucket", default=None)
    conversion_rate: Finite | None = None
    average_days_between_visits: Finite | None = field(name="avgDaysBetweenVisits", default=None)
    _last_visit_utc: str | None = field(name="lastVisitDateUtc", default=None)
    _last_visit_business: str | None = field(name="lastVisitDateBusiness", default=None)

    @property
    def last_visit_at(self) -> Instant | None:
        """The end of the last visit."""
        return instant_or_none(self._last_visit_utc)

    @property
    def last_visit_local(self) -> WallTime | None:
        """The end of the last visit on the location's clock."""
        return wall_time_or_none(self._last_visit_business)


class Contact(Struct, frozen=True, rename="camel", kw_only=True, dict=True, omit_defaults=True):
    """A contact; one without an id or a time of creation is a malformed row.

    Attributes:
        source_id: ``cid``.
        created_at: ``created``, UTC.
        birth_date: as sent, a year or a date; see ``birthday``.
        birth_day: as sent, month and day.
        phone_prefix: the country code, ``+1``.
        phone_number: the number without it.
        customer_type: ``type``: ``guest`` and the like.
        system: what created the contact: ``mobileapp`` and the like.
        logins: how often the contact has signed in to a network.
    """

    entity: ClassVar[Entity] = Entity.CONTACT
    source: ClassVar[Source] = Source.CLOUD4WI
    given_display_name: ClassVar[str | None] = None
    company: ClassVar[str | None] = None
    job_title: ClassVar[str | None] = None

    source_id: str = field(name="cid")
    created_at: Instant = field(name="created")
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    gender: str | None = None
    birth_date: str | None = None
    birth_day: str | None = None
    age: Whole | None = None
    country_as_sent: str | None = field(name="country", default=None)
    zip_code: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    email_valid: bool | None = None
    phone: str | None = None
    phone_number: str | None = None
    phone_prefix: str | None = None
    phone_verified: bool | None = None
    signup_method: str | None = None
    external_identity_id: str | None = None
    username: str | None = None
    locked: bool | None = None
    enabled: bool | None = None
    organization_id: str | None = field(name="organizationCid", default=None)
    location_id: str | None = field(name="locationCid", default=None)
    location_name: str | None = None
    system: str | None = None
    customer_type: str | None = field(name="type", default=None)
    personal_id: str | None = None
    external_source: str | None = None
    logins: Whole | None = None
    ext_id: ExternalId | None = None
    language: str | None = None
    splash_language: str | None = None
    metrics: Metrics | None = None
    _created_business: str | None = field(name="createdBusiness", default=None)
    _modified: str | None = field(name="modified", default=None)
    _last_login: str | None = field(name="lastLogin", default=None)
    _policies: tuple[PolicyRow, ...] | None = field(name="policies", default=None)
    _custom_fields: tuple[CustomFieldRow, ...] | None = field(name="genericCustomField", default=None)
    _segments: tuple[SegmentRow, ...] | UnsetType | None = field(name="segments", default=UNSET)
    _segment_cids: str | tuple[str, ...] | UnsetType | None = field(name="segmentCids", default=UNSET)

    def __post_init__(self) -> None:
        if not self.source_id:
            raise ValueError("a contact without an id")
        force_setattr(self, "created_at", parse_instant(self.created_at))

    @property
    def cloud4wi(self) -> Contact:
        """What only Cloud4Wi knows of a contact."""
        return self

    @property
    def emails_as_sent(self) -> tuple[str, ...]:
        """The one e-mail, if there is one."""
        return (self.email,) if self.email else ()

    @property
    def phones_as_sent(self) -> tuple[str, ...]:
        """The one phone, joined from prefix and number where the whole is missing."""
        phone = self.phone or (f"{self.phone_prefix or ''}{self.phone_number}" if self.phone_number else None)
        return (phone,) if phone else ()

    @property
    def birthday(self) -> Birthday | None:
        """``birthDate`` and ``birthDay`` joined."""
        return join_birthday(self.birth_date, self.birth_day)

    @property
    def created_local(self) -> WallTime | None:
        """``createdBusiness``: the creation on the location's clock."""
        return wall_time_or_none(self._created_business)

    @property
    def updated_at(self) -> Instant | None:
        """``modified``."""
        return instant_or_none(self._modified)

    @property
    def last_login_at(self) -> Instant | None:
        """``lastLogin``."""
        return instant_or_none(self._last_login)

    @property
    def location_ref(self) -> LocationRef | None:
        """Where the contact was registered."""
        return LocationRef(self.location_id, text_or_none(self.location_name)) if self.location_id else None

    @property
    def last_visited_location_ref(self) -> LocationRef | None:
        """``metrics.lastVisitVenue``; named when it is the location that the contact was registered at."""
        visited = self.metrics.last_visit_location_id if self.metrics else None
        if not visited:
            return None
        return LocationRef(visited, text_or_none(self.location_name) if visited == self.location_id else None)

    @cached_property
    def segment_refs(self) -> tuple[SegmentRef, ...] | None:
        """From ``segments``, else from ``segmentCids``; None when this answer held neither."""
        if self._segments is not UNSET:
            rows = self._segments or ()
            found = [SegmentRef(id, text_or_none(row.name)) for row in rows if (id := row.cid or row.id)]
        elif self._segment_cids is not UNSET:
            cids = self._segment_cids or ()
            texts = cids.split(",") if isinstance(cids, str) else cids
            found = [SegmentRef(id, None) for text in texts if (id := text.strip())]
        else:
            return None
        return tuple({ref.id: ref for ref in found}.values())

    @property
    def segment_ids(self) -> tuple[str, ...] | None:
        """The ids of ``segment_refs``."""
        refs = self.segment_refs
        return None if refs is None else tuple(ref.id for ref in refs)

    @cached_property
    def consents(self) -> tuple[Consent, ...]:
        """``policies``; one that says neither yes nor no was not accepted."""
        return tuple(
            Consent(row.name, bool(row.accepted), instant_or_none(row.date), text_or_none(row.version))
            for row in self._policies or ()
            if row.name
        )

    @cached_property
    def custom_fields(self) -> tuple[CustomField, ...]:
        """``genericCustomField``, every value as text."""
        return tuple(CustomField(row.key, as_text(row.value)) for row in self._custom_fields or () if row.key)
