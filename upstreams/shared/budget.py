"""One budget of a source for the workers of all machines: each holds a share of the calls that may be in the air.

A share is a lease: it is asked for in one piece, renewed while it is used, given back when it is not, and runs out when
its worker dies. So a call costs no operation. A worker may hold whatever is free; one that gets less than its fair part
says that it is hungry, and the others then keep to theirs. With more workers than permits they take turns.

That a source asked for quiet is told to all workers at once, and stands in the store for those who come later.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable
from contextlib import suppress
from contextvars import Context
from typing import Any

from upstreams.http.budget import Demand, Gatekeeper
from upstreams.shared.news import News
from upstreams.shared.protocol import Life, SharedStore, SharedUnavailable

LEASE = 6.0
"""Seconds after which the permits of a worker that died are free."""
USED = 4.0
"""Seconds that a share is used without a renewal; less than it is leased for, since clocks run unevenly."""
RENEWAL = 2.0
"""Seconds between two renewals."""
IDLE = 4.0
"""Seconds without a call after which a share is given back."""
HUNGER = 1.0
"""Seconds that the others keep to their fair part for one who is hungry."""
PATIENCE = 0.01
"""Seconds between two questions of one who is hungry, for each worker: so many workers ask as often as a few."""
ENOUGH = 0.2
"""Seconds between two questions of one who has permits and could do with more."""
AWAY = 0.25
"""Seconds until a store that is away is asked again; it says so at once."""

_SHARE = """
local leases, held, hungry, pause = unpack(KEYS)
local worker, in_use, wanted, capacity = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do
  redis.call('ZREM', leases, gone)
  redis.call('HINCRBY', held, '', 0 - tonumber(redis.call('HGET', held, gone) or '0'))
  redis.call('HDEL', held, gone)
end
local mine = tonumber(redis.call('HGET', held, worker) or '0')
local others = tonumber(redis.call('HGET', held, '') or '0') - mine
local granted = 0
if wanted == 0 and in_use == 0 then
  redis.call('ZREM', leases, worker)
  redis.call('HDEL', held, worker)
  redis.call('HINCRBY', held, '', 0 - mine)
else
  redis.call('ZADD', leases, now + ARGV[5], worker)
  local workers = redis.call('ZCARD', leases)
  local fair = math.floor(capacity / workers)
  if fair == 0 and tonumber(ARGV[6]) * workers < capacity then fair = 1 end
  local least = math.min(wanted, math.max(fair, 1))
  if redis.call('EXISTS', hungry) == 1 then wanted = math.min(wanted, fair) end
  granted = math.max(math.min(wanted, capacity - others), 0)
  if granted < least and redis.call('SET', hungry, '', 'NX', 'PX', ARGV[7]) then
    redis.call('PUBLISH', ARGV[8], ARGV[9])
  end
  local kept = math.max(granted, in_use)
  redis.call('HSET', held, worker, kept)
  redis.call('HINCRBY', held, '', kept - mine)
end
redis.call('PEXPIRE', leases, ARGV[5])
redis.call('PEXPIRE', held, ARGV[5])
return {granted, redis.call('ZCARD', leases), redis.call('PTTL', pause)}
"""
"""Takes, changes or gives back a share, whole. (``0 - n`` and not ``-n``: Lua writes the latter of nothing as ``-0``.)

``held`` holds what each worker has, and their sum under the empty name. What is in the air cannot be taken back.
"""

_QUIET = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return 1
"""


