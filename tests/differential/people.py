"""An identity index in memory that is filled once and then only read, so that it is the same for every case."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from upstreams.identity.index import Entry, Found, Walk
from upstreams.identity.keys import IdentityKey


class MemoryIndex:
    """Implements :class:`upstreams.identity.index.IdentityIndex`."""

    def __init__(self) -> None:
        self._keys: dict[str, frozenset[IdentityKey]] = {}
        self._walk = Walk()

    async def holders(self, keys: Sequence[IdentityKey], limit: int) -> Found:
        """See the protocol."""
        ids = {key: [id for id, held in sorted(self._keys.items()) if key in held][:limit] for key in keys}
        return Found(ids, self._walk.as_of)

    async def count(self) -> int:
        """See the protocol."""
        return len(self._keys)

    async def walk(self) -> Walk:
        """See the protocol."""
        return self._walk

    async def put(self, entries: Sequence[Entry], walk: Walk) -> None:
        """See the protocol."""
        self._keys.update(entries)
        self._walk = walk

    async def sweep(self, walk: Walk) -> None:
        """See the protocol; what is filled once has nothing to forget."""
        self._walk = walk

    async def wanted(self) -> bool:
        """See the protocol."""
        return True

    async def want(self) -> None:
        """See the protocol."""

    @asynccontextmanager
    async def lead(self) -> AsyncIterator[bool]:
        """See the protocol."""
        yield True

    async def close(self) -> None:
        """See the protocol."""
