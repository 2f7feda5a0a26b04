"""Fills the identity index: one walk over all contacts of a source, then what is new or has changed, again and again.

Nothing is read until somebody asks for people once; that is remembered. One of the workers that share the index does
it, page by page, and takes down where it stands with each, so that a restart costs a page. Contacts that are gone are
forgotten when the next walk over all has not met them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import msgspec

from resolvers.paging import InvalidCursor, Page, PageArgs, Pager
from resolvers.people.rules import keys_of
from upstreams.errors import UpstreamError
from upstreams.feeds import Direction
from upstreams.identity.index import Entry, IdentityIndex, IdentityIndexFailed, Walk
from upstreams.instants import Instant, now, shift, to_unix
from upstreams.records import ContactRecord, Source
from upstreams.source import ContactQuery, SourceApi

logger = logging.getLogger("contactgraph.people")

PAGE = 1000
OVERLAP = 300
"""Seconds before the latest known change from which changes are read again: upstreams show some late."""


class Pace(NamedTuple):
    """How often the index is brought up to date, in seconds.

    Attributes:
        refresh: between two looks for what is new or has changed.
        walk: between two walks over all contacts.
        blind_walk: the same where the upstream does not tell what has changed.
        poll: between two looks whether the index is wanted, and whether another worker fills it.
    """

    refresh: float = 60
    walk: float = 86_400
    blind_walk: float = 3600
    poll: float = 5


class IndexState(Enum):
    """How far an index is."""

    IDLE = "IDLE"
    BUILDING = "BUILDING"
    READY = "READY"


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How far the index of a source is.

    Attributes:
        state: in a word.
        contacts: how many it holds.
        as_of: since when changes may be missing; None while it was never complete.
    """

    state: IndexState
    contacts: int
    as_of: Instant | None


