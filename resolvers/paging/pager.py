"""The way in: one page of a connection, from the feeds of its sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from functools import partial
from hashlib import blake2b
from operator import attrgetter
from typing import TypeVar

import msgspec

from resolvers.paging.args import PageArgs, Wanted, check_args
from resolvers.paging.cursors import CursorCodec, Sealer
from resolvers.paging.leases import LeaseStats, LeaseStore, MemoryLeases
from resolvers.paging.page import Page
from resolvers.paging.positions import Place, Position, Span, cut_at, cuts_at, origin, span_from, span_of
from resolvers.paging.prefetch import Need, Prefetch, next_need
from resolvers.paging.streams import stream_of
from resolvers.paging.streams.base import Stream
from resolvers.paging.walk import Found, Walk
from upstreams.errors import UpstreamError
from upstreams.feeds import Direction, Feed

R = TypeVar("R")


@dataclass(kw_only=True)
class Pager:
    """Makes pages; one for the life of the process.

    Attributes:
        secret: authenticates cursors; the same on all machines that serve one client.
        leases: what pages leave behind for the next one.
        scan_rows: upstream rows that one page may read because of a filter that the upstream lacks.
        max_page: rows that a client may ask for.
        prefetch: reads ahead what the next page would wait for; None: the next page does.
        stats: for metrics.
    """

    secret: InitVar[bytes]
    leases: LeaseStore = field(default_factory=MemoryLeases)
    scan_rows: int = 20_000
    max_page: int = 1000
    prefetch: Prefetch | None = None
    stats: LeaseStats = field(default_factory=LeaseStats, init=False)

    def __post_init__(self, secret: bytes) -> None:
        self._codec = CursorCodec(secret)

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
            UpstreamError: every source failed and there is no record to show; the others' errors are its ``__cause__``.
        """
        wanted = check_args(args, self.max_page)
        after = None if wanted.after is None else self._codec.open(wanted.after, binding)
        before = None if wanted.before is None else self._codec.open(wanted.before, binding)
        start, stop = (before, after) if wanted.backward else (after, before)
        walk = direction.flipped if wanted.backward else direction
        spans: dict[str, Span] = {}
        streams: dict[str, Stream[R]] = {}
        for feed in feeds:
            slot = _slot(feed)
            if slot in streams:
                raise ValueError("two feeds of one source need different parts")
            spans[slot] = span_of(start, stop, slot, walk)
            hint = None if start is None else start.hints.get(slot)
            streams[slot] = stream_of(feed, walk, spans[slot], keep, hint)
        await self._restore(streams, spans, binding)
        seal = self._codec.sealer(binding)
        found = await self._walk(streams, start, walk, keep, wanted.count, seal)
        failures = [stream.failed for stream in streams.values() if stream.failed]
        if failures and len(failures) == len(streams) and found.at is None:
            raise _together(failures)

        behind = any(stream.behind for stream in streams.values())
        for stream in streams.values():
            stream.part()
        if found.more:
            for stream in streams.values():
                stream.behind = behind or bool(found.edges)
            ahead = None
            if self.prefetch is not None and wanted.count:
                ahead = next_need(streams, walk, keep, wanted.count)
            await self._leave(streams, spans, found, binding, ahead)
        if wanted.backward and start is not None and not behind:
            behind = await self._anything(feeds, start, direction, keep, seal)
        return _assemble(wanted, found, behind, failures, seal)

    async def _walk(
        self,
        streams: Mapping[str, Stream[R]],
        start: Position | None,
        walk: Direction,
        keep: Callable[[R], bool] | None,
        count: int,
        seal: Sealer,
    ) -> Found[R]:
        cuts = cuts_at(streams, start, walk)
        return await Walk(streams, cuts, walk, keep=keep, scan_rows=self.scan_rows, seal=seal).run(count)

    async def _anything(
        self,
        feeds: Sequence[Feed[R]],
        start: Position,
        walk: Direction,
        keep: Callable[[R], bool] | None,
        seal: Sealer,
    ) -> bool:
        """Something lies at or after the ``before`` of a backward page: one look the other way.

        The record at the position counts, so the look begins in front of it.
        """
        streams: dict[str, Stream[R]] = {}
        for feed in feeds:
            slot = _slot(feed)
            span = span_from(cut_at(start, slot, walk.flipped), origin(walk.flipped), walk)
            streams[slot] = stream_of(feed, walk, span, keep, start.hints.get(slot))
        return (await self._walk(streams, None, walk, keep, 0, seal)).more

    async def _restore(self, streams: Mapping[str, Stream[R]], spans: Mapping[str, Span], binding: str) -> None:
        for slot, stream in streams.items():
            if not stream.ended and _under_way(spans[slot], stream.walk):
                key = _lease_key(binding, slot, stream, spans[slot])
                if self.prefetch is not None:
                    await self.prefetch.arrived(key)
                lease = await self.leases.take(key, stream.feed)
                if lease is None:
                    self.stats.missing += 1
                else:
                    self.stats.found += 1
                    stream.restore(lease.state, list(lease.rows))

    async def _leave(
        self,
        streams: Mapping[str, Stream[R]],
        spans: Mapping[str, Span],
        found: Found[R],
        binding: str,
        ahead: Need | None,
    ) -> None:
        for slot, stream in streams.items():
            walk = stream.walk
            rest = span_from(found.standing.of(slot), spans[slot].end(walk), walk)
            if stream.failed or not _under_way(rest, walk):
                continue
            key = _lease_key(binding, slot, stream, rest)
            if not self._begins_to_read(slot, stream, key, ahead):
                await self._put(key, stream)

    def _begins_to_read(self, slot: str, stream: Stream[R], key: str, ahead: Need | None) -> bool:
        """Whether the stream is read ahead, and leaves its lease when that is done."""
        if self.prefetch is None or ahead is None or slot not in ahead.slots or not stream.lendable:
            return False
        return self.prefetch.start(key, partial(self._read_ahead, stream, ahead.want, key))

    async def _put(self, key: str, stream: Stream[R]) -> None:
        lease = stream.lease()
        if lease is not None:
            await self.leases.put(key, lease, stream.feed)

    async def _read_ahead(self, stream: Stream[R], want: int, key: str) -> None:
        await stream.read_ahead(want)
        await self._put(key, stream)

    async def close(self) -> None:
        """End what goes on in the background."""
        if self.prefetch is not None:
            await self.prefetch.close()


