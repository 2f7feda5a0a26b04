"""Answers in fewer bytes: zstd or gzip, where the client takes it and there is enough to gain.

A whole answer is compressed whole, and in a thread where that takes long; of a streamed one each part is, and is sent
at once, so that nobody waits for a part that is there. Neither level is the strongest: over JSON of the API those above
take half as much time again for a twentieth of the bytes.
"""

from __future__ import annotations

import asyncio
import sys
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.answers import Answer
from gateway.http.negotiation import negotiate_coding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LEAST = 1024
"""Bytes of an answer from which on it is compressed; a smaller one fits into one packet as it is."""
_LONG = 64 * 1024
"""Bytes that are compressed in a thread: gzip takes half a millisecond for them, the thread a tenth of that."""
_ZSTD_LEVEL = 1
_GZIP_LEVEL = 4
_GZIP_FORMAT = 31
"""What zlib calls the largest window, with gzip's head and tail."""

_WITHOUT_BODY = (204, 304)
_PACKED = ("font/", "image/", "audio/", "video/")
"""Kinds of media that are compressed already; of the images, SVG is text."""


class Compressor(Protocol):
    """Compresses one answer."""

    def part(self, data: bytes, *, last: bool) -> bytes:
        """The bytes to send for the next part, with which a client can read all of it."""
        ...


class _Zstd:
    def __init__(self) -> None:
        self._compressor = zstd.ZstdCompressor(level=_ZSTD_LEVEL)

    def part(self, data: bytes, *, last: bool) -> bytes:
        if last:
            return self._compressor.compress(data, self._compressor.FLUSH_FRAME)
        return self._compressor.compress(data, self._compressor.FLUSH_BLOCK)


class _Gzip:
    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)

    def part(self, data: bytes, *, last: bool) -> bytes:
        return self._compressor.compress(data) + self._compressor.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


CODINGS: dict[str, Callable[[], Compressor]] = {"zstd": _Zstd, "gzip": _Gzip}
"""What answers can be compressed with, the best first."""
_OFFERS = tuple(CODINGS)


class Compression:
    """Compresses the answers of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http":
            found = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
            coding = coding_for(found.decode("latin-1"))
            send = _OnItsWay(send, coding, head=scope["method"] == "HEAD").send
        await self._app(scope, receive, send)


class _OnItsWay:
    """One answer on its way.

    Args:
        send: where it goes.
        coding: what it may be compressed with; None: it may not be.
        head: no body is sent with it.
    """

    def __init__(self, send: Send, coding: str | None, *, head: bool) -> None:
        self._send = send
        self._coding = coding
        self._head = head
        self._compressor: Compressor | None = None
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """The application sends this."""
        if message["type"] == "http.response.start":
            self._compressor = _begin(message["status"], message["headers"], self._coding)
            if self._compressor is None:
                await self._send(message)
            else:
                self._start = message
        elif message["type"] == "http.response.body" and self._compressor is not None:
            await self._compressed(self._compressor, message)
        else:
            await self._send(message)

    async def _compressed(self, compressor: Compressor, message: Message) -> None:
        data, last = message.get("body", b""), not message.get("more_body", False)
        body = b"" if self._head else await _part(compressor, data, last=last)
        if self._start is not None:
            start, self._start = self._start, None
            if last and not self._head:
                start["headers"].append((b"content-length", str(len(body)).encode("ascii")))
            await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})


def compressor_for(answer: Answer, accept_encoding: str | None) -> Compressor | None:
    """What :class:`Compression` would compress a whole answer with, for a client that sends this header.

    Returns:
        What is left to :func:`compress` it with, as its headers tell already; None: it is sent as it is.
    """
    if not _may_vary(answer.status, answer.common.media_type or ""):
        return None
    answer.common = answer.common.varied("accept-encoding")
    coding = coding_for(accept_encoding)
    if coding is None or not _pays(answer.status, len(answer.body)):
        return None
    return _compressor(answer.own, coding)


async def compress(answer: Answer, compressor: Compressor) -> None:
    """Compress a whole answer."""
    answer.body = await _part(compressor, answer.body, last=True)
    answer.own.append((b"content-length", b"%d" % len(answer.body)))


def coding_for(accept_encoding: str | None) -> str | None:
    """What a client that sends this header takes; None: it takes nothing but plain answers."""
    return negotiate_coding(accept_encoding, _OFFERS) if accept_encoding else None


async def _part(compressor: Compressor, data: bytes, *, last: bool) -> bytes:
    if len(data) < _LONG:
        return compressor.part(data, last=last)
    return await asyncio.to_thread(compressor.part, data, last=last)


def _begin(status: int, headers: list[tuple[bytes, bytes]], coding: str | None) -> Compressor | None:
    """What compresses an answer; None: nothing does. The headers tell of it.

    Args:
        status: of the answer.
        headers: of the answer, which are changed.
        coding: what it may be compressed with; None: it may not be.
    """
    there = dict(headers)
    if b"content-encoding" in there or not _may_vary(status, there.get(b"content-type", b"").decode("latin-1")):
        return None
    _vary(headers)
    length = there.get(b"content-length")
    if coding is None or not _pays(status, None if length is None else int(length)):
        return None
    return _compressor(headers, coding)


@lru_cache(maxsize=64)
def _may_vary(status: int, media_type: str) -> bool:
    """Whether an answer is another one to clients that take other codings. A range is of bytes as they are."""
    return status != 206 and (media_type.startswith("image/svg") or not media_type.startswith(_PACKED))


def _vary(headers: list[tuple[bytes, bytes]]) -> None:
    """Say that an answer depends on the codings that a client takes as well."""
    for place, (name, before) in enumerate(headers):
        if name == b"vary":
            headers[place] = (b"vary", before + b", accept-encoding")
            return
    headers.append((b"vary", b"accept-encoding"))


def _pays(status: int, length: int | None) -> bool:
    """Whether an answer of so many bytes, if that is known, is worth compressing."""
    return status not in _WITHOUT_BODY and (length is None or length >= _LEAST)


def _compressor(headers: list[tuple[bytes, bytes]], coding: str) -> Compressor:
    """What compresses an answer. The headers tell of it, and no length."""
    told = [
        # Other bytes than those that a strong validator promises, which mean the same.
        (name, b"W/" + value if name == b"etag" and value.startswith(b'"') else value)
        for name, value in headers
        if name != b"content-length"
    ]
    headers[:] = [*told, (b"content-encoding", coding.encode("ascii"))]
    return CODINGS[coding]()