class SharedBudget:
    """See :class:`upstreams.http.budget.Budget`.

    Without the store a worker goes on with an even part: of the workers that it last heard of.

    Args:
        store: what all workers share.
        news: tells the others.
        account: tells this source, with these credentials, from others in the store.
        capacity: calls in the air at once, over all workers.
    """

    def __init__(self, store: SharedStore, news: News, account: str, capacity: int) -> None:
        self.permits = 0
        self._store = store
        self._news = news
        self._account = account
        self._capacity = capacity
        self._workers = 1
        self._peak = 0
        self._gate: Gatekeeper | None = None
        self._task: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._lapse: asyncio.TimerHandle | None = None
        news.hear(f"quiet:{account}", self._hushed, self._look)
        news.hear(f"hungry:{account}", lambda _: self._look(), self._look)
        store.on_return(self._returned)

    @property
    def share(self) -> float:
        """The part of the whole budget that this is."""
        return self.permits / self._capacity

    def serve(self, gate: Gatekeeper) -> None:
        """Say whose demand counts."""
        self._gate = gate

    def ask(self) -> None:
        """The gate could let out more than it may."""
        if self.permits < self._capacity:
            self._wake.set()
        if self._task is None or self._task.done():
            # In no request's context: it lives longer than the call that needed it.
            self._task = asyncio.get_running_loop().create_task(self._tend(), context=Context(), name="budget")

    def quiet(self, seconds: float) -> None:
        """The source asked for so many seconds without a call: let the other workers know."""
        task = asyncio.get_running_loop().create_task(self._tell_quiet(seconds), context=Context())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """Give back what is held."""
        if self._task is not None:
            self._task.cancel()
        await asyncio.gather(*self._telling, *([self._task] if self._task else []), return_exceptions=True)
        if self.permits:
            await self._share(Demand(0, 0), 0)
        if self._lapse is not None:
            self._lapse.cancel()

    async def _tend(self) -> None:
        """Hold a share for as long as there are calls."""
        clock = asyncio.get_running_loop().time
        used = clock()
        while True:
            self._wake.clear()
            demand = self._demand()
            total = demand.in_use + demand.queued
            if total:
                used = clock()
            elif clock() - used >= IDLE:
                self.permits = 0
                await self._share(demand, 0)
                if not self._wake.is_set():
                    self._task = None
                    return
                continue
            # Some more than needed, since the next call would have to wait for its permit; less from time to time.
            self._peak = max(total, self._peak // 2)
            connected = await self._share(demand, min(self._peak + self._peak // 4 + 1, self._capacity))
            if not connected:
                await asyncio.sleep(AWAY)
            elif self.permits < min(total, self._capacity):  # there is no more now, and the others need a moment
                await asyncio.sleep(self._pause(demand))
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(RENEWAL):
                        await self._wake.wait()

    def _pause(self, demand: Demand) -> float:
        """Seconds until it is worth asking again: few for one who has nothing, or more than is left to it."""
        least = ENOUGH if self.permits > 0 and demand.in_use <= self.permits else 0.0
        return min(max(PATIENCE * self._workers, least), RENEWAL) * random.uniform(0.5, 1.0)  # noqa: S311 (spreads)

    def _demand(self) -> Demand:
        return self._gate.demand() if self._gate is not None else Demand(0, 0)

    async def _share(self, demand: Demand, wanted: int) -> bool:
        """Change what is held, as far as the store can be reached, and let out whoever may go."""
        loop = asyncio.get_running_loop()
        sent = loop.time()

        def send(life: Life) -> Awaitable[Any]:
            keys = [life.fleeting("budget", self._account, part) for part in ("leases", "held", "hungry", "pause")]
            dice = str(random.random())  # noqa: S311 (whose turn it is)
            arguments = [self._news.worker, str(demand.in_use), str(wanted), str(self._capacity), _ms(LEASE), dice]
            channel, message = self._news.message(life, f"hungry:{self._account}")
            return _awaitable(life.client.eval(_SHARE, len(keys), *keys, *arguments, _ms(HUNGER), channel, message))

        if self._lapse is not None:
            self._lapse.cancel()
            self._lapse = None
        try:
            granted, workers, pause = await self._store.run("budget_share", send)
        except SharedUnavailable:
            connected = False
            self.permits = max(self._capacity // self._workers, 1)
        else:
            connected = True
            self.permits = granted
            self._workers = max(workers, 1)
            if granted:
                self._lapse = loop.call_at(sent + USED, self._lapsed)
            if pause > 0 and self._gate is not None:
                self._gate.hush(pause / 1000.0)
        if self._gate is not None:
            self._gate.admit()
        return connected

    def _lapsed(self) -> None:
        """No renewal came through in time, since this process was halted: others may have the permits now."""
        self._lapse = None
        self.permits = 0

    async def _tell_quiet(self, seconds: float) -> None:
        def send(life: Life) -> Awaitable[Any]:
            key = life.fleeting("budget", self._account, "pause")
            channel, message = self._news.message(life, f"quiet:{self._account}", str(seconds))
            return _awaitable(
                life.client.eval(_QUIET, 1, key, str(max(math.ceil(seconds * 1000), 1)), channel, message)
            )

        try:
            await self._store.run("budget_quiet", send)
        except SharedUnavailable:
            return  # the others find out by themselves

    def _hushed(self, seconds: str) -> None:
        if self._gate is not None:
            self._gate.hush(float(seconds))

    def _look(self) -> None:
        """Something may have changed: one who holds a share looks."""
        if self._task is not None:
            self._wake.set()

    async def _returned(self) -> None:
        self._look()


def _ms(seconds: float) -> str:
    return str(round(seconds * 1000))


def _awaitable(answer: Any) -> Awaitable[Any]:
    """The client's types do not say that its asynchronous half answers later."""
    awaitable: Awaitable[Any] = answer
    return awaitable
