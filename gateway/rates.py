"""How often a caller may ask: ``GATEWAY_RATE_LIMIT`` requests a minute.

The algorithm is GCRA, of the library throttled-py: a caller that was quiet may send a minute's worth at once, then one
request each ``60 / limit`` seconds. It keeps one number for a caller, takes one step for a request, and says exactly
how long to wait. Imported only where there is a limit.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Sequence
from hashlib import blake2b
from typing import Any, cast

from throttled.rate_limiter import per_min
from throttled.rate_limiter.gcra import GCRARateLimiter, RedisLimitAtomicActionSpec
from throttled.store import MemoryStore

from gateway.errors import RequestRefused, formatted
from upstreams.shared.protocol import Life, SharedStore, SharedUnavailable

_MOST_CALLERS = 100_000
"""Callers that are remembered in a process, the one not heard of for longest forgotten first: some 30 MB at most."""


class Rates:
    """Counts the requests of callers, for all workers where they share a store, else for this process.

    Args:
        a_minute: requests that a caller may send in a minute.
        shared: what all workers share. While it is away, each counts by itself.
    """

    def __init__(self, a_minute: int, shared: SharedStore | None = None) -> None:
        quota = per_min(a_minute)
        self._a_minute = a_minute
        self._local = GCRARateLimiter(quota, MemoryStore(options={"MAX_SIZE": _MOST_CALLERS}))
        self._shared = shared
        self._arguments = (quota.emission_interval, quota.burst, 1)

    async def count(self, caller: str) -> None:
        """Count a request.

        Args:
            caller: tells callers apart; only a digest of it is kept.

        Raises:
            RequestRefused: with 429, it is one too many.
        """
        wait = await self._wait(caller)
        if wait is None:
            return
        seconds = max(1, math.ceil(wait))
        raise RequestRefused(
            [
                formatted(
                    f"This gateway answers {self._a_minute} requests a minute of a caller. Try again in {seconds} s.",
                    "RATE_LIMITED",
                    extensions={"retryable": True, "retryAfter": seconds},
                )
            ],
            status=429,
            headers={"retry-after": str(seconds)},
        )

    async def _wait(self, caller: str) -> float | None:
        """Seconds until the caller may ask again; None: it may ask now."""
        digest = blake2b(caller.encode(), digest_size=16).hexdigest()
        if self._shared is not None:
            try:
                limited, _, _, retry_after = await self._shared.run(
                    "rate_limit", lambda life: self._run(life, life.key("rate", digest))
                )
                return float(retry_after) if limited else None
            except SharedUnavailable:
                pass  # the store has told of it; this process counts until it is back
        result = self._local.limit(digest)
        return result.state.retry_after if result.limited else None

    def _run(self, life: Life, key: str) -> Awaitable[Sequence[Any]]:
        """The library's own script, on our connection: its own would know nothing of the store's lives."""
        script = life.client.register_script(RedisLimitAtomicActionSpec.SCRIPTS)
        return cast(Awaitable[Sequence[Any]], script(keys=[key], args=self._arguments))
