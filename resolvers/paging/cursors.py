"""Cursors: a position as compact, authenticated, URL-safe text.

    base64url without padding( version byte | msgpack payload | tag )
    tag = keyed BLAKE2s over version and payload, 16 bytes, with a key derived from secret and binding

The binding (field, parent object, normalised filter, order) makes the key and is not carried, so a cursor of another
connection fails like an altered one. A new layout gets a new version byte and the old one stays in ``_TAGGERS``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2s
from typing import Any

import msgspec

from resolvers.opaque import from_text, to_text, to_texts
from resolvers.paging.positions import BOTTOM, TOP, Cut, Place, Position

VERSION = 2
_VERSION = bytes((VERSION,))
TAG_BYTES = 16
MAX_LENGTH = 4096
LONGEST_KEPT = 1000
"""Characters of a binding whose key is kept at hand."""

_REFUSED = "This cursor is not one of this connection: use it with the field, parent, filter and order it came from."


class InvalidCursor(Exception):
    """The cursor cannot be used here; the message tells the client why."""


class _Payload(msgspec.Struct, array_like=True):
    """The key, the feeds that stand elsewhere (an index into _ENDS, or text, rank, id, side), the hints."""

    text: str
    rank: int
    id: str
    stands: dict[str, tuple[str, int, str, int] | int] | None = None
    hints: dict[str, tuple[int, ...]] | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Payload).decode

_ENDS = (BOTTOM, TOP)


def _write(position: Place) -> bytes:
    if not (position.stands or position.hints):
        return _encode(position.key)
    stands: dict[str, Any] = {
        slot: _ENDS.index(cut) if cut in _ENDS else (*cut.key, cut.side) for slot, cut in position.stands.items()
    }
    hints = position.hints
    return _encode((*position.key, stands or None, hints) if hints else (*position.key, stands))


def _cut(value: tuple[str, int, str, int] | int) -> Cut:
    return _ENDS[value] if isinstance(value, int) else Cut(value[:3], value[3])


def _read(payload: bytes) -> Position:
    found = _decode(payload)
    stands = {slot: _cut(value) for slot, value in (found.stands or {}).items()}
    return Position((found.text, found.rank, found.id), stands, found.hints or {})


Tagger = Callable[[bytes], bytes]
"""Makes the tag of a payload, and of the version before it."""


def _tagger_1(key: bytes) -> Tagger:
    def tag(payload: bytes) -> bytes:
        return hmac.digest(key, b"\x01" + payload, "sha256")[:TAG_BYTES]

    return tag


def _tagger_2(key: bytes) -> Tagger:
    begun = blake2s(b"\x02", digest_size=TAG_BYTES, key=key)

    def tag(payload: bytes) -> bytes:
        state = begun.copy()
        state.update(payload)
        return state.digest()

    return tag


_TAGGERS: dict[int, Callable[[bytes], Tagger]] = {1: _tagger_1, 2: _tagger_2}
"""How each version is authenticated with a key; the payload is the same. BLAKE2s that has taken in its key costs a
sixth of HMAC-SHA256 for so few bytes."""


class Sealer:
    """Writes cursors of one connection."""

    __slots__ = ("_tag",)

    def __init__(self, tag: Tagger) -> None:
        self._tag = tag

    def one(self, position: Place) -> str:
        """The cursor of a place."""
        payload = _write(position)
        return to_text(_VERSION + payload + self._tag(payload))

    def all(self, positions: Iterable[Place]) -> list[str]:
        """The cursors of places; cheap enough for a thousand edges."""
        payloads = [*map(_write, positions)]
        return to_texts(_VERSION, payloads, [*map(self._tag, payloads)])


class CursorCodec:
    """Writes and reads cursors with a key derived from the gateway's secret."""

    __slots__ = ("_key", "_lately")

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"contactgraph cursor", "sha256")
        self._lately = lru_cache(maxsize=256)(self._new_tagger)

    def sealer(self, binding: str) -> Sealer:
        """A writer of cursors for one connection."""
        return Sealer(self._tagger(VERSION, binding))

    def open(self, text: str, binding: str) -> Position:
        """The position that a cursor names.

        Raises:
            InvalidCursor: altered, of another connection, or of a version that is no longer read.
        """
        try:
            raw = from_text(text) if len(text) <= MAX_LENGTH else b""
        except ValueError as error:
            raise InvalidCursor("This is not a cursor: pass the text of a cursor field unchanged.") from error
        if len(raw) <= 1 + TAG_BYTES:
            raise InvalidCursor("This is not a cursor: pass the text of a cursor field unchanged.")
        if raw[0] not in _TAGGERS:
            raise InvalidCursor("This cursor is of a version that is no longer read: start the walk again.")
        payload, tag = raw[1:-TAG_BYTES], raw[-TAG_BYTES:]
        if not hmac.compare_digest(self._tagger(raw[0], binding)(payload), tag):
            raise InvalidCursor(_REFUSED)
        try:
            return _read(payload)
        except (msgspec.MsgspecError, IndexError) as error:
            raise InvalidCursor(_REFUSED) from error

    def _tagger(self, version: int, binding: str) -> Tagger:
        """A walk asks for the same one twice a page; a client may make up filters of any length."""
        return (self._lately if len(binding) <= LONGEST_KEPT else self._new_tagger)(version, binding)

    def _new_tagger(self, version: int, binding: str) -> Tagger:
        return _TAGGERS[version](hmac.digest(self._key, binding.encode("utf-8", "surrogatepass"), "sha256"))
