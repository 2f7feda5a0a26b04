"""Every record of this source under one roof, and the proof that each is what the rest of the gateway reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upstreams.rechat.attributes import Address, Attribute, AttributeDef
from upstreams.rechat.calendar import CalendarEvent
from upstreams.rechat.contacts import Contact, DuplicateCluster, Summary
from upstreams.rechat.files import File, Job
from upstreams.rechat.segments import ContactList, ListArgs, ListFilter, Tag

__all__ = [
    "Address",
    "Attribute",
    "AttributeDef",
    "CalendarEvent",
    "Contact",
    "ContactList",
    "DuplicateCluster",
    "File",
    "Job",
    "ListArgs",
    "ListFilter",
    "Summary",
    "Tag",
]

if TYPE_CHECKING:
    from upstreams.records import ContactRecord, EventRecord, SegmentRecord

    def _fits(
        contact: Contact, event: CalendarEvent, tag: Tag, contact_list: ContactList
    ) -> tuple[ContactRecord, EventRecord, SegmentRecord, SegmentRecord]:
        return contact, event, tag, contact_list
