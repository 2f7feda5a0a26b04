"""Signing in as a service, and finding out which organization the service belongs to."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from upstreams.cloud4wi import assumptions
from upstreams.cloud4wi.refusals import refusal
from upstreams.errors import UpstreamError, UpstreamMalformed, UpstreamRefused, UpstreamTimeout
from upstreams.http.tokens import Token, TokenKeeper
from upstreams.http.wire import Wire, segment
from upstreams.records import Source

logger = logging.getLogger(__name__)

SIGN_IN = "signIn"
SIGN_OUT_PATIENCE = 2.0
"""Seconds that a process which ends waits for its token to be revoked; the token ends by itself anyway."""


class SignInAnswer(msgspec.Struct):
    """What ``/v1/sts/login/services`` answers."""

    token: str


class ServiceAccount:
    """The service whose key pair the settings hold; the authorizer of every call.

    Args:
        wire: what the sign-in itself travels over.
        key: ``clientKey``.
        secret: ``clientSecret``.
        organization: the organization's cid; None: the token says.
    """

    def __init__(self, wire: Wire, key: str, secret: str, organization: str | None = None) -> None:
        self._wire = wire
        self._key = key
        self._secret = secret
        self._organization = organization
        self._keeper = TokenKeeper(self.sign_in)
        self._proven = ""
        self._proof: Mapping[str, str] = {}

    def at_hand(self, now: float) -> Mapping[str, str] | None:
        """See :meth:`headers`; the same object for all calls with one token."""
        token = self._keeper.at_hand(now)
        if token is None:
            return None
        if token is not self._proven:
            self._proven, self._proof = token, _bearer(token)
        return self._proof

    async def headers(self) -> Mapping[str, str]:
        """The header that proves who we are; signs in when there is no good token."""
        return _bearer(await self._keeper.token())

    async def renew(self, used: Mapping[str, str]) -> bool:
        """Sign in anew after a 401 or 403, unless another caller already did."""
        return await self._keeper.renew(used["Authorization"].removeprefix("Bearer "))

    async def organization(self) -> str:
        """The organization's cid, quoted as a path segment.

        Raises:
            UpstreamRefused: it is not set and the upstream does not tell.
        """
        if self._organization is None:
            self._organization = await self.discover_organization()
        return segment(self._organization)

    async def sign_in(self) -> Token:
        """``POST /v1/sts/login/services``: a new token."""
        return await self._wire.call(
            SIGN_IN,
            "POST",
            "/v1/sts/login/services",
            json={"clientKey": self._key, "clientSecret": self._secret},
            decode=_token,
            check=refusal(SIGN_IN),
            authorize=False,
            idempotent=True,
            write=False,
        )

    async def discover_organization(self) -> str:
        """``GET /v1/sts/services/{id}``: the organization of the service that the token names; undocumented.

        Callers that wait at the same time share one call.
        """
        try:
            token = await self._keeper.token()
        except TimeoutError as error:
            raise UpstreamTimeout(Source.CLOUD4WI, SIGN_IN, "no answer before the request's deadline") from error
        service = _claims(token).get(assumptions.SERVICE_CLAIM.assumed)
        if not isinstance(service, (str, int)) or not str(service):
            raise _organization_unknown()
        try:
            return await self._wire.call(
                SIGN_IN,
                "GET",
                f"/v1/sts/services/{segment(str(service))}",
                decode=_first_organization,
                check=refusal(SIGN_IN),
            )
        except (UpstreamRefused, UpstreamMalformed) as error:
            raise _organization_unknown(error.status) from error

    async def sign_out(self) -> None:
        """``POST /v1/sts/logout``: revoke the token, if there is one. Best effort: it ends by itself within a day."""
        token = self._keeper.forget()
        if token is None:
            return
        try:
            async with asyncio.timeout(SIGN_OUT_PATIENCE):
                await self._wire.call(
                    "signOut",
                    "POST",
                    "/v1/sts/logout",
                    headers=_bearer(token),
                    decode=bytes,
                    authorize=False,
                    idempotent=False,
                    write=False,
                )
        except (UpstreamError, TimeoutError) as error:
            logger.info("Cloud4Wi: the token was not revoked (%s); it ends by itself", type(error).__name__)


def _token(body: bytes) -> Token:
    token = msgspec.json.decode(body, type=SignInAnswer).token
    return Token(token, _lifetime(token))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _organization_unknown(status: int | None = None) -> UpstreamRefused:
    reason = "the organization cannot be discovered with these credentials; set CLOUD4WI_ORGANIZATION"
    return UpstreamRefused(Source.CLOUD4WI, SIGN_IN, reason, status=status)


def _first_organization(body: bytes) -> str:
    """``domains.service.organizations[0]``: an id, or an object that has one."""
    match msgspec.json.decode(body):
        case {"domains": {"service": {"organizations": [first, *_]}}}:
            found = (first.get("cid") or first.get("id")) if isinstance(first, dict) else first
            if isinstance(found, (str, int)) and str(found):
                return str(found)
    raise ValueError("a service without an organization")


def _claims(token: str) -> Mapping[str, Any]:
    """What a JWT says, unverified: it came over the wire that it will travel back on. Empty when it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, msgspec.DecodeError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _lifetime(token: str) -> float:
    """Seconds that a new token is good for; ``iat`` spares us the difference between two clocks."""
    claims = _claims(token)
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, (int, float)):
        return assumptions.TOKEN_LIFETIME.assumed
    lifetime = expires - (issued if isinstance(issued, (int, float)) else time.time())
    return float(lifetime) if lifetime > 0 else assumptions.TOKEN_LIFETIME.assumed
