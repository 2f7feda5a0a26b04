"""Which HTTP client makes the exchanges (``GATEWAY_HTTP_CLIENT``).

docs/performance.md has the measurements behind the default.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from upstreams.http.exchange import Answer, Client, Patience, Place
from upstreams.http.lean.client import LeanClient
from upstreams.http.proxies import proxy_of
from upstreams.http.reply import Reply


class DirectOrNot:
    """The lean client where the way is direct, the general one where a proxy stands in it."""

    def __init__(self, patience: Patience, context: ssl.SSLContext | None = None) -> None:
        """See :class:`LeanClient`."""
        self._patience = patience
        self._context = context
        self._lean = LeanClient(patience, context)
        self._general: Client | None = None
        self._ways: dict[tuple[str, str, int], Client] = {}

    def ask(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply[Answer] | None:
        """See :class:`upstreams.http.exchange.Client`."""
        way = self._ways.get(place.origin) or self._way(place)
        return way.ask(place, method, target, headers, body)

    def send(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Coroutine[Any, Any, Answer]:
        """See :class:`upstreams.http.exchange.Client`."""
        way = self._ways.get(place.origin) or self._way(place)
        return way.send(place, method, target, headers, body)

    async def close(self) -> None:
        """See :class:`upstreams.http.exchange.Client`."""
        await self._lean.close()
        if self._general is not None:
            await self._general.close()

    def _way(self, place: Place) -> Client:
        if proxy_of(place) is None:
            way: Client = self._lean
        else:
            way = self._general = self._general or general(self._patience, self._context)
        self._ways[place.origin] = way
        return way


def general(patience: Patience, context: ssl.SSLContext | None = None) -> Client:
    """The general client; aiohttp is loaded where it is used only, for it takes long and much."""
    from upstreams.http.general import GeneralClient

    return GeneralClient(patience, context=context)


CLIENTS: Mapping[str, Callable[[Patience], Client]] = {"lean": DirectOrNot, "aiohttp": general}
"""The clients by the name that the setting gives them. Each needs a running event loop."""

DEFAULT_CLIENT = "lean"
