"""API keys as they are kept: a list in ``GATEWAY_STATE_DIR`` that all workers of a machine read.

A key is ``cgk_<id>_<secret>``. The secret is 256 random bits, so a plain SHA-256 of the key is all that is kept: there
is nothing to guess that a slow hash would protect. Whoever reads the list learns no key.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

import msgspec

from resolvers.callers import Scope
from upstreams.state import StateStore

NAME = "api-keys"
"""The list's name in the state."""

_PREFIX = "cgk"
_ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_ID_LENGTH = 10
_SECRET_BYTES = 32
_LONGEST_NAME = 100


class KeysUnreadable(Exception):
    """The list of keys is not what this version writes."""


class ApiKey(msgspec.Struct, frozen=True, rename="camel"):
    """A key, without what opens anything.

    Attributes:
        id: names it; part of the key's text.
        name: whose it is, in the operator's words.
        scopes: what its holder may do.
        digest: SHA-256 of the key's text, in hexadecimal.
        created_at: when it was made.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    created_at: datetime

    def opens(self, text: str) -> bool:
        """Whether a text is this key; takes as long whether it is or not."""
        return hmac.compare_digest(digest_of(text), self.digest)


class _List(msgspec.Struct, frozen=True):
    keys: tuple[ApiKey, ...] = ()


def digest_of(text: str) -> str:
    """What is kept of a key."""
    return sha256(text.encode()).hexdigest()


def id_of(text: str) -> str | None:
    """The id in the text of a key; None: it is no key."""
    prefix, _, rest = text.partition("_")
    id, _, secret = rest.partition("_")
    return id if prefix == _PREFIX and id and secret else None


def parse_keys(kept: bytes | None) -> dict[str, ApiKey]:
    """The keys by id, of the list as it is kept; None: there is none yet.

    Raises:
        KeysUnreadable: it is something else.
    """
    if kept is None:
        return {}
    try:
        return {key.id: key for key in msgspec.json.decode(kept, type=_List).keys}
    except msgspec.DecodeError as error:
        raise KeysUnreadable(f"the list of API keys cannot be read: {error}") from error


class KeyRing:
    """Makes, lists and revokes keys.

    Args:
        store: where the list is kept.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store

    async def all(self) -> list[ApiKey]:
        """The keys, the oldest first.

        Raises:
            KeysUnreadable: the list is damaged.
            OSError: it cannot be read.
        """
        return list(parse_keys(await self._store.read(NAME)).values())

    async def create(self, scopes: Collection[Scope], name: str = "") -> tuple[ApiKey, str]:
        """A new key, and its text, which is not kept anywhere.

        Raises:
            KeysUnreadable: the list is damaged; it is left as it is.
            OSError: it cannot be written.
        """
        async with self._store.lock(NAME):
            keys = parse_keys(await self._store.read(NAME))
            id = _fresh_id(keys)
            text = f"{_PREFIX}_{id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
            ordered = tuple(scope for scope in Scope if scope in scopes)
            now = datetime.now(UTC).replace(microsecond=0)
            key = ApiKey(id, " ".join(name.split())[:_LONGEST_NAME], ordered, digest_of(text), now)
            await self._write([*keys.values(), key])
        return key, text

    async def revoke(self, id: str) -> bool:
        """End a key; running workers refuse it from their next request on.

        Returns:
            Whether there was one.

        Raises:
            KeysUnreadable: the list is damaged; it is left as it is.
            OSError: it cannot be written.
        """
        async with self._store.lock(NAME):
            keys = parse_keys(await self._store.read(NAME))
            if keys.pop(id, None) is None:
                return False
            await self._write(list(keys.values()))
        return True

    async def _write(self, keys: list[ApiKey]) -> None:
        await self._store.write(NAME, msgspec.json.format(msgspec.json.encode(_List(tuple(keys)))))


def _fresh_id(taken: Collection[str]) -> str:
    while (id := "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))) in taken:
        pass
    return id
