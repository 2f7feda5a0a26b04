"""What must be done once, among the workers of all machines: see :mod:`upstreams.ledger`.

A key is held by a lock that runs out when its worker dies, and what is kept under it is written only while the lock is
held. Without the shared store nothing may be done under a key, since nobody knows what another machine has done.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from upstreams.ledger import LIFETIME, Held, LedgerUnavailable
from upstreams.shared.protocol import SharedStore, SharedUnavailable

LOCK_TTL = 10.0
"""Seconds after which the key of a worker that died is free; a living one renews it."""
RETRY = 0.05
"""Seconds between two tries to hold a key, at least."""

_TAKE = "return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0"
_RENEW = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0"
_RELEASE = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"
_KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
"""
_FORGET = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
return 1
"""


class SharedLedger:
    """See :class:`upstreams.ledger.Ledger`.

    Args:
        store: what all workers share.
        lifetime: seconds that a record is kept.
    """

    def __init__(self, store: SharedStore, lifetime: float = LIFETIME) -> None:
        self._store = store
        self._lifetime = lifetime

    async def hold(self, name: str) -> Held:
        """See :class:`~upstreams.ledger.Ledger`."""
        holder = secrets.token_hex(16)
        try:
            while True:
                if await self._run("ledger_hold", _TAKE, name, holder, _milliseconds(LOCK_TTL)):
                    break
                await asyncio.sleep(RETRY * random.uniform(1, 2))  # noqa: S311 - spreads those who wait
        except asyncio.CancelledError:
            # The lock may have been taken just now, and runs out by itself if this does not arrive.
            with suppress(LedgerUnavailable):
                await self._run("ledger_release", _RELEASE, name, holder)
            raise
        held = _InStore(self, name, holder)
        try:
            await held.read()
        except BaseException:
            await held.release()
            raise
        return held

    async def _run(self, operation: str, script: str, name: str, *arguments: str | bytes) -> int:
        async def send(life: Any) -> Any:
            keys = (life.key("change", name, "lock"), life.key("change", name))
            answer: Awaitable[Any] = life.client.eval(script, 2, *keys, *arguments)
            return await answer

        try:
            return int(await self._store.run(operation, send) or 0)
        except SharedUnavailable as error:
            raise LedgerUnavailable(str(error)) from error

    async def _read(self, name: str) -> bytes | None:
        async def send(life: Any) -> bytes | None:
            value: bytes | None = await life.client.get(life.key("change", name))
            return value

        try:
            return await self._store.run("ledger_read", send)
        except SharedUnavailable as error:
            raise LedgerUnavailable(str(error)) from error


class _InStore:
    def __init__(self, ledger: SharedLedger, name: str, holder: str) -> None:
        self._ledger = ledger
        self._name = name
        self._holder = holder
        self.record: bytes | None = None
        self._renewing = asyncio.create_task(self._renew(), name="ledger")

    async def read(self) -> None:
        self.record = await self._ledger._read(self._name)

    async def keep(self, record: bytes) -> None:
        await self._write("ledger_keep", _KEEP, record, _milliseconds(self._ledger._lifetime))
        self.record = record

    async def forget(self) -> None:
        await self._write("ledger_forget", _FORGET)
        self.record = None

    async def release(self) -> None:
        self._renewing.cancel()
        await asyncio.gather(self._renewing, return_exceptions=True)
        with suppress(LedgerUnavailable):  # the lock then runs out by itself
            await self._ledger._run("ledger_release", _RELEASE, self._name, self._holder)

    async def _write(self, operation: str, script: str, *arguments: str | bytes) -> None:
        if not await self._ledger._run(operation, script, self._name, self._holder, *arguments):
            raise LedgerUnavailable("the key was lost to another worker")

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LOCK_TTL / 3)
            with suppress(LedgerUnavailable):
                await self._ledger._run("ledger_renew", _RENEW, self._name, self._holder, _milliseconds(LOCK_TTL))


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
