"""Requests for pages that read the same list: within one client request they read it once.

A family lives as long as the client request. Its requests may differ in how many rows they want and, where one list
holds the rows of many parents, in whose: a reading that one of them began serves all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from resolvers.batching import LoaderMaker
from resolvers.paging.streams.shared import Reading, SharedRows, shared_feed, shared_rows
from upstreams.feeds import Feed, OffsetFeed, ScrollFeed
from upstreams.records import Source

if TYPE_CHECKING:
    from resolvers.connections import PageRequest
    from resolvers.ids import GlobalId

R = TypeVar("R")


class Siblings(Generic[R]):
    """Requests of one family, and what they read together.

    Args:
        requests: those that come first.
    """

    def __init__(self, requests: Sequence[PageRequest[R]]) -> None:
        self._holds_all = requests[0].holds_all
        self._parents = [request.parent for request in requests]
        self._readings: dict[Source, Reading[R]] = {}
        self._rows: dict[Source, SharedRows[R]] = {}

    def join(self, request: PageRequest[R]) -> bool:
        """Take in a request that comes later; False where its rows are not among those that are read."""
        joins = self._holds_all or request.parent in self._parents
        if joins:
            self._parents.append(request.parent)
        return joins

    def parents(self, source: Source) -> list[GlobalId]:
        """Whose rows are wanted of a source, each once; empty where they are nobody's in particular."""
        return [parent for parent in dict.fromkeys(self._of(source)) if parent is not None]

    def share(
        self, own: Feed[R], whose: GlobalId | None, together: Callable[[], Feed[R] | None], make: LoaderMaker
    ) -> Feed[R]:
        """A request's feed, read together with the others' where it is a scroll, or has the same rows as theirs.

        Args:
            own: the feed that it would read alone.
            whose: the request's parent.
            together: makes the feed that holds the rows of all of them.
            make: makes loaders that end with the client request.
        """
        if isinstance(own, ScrollFeed):
            reading = self._readings.get(own.source) or self._begin(own.source, together, make)
            return own if reading is None else shared_feed(own, reading, whose)
        if isinstance(own, OffsetFeed) and own.unfiltered and len(self._of(own.source)) > 1:
            return self._rows.setdefault(own.source, shared_rows(own))
        return own

    def _begin(self, source: Source, together: Callable[[], Feed[R] | None], make: LoaderMaker) -> Reading[R] | None:
        parents = self._of(source)
        if len(parents) < 2 and not self._holds_all:
            return None
        feed = together()
        if not isinstance(feed, ScrollFeed):
            return None
        # What is read for one parent alone has only its rows, so that nothing is gained by going on apart.
        exhaustive = self._holds_all or len(set(parents)) == 1
        reading = self._readings[source] = Reading(feed, make, exhaustive=exhaustive)
        return reading

    def _of(self, source: Source) -> list[GlobalId | None]:
        return [parent for parent in self._parents if parent is None or parent.source is source]


class Families:
    """The families among the requests of one client request."""

    def __init__(self) -> None:
        self._known: dict[Hashable, list[Siblings[Any]]] = {}

    def of(self, requests: Sequence[PageRequest[Any]]) -> list[Siblings[Any] | None]:
        """Whom each request of a turn of the loop reads together with; None: with nobody.

        What hangs on other records comes turn by turn, so that others may join even a single request. The fields of the
        query itself come all at once.
        """
        named = [request.family() for request in requests]
        found = [self._joined(family, request) for family, request in zip(named, requests, strict=True)]
        begun: dict[Hashable, list[int]] = {}
        for number, family in enumerate(named):
            if family is not None and found[number] is None:
                begun.setdefault(family, []).append(number)
        for family, numbers in begun.items():
            members = [requests[number] for number in numbers]
            if len(members) > 1 or (members[0].holds_all and members[0].parent is not None):
                siblings: Siblings[Any] = Siblings(members)
                self._known.setdefault(family, []).append(siblings)
                for number in numbers:
                    found[number] = siblings
        return found

    def _joined(self, family: Hashable | None, request: PageRequest[Any]) -> Siblings[Any] | None:
        known = () if family is None else self._known.get(family, ())
        return next((siblings for siblings in known if siblings.join(request)), None)
