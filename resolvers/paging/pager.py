"""The way in: one page of a connection, from the feeds of its sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from resolvers.paging.args import PageArgs
from resolvers.paging.page import Page
from upstreams.feeds import Direction, Feed

R = TypeVar("R")


@dataclass(kw_only=True)
class Pager:
    """Makes pages; one for the life of the process.

    Attributes:
        secret: authenticates cursors; the same on all machines that serve one client.
        scan_rows: upstream rows that one page may read in vain because of a filter that the upstream lacks.
        max_page: rows that a client may ask for.
    """

    secret: bytes
    scan_rows: int = 20_000
    max_page: int = 1000

    async def page(
        self,
        feeds: Sequence[Feed[R]],
        *,
        binding: str,
        direction: Direction,
        args: PageArgs,
        keep: Callable[[R], bool] | None = None,
    ) -> Page[R]:
        """One page of the connection that the feeds make up together.

        Args:
            feeds: what the connection joins; two feeds of one source differ in ``part``.
            binding: names field, parent, normalised filter and order; a cursor of another binding is refused.
            direction: the connection's order.
            args: what the client asked for.
            keep: a filter that an upstream lacks; applied to every row.

        Raises:
            BadPageArgs: the arguments make no sense.
            InvalidCursor: a cursor is altered, of another connection or of an unknown version.
            UpstreamError: every source failed and there is no record to show.
        """
        raise NotImplementedError
