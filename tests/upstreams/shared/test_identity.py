"""The identity index in Redis: what lies there, and what happens when the server is gone, or lost some of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.redis_server import RedisServer
from tests.upstreams.identity.support import EVA, HASHER, IVAN, PHONE, entry
from tests.upstreams.shared.support import store, until
from upstreams.identity.index import Found, IdentityIndexFailed, Walk
from upstreams.instants import Instant
from upstreams.shared.identity import PIECE, RedisIndex
from upstreams.shared.protocol import Life
from upstreams.shared.store import RedisStore

NOON = Instant("2022-07-21T12:00:00")
DONE = Walk(number=1, walked=NOON, as_of=NOON)
PARTS = ["walk", "holders", "contacts", "met"]


@asynccontextmanager
async def indexed(seconds: float = 5.0) -> AsyncIterator[tuple[RedisServer, RedisStore, RedisIndex]]:
    """A server, what leads to it, and a complete index of two contacts in it."""
    async with RedisServer.running() as redis, store(redis, seconds=seconds) as shared:
        index = RedisIndex(shared, "index", HASHER)
        await index.put([entry("c1", IVAN, PHONE), entry("c2", IVAN)], DONE)
        yield redis, shared, index


async def sent(shared: RedisStore, command: Callable[[Life], Awaitable[Any]]) -> Any:
    return await shared.run("test", command)


async def test_nothing_personal_lies_in_it_and_all_of_it_ends() -> None:
    async with indexed() as (_, shared, index), index.lead():
        keys = await sent(shared, lambda life: life.client.keys("*:identity:*"))
        assert len(keys) == len(PARTS) + 1
        dumps = [await sent(shared, lambda life, key=key: life.client.dump(key)) for key in keys]  # type: ignore[misc]
        data = b"".join([*keys, *dumps]).lower()
        assert b"c1" in data
        for text in (b"ivan", b"muccini", b"example.org", b"3281234567"):
            assert text not in data
        for key in keys:
            assert await sent(shared, lambda life, key=key: life.client.ttl(key)) > 0  # type: ignore[misc]


async def test_indexes_of_two_names_do_not_meet() -> None:
    async with indexed() as (_, shared, index):
        other = RedisIndex(shared, "other", HASHER)
        assert (await other.count(), await other.walk()) == (0, Walk())
        async with index.lead() as first, other.lead() as second:
            assert first
            assert second


@pytest.mark.parametrize("part", PARTS)
async def test_an_index_of_which_a_part_was_dropped_counts_as_none_and_begins_anew(
    part: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with indexed() as (_, shared, index):
        await sent(shared, lambda life: life.client.delete(life.key("identity", "index", part)))
        assert await index.holders([IVAN], 10) == Found({IVAN: []}, None)
        assert (await index.count(), await index.walk()) == (0, Walk())
        with pytest.raises(IdentityIndexFailed, match="dropped"):
            await index.put([entry("c3", IVAN)], Walk(number=1, cursor="on"))
        assert "begins anew" in caplog.text
        await index.put([entry("c3", IVAN)], DONE)
        assert await index.holders([IVAN], 10) == Found({IVAN: ["c3"]}, NOON)


async def test_contacts_without_keys_make_an_index_that_is_whole() -> None:
    async with RedisServer.running() as redis, store(redis) as shared:
        index = RedisIndex(shared, "index", HASHER)
        await index.put([], DONE)
        assert await index.holders([IVAN], 10) == Found({IVAN: []}, NOON)
        await index.put([entry("c1")], DONE)
        await index.sweep(Walk(number=2, as_of=NOON))
        assert (await index.count(), (await index.walk()).number) == (0, 2)


async def test_without_redis_every_method_fails_in_one_way_and_then_works_again() -> None:
    async with indexed() as (redis, shared, index):
        await sent(shared, lambda life: life.client.save())
        redis.kill()
        attempts: list[Callable[[], Awaitable[object]]] = [
            lambda: index.holders([IVAN], 1),
            index.count,
            index.walk,
            index.wanted,
            index.want,
            lambda: index.put([], Walk()),
            lambda: index.sweep(Walk()),
        ]
        for attempt in attempts:
            with pytest.raises(IdentityIndexFailed):
                await attempt()
        with pytest.raises(IdentityIndexFailed):
            async with index.lead():
                pass
        await redis.start()
        await until(shared, connected=True)
        assert await index.holders([IVAN], 10) == Found({IVAN: ["c1", "c2"]}, NOON)


async def test_a_server_that_does_not_answer_is_not_waited_for_twice() -> None:
    async with indexed(seconds=0.5) as (redis, shared, index):
        redis.halt()
        try:
            with pytest.raises(IdentityIndexFailed):
                await index.holders([IVAN], 1)
            assert not shared.health().connected
            with pytest.raises(IdentityIndexFailed):
                await index.holders([IVAN], 1)
        finally:
            redis.go_on()


async def test_who_leads_writes_nothing_after_a_restart_with_older_data() -> None:
    async with indexed() as (redis, shared, index):
        async with index.lead() as leads:
            assert leads
            await sent(shared, lambda life: life.client.save())
            await index.put([entry("c3", EVA)], Walk(number=2, cursor="after c3"))
            redis.kill()
            with pytest.raises(IdentityIndexFailed):
                await index.walk()
            await redis.start()
            await until(shared, connected=True)
            with pytest.raises(IdentityIndexFailed, match="lost"):
                await index.put([entry("c4", EVA)], Walk(number=2, cursor="after c4"))
            with pytest.raises(IdentityIndexFailed, match="lost"):
                await index.sweep(Walk(number=2, as_of=NOON))
            assert await index.walk() == DONE, "c3 is read again"
        async with index.lead() as leads:
            assert leads


async def test_who_was_halted_for_too_long_writes_nothing() -> None:
    async with indexed() as (_, shared, index):
        other = RedisIndex(shared, "index", HASHER)
        async with index.lead() as leads:
            assert leads
            await sent(shared, lambda life: life.client.delete(life.fleeting("identity", "index", "lock")))
            async with other.lead() as leads:
                assert leads
                with pytest.raises(IdentityIndexFailed, match="another worker"):
                    await index.put([entry("c1", EVA)], Walk(number=2))
                await other.put([entry("c1", PHONE)], Walk(number=2))
        assert (await index.holders([EVA, PHONE], 1)).ids == {EVA: [], PHONE: ["c1"]}


async def test_who_lost_the_lead_does_not_end_that_of_another() -> None:
    async with indexed() as (_, shared, index):
        first, second, third = (RedisIndex(shared, "index", HASHER) for _ in range(3))
        async with second.lead() as leads:
            assert leads
            await sent(shared, lambda life: life.client.delete(life.fleeting("identity", "index", "lock")))
            async with first.lead() as leads:
                assert leads
                await index.put([], DONE)
                async with third.lead() as leads:
                    assert not leads


async def test_the_lead_of_a_worker_that_died_runs_out_and_that_of_a_living_one_does_not() -> None:
    async with indexed() as (redis, shared, index):
        other = RedisIndex(shared, "index", HASHER)
        async with store(redis) as dying:
            leading = RedisIndex(dying, "index", HASHER, lead_ttl=3).lead()
            assert await leading.__aenter__()
            await _until_renewed(shared)
            async with index.lead() as leads:
                assert not leads
        # Its connections are gone, so it renews no more.
        async with asyncio.timeout(60):
            while True:
                async with other.lead() as leads:
                    if leads:
                        break
                await asyncio.sleep(0.02)
        await leading.__aexit__(None, None, None)


async def test_a_page_that_was_cut_short_does_not_move_the_walk() -> None:
    async with indexed() as (_, shared, index):
        many = [entry(f"m{n}", EVA) for n in range(PIECE + 1)]
        pieces = 0

        class Cut:
            """Lets one piece through."""

            async def run(self, name: str, command: Callable[[Life], Awaitable[Any]]) -> Any:
                nonlocal pieces
                pieces += name == "identity_put"
                if pieces == 2:
                    await sent(shared, lambda life: life.client.delete(life.fleeting("identity", "index", "lock")))
                return await shared.run(name, command)

            health, on_return = shared.health, shared.on_return

        cut = RedisIndex(Cut(), "index", HASHER)
        async with cut.lead() as leads:
            assert leads
            with pytest.raises(IdentityIndexFailed):
                await cut.put(many, Walk(number=2, cursor="after"))
        assert await index.walk() == DONE
        assert await index.count() == 2 + PIECE


async def _until_renewed(shared: RedisStore) -> None:
    """Wait until what is left of a lead has grown."""
    left = 0
    async with asyncio.timeout(60):
        while True:
            before = left
            left = await sent(shared, lambda life: life.client.pttl(life.fleeting("identity", "index", "lock")))
            assert left > 0, "it ran out"
            if before and left > before:
                return
            await asyncio.sleep(0.02)
