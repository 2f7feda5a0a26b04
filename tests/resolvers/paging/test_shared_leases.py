"""Leases in a real Redis: given out once, bounded, gone in time, and never in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
import pytest

from resolvers.paging.leases import Lease, MemoryLeases
from resolvers.paging.shared_leases import SharedLeases
from tests.redis_server import RedisServer
from tests.upstreams.shared.support import store, until
from upstreams.codecs import RowCodec, StructCodec
from upstreams.feeds import Key, ListFeed
from upstreams.records import Source
from upstreams.shared.store import RedisStore


class Row(msgspec.Struct, frozen=True):
    """A record."""

    id: str
    text: Any = ""


class Plain(ListFeed[Row]):
    """A feed whose records nobody can write."""

    def key(self, row: Row) -> Key:
        return row.id, 0, row.id

    async def read(self) -> Sequence[Row]:
        return ()


class Written(Plain):
    """A feed whose records can be written."""

    codec: ClassVar[RowCodec[Any] | None] = StructCodec(Row)


FEED = Written(source=Source.CLOUD4WI, name="rows")
PLAIN = Plain(source=Source.CLOUD4WI, name="rows")
LEASE = Lease(
    {"scroll": "s", "passed": [["a", 0, "b"], 1], "ended": False, "page": b"\x90"}, [Row("a"), Row("b", "text")]
)


def leases(made: RedisStore, account: str = "account", **limits: Any) -> SharedLeases:
    """Another worker's view of the same store."""
    return SharedLeases(made, MemoryLeases(), {Source.CLOUD4WI: account}, **limits)


async def test_what_one_worker_leaves_another_takes_once() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        one, other = leases(made), leases(made)
        await one.put("key", LEASE, FEED)
        taken = await asyncio.gather(*(worker.take("key", FEED) for worker in (one, other) * 50))
        assert [lease for lease in taken if lease is not None] == [LEASE]


async def test_the_later_lease_stands() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        later = Lease({"scroll": "t"}, [])
        await leases(made).put("key", LEASE, FEED)
        await leases(made).put("key", later, FEED)
        assert await leases(made).take("key", FEED) == later


async def test_accounts_and_shapes_do_not_meet() -> None:
    class Grown(Row, frozen=True):
        """The record of another release."""

        more: int = 0

    class Newer(Plain):
        codec: ClassVar[RowCodec[Any] | None] = StructCodec(Grown)

    async with RedisServer.running() as redis, store(redis) as made:
        await leases(made).put("key", LEASE, FEED)
        assert await leases(made, "other").take("key", FEED) is None
        assert await leases(made).take("key", Newer(source=Source.CLOUD4WI, name="rows")) is None
        assert await leases(made).take("key", FEED) == LEASE


@pytest.mark.parametrize(
    ("lease", "feed"),
    [
        (LEASE, PLAIN),
        (Lease({}, [Row("a", "x" * 2000)]), FEED),
        (Lease({}, [Row(str(number)) for number in range(11)]), FEED),
        (Lease({}, [Row("a", object())]), FEED),
        (Lease({"state": object()}, [Row("a")]), FEED),
    ],
    ids=["no codec", "too many bytes", "too many rows", "a row that cannot be written", "a state that cannot"],
)
async def test_what_the_store_cannot_hold_stays_with_the_worker(lease: Lease, feed: Any) -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        one = leases(made, max_bytes=1000, max_rows=10)
        await one.put("key", lease, feed)
        assert await made.run("size", lambda life: life.client.keys("*:lease:*")) == []
        assert await leases(made).take("key", feed) is None
        assert await one.take("key", feed) is lease


async def test_a_lease_goes_when_it_is_old() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        await leases(made, ttl=90.0).put("key", LEASE, FEED)
        (key,) = await made.run("keys", lambda life: life.client.keys("*:lease:*"))
        assert 60_000 < await made.run("ttl", lambda life: life.client.pttl(key)) <= 90_000


async def test_what_another_release_wrote_is_no_lease() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        worker = leases(made)
        await worker.put("key", LEASE, FEED)
        (key,) = await made.run("keys", lambda life: life.client.keys("*:lease:*"))
        for data in (b"", b"\xc1", msgspec.msgpack.encode(({}, b"[1]"))):
            await made.run("set", lambda life, data=data: life.client.set(key, data))
            assert await worker.take("key", FEED) is None


async def test_states_of_two_forms_do_not_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        await leases(made).put("key", LEASE, FEED)
        monkeypatch.setattr("resolvers.paging.shared_leases.FORM", 0)
        assert await leases(made).take("key", FEED) is None
        monkeypatch.undo()
        assert await leases(made).take("key", FEED) == LEASE


async def test_without_the_store_each_worker_keeps_its_own() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        worker = leases(made)
        redis.kill()
        await worker.take("key", FEED)
        await worker.put("key", LEASE, FEED)
        assert await worker.take("key", FEED) is LEASE


async def test_a_lease_that_may_have_been_kept_is_kept_nowhere_else() -> None:
    """The command reached the server, which answered too late: two copies of one scroll would lose rows."""
    async with RedisServer.running() as redis, store(redis, seconds=0.5) as made:
        worker = leases(made)
        redis.halt()
        await worker.put("key", LEASE, FEED)
        assert await worker.take("key", FEED) is None
        redis.go_on()
        await until(made, connected=True)
        taken = [await worker.take("key", FEED) for _ in range(3)]
        assert sum(lease is not None for lease in taken) <= 1


async def test_a_lease_that_the_server_refused_stays_with_the_worker() -> None:
    async with RedisServer.running() as redis, store(redis) as made, store(redis, "admin") as admin:
        worker = leases(made)
        await admin.run("full", lambda life: life.client.config_set("maxmemory", 1))
        await worker.put("key", LEASE, FEED)
        assert await worker.take("key", FEED) is LEASE
