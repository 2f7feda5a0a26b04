"""The identity index in the shared store: one for the workers of all machines.

An index is four keys: how far it is, one sorted set of digests each followed by the id of a contact that has the key
(its order is the answer's), the digests of each contact, and the walk that last met it. All are there or none: if the
server dropped one of them, the index counts as empty and begins anew, rather than knowing less than it says.

Writing goes in pieces, each of which is carried out whole, and how far the index is comes with the last.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import msgspec

from upstreams.identity.index import DIGEST_BYTES, Entry, Found, IdentityIndexFailed, KeyHasher, Walk
from upstreams.identity.keys import IdentityKey
from upstreams.instants import Instant
from upstreams.shared.protocol import Life, SharedStore, SharedUnavailable

T = TypeVar("T")

logger = logging.getLogger("contactgraph.people")

LEAD_TTL = 30.0
"""Seconds after which another worker may lead when one died; a living one renews its lead."""
LIFETIME = 30 * 86_400
"""Seconds that an index is kept which nobody brings up to date: that of other settings, or of a gateway that is gone.

That it has an end also lets a server that is full drop it, after all that ends sooner and before what must be kept.
"""
PIECE = 200
"""Contacts that are written at once, and keys that are asked for at once: the server serves nobody else meanwhile."""

_DONE, _MORE, _LOST, _DAMAGED = 1, 2, 0, -1

_HEAD = f"""
local lock, walk, holders, contacts, met = unpack(KEYS)
if ARGV[1] ~= '' and redis.call('GET', lock) ~= ARGV[1] then return {_LOST} end
local there = redis.call('EXISTS', walk, holders, contacts, met)
if there ~= 0 and there ~= 4 then
  redis.call('UNLINK', lock, walk, holders, contacts, met)
  return {_DAMAGED}
end
if there == 0 then
  redis.call('SET', walk, '')
  redis.call('ZADD', holders, 0, '')
  redis.call('HSET', contacts, '', '')
  redis.call('ZADD', met, '+inf', '')
end
local function forget(id, digests)
  for at = 1, #digests, {DIGEST_BYTES} do
    redis.call('ZREM', holders, string.sub(digests, at, at + {DIGEST_BYTES - 1}) .. id)
  end
end
local function finish(value)
  if value ~= '' then redis.call('SET', walk, value) end
  for _, key in ipairs({{walk, holders, contacts, met}}) do redis.call('EXPIRE', key, {LIFETIME}) end
end
"""
"""What every script begins with: is the writer still the one who may write, and is the index whole?

An empty member or field keeps a key there that holds nothing; no digest and no id is empty.
"""

_PUT = f"""{_HEAD}
for at = 4, #ARGV, 2 do
  local id, new = ARGV[at], ARGV[at + 1]
  local old = redis.call('HGET', contacts, id) or ''
  if old ~= new then
    forget(id, old)
    for digest = 1, #new, {DIGEST_BYTES} do
      redis.call('ZADD', holders, 0, string.sub(new, digest, digest + {DIGEST_BYTES - 1}) .. id)
    end
    if new == '' then redis.call('HDEL', contacts, id) else redis.call('HSET', contacts, id, new) end
  end
  redis.call('ZADD', met, ARGV[2], id)
end
finish(ARGV[3])
return {_DONE}
"""

_SWEEP = f"""{_HEAD}
local gone = redis.call('ZRANGEBYSCORE', met, '-inf', '(' .. ARGV[2], 'LIMIT', 0, {PIECE})
for _, id in ipairs(gone) do
  forget(id, redis.call('HGET', contacts, id) or '')
  redis.call('HDEL', contacts, id)
  redis.call('ZREM', met, id)
