"""The public keys of an issuer of tokens: fetched when they are needed, renewed, and kept while the issuer is away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import aiohttp
import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

logger = logging.getLogger("contactgraph.auth")

_BY_CURVE = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}
_BY_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
ALGORITHMS = frozenset({*_BY_CURVE.values(), *_BY_RSA})
"""Signatures with a private key. None is an HMAC: whoever knows a public key only must not be able to make a token."""

_FRESH = 600.0
"""Seconds after which keys are renewed beside the requests that use them."""
_PAUSE = 10.0
"""Seconds between two fetches, so that tokens with made-up key ids, or an outage, cost the issuer little."""
_TIMEOUT = 5.0
_LARGEST = 512 * 1024
_SMALLEST_RSA = 2048


class KeysUnavailable(Exception):
    """The issuer cannot be reached, so whether a key is one of its own cannot be told."""


Keys = Mapping[str, Mapping[str, PyJWK]]
"""Keys by id, and by the algorithm that they may verify."""


class KeySet:
    """The keys behind a URL.

    Args:
        url: where the issuer publishes its JWKS.
        clock: seconds of a clock that only goes forward.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: Keys = {}
        self._published: list[Any] | None = None
        self._tried: float | None = None
        self._fetched = 0.0
        self._failed = True
        self._fetching: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None
        self.changes = 0
        """How often the keys became others; what was verified with the old ones is void."""

    async def key(self, id: str | None, algorithm: str) -> PyJWK | None:
        """The key of an id, asked for anew when the id is unknown; without an id, the only key there is.

        Raises:
            KeysUnavailable: it is unknown, and the issuer cannot be asked now.
        """
        known = self._find(id)
        if known is None:
            if self._fetching is not None or self._may_fetch():
                await asyncio.shield(self._fetch())
            known = self._find(id)
            if known is None and self._failed:
                raise KeysUnavailable
        return None if known is None else known.get(algorithm)

    def renew(self) -> None:
        """Fetch the keys in the background if they are no longer fresh."""
        if self._keys and self._clock() - self._fetched > _FRESH and self._may_fetch():
            self._fetch()

    async def close(self) -> None:
        """End what is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _find(self, id: str | None) -> Mapping[str, PyJWK] | None:
        if id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(id)

    def _may_fetch(self) -> bool:
        return self._fetching is None and (self._tried is None or self._clock() - self._tried >= _PAUSE)

    def _fetch(self) -> asyncio.Task[None]:
        """The fetch that is under way, or a new one; it never fails."""
        if self._fetching is None:
            self._tried = self._clock()
            self._fetching = asyncio.create_task(self._renew())
            self._fetching.add_done_callback(self._over)
        return self._fetching

    def _over(self, task: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _renew(self) -> None:
        try:
            published = await self._read()
            keys = usable_keys(published)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._failed = True
            kept = "those known before stay good" if self._keys else "there are none yet"
            logger.error("the keys of GATEWAY_JWT_JWKS_URL cannot be fetched (%s); %s", type(error).__name__, kept)
            return
        self._failed, self._fetched = False, self._clock()
        if published != self._published:
            self.changes += 1
            self._keys, self._published = keys, published

    async def _read(self) -> list[Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT))
        async with self._session.get(
            self._url, allow_redirects=False, headers={"accept": "application/jwk-set+json, application/json"}
        ) as answer:
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            body = b""
            async for part in answer.content.iter_any():
                body += part
                if len(body) > _LARGEST:
                    raise ValueError("too large")
        published = orjson.loads(body)
        listed = published.get("keys") if isinstance(published, dict) else None
        if not isinstance(listed, list):
            raise ValueError("no JWKS")
        return listed


def usable_keys(published: Iterable[Any]) -> Keys:
    """The keys that tokens can be verified with; others are left out.

    Raises:
        ValueError: there is none.
    """
    found: dict[str, dict[str, PyJWK]] = {}
    for number, entry in enumerate(published):
        if isinstance(entry, dict) and (keys := _usable(entry)):
            id = entry.get("kid")
            # One without an id is good for tokens without one, if it is the only key.
            found.setdefault(id if isinstance(id, str) else f"\x00{number}", {}).update(keys)
    if not found:
        raise ValueError("no usable key")
    return found


def _usable(entry: Mapping[str, Any]) -> dict[str, PyJWK]:
    """A key, for each algorithm that it may verify: the one it names, else those of its kind."""
    operations = entry.get("key_ops")
    if entry.get("use", "sig") != "sig" or (isinstance(operations, list) and "verify" not in operations):
        return {}
    match entry.get("kty"):
        case "RSA":
            kind: tuple[str, ...] = _BY_RSA
        case "EC" | "OKP":
            kind = tuple(filter(None, [_BY_CURVE.get(str(entry.get("crv")))]))
        case _:
            return {}
    named = entry.get("alg")
    try:
        keys = {name: PyJWK(dict(entry), name) for name in kind if named in (None, name)}
    except (PyJWTError, ValueError, TypeError, KeyError):
        return {}
    if entry["kty"] == "RSA" and any(key.key.key_size < _SMALLEST_RSA for key in keys.values()):
        return {}
    return keys
