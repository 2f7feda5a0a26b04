"""Cursors: a position as compact, authenticated, URL-safe text.

    base64url without padding( version byte | msgpack payload | tag )
    tag = HMAC-SHA256 over version and payload, with a key derived from secret and binding, cut to 16 bytes

The binding (field, parent object, normalised filter, order) makes the key and is not carried, so a cursor of another
connection fails like an altered one. A new layout gets a new version byte and the old one stays in ``_READERS``.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import msgspec

from resolvers.paging.positions import BOTTOM, TOP, Cut, Position

VERSION = 1
TAG_BYTES = 16
MAX_LENGTH = 4096

_REFUSED = "This cursor is not one of this connection: use it with the field, parent, filter and order it came from."


class InvalidCursor(Exception):
    """The cursor cannot be used here; the message tells the client why."""


class _Payload(msgspec.Struct, array_like=True):
    """Version 1: the key, the feeds that stand elsewhere (an index into _ENDS, or text, rank, id, side), the hints."""

    text: str
    rank: int
    id: str
    stands: dict[str, tuple[str, int, str, int] | int] | None = None
    hints: dict[str, tuple[int, ...]] | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Payload).decode

_ENDS = (BOTTOM, TOP)


def _write(position: Position) -> bytes:
    stands: dict[str, Any] = {
        slot: _ENDS.index(cut) if cut in _ENDS else (*cut.key, cut.side) for slot, cut in position.stands.items()
    }
    hints = position.hints
    parts: tuple[Any, ...] = (*position.key, stands or None, hints) if hints else (*position.key, stands)
    return _encode(parts if stands or hints else position.key)


def _cut(value: tuple[str, int, str, int] | int) -> Cut:
    return _ENDS[value] if isinstance(value, int) else Cut(value[:3], value[3])


def _read_1(payload: bytes) -> Position:
    found = _decode(payload)
    stands = {slot: _cut(value) for slot, value in (found.stands or {}).items()}
    return Position((found.text, found.rank, found.id), stands, found.hints or {})


_READERS: dict[int, Callable[[bytes], Position]] = {1: _read_1}


class CursorCodec:
    """Writes and reads cursors with a key derived from the gateway's secret."""

    __slots__ = ("_key",)

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"contactgraph cursor", "sha256")

    def sealer(self, binding: str) -> Callable[[Position], str]:
        """A writer of cursors for one connection; cheap enough for a thousand edges."""
        key = hmac.digest(self._key, binding.encode("utf-8", "surrogatepass"), "sha256")
        version = bytes((VERSION,))

        def seal(position: Position) -> str:
            head = version + _write(position)
            return urlsafe_b64encode(head + hmac.digest(key, head, "sha256")[:TAG_BYTES]).rstrip(b"=").decode("ascii")

        return seal

    def open(self, text: str, binding: str) -> Position:
        """The position that a cursor names.

        Raises:
            InvalidCursor: altered, of another connection, or of a version that is no longer read.
        """
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)) if len(text) <= MAX_LENGTH else b""
        except ValueError as error:
            raise InvalidCursor("This is not a cursor: pass the text of a cursor field unchanged.") from error
        if len(raw) <= 1 + TAG_BYTES or urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
            raise InvalidCursor("This is not a cursor: pass the text of a cursor field unchanged.")
        reader = _READERS.get(raw[0])
        if reader is None:
            raise InvalidCursor("This cursor is of a version that is no longer read: start the walk again.")
        head, tag = raw[:-TAG_BYTES], raw[-TAG_BYTES:]
        key = hmac.digest(self._key, binding.encode("utf-8", "surrogatepass"), "sha256")
        if not hmac.compare_digest(hmac.digest(key, head, "sha256")[:TAG_BYTES], tag):
            raise InvalidCursor(_REFUSED)
        try:
            return reader(head[1:])
        except (msgspec.MsgspecError, IndexError) as error:
            raise InvalidCursor(_REFUSED) from error
