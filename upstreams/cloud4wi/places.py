"""Segments, locations and hotspots: the lists that an organization keeps."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from upstreams.cloud4wi import assumptions
from upstreams.cloud4wi.texts import instant_or_none, text_or_none
from upstreams.instants import Instant
from upstreams.liberal import Finite, Whole
from upstreams.records import Entity, SegmentKind, Source

_SPELLINGS = assumptions.LOCATION_ORGANIZATION.assumed


class Segment(Struct, frozen=True, kw_only=True):
    """A dynamic group of contacts, from ``/v2/segments``; without an id it is a malformed row.

    Attributes:
        size: ``audience``: how many contacts are in it.
        status: ``segmentStatus``; the documents list no values.
    """

    entity: ClassVar[Entity] = Entity.SEGMENT
    source: ClassVar[Source] = Source.CLOUD4WI
    kind: ClassVar[SegmentKind] = SegmentKind.DYNAMIC

    source_id: str = field(name="id")
    name: str = ""
    description: str | None = None
    size: Whole | None = field(name="audience", default=None)
    status: str | None = field(name="segmentStatus", default=None)
    _last_run: str | None = field(name="lastRun", default=None)
    _created: str | None = field(name="created", default=None)
    _modified: str | None = field(name="modified", default=None)

    def __post_init__(self) -> None:
        if not self.source_id:
            raise ValueError("a segment without an id")
        force_setattr(self, "name", text_or_none(self.name) or self.source_id)

    @property
    def last_run_at(self) -> Instant | None:
        """``lastRun``: when its members were last worked out. The documents show no format."""
        return instant_or_none(self._last_run)

    @property
    def created_at(self) -> Instant | None:
        """``created``."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """``modified``."""
        return instant_or_none(self._modified)


class Address(Struct, frozen=True):
    """Where a location is, as sent."""

    street: str | None = field(name="address", default=None)
    city: str | None = None
    state: str | None = None
    postal_code: str | None = field(name="zip", default=None)
    country: str | None = None


class Location(Struct, frozen=True, kw_only=True):
    """A place of the organization, from ``/v1/organizations/{cid}/locations``; without an id it is a malformed row.

    Attributes:
        latitude: ``lat``, degrees.
        longitude: ``lng``, degrees.
        timezone: an IANA name.
    """

    entity: ClassVar[Entity] = Entity.LOCATION
    source: ClassVar[Source] = Source.CLOUD4WI

    source_id: str = field(name="id")
    name: str = ""
    external_id: str | None = field(name="externalId", default=None)
    timezone: str | None = None
    latitude: Finite | None = field(name="lat", default=None)
    longitude: Finite | None = field(name="lng", default=None)
    address: Address | None = None
    _tags: tuple[str, ...] | None = field(name="tags", default=None)
    _organization_as_published: str | None = field(name=_SPELLINGS[0], default=None)
    _organization_id: str | None = field(name=_SPELLINGS[1], default=None)

    def __post_init__(self) -> None:
        if not self.source_id:
            raise ValueError("a location without an id")
        force_setattr(self, "name", text_or_none(self.name) or self.source_id)

    @property
    def tags(self) -> tuple[str, ...]:
        """``tags``."""
        return self._tags or ()

    @property
    def organization_id(self) -> str | None:
        """``organziationId`` as the documents spell it, else ``organizationId``."""
        return self._organization_as_published or self._organization_id


class Hotspot(Struct, frozen=True, kw_only=True):
    """An access point, from ``/v3/hotspots``; without an id it is a malformed row.

    Attributes:
        location_source_id: ``venueId``: the location it stands in.
        identifier: ``hotspotIdentifier``: how the network knows it.
        date_as_sent: ``date``; the documents name neither format nor meaning.
    """

    source: ClassVar[Source] = Source.CLOUD4WI

    source_id: str = field(name="id")
    name: str | None = None
    description: str | None = None
    mac_address: str | None = field(name="macAddress", default=None)
    vendor: str | None = None
    firmware: str | None = None
    latitude: Finite | None = None
    longitude: Finite | None = None
    identifier: str | None = field(name="hotspotIdentifier", default=None)
    date_as_sent: str | None = field(name="date", default=None)
    country: str | None = None
    city: str | None = None
    address: str | None = None
    deleted: bool | None = None
    location_source_id: str | None = field(name=assumptions.HOTSPOT_LOCATION.assumed, default=None)

    def __post_init__(self) -> None:
        if not self.source_id:
            raise ValueError("a hotspot without an id")

    @property
    def date(self) -> Instant | None:
        """``date`` where it is a time with an offset."""
        return instant_or_none(self.date_as_sent)
