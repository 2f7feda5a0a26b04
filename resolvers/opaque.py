"""Bytes as opaque, URL-safe text: what global ids and cursors are written in."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import b2a_base64

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def to_text(raw: bytes) -> str:
    """Base64url without padding; written for a thousand calls a page."""
    return b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


def from_text(text: str) -> bytes:
    """The bytes that :func:`to_text` wrote as this text.

    Raises:
        ValueError: it never writes such a text, so that each has one spelling only.
    """
    raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if to_text(raw) != text:
        raise ValueError("not a text of ours")
    return raw
