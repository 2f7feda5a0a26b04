"""The shares of one budget, taken and given back in any order on a real redis-server."""

from __future__ import annotations

import asyncio
from secrets import token_hex

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.redis_server import RedisServer
from tests.upstreams.shared.support import store
from upstreams.http.budget import Demand
from upstreams.shared.budget import SharedBudget
from upstreams.shared.news import News
from upstreams.shared.store import RedisStore

STEPS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["use", "ask", "die"]), st.integers(0, 12)), min_size=1, max_size=40
)


class Worker:
    """One that keeps to its share, as a gate does: what is in the air stays there when the share shrinks."""

    def __init__(self, made: RedisStore, account: str, capacity: int) -> None:
        self.budget = SharedBudget(made, News(made), account, capacity)
        self.in_use = 0
        self.kept = 0
        self.dead = False

    @property
    def holds(self) -> int:
        """What it may have in the air before it asks again."""
        return max(self.in_use, self.budget.permits)

    async def ask(self, wanted: int) -> None:
        await self.budget._share(Demand(self.in_use, 0), max(wanted, self.in_use and 1))
        self.kept = self.holds


async def play(made: RedisStore, capacity: int, steps: list[tuple[int, str, int]]) -> None:
    account = token_hex(4)
    workers = [Worker(made, account, capacity) for _ in range(5)]
    for number, act, amount in steps:
        worker = workers[number]
        if worker.dead:
            continue
        if act == "use":
            worker.in_use = min(amount, worker.holds)
        elif act == "ask":
            await worker.ask(amount)
            assert worker.budget.permits <= min(max(amount, 1), capacity)
        else:
            worker.dead = True
        assert sum(each.holds for each in workers) <= capacity
    for worker in workers:
        if not worker.dead:
            worker.in_use = 0
            await worker.ask(0)
            assert worker.budget.permits == 0
    lost = sum(worker.kept for worker in workers if worker.dead)  # until their leases run out
    heir = Worker(made, account, capacity)
    hungry = await made.run("look", lambda life: life.client.exists(life.fleeting("budget", account, "hungry")))
    if not hungry:
        await heir.ask(capacity)
        assert heir.budget.permits == capacity - lost


async def test_no_more_is_given_out_than_there_is() -> None:
    async with RedisServer.running() as redis:

        @settings(max_examples=60)
        @given(st.integers(1, 10), STEPS)
        def check(capacity: int, steps: list[tuple[int, str, int]]) -> None:
            async def run() -> None:
                async with store(redis) as made:
                    await play(made, capacity, steps)

            asyncio.run(run())

        await asyncio.to_thread(check)


async def test_what_is_free_goes_to_who_wants_it_and_half_to_a_second() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        one, other = Worker(made, "account", 8), Worker(made, "account", 8)
        await one.ask(20)
        assert one.budget.permits == 8
        one.in_use = 8
        await other.ask(20)
        assert other.budget.permits == 0  # all is in the air
        await one.ask(20)
        assert one.budget.permits == 4  # the other is hungry
        one.in_use = 5
        await one.ask(20)
        await other.ask(20)
        assert (one.budget.permits, other.budget.permits) == (4, 3)
        one.in_use = 0
        await one.ask(0)
        await made.run("fed", lambda life: life.client.delete(life.fleeting("budget", "account", "hungry")))
        await other.ask(20)
        assert other.budget.permits == 8


async def test_more_workers_than_permits_take_turns() -> None:
    async with RedisServer.running() as redis, store(redis) as made:
        workers = [Worker(made, "account", 2) for _ in range(10)]
        served: set[int] = set()
        async with asyncio.timeout(30):
            while len(served) < len(workers):
                for number, worker in enumerate(workers):
                    await worker.ask(5)
                    served |= {number} if worker.budget.permits else set()
                    assert sum(each.holds for each in workers) <= 2
