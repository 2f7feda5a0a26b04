"""Bytes as opaque, URL-safe text: what global ids and cursors are written in."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def to_text(raw: bytes) -> str:
    """Base64url without padding; written for a thousand calls a page."""
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_URL_SAFE).decode("ascii")


def to_texts(begin: bytes, middles: Sequence[bytes], ends: Sequence[bytes]) -> list[str]:
    """:func:`to_text` of many; those of one length, as nearly all of a page are, in one go.

    Args:
        begin: what each of them begins with.
        middles: what comes after it.
        ends: what comes last, of one length.
    """
    lengths = {*map(len, middles)}
    if len(lengths) != 1:
        return [to_text(begin + middle + end) for middle, end in zip(middles, ends, strict=True)]
    count, length = len(middles), len(begin) + lengths.pop() + len(ends[0])
    # Filled up to more than a whole number of three bytes, each text begins at a multiple of four characters and is
    # followed by some that are of no use: they become what parts it from the next.
    filling = bytes(3 - length % 3)
    pieces = [begin, b"", b"", filling] * count
    pieces[1::4], pieces[2::4] = middles, ends
    whole = bytearray(b2a_base64(b"".join(pieces), newline=False)).translate(_URL_SAFE)
    step = (length + len(filling)) // 3 * 4
    unused = range((length * 8 + 5) // 6, step)
    for place in unused:
        whole[place::step] = b"\n" * count
    return whole.decode("ascii").split("\n" * len(unused))[:count]


def from_text(text: str) -> bytes:
    """The bytes that :func:`to_text` wrote as this text.

    Raises:
        ValueError: it never writes such a text, so that each has one spelling only.
    """
    raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if to_text(raw) != text:
        raise ValueError("not a text of ours")
    return raw
