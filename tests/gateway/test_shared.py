"""Two gateways, one Redis: what walks cost and give, also when Redis goes and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any

import aiohttp

from sandbox.app import Sandbox
from tests.gateway.test_cli import process, run
from tests.redis_server import RedisServer

EVENTS = 1200
SECRET = "the same on both machines, and long enough"
QUERY = """query ($after: String, $from: DateTime) {
  events(first: 100, after: $after, filter: {from: $from}) {
    edges { node { sourceId } }
    pageInfo { hasNextPage endCursor }
  }
}"""


class Gateways:
    """Several processes behind one client that asks them in turn."""

    def __init__(self, session: aiohttp.ClientSession, urls: list[str]) -> None:
        self._session = session
        self.urls = urls

    async def walk(self, between: Callable[[int], Any] | None = None, since: str = "2000-01-01T00:00:00Z") -> list[str]:
        """Every event since a time, in pages of 100; ``between`` is awaited before each page."""
        ids: list[str] = []
        after = None
        for page in count():
            if between is not None:
                await between(page)
            url = self.urls[page % len(self.urls)]
            body = {"query": QUERY, "variables": {"after": after, "from": since}}
            async with self._session.post(f"{url}/graphql", json=body) as answer:
                result = await answer.json()
            assert "errors" not in result, result
            events = result["data"]["events"]
            ids += [edge["node"]["sourceId"] for edge in events["edges"]]
            if not events["pageInfo"]["hasNextPage"]:
                return ids
            after = events["pageInfo"]["endCursor"]
        raise AssertionError

    async def shared_states(self) -> list[str]:
        """What readiness says of the shared state, gateway by gateway."""
        states = []
        for url in self.urls:
            async with self._session.get(f"{url}/health/ready") as answer:
                assert answer.status == 200
                states.append((await answer.json())["sharedState"]["state"])
        return states

    async def until_all_are(self, state: str) -> None:
        """Wait until every gateway says so."""
        async with asyncio.timeout(60):
            while True:
                if set(await self.shared_states()) == {state}:
                    return
                await asyncio.sleep(0.05)

    async def metrics(self, url: str) -> str:
        """The metrics of one."""
        async with self._session.get(f"{url}/metrics") as answer:
            return await answer.text()


@asynccontextmanager
async def gateways(box: Sandbox, number: int, redis_url: str = "") -> AsyncIterator[Gateways]:
    """So many ``contactgraph serve`` processes, each signed in."""
    environ = {
        "CLOUD4WI_URL": box.url,
        "CLOUD4WI_CLIENT_KEY": box.client_key,
        "CLOUD4WI_CLIENT_SECRET": box.client_secret,
        "CLOUD4WI_ORGANIZATION": box.organization,
        "GATEWAY_SECRET": SECRET,
        "GATEWAY_REDIS_URL": redis_url,
    }
    async with AsyncExitStack() as stack:
        served = [process("serve", "--port", "0", **environ) for _ in range(number)]
        urls = [(await stack.enter_async_context(one))[1] for one in served]
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Gateways(session, urls)


@asynccontextmanager
async def sandbox(events: int = EVENTS) -> AsyncIterator[Sandbox]:
    """An upstream that answers the same calls in the same way, so that the cost of two walks can be compared."""
    async with Sandbox.start(contacts=50, events=events, short_pages=0.0) as box:
        yield box


def event_calls(box: Sandbox) -> int:
    """How often the sandbox was asked for events."""
    return sum("/events" in call.path for call in box.calls)


async def walk_alone(box: Sandbox) -> tuple[list[str], int]:
    """What one process gives, and what it costs."""
    async with gateways(box, 1) as one:
        box.reset_calls()
        return await one.walk(), event_calls(box)


async def test_a_walk_over_two_processes_costs_what_it_costs_on_one() -> None:
    async with sandbox() as box, RedisServer.running() as redis:
        ids, alone = await walk_alone(box)
        async with gateways(box, 2, redis.url) as two:
            await two.until_all_are("HEALTHY")
            box.reset_calls()
            assert await two.walk() == ids
            assert event_calls(box) == alone
            assert "contactgraph_shared_state_up 1.0" in await two.metrics(two.urls[0])
    assert len(ids) == len(set(ids)) == EVENTS


async def test_redis_killed_during_a_walk_costs_calls_and_nothing_else() -> None:
    async with sandbox() as box, RedisServer.running() as redis:
        ids, alone = await walk_alone(box)
        async with gateways(box, 2, redis.url) as two:
            await two.until_all_are("HEALTHY")

            async def kill(page: int) -> None:
                if page == 4:
                    redis.kill()

            assert await two.walk(kill) == ids
            await two.until_all_are("DEGRADED")
            assert "contactgraph_shared_state_up 0.0" in await two.metrics(two.urls[1])

            await redis.start()
            await two.until_all_are("HEALTHY")
            box.reset_calls()
            # Of another filter, so that nothing that the first walk left in the processes helps it.
            assert await two.walk(since="2001-01-01T00:00:00Z") == ids
            assert event_calls(box) == alone


async def test_a_redis_that_does_not_answer_holds_up_one_page_at_most() -> None:
    async with sandbox() as box, RedisServer.running() as redis, gateways(box, 2, redis.url) as two:
        await two.until_all_are("HEALTHY")
        redis.halt()
        ids = await two.walk()
        await two.until_all_are("DEGRADED")
        for url in two.urls:
            lines = (await two.metrics(url)).splitlines()
            timeouts = [line for line in lines if "shared_state_operations_total" in line and "timeout" in line]
            assert [line.split()[-1] for line in timeouts] in ([], ["1.0"])
        redis.go_on()
        await two.until_all_are("HEALTHY")
    assert len(ids) == len(set(ids)) == EVENTS


async def test_without_redis_the_gateway_starts_and_says_so() -> None:
    async with sandbox(60) as box, gateways(box, 1, "redis://:hunter2@127.0.0.1:1/0") as one:
        assert await one.shared_states() == ["DEGRADED"]
        assert len(await one.walk()) == 60


def test_a_wrong_url_ends_with_2_and_is_not_repeated() -> None:
    environ = {"CLOUD4WI_CLIENT_KEY": "key", "CLOUD4WI_CLIENT_SECRET": "secret"}
    ended = run("serve", GATEWAY_REDIS_URL="http://:hunter2@redis.example:6379", **environ)
    assert ended.returncode == 2
    assert "GATEWAY_REDIS_URL" in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout
