"""Filters on locations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from resolvers.filters.checks import Check, Limits, chosen_sources, contains, every, folded, wants_source
from upstreams.records import LocationRecord, Source


class LocationFilterInput(Protocol):
    """``LocationFilter`` of the schema."""

    @property
    def sources(self) -> Sequence[Source] | None: ...
    @property
    def tags(self) -> Sequence[str] | None: ...
    @property
    def search(self) -> str | None: ...


class ChosenLocations(Struct, frozen=True, kw_only=True):
    """A normalised ``LocationFilter``; None is no filter, an empty tuple matches nothing."""

    sources: tuple[Source, ...] | None = None
    tags: tuple[str, ...] | None = None
    search: str | None = None

    def wants(self, source: Source) -> bool:
        """Whether records of a source can match."""
        return self.tags != () and wants_source(source, self.sources)

    def keep(self) -> Check[LocationRecord] | None:
        """The check that every record must pass; None when nothing is filtered."""
        checks: list[Check[LocationRecord]] = []
        if (tags := self.tags) is not None:
            checks.append(lambda location: any(tag in tags for tag in location.tags))
        if (search := self.search) is not None:
            checks.append(lambda location: contains(search, _texts(location)))
        return every(checks)


def _texts(location: LocationRecord) -> tuple[str | None, ...]:
    address = location.address
    parts = (
        () if address is None else (address.street, address.city, address.state, address.postal_code, address.country)
    )
    return (location.name, location.external_id, *parts)


def choose_locations(given: LocationFilterInput | None, limits: Limits) -> ChosenLocations:
    """A client's filter, checked and normalised.

    Raises:
        BadUserInput: see the checks.
    """
    if given is None:
        return ChosenLocations()
    return ChosenLocations(
        sources=chosen_sources(given.sources, limits),
        tags=None if given.tags is None else tuple(sorted(set(given.tags))),
        search=folded(given.search),
    )
