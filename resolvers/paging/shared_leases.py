"""Leases that every worker finds: in the shared store while it is in use, else in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from resolvers.paging.leases import FORM, Lease, MemoryLeases
from upstreams.codecs import RowCodec
from upstreams.feeds import Feed
from upstreams.records import Source
from upstreams.shared.protocol import SharedStore, SharedUnavailable

MAX_BYTES = 512 * 1024
MAX_ROWS = 2000


class SharedLeases:
    """See :class:`resolvers.paging.leases.LeaseStore`.

    A lease is in one place at a time: where it is not known whether the shared store has it, it is given up. What the
    shared store cannot hold (no codec, too large) or does not take stays in this process.

    Args:
        store: shared by all workers.
        local: this process's own.
        accounts: for each source a text that differs between accounts, so that gateways of different accounts can use
            one store; not secret, not personal.
        max_bytes: of one lease in the shared store.
        max_rows: records of one lease in the shared store.
        ttl: seconds that a lease is kept in the shared store.
    """

    def __init__(
        self,
        store: SharedStore,
        local: MemoryLeases,
        accounts: Mapping[Source, str],
        *,
        max_bytes: int = MAX_BYTES,
        max_rows: int = MAX_ROWS,
        ttl: float = 120.0,
    ) -> None:
        self._store = store
        self._local = local
        self._accounts = accounts
        self._max_bytes = max_bytes
        self._max_rows = max_rows
        self._ttl = round(ttl * 1000)

    def __len__(self) -> int:
        """See :class:`~resolvers.paging.leases.LeaseStore`."""
        return len(self._local)

    @property
    def rows(self) -> int:
        """See :class:`~resolvers.paging.leases.LeaseStore`."""
        return self._local.rows

    async def take(self, key: str, feed: Feed[Any]) -> Lease | None:
        """See :class:`~resolvers.paging.leases.LeaseStore`."""
        lease = await self._local.take(key, feed)
        codec = feed.codec
        if lease is not None or codec is None:
            return lease
        names = self._names(key, feed, codec)
        try:
            # The command reads and deletes at once, so of two who take one gets nothing.
            data = await self._store.run("lease_take", lambda life: life.client.getdel(life.fleeting("lease", *names)))
        except SharedUnavailable:
            return None
        return _load(data, codec) if isinstance(data, bytes) else None

    async def put(self, key: str, lease: Lease, feed: Feed[Any]) -> None:
        """See :class:`~resolvers.paging.leases.LeaseStore`."""
        codec = feed.codec
        data = None if codec is None or len(lease.rows) > self._max_rows else _dump(lease, codec)
        if codec is None or data is None or len(data) > self._max_bytes:
            await self._local.put(key, lease, feed)
            return
        names = self._names(key, feed, codec)
        try:
            await self._store.run(
                "lease_put", lambda life: life.client.set(life.fleeting("lease", *names), data, px=self._ttl)
            )
        except SharedUnavailable as away:
            if not away.maybe_done:
                await self._local.put(key, lease, feed)

    def _names(self, key: str, feed: Feed[Any], codec: RowCodec[Any]) -> tuple[str, ...]:
        return self._accounts[feed.source], f"{codec.mark}.{FORM}", key


def _dump(lease: Lease, codec: RowCodec[Any]) -> bytes | None:
    """None when it holds what cannot be written, such as a number that no JSON decoder would read back."""
    try:
        return msgspec.msgpack.encode((lease.state, codec.dump(lease.rows)))
    except (TypeError, ValueError, OverflowError):
        return None


def _load(data: bytes, codec: RowCodec[Any]) -> Lease | None:
    """None when it was not written by this release; a lease may be lost at any time."""
    try:
        state, rows = msgspec.msgpack.decode(data, type=tuple[dict[str, Any], bytes])
        return Lease(state, codec.load(rows))
    except ValueError:
        return None
