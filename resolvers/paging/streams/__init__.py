"""Each kind of feed as a stream of records in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from resolvers.paging.positions import Hint, Span
from resolvers.paging.streams.base import Stream
from resolvers.paging.streams.complete import CompleteStream
from resolvers.paging.streams.nearly import NearlyStream
from resolvers.paging.streams.offset import OffsetStream
from resolvers.paging.streams.scroll import ScrollStream
from resolvers.paging.streams.shared import SharedFeed, SharedStream
from resolvers.paging.streams.window import WindowStream
from upstreams.feeds import Direction, Feed, ListFeed, OffsetFeed, ScrollFeed, WindowFeed

R = TypeVar("R")


def stream_of(
    feed: Feed[R], walk: Direction, span: Span, keep: Callable[[R], bool] | None, hint: Hint | None
) -> Stream[R]:
    """The stream of a feed's records within a span, in the order of a walk.

    Args:
        feed: what to read.
        walk: the order.
        span: the records wanted.
        keep: the page's filter; only asked whether a record before the span counts.
        hint: where an offset feed stood in its own order.
    """
    if isinstance(feed, SharedFeed):
        return SharedStream(feed, walk, span, keep)
    if isinstance(feed, ScrollFeed):
        return ScrollStream(feed, walk, span, keep)
    if isinstance(feed, WindowFeed):
        return WindowStream(feed, walk, span, keep)
    if isinstance(feed, ListFeed):
        return CompleteStream(feed, walk, span, keep)
    if isinstance(feed, OffsetFeed):
        return (OffsetStream if feed.ordered else NearlyStream)(feed, walk, span, keep, hint)
    raise TypeError(f"no stream is known for {type(feed).__name__}")
