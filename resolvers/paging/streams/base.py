"""What every kind of feed becomes: records in the order of a walk, read as they are needed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from resolvers.paging.leases import Lease
from resolvers.paging.positions import Hint, Span
from upstreams.errors import UpstreamError
from upstreams.feeds import Direction, Feed, Key

R = TypeVar("R")


class Stream(ABC, Generic[R]):
    """The records of one feed within a span, in the order of a walk.

    Attributes:
        ready: records that may be given now, the next one first.
        ended: when ``ready`` is empty too, there are no more.
        failed: why the feed can no longer be asked.
        behind: a record that the filter keeps was seen before the span, so there is one.
        rows_read: upstream rows read for this page.
    """

    def __init__(self, feed: Feed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None) -> None:
        self.feed = feed
        self.walk = walk
        self.span = span
        self.keep = keep
        self.ready: deque[tuple[Key, R]] = deque()
        self.ended = span.empty
        self.failed: UpstreamError | None = None
        self.behind = False
        self.rows_read = 0

    numbered = False
    """Cursors carry where the feed stands in its own order."""

    @property
    def lendable(self) -> bool:
        """What is read on now can be left for the next page."""
        return True

    @property
    def blocked(self) -> bool:
        """The merge cannot go on before this stream is read on."""
        return not self.ready and not self.ended and self.failed is None

    def next_size(self, want: int) -> int:
        """How many rows the next call would ask for."""
        return 0

    @abstractmethod
    async def fill(self, want: int) -> None:
        """Read until something is ready or the end is known.

        Args:
            want: how many records the page is likely to still need of this stream; a hint for the size of calls.

        Raises:
            UpstreamError: the feed failed, and resuming failed too.
        """

    async def read_ahead(self, want: int) -> None:
        """Read on although something is ready.

        Raises:
            UpstreamError: as :meth:`fill`; the stream is of no further use then.
        """
        held, self.ready = self.ready, deque()
        await self.fill(want)
        self.ready.extendleft(reversed(held))

    def take(self) -> tuple[Key, R]:
        """Give the next ready record."""
        return self.ready.popleft()

    @property
    def hint(self) -> Hint | None:
        """Where the feed stands in its own order after the record last taken, if it has one."""
        return None

    def part(self) -> None:
        """The page has all that it needs: what the stream shares with others is theirs from now on."""

    def lease(self) -> Lease | None:
        """What the next page can go on with; None when that saves nothing."""
        return None

    def restore(self, state: dict[str, Any], rows: list[R]) -> None:
        """Go on where a lease stopped."""
        raise NotImplementedError

    def note_behind(self, row: R) -> None:
        """A record before the span was seen."""
        if not self.behind:
            self.behind = self.keep is None or self.keep(row)


def page_size(want: int, max_size: int) -> int:
    """How many rows to ask for, so that a first page normally costs one call and still knows whether more follow."""
    return min(max_size, max(50, want + max(10, want // 8)))


def want_within(rows: int) -> int:
    """The most records to want so that no more than so many rows are asked for."""
    return min(rows - 10, rows * 8 // 9)
