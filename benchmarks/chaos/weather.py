"""The trouble: faults of the services, a Redis that dies and comes back, workers that are killed. Seeded."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import aiohttp

from benchmarks.chaos.judge import Judge
from benchmarks.chaos.machines import Gateway, Redis

SERVICES = ("cloud4wi", "rechat", "acquire")
_LASTING = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "status", "status": 429, "retry_after": 3},
    {"kind": "html", "status": 502},
    {"kind": "html"},
    {"kind": "empty"},
    {"kind": "empty", "status": 504},
    {"kind": "ko"},
    {"kind": "broken_json"},
    {"kind": "truncated"},
    {"kind": "reset"},
    {"kind": "reset_after"},
    {"kind": "hang"},
    {"kind": "latency", "seconds": 0.5},
    {"kind": "latency", "seconds": 2.5},
)
_OF_CLOUD4WI: tuple[dict[str, Any], ...] = (
    {"kind": "expired_scrolls", "times": 3},
    {"kind": "revoked_tokens", "times": 2},
    {"kind": "repeat_page", "rate": 0.3},
)
"""What only Cloud4Wi has; tokens of the others that are revoked are so for good, which no gateway can mend."""


class Weather:
    """Bad weather until it is told to stop.

    Args:
        sandbox: the base URL of the services.
        redis: killed and restarted.
        gateway: whose workers are killed.
        judge: counts what happened.
        seed: of all that is drawn.
    """

    def __init__(
        self, sandbox: str, session: aiohttp.ClientSession, redis: Redis, gateway: Gateway, judge: Judge, seed: int
    ) -> None:
        self._control = f"{sandbox}/_sandbox/faults"
        self._session = session
        self._redis = redis
        self._gateway = gateway
        self._workers = len(gateway.workers())
        self._judge = judge
        self._random = random.Random(f"weather {seed}")

    async def blow(self, seconds: float) -> None:
        """So many seconds of trouble; when this returns, all of it is over."""
        tasks = [asyncio.create_task(trouble()) for trouble in (self._faults, self._restarts, self._kills)]
        try:
            done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._session.delete(self._control)
            await self._redis.kill()
            await self._redis.start()

    async def _faults(self) -> None:
        draw = self._random
        while True:
            faults = []
            for _ in range(draw.choice((1, 1, 2, 3))):
                service = draw.choice(SERVICES)
                kinds = _LASTING + (_OF_CLOUD4WI if service == "cloud4wi" else ())
                fault = {"operation": f"{service}.*", "rate": draw.choice((0.1, 0.3, 1.0)), **draw.choice(kinds)}
                faults.append(fault | {"seed": draw.randrange(1_000_000)})
                self._judge.counts[f"fault: {fault['kind']}"] += 1
            async with self._session.put(self._control, json=faults) as answer:
                answer.raise_for_status()
            await asyncio.sleep(draw.uniform(1, 5))
            async with self._session.delete(self._control) as answer:
                answer.raise_for_status()
            await asyncio.sleep(draw.choice((0.0, 0.5, 3.0)))

    async def _restarts(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(8, 25))
            await self._redis.kill()
            self._judge.counts["Redis killed"] += 1
            await asyncio.sleep(self._random.choice((0.0, 1.0, 6.0)))
            await self._redis.start()

    async def _all_serve(self) -> bool:
        """Whether the last worker that was killed was replaced: with none at all there is nobody to keep a promise."""
        try:
            async with self._session.get(f"{self._gateway.url}/metrics") as answer:
                return f"contactgraph_workers {self._workers:.1f}" in await answer.text()
        except aiohttp.ClientConnectionError:
            return False

    async def _kills(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(5, 20))
            if await self._all_serve() and self._gateway.kill_worker(self._random.random()) is not None:
                self._judge.counts["workers killed"] += 1
