"""Answers on the wire: JSON bodies, and the headers that every answer carries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import formatted
from gateway.http.negotiation import JSON

SECURITY_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""What every answer carries that does not say otherwise, as the pages and files of GraphiQL do."""

_SECURITY = tuple((name.encode("ascii"), value.encode("ascii")) for name, value in SECURITY_HEADERS.items())

Fields = Sequence[tuple[bytes, bytes]]
"""Headers: names in lower case, and values."""


class SecurityHeaders:
    """Adds what is missing of :data:`SECURITY_HEADERS` to the answers of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in _SECURITY if pair[0] not in there)]
            await send(message)

        await self._app(scope, receive, with_headers)


def encode(value: Any) -> bytes:
    """A value as JSON. Integers beyond 64 bits, which an upstream's free JSON may hold, are written in full."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def lines(fields: Fields) -> bytes:
    """Headers as they are sent.

    Raises:
        ValueError: one holds the end of a line.
    """
    text = b"".join([b"%b: %b\r\n" % field for field in fields])
    if text.count(b"\n") != len(fields) or text.count(b"\r") != len(fields):
        raise ValueError("a header of an answer holds the end of a line")
    return text


class Common:
    """The headers that many answers have alike, put together once. Made by :func:`common`.

    Attributes:
        media_type: of the body; None: there is no body.
        vary: the headers of a request that the answer depends on.
        kept: the client may keep the answer for itself, to ask each time whether it still holds.
        fields: the headers.
        text: as they are sent.
    """

    __slots__ = ("fields", "kept", "media_type", "text", "vary")

    def __init__(self, media_type: str | None, vary: tuple[str, ...], kept: bool) -> None:
        self.media_type = media_type
        self.vary = vary
        self.kept = kept
        said = {"vary": ", ".join(vary)} if vary else {}
        said |= SECURITY_HEADERS
        if kept:
            said["cache-control"] = "private, no-cache"
        if media_type is not None:
            said["content-type"] = f"{media_type}; charset=utf-8"
        self.fields: Fields = tuple(_encoded(said.items()))
        self.text = lines(self.fields)

    def varied(self, name: str) -> Common:
        """The same for answers that depend on another header of the request as well."""
        return common(self.media_type, (*self.vary, name), self.kept)


@cache
def common(media_type: str | None, vary: tuple[str, ...] = (), kept: bool = False) -> Common:
    """The headers of answers that are alike in these; see :class:`Common`."""
    return Common(media_type, vary, kept)


@dataclass(slots=True)
class Answer:
    """A whole answer.

    Attributes:
        status: its status.
        common: the headers that it has in common with others.
        own: its own headers; the body's length is among them.
        body: the bytes.
    """

    status: int
    common: Common
    own: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """All its headers."""
        return [*self.common.fields, *self.own]

    async def send(self, send: Send) -> None:
        """Give it to an ASGI server."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def answer(
    status: int,
    media_type: str,
    body: bytes,
    *,
    request_id: str,
    headers: Mapping[str, str] | None = None,
    etag: str | None = None,
) -> Answer:
    """The answer to a request.

    Args:
        status: its status; with 304 it has no body.
        media_type: of the body.
        body: the bytes.
        request_id: what the request is known by.
        headers: further headers.
        etag: what validates it, where the client may keep it for itself, to ask each time whether it still holds.
    """
    own = [(b"x-request-id", request_id.encode("ascii"))]
    vary: tuple[str, ...] = ("accept",)
    if etag is not None:
        own.append((b"etag", etag.encode("ascii")))
        vary = ("accept", "authorization")
    if headers:
        own += _encoded(headers.items())
    if status == 304:
        return Answer(status, common(None, vary, etag is not None), own, b"")
    own.append((b"content-length", b"%d" % len(body)))
    return Answer(status, common(media_type, vary, etag is not None), own, body)


def crashed() -> Answer:
    """The answer where a bug left none."""
    return _bare(500, "Something went wrong here.", "INTERNAL")


def refused(status: int, message: str) -> Answer:
    """The answer to what is no request."""
    return _bare(status, message, "BAD_REQUEST")


def _bare(status: int, message: str, code: str) -> Answer:
    body = encode({"errors": [formatted(message, code)]})
    return Answer(status, common(JSON), [(b"content-length", b"%d" % len(body))], body)


def _encoded(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[bytes, bytes]]:
    return ((name.encode("ascii"), value.encode("ascii")) for name, value in headers)
