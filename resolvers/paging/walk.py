"""One walk over several streams: the least of their heads, one after the other, until the page is full.

Only streams that block the merge are read on, several at once where several block it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import compress, islice, repeat
from typing import Generic, TypeVar

from msgspec import Struct

from resolvers.paging.cursors import Sealer
from resolvers.paging.page import Edge
from resolvers.paging.positions import NO_HINTS, Cut, Hint, Position, Standing
from resolvers.paging.streams.base import Stream, want_within
from upstreams.errors import UpstreamError
from upstreams.feeds import Direction, Key

R = TypeVar("R")


class Found(Struct, Generic[R], frozen=True):
    """What a walk brought.

    Attributes:
        edges: the records with their places, in the order of the walk.
        more: there is at least one more; also True where nobody can know: a feed failed, or the scan budget ran out.
        at: where the walk stands now; None when it never moved.
        standing: where each feed stands there.
        late: how many of the records are out of order.
    """

    edges: list[Edge[R]]
    more: bool
    at: Position | None
    standing: Standing
    late: int


class Walk(Generic[R]):
    """Takes records from streams in the order of the walk."""

    def __init__(
        self,
        streams: Mapping[str, Stream[R]],
        cuts: Mapping[str, Cut],
        direction: Direction,
        *,
        keep: Callable[[R], bool] | None,
        scan_rows: int,
        seal: Sealer,
    ) -> None:
        self._streams = streams
        self._seal = seal
        self._standing = Standing(direction, cuts)
        self._descending = direction is Direction.DESC
        self._keep = keep
        self._scan_rows = scan_rows
        self._numbered = [slot for slot, stream in streams.items() if stream.numbered]
        self._taken = 0
        self._kept = 0

    async def run(self, count: int) -> Found[R]:
        """The next records, and whether one more follows."""
        edges: list[Edge[R]] = []
        late = 0
        at: Position | None = None
        ahead: Position | None = None
        standing, keep = self._standing, self._keep
        while True:
            blocked = [slot for slot, stream in self._streams.items() if stream.blocked]
            if blocked and not await self._unblock(blocked, max(1, count - len(edges))):
                return Found(edges, True, ahead or at, self._standing, late)
            slot, until = self._next()
            if slot is None:
                return Found(edges, any(stream.failed for stream in self._streams.values()), at, standing, late)
            if keep is None and len(edges) == count:
                return Found(edges, True, at, standing, late)
            stream = self._streams[slot]
            ready = stream.ready
            if until is None and not self._numbered:
                keys = [key for key, _ in islice(ready, count - len(edges))]
                steps = self._standing.march(keys)
                if steps:
                    at = Position(keys[steps - 1])
                    rows = [ready.popleft()[1] for _ in range(steps)]
                    if keep is not None:
                        chosen = [*map(keep, rows)]
                        rows, keys = [*compress(rows, chosen)], [*compress(keys, chosen)]
                    edges += map(Edge, rows, repeat(self._seal), keys)
                    self._taken += steps
                    self._kept += len(rows)
                    continue
            while ready and (until is None or self._first((ready[0][0], slot), until)):
                key, row = ready[0]
                kept = keep is None or keep(row)
                full = len(edges) == count
                if kept and full:
                    return Found(edges, True, at, standing, late)
                if full and standing is self._standing:
                    # To look for one more must not move where the page ends; only a scan that is cut short ends there.
                    self._standing = standing.copy()
                stream.take()
                self._taken += 1
                self._kept += kept
                out_of_order = self._standing.move(slot, key)
                place = self._standing.position(self._hints() if self._numbered else NO_HINTS)
                if full:
                    ahead = place
                    continue
                at = place
                if kept:
                    edges.append(Edge(row, self._seal, key, place.stands, place.hints))
                    late += out_of_order
                    if len(edges) == count:
                        break

    def _next(self) -> tuple[str | None, tuple[Key, str] | None]:
        """The stream whose head comes first, and the head that comes second: until there its rows follow each other."""
        heads = [(stream.ready[0][0], slot) for slot, stream in self._streams.items() if stream.ready]
        heads.sort(reverse=self._descending)
        return (heads[0][1] if heads else None), (heads[1] if len(heads) > 1 else None)

    def _first(self, one: tuple[Key, str], other: tuple[Key, str]) -> bool:
        return one > other if self._descending else one < other

    def _hints(self) -> Mapping[str, Hint]:
        hints = {slot: self._streams[slot].hint for slot in self._numbered}
        return {slot: hint for slot, hint in hints.items() if hint is not None}

    async def _unblock(self, blocked: Sequence[str], need: int) -> bool:
        """Read on what the merge waits for. False when the scan budget does not allow it."""
        want = need
        if self._keep is not None:
            scanned = sum(stream.rows_read for stream in self._streams.values())
            # What the filter let through so far says how much must be read for what is still needed.
            likely = need * (self._taken + 1) // max(1, self._kept)
            want = max(1, min(likely, want_within((self._scan_rows - scanned) // len(blocked))))
            asked = sum(self._streams[slot].next_size(want) for slot in blocked)
            if scanned and scanned + asked > self._scan_rows:
                return False
        if len(blocked) == 1:
            await self._fill(blocked[0], want)
        else:
            async with asyncio.TaskGroup() as group:
                for slot in blocked:
                    group.create_task(self._fill(slot, want))
        return True

    async def _fill(self, slot: str, want: int) -> None:
        stream = self._streams[slot]
        try:
            await stream.fill(want)
        except UpstreamError as error:
            stream.failed = error
            self._standing.fail(slot)
