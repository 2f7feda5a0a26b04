"""A client that walks a connection to its end, and what it saw on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from resolvers.paging import Page, PageArgs, Pager
from resolvers.paging.leases import Lease, MemoryLeases
from tests.resolvers.paging.fakes import Rec
from upstreams.feeds import Direction, Feed

SECRET = b"a secret of thirty-two bytes or so"


class PlainLeases(MemoryLeases):
    """Leases as a store outside the process returns them: the state as plain data."""

    async def put(self, key: str, lease: Lease, feed: Feed[Any]) -> None:
        """See :class:`~resolvers.paging.leases.LeaseStore`."""
        state = msgspec.msgpack.decode(msgspec.msgpack.encode(lease.state))
        await super().put(key, Lease(state, lease.rows), feed)


class CountedLeases(PlainLeases):
    """Leases that count how often they are asked for one.

    Attributes:
        asked: how often.
    """

    asked = 0

    async def take(self, key: str, feed: Feed[Any]) -> Lease | None:
        """See :class:`~resolvers.paging.leases.LeaseStore`."""
        self.asked += 1
        return await super().take(key, feed)


def pager(**settings: Any) -> Pager:
    """A gateway just started."""
    return Pager(secret=SECRET, leases=PlainLeases(), **settings)


def in_order(records: Sequence[Rec], direction: Direction) -> list[Rec]:
    """What a connection shows of records."""
    return sorted(records, key=lambda rec: rec.key, reverse=direction is Direction.DESC)


@dataclass
class Client:
    """Asks for pages of one connection.

    Attributes:
        feeds: makes the feeds of a request.
        restarts: the gateway forgets its leases before every page.
        seen: the records of all pages, in the connection's order.
        pages: how many pages were asked for.
        late: how many records the pages called late.
    """

    feeds: Callable[[], Sequence[Feed[Rec]]]
    direction: Direction = Direction.DESC
    pager: Pager = field(default_factory=pager)
    keep: Callable[[Rec], bool] | None = None
    restarts: bool = False
    seen: list[Rec] = field(default_factory=list)
    pages: int = 0
    late: int = 0

    async def ask(
        self, *, first: int | None = None, last: int | None = None, after: str | None = None, before: str | None = None
    ) -> Page[Rec]:
        """One page."""
        if self.restarts:
            self.pager.leases = PlainLeases()
        args = PageArgs(first, last, after, before)
        page = await self.pager.page(self.feeds(), binding="test", direction=self.direction, args=args, keep=self.keep)
        self.pages += 1
        self.late += page.late
        return page

    async def walk(self, size: int, *, after: str | None = None) -> list[Rec]:
        """Forward to the end."""
        while True:
            page = await self.ask(first=size, after=after)
            self.seen += [edge.node for edge in page.edges]
            if not page.has_next_page:
                return self.seen
            assert page.edges or self.keep, "hasNextPage before an empty page"
            after = page.end_cursor
            assert after is not None

    async def walk_back(self, size: int, *, before: str | None = None) -> list[Rec]:
        """Backward to the start."""
        while True:
            page = await self.ask(last=size, before=before)
            self.seen = [edge.node for edge in page.edges] + self.seen
            if not page.has_previous_page:
                return self.seen
            assert page.edges or self.keep, "hasPreviousPage before an empty page"
            before = page.start_cursor
            assert before is not None


def nodes(page: Page[Rec]) -> list[Rec]:
    """The records of a page."""
    return [edge.node for edge in page.edges]


def flags(page: Page[Rec]) -> tuple[bool, bool]:
    """hasPreviousPage, hasNextPage."""
    return page.has_previous_page, page.has_next_page
