"""Every record of this source under one roof, and the proof that each is what the rest of the gateway reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upstreams.cloud4wi.contacts import Contact, ExternalId, Metrics
from upstreams.cloud4wi.details import App, Campaign, Geofence, SurveyAnswer
from upstreams.cloud4wi.events import EVENT_TYPES, Event, EventFrame
from upstreams.cloud4wi.places import Address, Hotspot, Location, Segment

__all__ = [
    "EVENT_TYPES",
    "Address",
    "App",
    "Campaign",
    "Contact",
    "Event",
    "EventFrame",
    "ExternalId",
    "Geofence",
    "Hotspot",
    "Location",
    "Metrics",
    "Segment",
    "SurveyAnswer",
]

if TYPE_CHECKING:
    from upstreams.records import ContactRecord, EventRecord, HotspotRecord, LocationRecord, SegmentRecord

    def _fits(
        contact: Contact, event: Event, segment: Segment, location: Location, hotspot: Hotspot
    ) -> tuple[ContactRecord, EventRecord, SegmentRecord, LocationRecord, HotspotRecord]:
        return contact, event, segment, location, hotspot
