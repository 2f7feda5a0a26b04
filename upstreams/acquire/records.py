"""Every record of this source under one roof, and the proof that each is what the rest of the gateway reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upstreams.acquire.companies import Company
from upstreams.acquire.contacts import Contact
from upstreams.acquire.events import Case, Visit
from upstreams.acquire.tags import CustomAttribute, Tag

__all__ = ["Case", "Company", "Contact", "CustomAttribute", "Tag", "Visit"]

if TYPE_CHECKING:
    from upstreams.records import ContactRecord, EventRecord, SegmentRecord

    def _fits(
        contact: Contact, case: Case, visit: Visit, tag: Tag
    ) -> tuple[ContactRecord, EventRecord, EventRecord, SegmentRecord]:
        return contact, case, visit, tag