def _slot(feed: Feed[R]) -> str:
    """What tells the feeds of a connection apart in a cursor."""
    return f"{feed.source.rank}:{feed.part}" if feed.part else str(feed.source.rank)


def _under_way(span: Span, walk: Direction) -> bool:
    """Something was given before this. A walk that begins reads afresh, so it leaves and takes nothing."""
    return span.begin(walk) != origin(walk)


def _lease_key(binding: str, slot: str, stream: Stream[R], span: Span) -> str:
    plain = msgspec.msgpack.encode((binding, slot, stream.feed.carries, stream.walk, span.low, span.high))
    return blake2b(plain, digest_size=16).hexdigest()


def _together(failures: Sequence[UpstreamError]) -> UpstreamError:
    """The first failure, with the others (and what caused it) as its cause."""
    first, *others = failures
    if others:
        group = ExceptionGroup("the other sources failed too", others)
        group.__cause__ = first.__cause__
        first.__cause__ = group
    return first


def _assemble(
    wanted: Wanted, found: Found[R], behind: bool, failures: Sequence[UpstreamError], seal: Sealer
) -> Page[R]:
    """Turn what a walk brought into a page: a backward walk is read from its end."""
    edges = found.edges[::-1] if wanted.backward else found.edges
    near = found.edges[0] if found.edges else None
    far: Place | None = found.at if found.more else found.edges[-1] if found.edges else None
    asked = wanted.before if wanted.backward else wanted.after

    def behind_cursor() -> str | None:
        return None if near is None else seal.one(near)

    def onward_cursor() -> str | None:
        if far is not None:
            return seal.one(far)
        return asked if found.more and failures else None

    return Page(
        edges=edges,
        has_next_page=behind if wanted.backward else found.more,
        has_previous_page=found.more if wanted.backward else behind,
        incomplete=sorted({error.source for error in failures}, key=attrgetter("rank")),
        failures=list(failures),
        late=found.late,
        _start=onward_cursor if wanted.backward else behind_cursor,
        _end=behind_cursor if wanted.backward else onward_cursor,
    )
