"""Filters on segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from resolvers.filters.checks import Check, Limits, chosen_sources, contains, every, folded, wants_source
from upstreams.records import SegmentKind, SegmentRecord, Source


class SegmentFilterInput(Protocol):
    """``SegmentFilter`` of the schema."""

    @property
    def sources(self) -> Sequence[Source] | None: ...
    @property
    def kinds(self) -> Sequence[SegmentKind] | None: ...
    @property
    def search(self) -> str | None: ...


class ChosenSegments(Struct, frozen=True, kw_only=True):
    """A normalised ``SegmentFilter``; None is no filter, an empty tuple or set matches nothing."""

    sources: tuple[Source, ...] | None = None
    kinds: frozenset[SegmentKind] | None = None
    search: str | None = None

    def wants(self, source: Source) -> bool:
        """Whether records of a source can match."""
        return self.kinds != frozenset() and wants_source(source, self.sources)

    def keep(self) -> Check[SegmentRecord] | None:
        """The check that every record must pass; None when nothing is filtered."""
        checks: list[Check[SegmentRecord]] = []
        if (kinds := self.kinds) is not None:
            checks.append(lambda segment: segment.kind in kinds)
        if (search := self.search) is not None:
            checks.append(lambda segment: contains(search, (segment.name, segment.description)))
        return every(checks)


def choose_segments(given: SegmentFilterInput | None, limits: Limits) -> ChosenSegments:
    """A client's filter, checked and normalised.

    Raises:
        BadUserInput: see the checks.
    """
    if given is None:
        return ChosenSegments()
    return ChosenSegments(
        sources=chosen_sources(given.sources, limits),
        kinds=None if given.kinds is None else frozenset(given.kinds),
        search=folded(given.search),
    )
