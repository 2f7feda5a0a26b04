"""Small values that several machines share: one writer at a time, the newest value wins, no outage loses one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.redis_server import RedisServer
from tests.upstreams.shared.support import store, until
from upstreams.shared.state import MemoryState, SharedState, SupersededError
from upstreams.shared.store import RedisStore
from upstreams.state import FileState

NAME = "rechat.token"


async def rotate(machine: SharedState, value: bytes) -> bytes | None:
    """Write a value under the lock; what stood there before."""
    async with machine.lock(NAME):
        before = await machine.read(NAME)
        await machine.write(NAME, value)
    return before


async def test_machines_take_turns_and_see_what_the_others_wrote() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        machines = [SharedState(made, MemoryState()) for _ in range(4)]

        async def count(machine: SharedState) -> None:
            async with machine.lock(NAME):
                await machine.write(NAME, str(int(await machine.read(NAME) or b"0") + 1).encode())

        await asyncio.gather(*(count(machine) for machine in machines * 5))
        assert [await machine.read(NAME) for machine in machines] == [b"20"] * 4


async def test_the_lock_is_free_after_a_failure() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        one, other = (SharedState(made, MemoryState()) for _ in range(2))
        with pytest.raises(ZeroDivisionError):
            async with one.lock(NAME):
                raise ZeroDivisionError
        assert await rotate(other, b"1") is None


async def test_a_lock_that_is_held_for_long_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upstreams.shared.state.LOCK_TTL", 1.0)
    async with RedisServer.running() as redis, store(redis) as made:
        async with SharedState(made, MemoryState()).lock(NAME):
            key = await made.run("keys", lambda life: life.client.keys("*:lock"))
            renewed = 0
            before = 1000
            while renewed < 3:
                left = await made.run("ttl", lambda life: life.client.pttl(key[0]))
                assert left > 0
                renewed += left > before
                before = left
        assert await made.run("keys", lambda life: life.client.keys("*:lock")) == []


async def test_a_holder_whose_lock_ran_out_does_not_overwrite_a_later_one() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        halted, other = (SharedState(made, MemoryState()) for _ in range(2))
        async with halted.lock(NAME):
            await made.run("expire", lambda life: life.client.delete(life.key("state", f"{NAME}:lock")))
            await rotate(other, b"later")
            with pytest.raises(SupersededError):
                await halted.write(NAME, b"stale")
        assert await halted.read(NAME) == b"later"


async def fallen(made: RedisStore, redis: RedisServer) -> None:
    redis.kill()
    assert await SharedState(made, MemoryState()).read("anything") is None
    await until(made, connected=False)


async def test_what_is_written_without_the_store_is_shared_on_its_return(tmp_path: Path) -> None:
    async with RedisServer.running() as redis, store(redis) as made, store(redis) as theirs:
        one = SharedState(made, FileState(tmp_path / "one"))
        other = SharedState(theirs, FileState(tmp_path / "other"))
        await rotate(one, b"1")
        assert await other.read(NAME) == b"1"
        await fallen(made, redis)
        assert await rotate(one, b"2") == b"1"
        await redis.start()
        await until(made, connected=True)
        async with asyncio.timeout(60):
            while await other.read(NAME) != b"2":
                pass
        assert await rotate(other, b"3") == b"2"
        assert await one.read(NAME) == b"3"


async def test_a_store_that_lost_its_data_gets_the_newest_copy(tmp_path: Path) -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        one, other = (SharedState(made, FileState(tmp_path / name)) for name in ("one", "other"))
        await rotate(one, b"1")
        assert await other.read(NAME) == b"1"
        await rotate(one, b"2")
        await made.run("flush", lambda life: life.client.flushall())
        assert await other.read(NAME) == b"1", "nobody else has told it yet"
        assert await one.read(NAME) == b"2"
        assert await other.read(NAME) == b"2"
        assert await rotate(other, b"3") == b"2"


async def test_files_of_a_machine_are_taken_over_and_left_readable(tmp_path: Path) -> None:
    """Turning the shared store on, and off again, loses no token."""
    await FileState(tmp_path).write(NAME, b"from before")
    async with RedisServer.running() as redis, store(redis) as made:
        machine = SharedState(made, FileState(tmp_path))
        assert await rotate(machine, b"rotated") == b"from before"
    assert await FileState(tmp_path).read(NAME) == b"rotated"


async def test_a_copy_that_cannot_be_kept_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with RedisServer.running() as redis, store(redis) as made:
        machine = SharedState(made, MemoryState())
        await rotate(machine, b"1")
        broken = SharedState(made, Unwritable())
        await rotate(broken, b"2")
        assert await machine.read(NAME) == b"2"
        await fallen(made, redis)
        with pytest.raises(OSError, match="full"):
            await rotate(broken, b"3")


class Unwritable(MemoryState):
    """A disk that is full."""

    async def write(self, name: str, value: bytes) -> None:
        raise OSError("full")
