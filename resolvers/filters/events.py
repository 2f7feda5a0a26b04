"""Filters on events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from resolvers.filters.checks import (
    Check,
    Limits,
    chosen_id,
    chosen_sources,
    every,
    require_order,
    wants_source,
    within,
)
from resolvers.loaders import Key
from upstreams.instants import Instant
from upstreams.records import Entity, EventRecord, EventType, Source
from upstreams.source import EventQuery


class EventFilterInput(Protocol):
    """``EventFilter`` of the schema."""

    @property
    def sources(self) -> Sequence[Source] | None: ...
    @property
    def types(self) -> Sequence[EventType] | None: ...
    @property
    def from_(self) -> Instant | None: ...
    @property
    def to(self) -> Instant | None: ...
    @property
    def contact_id(self) -> str | None: ...
    @property
    def location_id(self) -> str | None: ...


class ChosenEvents(Struct, frozen=True, kw_only=True):
    """A normalised ``EventFilter``; None is no filter, an empty tuple or set matches nothing."""

    sources: tuple[Source, ...] | None = None
    types: frozenset[EventType] | None = None
    since: Instant | None = None
    until: Instant | None = None
    contact: Key | None = None
    location: Key | None = None

    def wants(self, source: Source) -> bool:
        """Whether records of a source can match."""
        return (
            self.types != frozenset()
            and (self.contact is None or self.contact.source is source)
            and (self.location is None or self.location.source is source)
            and wants_source(source, self.sources)
        )

    def query(self, *, placed: bool = False) -> EventQuery:
        """What to ask a source that :meth:`wants` lets through; ``placed`` if it is dealt out by location."""
        return EventQuery(
            contact_id=self.contact.id if self.contact else None,
            location_id=self.location.id if self.location else None,
            types=self.types,
            since=self.since,
            until=self.until,
            placed=placed,
        )

    def keep(self, *, timed: bool = False) -> Check[EventRecord] | None:
        """The check that every record must pass; None when nothing is filtered.

        Args:
            timed: all feeds are sorted by time, so that they end at the bounds themselves.
        """
        checks: list[Check[EventRecord]] = []
        if (types := self.types) is not None:
            checks.append(lambda event: event.type in types)
        if not timed and (self.since is not None or self.until is not None):
            checks.append(lambda event: within(event.occurred_at, self.since, self.until))
        if (contact := self.contact) is not None:
            checks.append(lambda event: event.contact_source_id == contact.id)
        if (location := self.location) is not None:
            checks.append(lambda event: event.location_ref is not None and event.location_ref.id == location.id)
        return every(checks)


def choose_events(given: EventFilterInput | None, limits: Limits) -> ChosenEvents:
    """A client's filter, checked and normalised.

    Raises:
        BadUserInput, InvalidId: see the checks.
    """
    if given is None:
        return ChosenEvents()
    require_order(given.from_, given.to, "from", "to")
    return ChosenEvents(
        sources=chosen_sources(given.sources, limits),
        types=None if given.types is None else frozenset(given.types),
        since=given.from_,
        until=given.to,
        contact=None if given.contact_id is None else chosen_id(given.contact_id, Entity.CONTACT, limits),
        location=None if given.location_id is None else chosen_id(given.location_id, Entity.LOCATION, limits),
    )
