"""A client with nothing between it and the wire, so that the tests see what the sandbox really sends."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any, Self

import aiohttp

from sandbox.app import Sandbox

Json = dict[str, Any]


class Client:
    """Signs in to a sandbox's Cloud4Wi and calls it."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.organization = f"organizations/{box.organization}"
        self.token = ""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.session = await self._stack.enter_async_context(aiohttp.ClientSession())
        await self.sign_in()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def sign_in(self) -> None:
        """Gets a new token."""
        keys = {"clientKey": self.box.client_key, "clientSecret": self.box.client_secret}
        async with self.session.post(self.box.url + "/v1/sts/login/services", json=keys) as response:
            self.token = (await response.json())["token"]

    async def call(self, method: str, path: str, json: Any = None, **query: Any) -> tuple[int, Any]:
        """Status and decoded body; booleans of the query as JSON writes them."""
        params = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in query.items()}
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.request(
            method, self.box.url + path, params=params, json=json, headers=headers
        ) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None

    async def get(self, path: str, **query: Any) -> Json:
        """The body of an answer that must be 200."""
        status, body = await self.call("GET", path, **query)
        assert status == 200, body
        assert isinstance(body, dict)
        return body

    async def events(self, **query: Any) -> Json:
        """A page of the organization's events by instant."""
        return await self.get(f"/v1/{self.organization}/events", **{"sortBy": "utcTime"} | query)

    async def contacts(self, **query: Any) -> Json:
        """A page of contacts."""
        return await self.get(f"/v2/customers/{self.organization}", **query)

    async def walk(self, **query: Any) -> list[list[Json]]:
        """All pages of an event scroll, the empty one at the end included."""
        page = await self.events(enableScroll=True, **query)
        pages = [page["events"]]
        while pages[-1] and "scrollId" in page:
            page = await self.events(enableScroll=True, scrollId=page["scrollId"], **query)
            pages.append(page["events"])
        return pages


def ids(pages: list[list[Json]]) -> list[str]:
    """The ids of all events of ``pages``."""
    return [row["event"]["id"] for page in pages for row in page]