end
if #gone == {PIECE} then return {_MORE} end
finish(ARGV[3])
return {_DONE}
"""

_RENEW = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0"
_RELEASE = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"

_PARTS = ("walk", "holders", "contacts", "met")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Walk).decode


class RedisIndex:
    """Implements :class:`upstreams.identity.index.IdentityIndex`.

    While a worker leads, what it writes is refused once it leads no more: because it was halted for too long, or
    because the server was restarted, perhaps with older data than the walk goes on from.

    Args:
        store: what all workers share.
        name: tells this index from others in the store.
        hasher: makes the digests.
        lead_ttl: seconds, see :data:`LEAD_TTL`.
    """

    def __init__(self, store: SharedStore, name: str, hasher: KeyHasher, *, lead_ttl: float = LEAD_TTL) -> None:
        self._store = store
        self._name = name
        self._hasher = hasher
        self._lead_ttl = lead_ttl
        self._holder = ""

    async def holders(self, keys: Sequence[IdentityKey], limit: int) -> Found:
        """Who has the keys."""
        ids: dict[IdentityKey, Sequence[str]] = {}
        ages: list[Instant | None] = []
        for piece in _pieces(list(dict.fromkeys(keys))) or [[]]:
            found, walk = await self._holders(piece, limit)
            ids.update(found)
            ages.append(walk.as_of)
        # The piece that is worst off speaks for all: the index may have been lost between two of them.
        known = [age for age in ages if age is not None]
        return Found(ids, min(known) if len(known) == len(ages) else None)

    async def count(self) -> int:
        """How many contacts it holds."""

        def read(life: Life, pipe: Any) -> None:
            pipe.zcard(self._key(life, "met"))

        whole, _, number = await self._read("identity_count", read)
        return number - 1 if whole else 0

    async def walk(self) -> Walk:
        """How far it is."""
        whole, walk = await self._read("identity_walk", lambda life, pipe: None)
        return _decode(walk) if whole and walk else Walk()

    async def put(self, entries: Sequence[Entry], walk: Walk) -> None:
        """Take in contacts, piece by piece, and then how far the index now is."""
        pieces = _pieces(entries) or [[]]
        for number, piece in enumerate(pieces, 1):
            arguments: list[str | bytes] = [str(walk.number), _encode(walk) if number == len(pieces) else b""]
            for id, keys in piece:
                arguments += (id, b"".join(sorted(self._hasher.digest(key) for key in keys)))
            await self._write("identity_put", _PUT, *arguments)

    async def sweep(self, walk: Walk) -> None:
        """Forget the contacts that the walk did not meet, piece by piece, then take down how far the index now is."""
        while await self._write("identity_sweep", _SWEEP, str(walk.number), _encode(walk)) == _MORE:
            pass

    async def wanted(self) -> bool:
        """Somebody has asked for people at least once."""
        return bool(await self._run("identity_wanted", lambda life: life.client.exists(self._key(life, "wanted"))))

    async def want(self) -> None:
        """Remember that somebody has."""
        await self._run("identity_want", lambda life: life.client.set(self._key(life, "wanted"), b"1"))

    @asynccontextmanager
    async def lead(self) -> AsyncIterator[bool]:
        """Hold the lock that one worker of all machines can hold; it runs out when the worker dies."""
        holder = secrets.token_hex(16)
        milliseconds = round(self._lead_ttl * 1000)
        if not await self._run(
            "identity_lead", lambda life: life.client.set(self._lock(life), holder, nx=True, px=milliseconds)
        ):
            yield False
            return
        self._holder = holder
        renewing = asyncio.create_task(self._renew(holder, milliseconds), name="identity-lead")
        try:
            yield True
        finally:
            self._holder = ""
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            with suppress(IdentityIndexFailed):  # the lock then runs out by itself
                await self._run(
                    "identity_release", lambda life: _awaitable(life.client.eval(_RELEASE, 1, self._lock(life), holder))
                )

    async def close(self) -> None:
        """Nothing is held: the store belongs to whoever made it."""

    async def _renew(self, holder: str, milliseconds: int) -> None:
        while True:
            await asyncio.sleep(self._lead_ttl / 3)
            with suppress(IdentityIndexFailed):  # the next writing finds out whether the lead was lost meanwhile
                await self._run(
                    "identity_renew",
                    lambda life: _awaitable(life.client.eval(_RENEW, 1, self._lock(life), holder, str(milliseconds))),
                )

    async def _holders(self, keys: Sequence[IdentityKey], limit: int) -> tuple[dict[IdentityKey, list[str]], Walk]:
        def read(life: Life, pipe: Any) -> None:
            for key in keys:
                digest = self._hasher.digest(key)
                # No byte of an id in UTF-8 is 0xff.
                first, beyond = b"[" + digest, b"(" + digest + b"\xff"
                pipe.zrangebylex(self._key(life, "holders"), first, beyond, start=0, num=limit)

        whole, walk, *found = await self._read("identity_holders", read)
        if not whole:
            return {key: [] for key in keys}, Walk()
        ids = {
            key: [member[DIGEST_BYTES:].decode() for member in members]
            for key, members in zip(keys, found, strict=True)
        }
        return ids, _decode(walk) if walk else Walk()

    async def _read(self, operation: str, add: Callable[[Life, Any], None]) -> list[Any]:
        """Read at one moment: whether the index is whole, how far it is, and what ``add`` asks for."""

        async def send(life: Life) -> list[Any]:
            async with life.client.pipeline(transaction=True) as pipe:
                pipe.exists(*(self._key(life, part) for part in _PARTS))
                pipe.get(self._key(life, "walk"))
                add(life, pipe)
                there, *answers = await pipe.execute()
            return [there == len(_PARTS), *answers]

        return await self._run(operation, send)

    async def _write(self, operation: str, script: str, *arguments: str | bytes) -> int:
        holder = self._holder

        def send(life: Life) -> Awaitable[Any]:
            keys = [self._lock(life), *(self._key(life, part) for part in _PARTS)]
            return _awaitable(life.client.eval(script, len(keys), *keys, holder, *arguments))

        outcome = int(await self._run(operation, send))
        if outcome == _LOST:
            raise IdentityIndexFailed("another worker fills the identity index, or Redis lost it")
        if outcome == _DAMAGED:
            logger.warning("Redis dropped a part of the identity index, which begins anew")
            raise IdentityIndexFailed("Redis dropped a part of the identity index")
        return outcome

    async def _run(self, operation: str, command: Callable[[Life], Awaitable[T]]) -> T:
        try:
            return await self._store.run(operation, command)
        except SharedUnavailable as error:
            raise IdentityIndexFailed(f"the identity index in Redis cannot be used: {error}") from error

    def _key(self, life: Life, part: str) -> str:
        return life.key("identity", self._name, part)

    def _lock(self, life: Life) -> str:
        return life.fleeting("identity", self._name, "lock")


def _pieces(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[at : at + PIECE] for at in range(0, len(items), PIECE)]


def _awaitable(answer: Any) -> Awaitable[Any]:
    """The client's types do not know which of its two faces answers."""
    found: Awaitable[Any] = answer
    return found
