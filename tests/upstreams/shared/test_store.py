"""The connection against a real server: use, degradation, recovery, and the lives of a server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.redis_server import RedisServer
from tests.upstreams.shared.support import store, until
from upstreams.shared.protocol import SharedUnavailable
from upstreams.shared.store import RedisStore


async def put(made: RedisStore, key: str = "key", *, fleeting: bool = False, value: bytes = b"value") -> None:
    def command(life: Any) -> Any:
        return life.client.set(life.fleeting("t", key) if fleeting else life.key("t", key), value, px=60_000)

    assert await made.run("put", command)


async def take(made: RedisStore, key: str = "key", *, fleeting: bool = False) -> bytes | None:
    def command(life: Any) -> Any:
        return life.client.getdel(life.fleeting("t", key) if fleeting else life.key("t", key))

    taken: bytes | None = await made.run("take", command)
    return taken


class Seen:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def connected(self, connected: bool) -> None:
        self.told.append(connected)

    def operation(self, name: str, outcome: str) -> None:
        self.told.append((name, outcome))


async def test_only_one_of_many_takes_what_was_put() -> None:
    async with RedisServer.running() as redis, store(redis) as one, store(redis) as other:
        await put(one)
        taken = await asyncio.gather(*(take(made) for made in (one, other) * 100))
    assert sorted(taken, key=str) == [None] * 199 + [b"value"]


async def test_namespaces_do_not_meet() -> None:
    async with RedisServer.running() as redis, store(redis, "one") as one, store(redis, "other") as other:
        await put(one)
        assert await take(other) is None
        assert await take(one) == b"value"


async def test_a_server_that_is_gone_is_asked_once_and_found_again() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        returns: list[bool] = []

        async def note() -> None:
            returns.append(made.health().connected)

        made.on_return(note)
        made.observer = seen = Seen()
        redis.kill()
        for _ in range(3):
            with pytest.raises(SharedUnavailable):
                await take(made)
        assert seen.told == [("take", "lost"), False, ("take", "skipped"), ("take", "skipped")]
        assert made.health().message == "no connection"
        await redis.start()
        await until(made, connected=True)
        await put(made)
        assert seen.told[-2:] == [True, ("put", "ok")]
        assert returns == [True]


async def test_a_server_that_halts_is_noticed_also_when_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upstreams.shared.store.CHECK", 0.05)
    async with RedisServer.running() as redis, store(redis, seconds=0.5) as made:
        redis.halt()
        await until(made, connected=False)
        redis.go_on()
        await until(made, connected=True)


async def test_a_command_that_hangs_is_ended_and_may_have_been_done() -> None:
    async with RedisServer.running() as redis, store(redis, seconds=0.5) as made:
        redis.halt()
        with pytest.raises(SharedUnavailable, match=r"no answer within 0\.5 s") as caught:
            await put(made)
        assert caught.value.maybe_done
        redis.go_on()


async def test_a_full_server_is_out_of_use_until_it_has_room() -> None:
    async with RedisServer.running() as redis, store(redis) as made, store(redis, "admin") as admin:
        await admin.run("config", lambda life: life.client.config_set("maxmemory", 1))
        with pytest.raises(SharedUnavailable, match="refuses commands") as caught:
            await put(made)
        assert not caught.value.maybe_done
        await admin.run("config", lambda life: life.client.config_set("maxmemory", 0))
        await until(made, connected=True)
        await put(made)


async def test_a_caller_that_leaves_is_no_failure_of_the_server() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        waiting = asyncio.create_task(made.run("wait", lambda life: life.client.blpop(["nothing"], 60)))
        while "blpop" not in str(await made.run("look", lambda life: life.client.client_list())):
            pass
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert made.health().connected
        await put(made)
        assert await take(made) == b"value"


async def test_what_was_deleted_does_not_come_back_with_a_snapshot() -> None:
    """A server that is killed comes back with its last snapshot, where what was taken since still stands."""
    async with RedisServer.running() as redis, store(redis) as made:
        await put(made, "a", fleeting=True)
        await put(made, "b")
        await made.run("save", lambda life: life.client.save())
        assert await take(made, "a", fleeting=True) == b"value"
        redis.kill()
        with pytest.raises(SharedUnavailable):
            await take(made, "a", fleeting=True)
        await redis.start()
        await until(made, connected=True)
        assert await take(made, "a", fleeting=True) is None
        assert await take(made, "b") == b"value"
        kept = await made.run("keys", lambda life: life.client.keys("*:t:*"))
        assert len(kept) == 1, "the snapshot did bring it back"


async def test_a_restart_that_nobody_noticed_is_noticed_at_the_first_command() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        await put(made, fleeting=True)
        await made.run("save", lambda life: life.client.save())
        redis.kill()
        await redis.start()
        with pytest.raises(SharedUnavailable):
            await take(made, fleeting=True)
        await until(made, connected=True)
        assert await take(made, fleeting=True) is None


async def test_more_callers_than_connections_take_turns() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        await asyncio.gather(*(put(made, str(number)) for number in range(300)))
        assert await asyncio.gather(*(take(made, str(number)) for number in range(300))) == [b"value"] * 300
