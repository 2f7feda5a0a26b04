"""Two workers on one real redis-server and one upstream: one budget, one pause, one list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from tests.redis_server import RedisServer
from tests.upstreams.http.conftest import Upstream, answer, upstream
from tests.upstreams.shared.support import until
from upstreams.errors import UpstreamRateLimited
from upstreams.http.cache import Keep
from upstreams.http.scope import RequestScope, current_scope
from upstreams.http.wire import Network, Wire, WireLimits
from upstreams.records import Source
from upstreams.shared import budget
from upstreams.shared.address import redis_address
from upstreams.shared.commons import SharedCommons
from upstreams.shared.store import RedisStore
from upstreams.source import SourceState

__all__ = ["upstream"]

LIST = Keep(60.0, shared=True)
ENTITY = Keep(60.0)


class Worker:
    """One process of a gateway, as far as this concerns it."""

    def __init__(self, store: RedisStore, network: Network, wire: Wire) -> None:
        self.store = store
        self.network = network
        self.wire = wire
        self.scope = RequestScope(0.0)

    async def call(self, path: str = "/thing", *, seconds: float = 60.0, **options: Any) -> Any:
        self.scope = RequestScope(asyncio.get_running_loop().time() + seconds)
        current_scope.set(self.scope)
        options.setdefault("decode", bytes)
        return await self.wire.call("thing", options.pop("method", "GET"), path, **options)

    def begin(self, path: str = "/thing", **options: Any) -> asyncio.Task[Any]:
        return asyncio.create_task(self.call(path, **options))

    def begin_many(self, count: int, name: str) -> list[asyncio.Task[Any]]:
        return [self.begin(f"/{name}/{number}") for number in range(count)]


Hire = Callable[..., Awaitable[Worker]]


@asynccontextmanager
async def workers(redis: RedisServer, url: str, concurrency: int = 4) -> AsyncIterator[Hire]:
    """Begins workers of one gateway."""
    async with AsyncExitStack() as stack:

        async def hire(account: str = "account") -> Worker:
            store = RedisStore(redis_address(redis.url), "tests", timeout=5.0)
            network = Network(
                WireLimits(concurrency=concurrency),
                backoff=lambda _: 0.0,
                commons=SharedCommons(store, {Source.CLOUD4WI: account}),
            )
            wire = Wire(network, Source.CLOUD4WI, url)
            await store.start()
            stack.push_async_callback(store.close)
            await network.start()
            stack.push_async_callback(network.close)
            await until(store, connected=True)
            return Worker(store, network, wire)

        yield hire


def announce(event: asyncio.Event) -> Callable[[], Awaitable[None]]:
    async def callback() -> None:
        event.set()

    return callback


async def when(condition: Callable[[], bool]) -> None:
    """Wait for something that shows nowhere but in the state of a worker."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (there is no event for it)
            await asyncio.sleep(0.005)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that run out soon."""
    for name, seconds in {"LEASE": 0.6, "USED": 0.4, "RENEWAL": 0.2, "IDLE": 0.4}.items():
        monkeypatch.setattr(budget, name, seconds)


# The budget


async def test_the_concurrency_holds_over_all_workers(upstream: Upstream) -> None:
    upstream.script = [upstream.parked]
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one, other = await hire(), await hire()
        calls = one.begin_many(20, "one") + other.begin_many(20, "other")
        await upstream.arrived(4)
        upstream.release()
        assert await asyncio.gather(*calls) == [b"{}"] * 40
    assert upstream.most_open == 4
    assert len(upstream.requests) == 40


async def test_a_worker_that_holds_everything_makes_room(upstream: Upstream) -> None:
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        greedy, modest = await hire(), await hire()
        enough = asyncio.Event()

        async def go_on(number: int) -> None:
            while not enough.is_set():
                await greedy.call(f"/{number}")

        streams = [asyncio.create_task(go_on(number)) for number in range(8)]
        await upstream.arrived(40)
        assert await asyncio.gather(*modest.begin_many(6, "modest")) == [b"{}"] * 6
        assert not any(stream.done() for stream in streams)
        enough.set()
        await asyncio.gather(*streams)
    assert upstream.most_open <= 4


@pytest.mark.usefixtures("quick")
async def test_what_a_dead_worker_held_is_free_again(upstream: Upstream) -> None:
    upstream.script = [upstream.parked]
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        dead, living = await hire(), await hire()
        calls = dead.begin_many(4, "dead")
        await upstream.arrived(4)
        await dead.store.close()  # nothing is given back, nothing renewed
        calls += living.begin_many(4, "living")
        await upstream.arrived(8)
        upstream.release()
        assert await asyncio.gather(*calls) == [b"{}"] * 8


@pytest.mark.usefixtures("quick")
async def test_what_is_not_used_is_given_back(upstream: Upstream) -> None:
    async with RedisServer.running() as redis, workers(redis, upstream.url, concurrency=2) as hire:
        one = await hire()
        await asyncio.gather(*one.begin_many(8, "one"))
        await when(lambda: "budget" not in {task.get_name() for task in asyncio.all_tasks()})
        keys = await one.store.run("look", lambda life: life.client.keys(life.fleeting("budget", "*")))
        assert [key for key in keys if key.endswith(b"leases")] == []
        assert await one.call("/again") == b"{}"


async def test_without_redis_each_keeps_to_its_part_and_afterwards_they_share_again(upstream: Upstream) -> None:
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one, other = await hire(), await hire()
        upstream.script = [upstream.parked]
        first = [one.begin("/one"), other.begin("/other")]
        await upstream.arrived(2)  # each knows of the other by now, or soon
        await when(lambda: permits(one) + permits(other) >= 2)
        upstream.release()
        await asyncio.gather(*first)
        redis.kill()
        for worker in (one, other):
            await until(worker.store, connected=False)
        calls = one.begin_many(20, "one") + other.begin_many(20, "other")
        assert await asyncio.gather(*calls) == [b"{}"] * 40
        await redis.start()
        for worker in (one, other):
            await until(worker.store, connected=True)
        upstream.most_open = 0
        calls = one.begin_many(20, "one") + other.begin_many(20, "other")
        assert await asyncio.gather(*calls) == [b"{}"] * 40
        await when(lambda: permits(one) + permits(other) <= 4)


def permits(worker: Worker) -> int:
    found: int = worker.wire._discipline._budget.permits
    return found


# A pause


async def test_a_429_closes_the_gate_of_every_worker(upstream: Upstream) -> None:
    upstream.script = [answer(429, headers={"Retry-After": "30"})]
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one, other = await hire(), await hire()
        with pytest.raises(UpstreamRateLimited):
            await one.call(seconds=5)
        await when(lambda: other.wire.health().state is SourceState.DEGRADED)
        with pytest.raises(UpstreamRateLimited) as caught:
            await other.call("/other", seconds=5)
        assert 25 < caught.value.retry_after <= 30
        late = await hire()
        with pytest.raises(UpstreamRateLimited):
            await late.call("/late", seconds=5)
    assert upstream.paths == ["/thing"]


async def test_a_pause_is_over_for_all(upstream: Upstream) -> None:
    upstream.script = [answer(429, headers={"Retry-After": "0.3"}), answer(200)]
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one, other = await hire(), await hire()
        refused = one.begin("/refused")
        await upstream.arrived(1)
        await when(lambda: other.wire.health().state is SourceState.DEGRADED)
        assert await asyncio.gather(refused, other.begin("/other")) == [b"{}", b"{}"]


# Lists


async def test_a_list_that_one_worker_read_is_read_by_none(upstream: Upstream) -> None:
    upstream.script = [answer(201, b"[1]"), answer(200, b"[2]")]
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one, other = await hire(), await hire()
        assert await one.call(keep=LIST) == b"[1]"
        assert await other.call(keep=LIST) == b"[1]"
        assert [(line.status, line.cached) for line in other.scope.calls] == [(201, True)]
        stranger = await hire("another account")
        assert await stranger.call(keep=LIST) == b"[2]"
        assert await stranger.call("/entity", keep=ENTITY) == b"[2]"
        assert await one.call("/entity", keep=ENTITY) == b"[2]"
    assert upstream.paths == ["/thing", "/thing", "/entity", "/entity"]


async def test_many_at_once_look_once(upstream: Upstream) -> None:
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one = await hire()
        await one.call(keep=LIST)
        other = await hire()
        assert await asyncio.gather(*(other.begin(keep=LIST) for _ in range(10))) == [b"{}"] * 10
        assert (other.wire.stats.cached, other.wire.stats.shared) == ({"thing": 1}, {"thing": 9})
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("keep", [LIST, ENTITY])
async def test_a_write_on_one_worker_is_heard_by_all(upstream: Upstream, keep: Keep) -> None:
    upstream.script = [answer(200, b"before")]
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one, other = await hire(), await hire()
        for worker in (one, other):
            await worker.call(keep=keep)
        generation = other.wire.generation
        upstream.script = [answer(200), answer(200, b"after")]
        await one.call("/write", method="POST")
        await when(lambda: other.wire.generation > generation)
        assert await other.call(keep=keep) == b"after"
        assert await one.call(keep=keep) == b"after"


async def test_what_was_begun_before_a_write_is_kept_for_nobody(upstream: Upstream) -> None:
    upstream.script = [upstream.parked, answer(200), answer(200, b"after")]
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one, other = await hire(), await hire()
        slow = one.begin(keep=LIST)
        await upstream.arrived(1)
        await other.call("/write", method="POST")
        upstream.release()
        assert await slow == b"{}"
        assert await other.call(keep=LIST) == b"after"


async def test_without_redis_lists_are_read_and_a_write_is_made_known_later(upstream: Upstream) -> None:
    async with RedisServer.running() as redis, workers(redis, upstream.url) as hire:
        one, other = await hire(), await hire()
        await one.call(keep=LIST)
        back = asyncio.Event()
        one.store.on_return(announce(back))
        redis.halt()
        one.store._timeout = 0.1
        upstream.script = [answer(200), answer(200, b"after")]
        await one.call("/write", method="POST")
        assert not one.store.health().connected
        assert await one.call(keep=LIST) == b"after"
        redis.go_on()
        one.store._timeout = 5.0
        await back.wait()
        await until(other.store, connected=True)
        assert await other.call(keep=LIST) == b"after"
