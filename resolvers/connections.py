"""Relay connections: a request for a page is a value, and equal requests are one.

A :class:`PageRequest` is a frozen description of everything that decides a page (field, parent, filter, order,
arguments), so that it is the key of a dataloader: sibling fields that ask the same thing read it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from resolvers.errors import BadUserInput, InvalidCursor
from resolvers.paging import BadPageArgs, Edge, Page, PageArgs, check_args
from resolvers.paging import InvalidCursor as UnreadableCursor
from resolvers.paging.streams.shared import Reading, SharedRows, shared_feed, shared_rows
from upstreams.feeds import Feed, OffsetFeed, ScrollFeed
from upstreams.records import Source

if TYPE_CHECKING:
    from resolvers.context import Context
    from resolvers.ids import GlobalId

R = TypeVar("R")


@dataclass(slots=True)
class Connection(Generic[R]):
    """A page, as the schema's connection types read it.

    Attributes:
        page: edges, flags and cursors.
        feeds: what the page was made from.
        countable: the upstreams' own totals count just what is in the connection.
        count: counts the connection where that needs no upstream's total.
    """

    page: Page[R]
    feeds: Sequence[Feed[R]] = ()
    countable: bool = False
    count: Callable[[], Awaitable[int | None]] | None = None

    @property
    def edges(self) -> list[Edge[R]]:
        """The records with their cursors."""
        return self.page.edges

    @property
    def nodes(self) -> list[R]:
        """The records."""
        return [edge.node for edge in self.page.edges]

    @property
    def page_info(self) -> Page[R]:
        """Flags and cursors."""
        return self.page

    @property
    def incomplete_sources(self) -> list[Source]:
        """The sources whose records are missing from this page."""
        return self.page.incomplete

    async def total_count(self) -> int | None:
        """How many records the connection has in all; None where no upstream can say.

        Raises:
            UpstreamError: an upstream that was asked for its total failed.
        """
        if self.page.incomplete:
            return None
        if self.count is not None:
            return await self.count()
        if self.feeds and not self.countable:
            return None
        totals = await asyncio.gather(*(feed.total() for feed in self.feeds))
        return None if None in totals else sum(total for total in totals if total is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest(Generic[R]):
    """Everything that decides a page. Subclasses say how it is read.

    Attributes:
        field: the field that asks (``Query.events``); a cursor belongs to one.
        parent: the object whose records are asked for; None for all.
        args: ``first``, ``after``, ``last``, ``before``.
    """

    field: str
    parent: GlobalId | None = None
    args: PageArgs

    def family(self) -> Hashable | None:
        """What siblings that read the same rows have in common; None when nothing is shared."""
        return None

    async def load(self, context: Context, siblings: Siblings[R] | None) -> Connection[R]:
        """Read the page.

        Args:
            siblings: the requests of this turn with the same family, when there are several.
        """
        raise NotImplementedError


class Siblings(Generic[R]):
    """Requests of one turn that differ only in whose rows they want, and what they read together.

    Attributes:
        parents: whose rows they want.
    """

    def __init__(self, parents: Sequence[GlobalId]) -> None:
        self.parents = parents
        self._readings: dict[Source, Reading[R]] = {}
        self._rows: dict[Source, SharedRows[R]] = {}

    def share(self, own: Feed[R], together: Callable[[], Feed[R] | None], *, exhaustive: bool) -> Feed[R]:
        """A request's feed, read together with its siblings' where it is a scroll, or has the same rows as theirs.

        Args:
            own: the feed that the request would read alone.
            together: makes the feed that holds the rows of all of them.
            exhaustive: see :class:`~resolvers.paging.streams.shared.Reading`.
        """
        walks = sum(parent.source is own.source for parent in self.parents)
        if walks < 2:
            return own
        if isinstance(own, OffsetFeed) and own.unfiltered:
            return self._rows.setdefault(own.source, shared_rows(own))
        if not isinstance(own, ScrollFeed):
            return own
        reading = self._readings.get(own.source)
        if reading is None:
            feed = together()
            if not isinstance(feed, ScrollFeed):
                return own
            reading = self._readings[own.source] = Reading(feed, walks, exhaustive=exhaustive)
        return shared_feed(own, reading)


def families(requests: Sequence[PageRequest[Any]]) -> list[Siblings[Any] | None]:
    """The siblings of each request; None for one that has none."""
    parents: dict[Hashable, list[GlobalId]] = {}
    named = [request.family() for request in requests]
    for family, request in zip(named, requests, strict=True):
        if family is not None and request.parent is not None:
            parents.setdefault(family, []).append(request.parent)
    together: dict[Hashable, Siblings[Any]] = {
        family: Siblings(found) for family, found in parents.items() if len(found) > 1
    }
    return [None if family is None else together.get(family) for family in named]


async def read_connection(request: PageRequest[R], context: Context, info: Any) -> Connection[R]:
    """The page a request describes, read once for all equal requests; failures beside data are reported.

    Raises:
        BadUserInput, InvalidCursor: the paging arguments.
        UpstreamError: there is nothing to show.
    """
    try:
        check_args(request.args, context.services.pager.max_page)
        connection = await context.loaders.page_by_request.load(request)
    except BadPageArgs as error:
        raise BadUserInput(str(error)) from error
    except UnreadableCursor as error:
        raise InvalidCursor(str(error)) from error
    context.report(connection.page.failures, info)
    return connection
