"""Validators: what a client that holds an answer sends, so that it is not sent the same one again (RFC 9110, 13).

A validator is a keyed hash of the data, since a plain one would let whoever sees it try out what the data may be. It is
weak: an answer also tells what it cost, which differs from one time to the next and changes nothing for its reader.
"""

from __future__ import annotations

import hmac
import re
from hashlib import blake2b

_TAG_BYTES = 16
_OPAQUE = re.compile(r'"[^"]*"')


class Validators:
    """Makes the validators of a gateway; those with one secret make the same ones.

    Args:
        secret: what the key is derived from.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"contactgraph etag", "sha256")

    def of(self, media_type: str, data: bytes) -> str:
        """The value of ``ETag`` for an answer with this data, of this type."""
        digest = blake2b(media_type.encode("ascii"), key=self._key, digest_size=_TAG_BYTES)
        digest.update(data)
        return f'W/"{digest.hexdigest()}"'


def is_current(if_none_match: str | None, etag: str) -> bool:
    """Whether a client has the answer of a validator, by its ``If-None-Match``. Weak and strong ones compare alike."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in _OPAQUE.findall(if_none_match)
