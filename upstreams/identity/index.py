"""The identity index: who has a key, for an upstream that cannot be asked.

It holds keyed hashes and ids: neither an address nor a number can be read from it, nor tried out without the secret.
What it says may be out of date by the time since ``as_of``, so whoever asks loads the contacts and looks for himself.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

import msgspec

from upstreams.identity.keys import IdentityKey
from upstreams.instants import Instant

DIGEST_BYTES = 16


class IdentityIndexFailed(Exception):
    """The index cannot be read or written; the message names no data."""


class KeyHasher:
    """Makes digests of keys: HMAC-SHA256 under a key that is derived from the gateway's secret for this alone."""

    __slots__ = ("_key",)

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"contactgraph identity index", "sha256")

    def digest(self, key: IdentityKey) -> bytes:
        """What stands for a key at rest."""
        return self.of_text(f"{key.kind.value}\0{key.value}")

    def of_text(self, text: str) -> bytes:
        """The digest of any text."""
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")[:DIGEST_BYTES]


class Found(NamedTuple):
    """What the index says of some keys.

    Attributes:
        ids: for each key, the ids of contacts that had it, in their order; at most as many as were asked for.
        as_of: since when changes may be missing; None while the index was never complete.
    """

    ids: Mapping[IdentityKey, Sequence[str]]
    as_of: Instant | None


class Walk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the index is.

    Attributes:
        number: which walk over all contacts is, or was last, under way; from 1.
        cursor: where it stands; None at its beginning, and when it is over.
        started: when it began; None when none is under way.
        walked: when the last one that came to its end began.
        as_of: since when changes may be missing.
        watermark: the latest creation or change that was seen, by the upstream's own clock.
    """

    number: int = 0
    cursor: str | None = None
    started: Instant | None = None
    walked: Instant | None = None
    as_of: Instant | None = None
    watermark: Instant | None = None


class Entry(NamedTuple):
    """A contact as the index keeps it: its id, and its keys as hashes."""

    id: str
    keys: frozenset[IdentityKey]


class IdentityIndex(Protocol):
    """The index of one source, shared by all workers.

    Every method raises :class:`IdentityIndexFailed` when the index cannot be read or written.
    """

    async def holders(self, keys: Sequence[IdentityKey], limit: int) -> Found:
        """Who has the keys."""
        ...

    async def count(self) -> int:
        """How many contacts it holds."""
        ...

    async def walk(self) -> Walk:
        """How far it is."""
        ...

    async def put(self, entries: Sequence[Entry], walk: Walk) -> None:
        """Take in contacts, replacing what was known of them; how far the index now is does not show before they do."""
        ...

    async def sweep(self, walk: Walk) -> None:
        """A walk is over: forget the contacts that it did not meet."""
        ...

    async def wanted(self) -> bool:
        """Somebody has asked for people at least once."""
        ...

    async def want(self) -> None:
        """Remember that somebody has."""
        ...

    def lead(self) -> AbstractAsyncContextManager[bool]:
        """Become the one worker that fills the index, if none is; it says whether that worked."""
        ...

    async def close(self) -> None:
        """Give back what is held."""
        ...
