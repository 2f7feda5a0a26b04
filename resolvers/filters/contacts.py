"""Filters on contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from resolvers.cleaning import emails, phones, search_texts
from resolvers.filters.checks import (
    Check,
    Limits,
    chosen_ids,
    chosen_sources,
    contains,
    every,
    folded,
    for_source,
    require_order,
    wants_source,
    within,
)
from resolvers.loaders import Key
from upstreams.instants import Instant
from upstreams.records import ContactRecord, Entity, Source
from upstreams.source import ContactQuery


class ContactFilterInput(Protocol):
    """``ContactFilter`` of the schema."""

    @property
    def sources(self) -> Sequence[Source] | None: ...
    @property
    def segment_ids(self) -> Sequence[str] | None: ...
    @property
    def location_ids(self) -> Sequence[str] | None: ...
    @property
    def created_from(self) -> Instant | None: ...
    @property
    def created_to(self) -> Instant | None: ...
    @property
    def updated_from(self) -> Instant | None: ...
    @property
    def updated_to(self) -> Instant | None: ...
    @property
    def has_email(self) -> bool | None: ...
    @property
    def has_phone(self) -> bool | None: ...
    @property
    def search(self) -> str | None: ...


class ChosenContacts(Struct, frozen=True, kw_only=True):
    """A normalised ``ContactFilter``; None is no filter, an empty tuple matches nothing."""

    sources: tuple[Source, ...] | None = None
    segments: tuple[Key, ...] | None = None
    locations: tuple[Key, ...] | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_from: Instant | None = None
    updated_to: Instant | None = None
    has_email: bool | None = None
    has_phone: bool | None = None
    search: str | None = None

    def wants(self, source: Source) -> bool:
        """Whether records of a source can match."""
        return wants_source(source, self.sources, self.segments, self.locations)

    def query(self, source: Source) -> ContactQuery:
        """What to ask a source."""
        return ContactQuery(
            segment_ids=for_source(self.segments, source),
            location_ids=for_source(self.locations, source),
            created_from=self.created_from,
            created_to=self.created_to,
            updated_from=self.updated_from,
            updated_to=self.updated_to,
            has_email=self.has_email,
            has_phone=self.has_phone,
            search=self.search,
        )

    @property
    def countable(self) -> bool:
        """Whether an upstream's own total can count what the filter lets through."""
        return self.has_email is None and self.has_phone is None and self.search is None

    def checks(self, region: str | None) -> list[Check[ContactRecord]]:
        """The checks that every record must pass.

        Args:
            region: country of national telephone numbers whose record names none.
        """
        checks: list[Check[ContactRecord]] = []
        if self.segments is not None:
            checks.append(in_segments(self.segments))
        if self.locations is not None:
            checks.append(at_locations(self.locations))
        if self.created_from is not None or self.created_to is not None:
            checks.append(lambda record: within(record.created_at, self.created_from, self.created_to))
        if self.updated_from is not None or self.updated_to is not None:
            checks.append(lambda record: within(record.updated_at, self.updated_from, self.updated_to))
        if self.has_email is not None:
            checks.append(lambda record: bool(emails(record)) is self.has_email)
        if self.has_phone is not None:
            checks.append(lambda record: bool(phones(record, region)) is self.has_phone)
        if (search := folded(self.search)) is not None:
            checks.append(lambda record: contains(search, search_texts(record, region)))
        return checks

    def keep(self, region: str | None, *more: Check[ContactRecord]) -> Check[ContactRecord] | None:
        """All checks, with those of a parent object, as one; None when nothing is filtered."""
        return every([*self.checks(region), *more])


def in_segments(keys: tuple[Key, ...]) -> Check[ContactRecord]:
    """Whether a contact is in any of the segments; the upstream is believed where the record does not say."""
    ids = frozenset(keys)
    return lambda record: (
        record.segment_refs is None or any((record.source, ref.id) in ids for ref in record.segment_refs)
    )


def at_locations(keys: tuple[Key, ...]) -> Check[ContactRecord]:
    """Whether a contact was registered at any of the locations."""
    ids = frozenset(keys)
    return lambda record: record.location_ref is not None and (record.source, record.location_ref.id) in ids


def choose_contacts(given: ContactFilterInput | None, limits: Limits) -> ChosenContacts:
    """A client's filter, checked and normalised.

    Raises:
        BadUserInput, InvalidId, TooComplex: see the checks.
    """
    if given is None:
        return ChosenContacts()
    require_order(given.created_from, given.created_to, "createdFrom", "createdTo")
    require_order(given.updated_from, given.updated_to, "updatedFrom", "updatedTo")
    return ChosenContacts(
        sources=chosen_sources(given.sources, limits),
        segments=chosen_ids(given.segment_ids, Entity.SEGMENT, "segmentIds", limits),
        locations=chosen_ids(given.location_ids, Entity.LOCATION, "locationIds", limits),
        created_from=given.created_from,
        created_to=given.created_to,
        updated_from=given.updated_from,
        updated_to=given.updated_to,
        has_email=given.has_email,
        has_phone=given.has_phone,
        search=folded(given.search),
    )
