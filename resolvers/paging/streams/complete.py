"""A complete list as a stream: one read, sorted."""

from __future__ import annotations

from typing import TypeVar

from resolvers.paging.positions import beyond
from resolvers.paging.streams.base import Stream
from upstreams.feeds import Direction, ListFeed

R = TypeVar("R")


class CompleteStream(Stream[R]):
    """Everything is there at once; nothing needs a lease."""

    feed: ListFeed[R]

    async def fill(self, want: int) -> None:
        """See :class:`~resolvers.paging.streams.base.Stream`."""
        rows = {self.feed.key(row): row for row in await self.feed.read()}
        begin = self.span.begin(self.walk)
        for key, row in sorted(rows.items(), key=lambda item: item[0], reverse=self.walk is Direction.DESC):
            if self.span.holds(key):
                self.ready.append((key, row))
            elif not beyond(key, begin, self.walk):
                self.note_behind(row)
        self.ended = True
