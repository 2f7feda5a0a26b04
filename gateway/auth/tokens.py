"""``GATEWAY_AUTH=jwt``: a caller is whom an issuer's token names. Imported only where tokens are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from hashlib import sha256
from typing import Any

import jwt
from jwt.exceptions import ExpiredSignatureError, ImmatureSignatureError, PyJWTError
from jwt.types import Options

from gateway.auth.bearer import bearer_token, unauthenticated, undecided
from gateway.auth.jwks import ALGORITHMS, KeySet, KeysUnavailable
from resolvers.callers import Caller, Scope

_SKEW = 60
"""Seconds that the clocks of issuer and gateway may differ by."""
_TYPES = {None, "jwt", "at+jwt", "application/jwt", "application/at+jwt"}
_MOST_KEPT = 2000
_RETRY_AFTER = 10
_OPTIONS: Options = {"require": ["exp", "iss", "aud"]}
_KNOWN = {scope.value: scope for scope in Scope}


class Tokens:
    """Knows callers by their tokens.

    Args:
        keys: the issuer's.
        issuer: what ``iss`` must be.
        audience: what ``aud`` must be or hold.
        clock: seconds since 1970.
    """

    def __init__(self, keys: KeySet, issuer: str, audience: str, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._known: dict[bytes, tuple[Caller, float]] = {}
        self._changes = keys.changes

    def caller(self, headers: Sequence[bytes]) -> Caller | Coroutine[Any, Any, Caller]:
        """See :class:`gateway.auth.bearer.Authenticator`. A token is verified once and remembered until it expires."""
        token = bearer_token(headers)
        self._keys.renew()
        if self._changes != self._keys.changes:
            self._forget_all()
        digest = sha256(token.encode("ascii")).digest()
        known = self._known.get(digest)
        if known is not None and known[1] > self._clock():
            return known[0]
        return self._remembered(token, digest)

    async def _remembered(self, token: str, digest: bytes) -> Caller:
        """The caller that a token names, once it is verified."""
        caller, expires = self._read(await self._verified(token))
        if self._changes != self._keys.changes:
            self._forget_all()
        if len(self._known) >= _MOST_KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[digest] = caller, expires
        return caller

    async def close(self) -> None:
        """Give back the connection to the issuer."""
        await self._keys.close()

    def _forget_all(self) -> None:
        self._known.clear()
        self._changes = self._keys.changes

    async def _verified(self, token: str) -> Mapping[str, Any]:
        """The claims of a token."""
        try:
            header = jwt.get_unverified_header(token)
            algorithm, kind = header.get("alg"), header.get("typ")
            if algorithm not in ALGORITHMS or "crit" in header:
                raise unauthenticated("The token is signed in a way that is not taken here.")
            if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
                raise unauthenticated("The token is of another type than access tokens are.")
            key = await self._keys.key(header.get("kid"), algorithm)
            if key is None:
                raise unauthenticated("The token is signed with an unknown key.")
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_SKEW,
                options=_OPTIONS,
            )
        except KeysUnavailable as error:
            message = "The keys that tokens are verified with cannot be fetched now."
            raise undecided(message, retry_after=_RETRY_AFTER) from error
        except ExpiredSignatureError as error:
            raise unauthenticated("The token has expired.") from error
        except ImmatureSignatureError as error:
            raise unauthenticated("The token is not valid yet.") from error
        except (PyJWTError, ValueError, TypeError) as error:
            raise unauthenticated("The token is not valid here.") from error
        return claims

    def _read(self, claims: Mapping[str, Any]) -> tuple[Caller, float]:
        """The caller of verified claims, and until when they hold."""
        who = next((claims[name] for name in ("sub", "client_id", "azp") if isinstance(claims.get(name), str)), "")
        return Caller(f"jwt:{claims['iss']}:{who}", _scopes(claims.get("scope"))), float(claims["exp"]) + _SKEW


def _scopes(claim: Any) -> frozenset[Scope]:
    """The scopes of ours in a claim: names with blanks between them, or a list of names."""
    names = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else ()
    return frozenset(_KNOWN[name] for name in names if isinstance(name, str) and name in _KNOWN)