class Indexer:
    """Keeps the indexes of all sources.

    Attributes:
        indexes: of the sources that have one.
    """

    def __init__(
        self,
        sources: Mapping[Source, SourceApi],
        indexes: Mapping[Source, IdentityIndex],
        pager: Pager,
        region: str | None,
        *,
        pace: Pace | None = None,
        clock: Callable[[], Instant] = now,
    ) -> None:
        """``pager`` is for these walks alone; ``region`` is that of national numbers whose record names none."""
        self.indexes = indexes
        self._sources = sources
        self._pager = pager
        self._region = region
        self._pace = pace or Pace()
        self._clock = clock
        self._wanted = {source: asyncio.Event() for source in indexes}
        self._blind: set[Source] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def want(self, source: Source) -> None:
        """Somebody asks for people."""
        if source in self._wanted:
            self._wanted[source].set()

    async def status(self, source: Source) -> IndexStatus | None:
        """How far a source's index is; None when it has none.

        Raises:
            IdentityIndexFailed: it cannot be read.
        """
        index = self.indexes.get(source)
        if index is None:
            return None
        as_of = (await index.walk()).as_of
        if as_of is not None:
            state = IndexState.READY
        else:
            wanted = self._wanted[source].is_set() or await index.wanted()
            state = IndexState.BUILDING if wanted else IndexState.IDLE
        return IndexStatus(state, await index.count(), as_of)

    async def start(self) -> None:
        """Begin to fill the indexes, in the background."""
        self._tasks = [asyncio.create_task(self._tend(source)) for source in self.indexes]

    async def close(self) -> None:
        """Stop, and close the indexes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for index in self.indexes.values():
            await index.close()

    async def bring_up_to_date(self, source: Source) -> None:
        """Do now all that is due.

        Raises:
            UpstreamError, IdentityIndexFailed: it could not be done.
        """
        while await self.step(source):
            pass

    async def step(self, source: Source) -> bool:
        """Do the next piece of what is due: a refresh, or a page of a walk. False when nothing is.

        Raises:
            UpstreamError, IdentityIndexFailed: it could not be done.
        """
        index = self.indexes[source]
        walk = await index.walk()
        if walk.as_of is not None and source not in self._blind and self._due(walk.as_of, self._pace.refresh):
            await self._refresh(source, index, walk)
            return True
        if walk.started is not None:
            await self._walk_on(source, index, walk)
            return True
        if walk.walked is None or self._due(walk.walked, self._every(source)):
            begun = msgspec.structs.replace(walk, number=walk.number + 1, cursor=None, started=self._clock())
            await self._walk_on(source, index, begun)
            return True
        return False

    def _every(self, source: Source) -> float:
        return self._pace.blind_walk if source in self._blind else self._pace.walk

    def _due(self, since: Instant, seconds: float) -> bool:
        return to_unix(self._clock()) - to_unix(since) >= seconds

    async def _tend(self, source: Source) -> None:
        index = self.indexes[source]
        while True:
            try:
                if await self._is_wanted(source, index):
                    async with index.lead() as leads:
                        while leads:
                            await self.bring_up_to_date(source)
                            await asyncio.sleep(self._pace.refresh)
            except (UpstreamError, IdentityIndexFailed) as error:
                logger.warning("%s: people are not indexed for now: %s", source.label, error)
                await asyncio.sleep(self._pace.poll)
            except Exception:
                logger.exception("%s: people are not indexed for now", source.label)
                await asyncio.sleep(self._pace.refresh)
            await self._wait(source)

    async def _is_wanted(self, source: Source, index: IdentityIndex) -> bool:
        if await index.wanted():
            return True
        if not self._wanted[source].is_set():
            return False
        await index.want()
        return True

    async def _wait(self, source: Source) -> None:
        """Until somebody asks, or it is time to look what other workers heard."""
        if self._wanted[source].is_set():
            await asyncio.sleep(self._pace.poll)
            return
        try:
            async with asyncio.timeout(self._pace.poll):
                await self._wanted[source].wait()
        except TimeoutError:
            return

    async def _walk_on(self, source: Source, index: IdentityIndex, walk: Walk) -> None:
        """A page of the walk over all contacts."""
        try:
            page = await self._page(source, "all", ContactQuery(), walk.cursor, Direction.ASC)
        except InvalidCursor:
            logger.info("%s: the walk over its contacts begins anew", source.label)
            walk = msgspec.structs.replace(walk, cursor=None)
            page = await self._page(source, "all", ContactQuery(), None, Direction.ASC)
        rows = _rows(page)
        walk = msgspec.structs.replace(walk, watermark=_latest(rows, walk.watermark))
        if page is not None and page.has_next_page:
            await index.put(
                await self._entries(rows), msgspec.structs.replace(walk, cursor=page.end_cursor or walk.cursor)
            )
            if page.failures:
                raise page.failures[0]
            logger.info("%s: %d contacts are indexed so far", source.label, await index.count())
            return
        as_of = max(filter(None, (walk.as_of, walk.started)))
        done = msgspec.structs.replace(walk, cursor=None, started=None, walked=walk.started, as_of=as_of)
        await index.put(await self._entries(rows), walk)
        await index.sweep(done)
        logger.info("%s: all its contacts are indexed: %d", source.label, await index.count())

    async def _refresh(self, source: Source, index: IdentityIndex, walk: Walk) -> None:
        """Take in what is new and what has changed."""
        begun = self._clock()
        assert walk.as_of is not None  # noqa: S101 - there is nothing to refresh before
        since = shift(min(filter(None, (walk.as_of, walk.watermark))), -OVERLAP)
        for name, query, direction in (
            ("created", ContactQuery(created_from=since), Direction.DESC),
            ("updated", ContactQuery(updated_from=since), Direction.ASC),
        ):
            cursor: str | None = None
            while True:
                page = await self._page(source, f"{name} {since}", query, cursor, direction)
                rows = _rows(page)
                walk = msgspec.structs.replace(walk, watermark=_latest(rows, walk.watermark))
                await index.put(await self._entries(rows), walk)
                if page is not None and page.failures:
                    raise page.failures[0]
                if page is None or not page.has_next_page:
                    break
                if query.created_from is not None and any(row.created_at < since for row in rows):
                    break
                if query.updated_from is not None and any((row.updated_at or since) < since for row in rows):
                    logger.info("%s: it does not tell what has changed; all is read now and then", source.label)
                    self._blind.add(source)
                    return
                cursor = page.end_cursor
        await index.put([], msgspec.structs.replace(walk, as_of=begun))

    async def _page(
        self, source: Source, which: str, query: ContactQuery, cursor: str | None, direction: Direction
    ) -> Page[ContactRecord] | None:
        feed = self._sources[source].contacts(query)
        if feed is None:
            return None
        args = PageArgs(first=min(PAGE, self._pager.max_page), after=cursor)
        return await self._pager.page([feed], binding=f"identity index: {which}", direction=direction, args=args)

    async def _entries(self, rows: Sequence[ContactRecord]) -> list[Entry]:
        """The rows as the index keeps them; in a thread, since reading a thousand telephone numbers takes a while."""
        return await asyncio.to_thread(
            lambda: [Entry(row.source_id, keys_of(row, self._region)) for row in rows],
        )


def _rows(page: Page[ContactRecord] | None) -> list[ContactRecord]:
    return [] if page is None else [edge.node for edge in page.edges]


def _latest(rows: Sequence[ContactRecord], before: Instant | None) -> Instant | None:
    """The latest time that an upstream's own clock has told."""
    times = [time for row in rows for time in (row.created_at, row.updated_at) if time is not None]
    return max([*times, *([] if before is None else [before])], default=None)
