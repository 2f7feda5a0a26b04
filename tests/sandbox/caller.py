"""A bare HTTP caller for one of the sandbox's services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp

Json = dict[str, Any]
Query = Sequence[tuple[str, str | int | float]]


class Caller:
    """Calls paths below ``base`` with fixed headers."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self.session = session
        self.base = base
        self.headers = {"Authorization": f"Bearer {token}"}

    async def call(
        self, method: str, path: str, json: Any = None, query: Query = (), **headers: str
    ) -> tuple[int, Any]:
        """Status and decoded body; None for an empty one."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        params = [(name, str(value)) for name, value in query]
        async with self.session.request(method, self.base + path, params=params, json=json, headers=sent) as response:
            return response.status, await response.json() if await response.read() else None

    async def ok(self, method: str, path: str, json: Any = None, query: Query = ()) -> Json:
        """The body of an answer that must be 200."""
        status, body = await self.call(method, path, json, query)
        assert status == 200, body
        assert isinstance(body, dict)
        return body

    async def get(self, path: str, *query: tuple[str, str | int | float]) -> Json:
        """The body of a GET that must be 200."""
        return await self.ok("GET", path, query=query)

    async def done(self, method: str, path: str, json: Any = None, query: Query = ()) -> None:
        """A call that must be answered 204 without a body."""
        assert await self.call(method, path, json, query) == (204, None)
