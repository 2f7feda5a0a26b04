"""Relay connections: a request for a page is a value, and equal requests are one.

A :class:`PageRequest` is a frozen description of everything that decides a page (field, parent, filter, order,
arguments), so that it is the key of a dataloader: sibling fields that ask the same thing read it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from msgspec import Struct

from resolvers.errors import BadUserInput, InvalidCursor
from resolvers.paging import BadPageArgs, Edge, Page, PageArgs, check_args
from resolvers.paging import InvalidCursor as UnreadableCursor
from upstreams.feeds import Feed
from upstreams.records import Source

if TYPE_CHECKING:
    from resolvers.context import Context
    from resolvers.families import Siblings
    from resolvers.ids import GlobalId

R = TypeVar("R")


class Connection(Struct, Generic[R]):
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


class PageRequest(Struct, Generic[R], frozen=True, kw_only=True):
    """Everything that decides a page. Subclasses say how it is read.

    Attributes:
        field: the field that asks (``Query.events``); a cursor belongs to one.
        parent: the object whose records are asked for; None for all.
        args: ``first``, ``after``, ``last``, ``before``.
    """

    field: str
    parent: GlobalId | None = None
    args: PageArgs

    holds_all: ClassVar[bool] = False
    """What a family reads together has the rows of any parent; False: only of those that it was begun for."""

    def family(self) -> Hashable | None:
        """What requests that read the same list have in common, whoever's rows and how many of them they want.

        None when nothing is shared.
        """
        return None

    async def load(self, context: Context, siblings: Siblings[R] | None) -> Connection[R]:
        """Read the page.

        Args:
            siblings: whom it reads together with, if there is anybody or may be later.
        """
        raise NotImplementedError


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
