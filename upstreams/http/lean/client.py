"""The lean client: HTTP/1.1 to a few upstreams over connections that are kept, and nothing beyond what that takes.

It follows no redirect, keeps no cookie, knows no proxy and sends each request once. A connection that has closed while
idle is never written to; when one closes in the moment in which a request is written to it, nobody can know whether the
upstream has got it, and that is a :class:`~upstreams.http.exchange.Severed` like any other.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from functools import cached_property, lru_cache

from upstreams.http.exchange import EVERY_CALL, Answer, Patience, Place, check_head, check_target
from upstreams.http.lean.connection import Connection
from upstreams.http.lean.dial import dial
from upstreams.http.reply import Reply

_EVERY_CALL = "".join(f"{name}: {value}\r\n" for name, value in EVERY_CALL.items())

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests have a body, be it an empty one, and so say how long it is."""


def written(place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """A request as it goes out.

    Raises:
        Unsendable: see :func:`upstreams.http.exchange.check_request`.
    """
    before, after = _head(place, method, *headers.items())
    check_target(target)
    if body is not None:
        return f"{before}{target}{after}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body
    if method in _WITH_BODY:
        after += "Content-Length: 0\r\n"
    return f"{before}{target}{after}\r\n".encode("ascii")


@lru_cache(maxsize=64)
def _head(place: Place, method: str, *headers: tuple[str, str]) -> tuple[str, str]:
    """A request's head, checked, before and after the target.

    Kept, since the calls of a source differ in little but that. Where traces are on each call has a header of its own,
    and this costs what it cost before.
    """
    check_head(method, headers)
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{method} {place.prefix}", f" HTTP/1.1\r\nHost: {place.authority}\r\n{_EVERY_CALL}{fields}"


class LeanClient:
    """Connections to the upstreams; the one that rested last is used first, so that those beyond need close."""

    def __init__(self, patience: Patience, context: ssl.SSLContext | None = None) -> None:
        """Needs a running event loop.

        Args:
            patience: how long the phases of an exchange may take.
            context: how TLS is done; by default as the machine trusts.
        """
        self._loop = asyncio.get_running_loop()
        self._patience = patience
        self._given_context = context
        self._resting: dict[tuple[str, str, int], list[Connection]] = {}
        self._open: set[Connection] = set()
        self._closed: asyncio.Future[None] | None = None

    def ask(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply[Answer] | None:
        """See :class:`upstreams.http.exchange.Client`."""
        resting = self._resting.get(place.origin)
        while resting and not resting[-1].usable:
            resting.pop()
        if not resting:
            return None
        request = written(place, method, target, headers, body)
        return resting.pop().ask(request, self._loop.time() + self._patience.total, is_head=method == "HEAD")

    async def send(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """See :class:`upstreams.http.exchange.Client`."""
        reply = self.ask(place, method, target, headers, body)
        if reply is None:
            request = written(place, method, target, headers, body)
            deadline = self._loop.time() + self._patience.total
            connection = await self._dialled(place, deadline)
            reply = connection.ask(request, deadline, is_head=method == "HEAD")
        try:
            return await reply
        finally:
            del reply  # holds the failure, which holds this frame

    async def close(self) -> None:
        """See :class:`upstreams.http.exchange.Client`."""
        self._closed = self._loop.create_future()
        for connection in list(self._open):
            connection.abort()
        if self._open:
            await self._closed

    def made(self, connection: Connection) -> None:
        """See :class:`upstreams.http.lean.connection.Keeper`."""
        self._open.add(connection)

    def idle(self, connection: Connection) -> None:
        """See :class:`upstreams.http.lean.connection.Keeper`."""
        if self._closed is None:
            self._resting.setdefault(connection.origin, []).append(connection)
        else:
            connection.abort()

    def lost(self, connection: Connection) -> None:
        """See :class:`upstreams.http.lean.connection.Keeper`."""
        self._open.discard(connection)
        resting = self._resting.get(connection.origin, [])
        if connection in resting:
            resting.remove(connection)
        if self._closed is not None and not self._open and not self._closed.done():
            self._closed.set_result(None)

    async def _dialled(self, place: Place, deadline: float) -> Connection:
        return await dial(
            place,
            self._patience,
            deadline,
            lambda: self._context,
            lambda: Connection(self._loop, place.origin, self._patience, self),
        )

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Made when it is first needed: reading the machine's authorities takes a while."""
        if self._given_context is not None:
            return self._given_context
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context
