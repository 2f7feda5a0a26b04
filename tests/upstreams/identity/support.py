"""Keys and entries for indexes."""

from __future__ import annotations

from upstreams.identity.index import Entry, KeyHasher
from upstreams.identity.keys import IdentityKey, MatchKey

HASHER = KeyHasher(b"a secret of thirty-two bytes or so")
IVAN = IdentityKey(MatchKey.EMAIL, "ivan.muccini@example.org")
PHONE = IdentityKey(MatchKey.PHONE, "+393281234567")
EVA = IdentityKey(MatchKey.EMAIL, "eva@example.org")


def entry(id: str, *keys: IdentityKey) -> Entry:
    """A contact with some keys."""
    return Entry(id, frozenset(keys))
