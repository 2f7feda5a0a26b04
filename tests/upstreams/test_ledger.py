"""What must be done once: held by one, kept through restarts and crashes, forgotten in time."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.redis_server import RedisServer
from tests.upstreams.shared.support import store, until
from upstreams.ledger import FileLedger, Ledger, LedgerUnavailable, MemoryLedger
from upstreams.shared.ledger import SharedLedger

NAME = "ab" * 32
OTHER = "cd" * 32


@asynccontextmanager
async def ledgers(kind: str, folder: Path) -> AsyncIterator[Callable[[], Ledger]]:
    """What makes another worker's view of one ledger."""
    if kind == "file":
        yield lambda: FileLedger(folder)
    elif kind == "memory":
        memory = MemoryLedger()
        yield lambda: memory
    else:
        async with RedisServer.running() as redis, store(redis) as made:
            yield lambda: SharedLedger(made)


@pytest.fixture(params=["file", "memory", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which ledger."""
    return str(request.param)


async def test_what_is_kept_is_read_by_the_next_holder(kind: str, tmp_path: Path) -> None:
    async with ledgers(kind, tmp_path / "changes") as another:
        held = await another().hold(NAME)
        assert held.record is None
        await held.keep(b"begun")
        await held.keep(b"done")
        await held.release()
        again = await another().hold(NAME)
        assert again.record == b"done"
        await again.forget()
        await again.release()
        last = await another().hold(NAME)
        assert last.record is None
        await last.release()


async def test_one_holds_a_key_and_others_wait(kind: str, tmp_path: Path) -> None:
    async with ledgers(kind, tmp_path) as another:
        order: list[str] = []

        async def work(name: str) -> None:
            held = await another().hold(NAME)
            order.append(name)
            seen = held.record or b""
            await asyncio.sleep(0)
            await held.keep(seen + b"x")
            order.append(name)
            await held.release()

        await asyncio.gather(*(work(str(number)) for number in range(5)))
        assert order[::2] == order[1::2]
        held = await another().hold(NAME)
        assert held.record == b"xxxxx"
        await held.release()


async def test_another_key_waits_for_nobody(kind: str, tmp_path: Path) -> None:
    async with ledgers(kind, tmp_path) as another:
        held = await another().hold(NAME)
        other = await another().hold(OTHER)
        await other.release()
        await held.release()


async def test_who_stops_waiting_holds_nothing(kind: str, tmp_path: Path) -> None:
    async with ledgers(kind, tmp_path) as another:
        held = await another().hold(NAME)
        waiting = asyncio.create_task(another().hold(NAME))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await held.release()
        again = await another().hold(NAME)
        await again.release()


async def test_a_torn_record_counts_as_none(tmp_path: Path) -> None:
    ledger = FileLedger(tmp_path)
    held = await ledger.hold(NAME)
    await held.keep(b"begun")
    await held.release()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b"\n01234567 do")
    held = await ledger.hold(NAME)
    assert held.record == b"begun"
    await held.keep(b"done")
    await held.release()
    held = await ledger.hold(NAME)
    assert held.record == b"done"
    await held.release()


class Clock:
    """Seconds since 1970, as a test wants them."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


async def kept(ledger: Ledger, name: str = NAME) -> bytes | None:
    """What is kept under a key."""
    held = await ledger.hold(name)
    await held.release()
    return held.record


async def write(ledger: Ledger, record: bytes) -> None:
    """Keep something."""
    held = await ledger.hold(NAME)
    await held.keep(record)
    await held.release()


async def test_files_are_forgotten_and_removed_in_time(tmp_path: Path) -> None:
    clock = Clock()
    ledger = FileLedger(tmp_path, clock=clock)
    await write(ledger, b"done")
    clock.now += 500
    assert await kept(ledger) == b"done"
    clock.now += 200
    assert await kept(ledger) is None
    await write(ledger, b"done")
    clock.now += 2000
    assert await kept(ledger, OTHER) is None
    assert os.listdir(tmp_path) == [OTHER]


async def test_memory_is_forgotten_in_time() -> None:
    clock = Clock()
    ledger = MemoryLedger(clock=clock)
    await write(ledger, b"done")
    clock.now += 500
    assert await kept(ledger) == b"done"
    clock.now += 200
    assert await kept(ledger) is None
    assert not ledger._kept
    assert not ledger._locks


async def test_files_are_nobody_else_s(tmp_path: Path) -> None:
    held = await FileLedger(tmp_path / "changes").hold(NAME)
    await held.keep(b"done")
    await held.release()
    assert (tmp_path / "changes").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "changes" / NAME).stat().st_mode & 0o777 == 0o600


async def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerUnavailable):
        await FileLedger(tmp_path / "file" / "changes").hold(NAME)


@pytest.mark.parametrize("name", ["", "../../x", "AB" * 16, "ab" * 40])
async def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="key"):
        await FileLedger(tmp_path).hold(name)


async def test_without_the_shared_store_nothing_is_held(tmp_path: Path) -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        ledger = SharedLedger(made)
        held = await ledger.hold(NAME)
        await held.keep(b"begun")
        redis.kill()
        await until(made, connected=False)
        with pytest.raises(LedgerUnavailable):
            await held.keep(b"done")
        await held.release()
        with pytest.raises(LedgerUnavailable):
            await ledger.hold(OTHER)


class Renewals:
    """Counts how often locks were renewed."""

    def __init__(self) -> None:
        self.seen = asyncio.Semaphore(0)

    def connected(self, connected: bool) -> None:
        pass

    def operation(self, name: str, outcome: str) -> None:
        if name == "ledger_renew":
            self.seen.release()


async def test_a_lock_is_renewed_and_one_that_was_lost_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upstreams.shared.ledger.LOCK_TTL", 1.5)
    async with RedisServer.running() as redis, store(redis) as made:
        made.observer = renewals = Renewals()
        first = await SharedLedger(made).hold(NAME)
        waiting = asyncio.create_task(SharedLedger(made).hold(NAME))
        for _ in range(4):  # longer than a lock holds by itself
            await renewals.seen.acquire()
        assert not waiting.done()
        first._renewing.cancel()  # type: ignore[attr-defined]  # as if the worker were halted
        second = await waiting
        with pytest.raises(LedgerUnavailable):
            await first.keep(b"late")
        await second.keep(b"done")
        await first.release()
        await second.release()
        assert await kept(SharedLedger(made)) == b"done"
