"""Answers on the wire: JSON bodies, and the headers that every answer carries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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
_COMMON = ((b"vary", b"accept"), *_SECURITY)
_KEPT = (
    (b"vary", b"accept, authorization"),
    (b"cache-control", b"private, no-cache"),
    *(pair for pair in _SECURITY if pair[0] != b"cache-control"),
)


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


@dataclass(slots=True)
class Answer:
    """A whole answer.

    Attributes:
        status: its status.
        headers: their names in lower case; the body's length is among them.
        body: the bytes.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

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
    fields: list[tuple[bytes, bytes]] = [
        (b"x-request-id", request_id.encode("ascii")),
        *(_COMMON if etag is None else (*_KEPT, (b"etag", etag.encode("ascii")))),
    ]
    if headers:
        fields += _encoded(headers.items())
    if status == 304:
        return Answer(status, fields, b"")
    fields.append(_content_type(media_type))
    fields.append((b"content-length", b"%d" % len(body)))
    return Answer(status, fields, body)


def vary(headers: list[tuple[bytes, bytes]], name: bytes) -> None:
    """Say in the headers of an answer that it depends on a header of the request as well."""
    for place, (there, before) in enumerate(headers):
        if there == b"vary":
            headers[place] = (b"vary", before + b", " + name)
            return
    headers.append((b"vary", name))


def crashed() -> Answer:
    """The answer where a bug left none."""
    return _bare(500, "Something went wrong here.", "INTERNAL")


def refused(status: int, message: str) -> Answer:
    """The answer to what is no request."""
    return _bare(status, message, "BAD_REQUEST")


def _bare(status: int, message: str, code: str) -> Answer:
    body = encode({"errors": [formatted(message, code)]})
    return Answer(status, [*_SECURITY, _content_type(JSON), (b"content-length", b"%d" % len(body))], body)


@cache
def _content_type(media_type: str) -> tuple[bytes, bytes]:
    return b"content-type", f"{media_type}; charset=utf-8".encode("ascii")


def _encoded(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[bytes, bytes]]:
    return ((name.encode("ascii"), value.encode("ascii")) for name, value in headers)
