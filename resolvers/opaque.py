"""Bytes as opaque, URL-safe text: what global ids and cursors are written in."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def to_text(raw: bytes) -> str:
    """Base64url without padding; written for a thousand calls a page."""
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_URL_SAFE).decode("ascii")


def to_texts(begin: bytes, *columns: Sequence[bytes]) -> list[str]:
    """:func:`to_text` of many; those of one length, as nearly all of a page are, in one go.

    Args:
        begin: what each of them begins with.
        columns: what comes after it, piece by piece.
    """
    lengths = [{*map(len, column)} for column in columns]
    length = len(begin) + sum(map(max, lengths)) if all(lengths) else 0
    if not length or any(len(different) > 1 for different in lengths):
        return [to_text(begin + b"".join(row)) for row in zip(*columns, strict=True)]
    count, width = len(columns[0]), len(columns) + 2
    # Filled up to more than a whole number of three bytes, each text begins at a multiple of four characters and is
    # followed by some that are of no use: they become what parts it from the next.
    filling = bytes(3 - length % 3)
    pieces = [filling] * (count * width)
    pieces[::width] = [begin] * count
    for place, column in enumerate(columns, 1):
        pieces[place::width] = column
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
