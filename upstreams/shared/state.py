"""Small values that must not be lost, shared by the workers of all machines: rotated refresh tokens and their like.

A value stands in the shared store and, as a copy, with this machine. Each has a number that grows from one writing to
the next (the microseconds of the clock when its lock was taken), and the greater number wins, wherever it is found. So

- without the shared store, a machine goes on with its copy, and what it writes is shared when the store is back;
- a store that lost its data gets the newest copy from whoever has it;
- a worker that was halted for so long that its lock ran out cannot overwrite what a later holder wrote.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from upstreams.shared.protocol import SharedStore, SharedUnavailable
from upstreams.state import StateStore

logger = logging.getLogger(__name__)

LOCK_TTL = 10.0
"""Seconds after which the lock of a worker that died is free; a living one renews it."""
RETRY = 0.05
"""Seconds between two tries to take a lock, at least."""

_ACQUIRE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  local now = redis.call('TIME')
  local last = tonumber(redis.call('HGET', KEYS[2], 'number') or '0')
  return string.format('%.0f', math.max(now[1] * 1000000 + now[2], last + 1))
end
return false
"""
_RENEW = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2])"
_RELEASE = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1])"
_WRITE = """
if tonumber(redis.call('HGET', KEYS[1], 'number') or '-1') >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'number', ARGV[1], 'value', ARGV[2])
return 1
"""


class SupersededError(OSError):
    """Another worker wrote a newer value meanwhile; this one was not kept."""


class _Kept(NamedTuple):
    number: int
    value: bytes


class MemoryState:
    """Values of one process, gone with it: see :class:`upstreams.state.StateStore`."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        """Hold a name alone, among the tasks of this process."""
        async with self._locks[name]:
            yield

    async def read(self, name: str) -> bytes | None:
        """What was last written."""
        return self._values.get(name)

    async def write(self, name: str, value: bytes) -> None:
        """Keep a value."""
        self._values[name] = value


class SharedState:
    """See :class:`upstreams.state.StateStore`.

    Args:
        store: shared by all workers.
        local: keeps this machine's copies; it holds the plain value under its name, so that it can be read without
            this class when the shared store is given up.
    """

    def __init__(self, store: SharedStore, local: StateStore) -> None:
        self._store = store
        self._local = local
        self._held: dict[str, int | None] = {}
        self._known: set[str] = set()
        store.on_return(self._reconcile)

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        """Hold a name alone, among all workers that reach the store; without it, among those of this machine."""
        async with self._local.lock(name):
            holder = secrets.token_hex(16)
            self._held[name] = await self._acquire(name, holder)
            renewal = asyncio.create_task(self._renew(name, holder))
            try:
                yield
            finally:
                renewal.cancel()
                del self._held[name]
                await self._eval("state_release", _RELEASE, [_lock(name)], holder)

    async def read(self, name: str) -> bytes | None:
        """The newest value that can be found."""
        self._known.add(name)
        kept = await self._copy(name)
        try:
            shared = await self._shared(name)
        except SharedUnavailable:
            return kept and kept.value
        if kept is not None and (shared is None or kept.number > shared.number):
            await self._eval("state_write", _WRITE, [name], str(kept.number), kept.value)
            return kept.value
        if shared is not None and shared != kept:
            await self._keep_copy(name, shared)
        return shared and shared.value

    async def write(self, name: str, value: bytes) -> None:
        """Keep a value, where the store can be reached in it, and with this machine.

        Raises:
            SupersededError: the lock ran out, and another worker wrote.
            OSError: the store cannot be reached, and this machine cannot keep the value.
        """
        self._known.add(name)
        number = self._held.get(name)
        if number is not None:
            written = await self._eval("state_write", _WRITE, [name], str(number), value)
            if written == 0:
                shared = await self._shared_or_none(name)
                if shared != _Kept(number, value):
                    raise SupersededError("another worker wrote meanwhile")
            if written is not None:
                await self._keep_copy(name, _Kept(number, value))
                self._held[name] = number + 1
                return
        kept = await self._copy(name)
        number = max(number or 0, time.time_ns() // 1000, kept.number + 1 if kept else 0)
        await self._local.write(name, value)
        await self._local.write(_number(name), str(number).encode())
        await self._eval("state_write", _WRITE, [name], str(number), value)

    async def _acquire(self, name: str, holder: str) -> int | None:
        """The number for what is written under the lock; None when the store cannot be reached."""
        while True:
            try:
                found = await self._run("state_lock", _ACQUIRE, [_lock(name), name], holder, _milliseconds(LOCK_TTL))
            except SharedUnavailable:
                return None
            if found is not None:
                return int(found)
            await asyncio.sleep(RETRY * random.uniform(1, 2))  # noqa: S311 - spreads those who wait

    async def _renew(self, name: str, holder: str) -> None:
        while True:
            await asyncio.sleep(LOCK_TTL / 3)
            await self._eval("state_renew", _RENEW, [_lock(name)], holder, _milliseconds(LOCK_TTL))

    async def _reconcile(self) -> None:
        """The store is back: give it what it lacks, take what is newer."""
        for name in sorted(self._known):
            await self.read(name)

    async def _shared(self, name: str) -> _Kept | None:
        answer: list[bytes | None] = await self._store.run(
            "state_read", lambda life: _awaitable(life.client.hmget(life.key("state", name), ["number", "value"]))
        )
        number, value = answer
        return None if number is None or value is None else _Kept(int(number), value)

    async def _shared_or_none(self, name: str) -> _Kept | None:
        try:
            return await self._shared(name)
        except SharedUnavailable:
            return None

    async def _copy(self, name: str) -> _Kept | None:
        value = await self._local.read(name)
        if value is None:
            return None
        number = await self._local.read(_number(name))
        # A value that was kept before there was a shared store has no number; it is better than none.
        return _Kept(int(number) if number and number.isdigit() else 0, value)

    async def _keep_copy(self, name: str, kept: _Kept) -> None:
        """The value itself is safe in the store, so a copy that cannot be kept is a warning."""
        try:
            await self._local.write(name, kept.value)
            await self._local.write(_number(name), str(kept.number).encode())
        except OSError as error:
            logger.warning("a copy of shared state cannot be kept (%s): see GATEWAY_STATE_DIR", type(error).__name__)

    async def _run(self, operation: str, script: str, names: list[str], *arguments: str | bytes) -> Any:
        return await self._store.run(
            operation,
            lambda life: _awaitable(
                life.client.eval(script, len(names), *(life.key("state", name) for name in names), *arguments)
            ),
        )

    async def _eval(self, operation: str, script: str, names: list[str], *arguments: str | bytes) -> Any:
        """None when the store cannot be reached: a lock then runs out by itself, a value is shared on its return."""
        try:
            return await self._run(operation, script, names, *arguments)
        except SharedUnavailable:
            return None


def _awaitable(answer: Any) -> Awaitable[Any]:
    """The client's types do not say that its asynchronous half answers later."""
    awaitable: Awaitable[Any] = answer
    return awaitable


def _lock(name: str) -> str:
    return f"{name}:lock"


def _number(name: str) -> str:
    return f"{name}.number"


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
