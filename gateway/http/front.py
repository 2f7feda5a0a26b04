"""The short ways to the one path that nearly every request is for.

:class:`Front` spares a request the routes; what comes whole from a connection is spared the ASGI layers by
:class:`ShortWay` too. No rule of a layer is written here: a request that one would answer, or read more of than is
taken here, goes through all of them, and what they do to every answer is done by the functions that they do it with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.answers import Answer
from gateway.http.asked import Asked
from gateway.http.compression import compress, compressor_for
from gateway.http.hosts import names_this_machine

_OF_THE_CONNECTION = {b"expect", b"transfer-encoding", b"upgrade"}
"""Headers of a request that asks more of the connection than to take its head and so many bytes of a body."""


class Front:
    """Hands the requests for a path to what answers them, past the routes and their handlers of exceptions.

    Args:
        app: gets all others.
        path: as a request says it.
        answers: is an application of its own, which lets no exception out.
    """

    def __init__(self, app: ASGIApp, path: str, answers: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        here = scope["type"] == "http" and scope["path"] == self._path
        await (self._answers if here else self._app)(scope, receive, send)


class Endpoint(Protocol):
    """What answers requests that are no ASGI."""

    async def answer(self, asked: Asked) -> Answer | None:
        """The answer; None: the client has left."""
        ...


class ShortWay:
    """Takes the POST requests for a path that came whole, past the ASGI layers.

    Args:
        path: as a request says it.
        endpoint: answers them.
        loopback: there is a layer :class:`~gateway.http.hosts.LoopbackHosts`.
        origins: there is a layer that knows pages of other origins, whose requests say so.
        compression: there is a layer :class:`~gateway.http.compression.Compression`.
    """

    def __init__(self, path: str, endpoint: Endpoint, *, loopback: bool, origins: bool, compression: bool) -> None:
        self._url = path.encode("ascii")
        self._endpoint = endpoint
        self._loopback = loopback
        self._origins = origins
        self._others = _OF_THE_CONNECTION | {b"origin"} if origins else _OF_THE_CONNECTION
        self._compression = compression

    def takes(self, method: bytes, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether a request may go this way, once its body is there; names of headers are in lower case."""
        if method != b"POST" or url != self._url:
            return False
        for name, value in headers:
            if name in self._others or (self._loopback and name == b"host" and not names_this_machine(value)):
                return False
        return True

    async def answer(self, asked: Asked) -> Answer | None:
        """The answer to a request; None: its client has left."""
        answer = await self._endpoint.answer(asked)
        if answer is None:
            return None
        if self._compression and (compressor := compressor_for(answer, asked.headers.accept_encoding)) is not None:
            await compress(answer, compressor)
        if self._origins:
            answer.common = answer.common.varied("Origin")
        return answer
