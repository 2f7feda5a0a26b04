"""Bytes as opaque, URL-safe text: what global ids and cursors are written in."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def to_text(raw: bytes) -> str:
    """Base64url without padding; written for a thousand calls a page."""
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_URL_SAFE).decode("ascii")


def to_texts(raws: Sequence[bytes]) -> list[str]:
    """:func:`to_text` of each; those of one length, as nearly all of a page are, in one go."""
    lengths = {*map(len, raws)}
    if len(lengths) != 1 or 0 in lengths:
        return [to_text(raw) for raw in raws]
    (length,) = lengths
    # Filled up to a multiple of three bytes, each text begins at a multiple of four characters.
    filling = bytes(-length % 3)
    whole = to_text(filling.join((*raws, b"")))
    step = (length + 2) // 3 * 4
    used = (length * 8 + 5) // 6
    return [whole[start : start + used] for start in range(0, step * len(raws), step)]


def from_text(text: str) -> bytes:
    """The bytes that :func:`to_text` wrote as this text.

    Raises:
        ValueError: it never writes such a text, so that each has one spelling only.
    """
    raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if to_text(raw) != text:
        raise ValueError("not a text of ours")
    return raw
