"""Segments, locations and hotspots: lists that a source gives out whole."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from resolvers.batching import Loader
from resolvers.connections import Connection, PageRequest, read_connection
from resolvers.context import Context
from resolvers.filters.checks import binding
from resolvers.filters.locations import ChosenLocations, LocationFilterInput, choose_locations
from resolvers.filters.segments import ChosenSegments, SegmentFilterInput, choose_segments
from resolvers.paging import PageArgs
from upstreams.feeds import Direction, ListFeed
from upstreams.feeds import Key as Place
from upstreams.records import HotspotRecord, LocationRecord, SegmentRecord, Source

R = TypeVar("R")


@dataclass(kw_only=True)
class LoadedList(ListFeed[R], Generic[R]):
    """A source's list, read through the request's loader so that links and connections share one reading."""

    feed: ListFeed[R]
    lists: Loader[Source, Sequence[R]]

    def key(self, row: R) -> Place:
        """As the source's own feed."""
        return self.feed.key(row)

    async def read(self) -> Sequence[R]:
        """The whole list."""
        return await self.lists.load(self.source)


async def _page(
    request: SegmentsRequest | LocationsRequest, feeds: Sequence[LoadedList[R]], context: Context, keep: Any
) -> Connection[R]:
    page = await context.services.pager.page(
        feeds,
        binding=binding(request.field, None, request.chosen, "NAME ASC"),
        direction=Direction.ASC,
        args=request.args,
        keep=keep,
    )

    async def total() -> int | None:
        lists = [await feed.read() for feed in feeds]
        return sum(1 for rows in lists for row in rows if keep is None or keep(row))

    return Connection(page, count=total)


class SegmentsRequest(PageRequest[SegmentRecord], frozen=True, kw_only=True):
    """A page of segments, by name."""

    chosen: ChosenSegments

    async def load(self, context: Context, siblings: object) -> Connection[SegmentRecord]:
        """Read the lists of the sources and cut the page out of them."""
        lists = context.loaders.segments_by_source
        feeds = [
            LoadedList(source=source, name=feed.name, feed=feed, lists=lists)
            for source, api in context.services.sources.items()
            if self.chosen.wants(source) and (feed := api.segments())
        ]
        return await _page(self, feeds, context, self.chosen.keep())


class LocationsRequest(PageRequest[LocationRecord], frozen=True, kw_only=True):
    """A page of locations, by name."""

    chosen: ChosenLocations

    async def load(self, context: Context, siblings: object) -> Connection[LocationRecord]:
        """Read the lists of the sources and cut the page out of them."""
        lists = context.loaders.locations_by_source
        feeds = [
            LoadedList(source=source, name=feed.name, feed=feed, lists=lists)
            for source, api in context.services.sources.items()
            if self.chosen.wants(source) and (feed := api.locations())
        ]
        return await _page(self, feeds, context, self.chosen.keep())


async def segments(
    context: Context, info: Any, given: SegmentFilterInput | None, args: PageArgs
) -> Connection[SegmentRecord]:
    """A page of segments.

    Raises:
        GatewayError: what the client asked for makes no sense.
        UpstreamError: there is nothing to show.
    """
    chosen = choose_segments(given, context.limits)
    return await read_connection(SegmentsRequest(field="Query.segments", chosen=chosen, args=args), context, info)


async def locations(
    context: Context, info: Any, given: LocationFilterInput | None, args: PageArgs
) -> Connection[LocationRecord]:
    """A page of locations.

    Raises:
        GatewayError: what the client asked for makes no sense.
        UpstreamError: there is nothing to show.
    """
    chosen = choose_locations(given, context.limits)
    return await read_connection(LocationsRequest(field="Query.locations", chosen=chosen, args=args), context, info)


def hotspots(context: Context, source: Source, location_id: str) -> Awaitable[Sequence[HotspotRecord]]:
    """The access points at a location."""
    return context.loaders.hotspots_by_location.of(source, location_id)


def hotspot(context: Context, source: Source, id: str | None) -> Awaitable[HotspotRecord | None] | None:
    """One access point, out of the source's list."""
    return None if id is None else context.loaders.hotspot_by_id.of(source, id)
