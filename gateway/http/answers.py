"""Answers on the wire: JSON bodies with the headers that all of them carry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from starlette.types import Send

_COMMON = (
    (b"cache-control", b"no-store"),
    (b"vary", b"accept"),
    (b"x-content-type-options", b"nosniff"),
)


def encode(value: Any) -> bytes:
    """A value as JSON. Integers beyond 64 bits, which an upstream's free JSON may hold, are written in full."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


async def answer(
    send: Send,
    status: int,
    media_type: str,
    body: bytes,
    *,
    request_id: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send a whole answer."""
    fields: list[tuple[bytes, bytes]] = [
        (b"content-type", f"{media_type}; charset=utf-8".encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
        (b"x-request-id", request_id.encode("ascii")),
        *_COMMON,
        *_encoded(headers.items() if headers else ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


def _encoded(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[bytes, bytes]]:
    return ((name.encode("ascii"), value.encode("ascii")) for name, value in headers)
