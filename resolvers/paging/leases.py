"""What a page leaves behind for the next one: live scrolls and rows that were read but not yet given.

A lease saves calls and nothing else: a walk that finds none goes on by position. Taking is exclusive, so of two clients
that walk on from one cursor the second resumes by position. Memory is bounded by rows and by count; the least recently
left go first, and all go when they are old, so that buffered rows are never staler than ``ttl``.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec import Struct

from upstreams.feeds import Feed

FORM = 2
"""The form of all states together. Whoever changes what a stream writes into its state counts on here, so that releases
that share a store never read each other's."""

KEY_BYTES = 64
"""What a record's key takes when it is packed: what text and bytes in a state are measured by."""


class Lease(Struct, frozen=True):
    """Where a stream stopped.

    Attributes:
        state: plain data (text, bytes, numbers, lists) that only the kind of stream understands. What there is much of
            is one piece of bytes.
        rows: the records it still holds; a store outside this process writes them with a codec of the feed's records.
        among: how many rows were read for the page that leaves them.
    """

    state: dict[str, Any]
    rows: Sequence[Any]
    among: int = 0

    @property
    def weight(self) -> int:
        """What its memory grows with: the records, and the keys and marks that its state remembers."""
        weight = len(self.rows)
        for held in self.state.values():
            kind = type(held)  # as a codec's decoder would make them, so never of a subclass
            if kind is list:
                weight += len(held)
            elif kind is bytes or kind is str:
                weight += len(held) // KEY_BYTES
        return weight


@dataclass(slots=True)
class LeaseStats:
    """How often a stream went on with a lease (found) and how often by position alone (missing)."""

    found: int = 0
    missing: int = 0


class LeaseStore(Protocol):
    """Keeps leases. It may lose any of them at any time; it must never give one out twice."""

    def __len__(self) -> int:
        """How many leases this process holds."""
        ...

    @property
    def rows(self) -> int:
        """How many records the leases of this process hold together."""
        ...

    async def take(self, key: str, feed: Feed[Any]) -> Lease | None:
        """The lease under a key, which is gone from the store with that."""
        ...

    async def put(self, key: str, lease: Lease, feed: Feed[Any]) -> None:
        """Keep a lease, in the place of an older one under the same key."""
        ...


PACKED = range(32, 257)
"""How many records one process keeps as its codec writes them. The hundred that a page of a thousand leaves are
thousands of small objects, strewn over the memory that held the whole answer: to write and to read them costs less
than that memory, which is never warm again. Fewer are not worth it; more are what a scan left, and its next page goes
through most of them."""

SPARSE = 4
"""How many times as many rows a page has read at least where those that it leaves are written. A page that leaves more
of what it read leaves that memory as it is, and a walk would have nearly all of its rows written and read again."""


class _Held(Struct, frozen=True):
    """A lease as it is kept: with its records, or with what the codec wrote of them."""

    until: float
    lease: Lease
    written: bytes | None
    rows: int
    weight: int

    @classmethod
    def of(cls, lease: Lease, feed: Feed[Any], until: float) -> _Held:
        """What is kept of a lease."""
        rows, weight, codec = lease.rows, lease.weight, feed.codec
        if codec is not None and len(rows) in PACKED and len(rows) * SPARSE <= lease.among:
            with suppress(TypeError, ValueError, OverflowError):  # a codec says so of what it cannot write
                return cls(until, Lease(lease.state, ()), codec.dump(rows), len(rows), weight)
        return cls(until, lease, None, len(rows), weight)

    def given(self, feed: Feed[Any]) -> Lease | None:
        """The lease again; None where the codec cannot read what it wrote: a lease may be lost at any time."""
        if self.written is None or feed.codec is None:
            return self.lease
        try:
            return Lease(self.lease.state, feed.codec.load(self.written))
        except ValueError:
            return None


class MemoryLeases:
    """Leases of one process.

    Attributes:
        max_rows: records, and keys of records, held in all leases together.
        max_leases: leases held.
        ttl: seconds that a lease is worth keeping.
    """

    def __init__(
        self,
        *,
        max_rows: int = 200_000,
        max_leases: int = 10_000,
        ttl: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_rows = max_rows
        self.max_leases = max_leases
        self.ttl = ttl
        self._clock = clock
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._rows = 0
        self._weight = 0

    def __len__(self) -> int:
        return len(self._held)

    @property
    def rows(self) -> int:
        """How many records all leases hold together."""
        return self._rows

    async def take(self, key: str, feed: Feed[Any]) -> Lease | None:
        """See :class:`LeaseStore`."""
        self._sweep()
        return self._drop(key).given(feed) if key in self._held else None

    async def put(self, key: str, lease: Lease, feed: Feed[Any]) -> None:
        """See :class:`LeaseStore`."""
        if key in self._held:
            self._drop(key)
        held = self._held[key] = _Held.of(lease, feed, self._clock() + self.ttl)
        self._rows += held.rows
        self._weight += held.weight
        self._sweep()

    def clear(self) -> None:
        """Forget all leases."""
        self._held.clear()
        self._rows = self._weight = 0

    def _drop(self, key: str) -> _Held:
        held = self._held.pop(key)
        self._rows -= held.rows
        self._weight -= held.weight
        return held

    def _sweep(self) -> None:
        now = self._clock()
        while self._held:
            oldest = next(iter(self._held))
            full = self._weight > self.max_rows or len(self._held) > self.max_leases
            if not full and self._held[oldest].until > now:
                return
            self._drop(oldest)
