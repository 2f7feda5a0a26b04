"""A store on a real redis-server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.redis_server import RedisServer
from upstreams.shared.address import redis_address
from upstreams.shared.store import RedisStore


@asynccontextmanager
async def store(redis: RedisServer, namespace: str = "tests", seconds: float = 5.0) -> AsyncIterator[RedisStore]:
    """A store that is connected. Its time-out is long, so that a machine under load is not a failure."""
    made = RedisStore(redis_address(redis.url), namespace, timeout=seconds)
    await made.start()
    try:
        assert made.health().connected, made.health()
        yield made
    finally:
        await made.close()


async def until(made: RedisStore, *, connected: bool) -> None:
    """Wait until a store is in use, or out of use."""
    async with asyncio.timeout(60):
        while True:
            if made.health().connected == connected:
                return
            await asyncio.sleep(0.02)
