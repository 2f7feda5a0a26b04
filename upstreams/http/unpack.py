"""The body of an answer as it comes in: gathered, unpacked, and no longer than it may be."""

from __future__ import annotations

import zlib

from upstreams.http.exchange import NotUnpacked, TooLong

LONGEST_BODY = 64 * 1024 * 1024
"""Bytes of a body, packed or unpacked, beyond which it is not read."""

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


class Plain:
    """A body that comes as it is."""

    __slots__ = ("_length", "_pieces")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def announce(self, length: int) -> None:
        """The head says how long it will be.

        Raises:
            TooLong: longer than we read.
        """
        if length > LONGEST_BODY:
            raise TooLong

    def feed(self, piece: bytes) -> None:
        """Take a piece as it came.

        Raises:
            TooLong: the body is longer than we read.
            NotUnpacked: it is not packed as it should be.
        """
        self._length += len(piece)
        if self._length > LONGEST_BODY:
            raise TooLong
        self._pieces.append(piece)

    def end(self) -> bytes:
        """The whole body.

        Raises:
            NotUnpacked: the packed form broke off.
        """
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


class Packed(Plain):
    """A body that is packed: gzip of any number of members, or deflate with or without zlib's frame (both occur under
    that name)."""

    __slots__ = ("_gzip", "_stream")

    def __init__(self, coding: str) -> None:
        """``coding`` is one that :func:`body_of` knows."""
        super().__init__()
        self._gzip = coding.endswith("gzip")
        self._stream: zlib._Decompress | None = None

    def feed(self, piece: bytes) -> None:
        while piece:
            stream = self._stream
            if stream is None or stream.eof:
                stream = self._stream = self._begin(piece)
            try:
                unpacked = stream.decompress(piece, LONGEST_BODY - self._length + 1)
            except zlib.error as error:
                raise NotUnpacked from error
            super().feed(unpacked)
            piece = stream.unused_data  # an unconsumed tail is only ever left by the limit, which has raised

    def end(self) -> bytes:
        if self._stream is not None and not self._stream.eof:
            raise NotUnpacked
        return super().end()

    def _begin(self, piece: bytes) -> zlib._Decompress:
        if self._gzip:
            return zlib.decompressobj(_GZIP)
        if self._stream is not None:  # only gzip has members
            raise NotUnpacked
        # RFC 1950: the low half of zlib's first byte names the method, 8. No raw deflate that is in use begins so.
        return zlib.decompressobj(_ZLIB if piece[0] & 0x0F == 8 else _RAW)


def body_of(coding: str) -> Plain:
    """What gathers a body with that ``Content-Encoding``.

    Raises:
        NotUnpacked: we did not offer it.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return Plain()
    if coding in ("gzip", "x-gzip", "deflate"):
        return Packed(coding)
    raise NotUnpacked
