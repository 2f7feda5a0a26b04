"""Proving who we are: a token that somebody else renews, or one that is renewed here.

Rechat may answer a refresh with a new refresh token and accept the old one no more. So the new one is written to
durable storage before its access token is used, under a lock that all workers share: one of them refreshes, the others
take what it wrote.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Callable, Mapping
from contextvars import Context
from typing import Any

import msgspec
from msgspec import Struct

from upstreams.errors import UpstreamRefused, UpstreamUnavailable
from upstreams.http.scope import RequestScope, current_scope
from upstreams.http.tokens import Token, TokenKeeper
from upstreams.http.wire import Wire
from upstreams.rechat import assumptions
from upstreams.rechat.decode import token_refusal
from upstreams.rechat.settings import Refresh
from upstreams.records import Source
from upstreams.state import StateStore

logger = logging.getLogger(__name__)

SIGN_IN = "signIn"
STATE = "rechat.token"
PATIENCE = 5.0
"""Seconds that a process which ends waits for a refresh."""

MARGIN = 60.0
"""Seconds before its end that a stored access token is no longer taken."""


class TokenAnswer(Struct):
    """What the token endpoint answers."""

    access_token: str
    refresh_token: str | None = None
    expires_in: float | str | None = None


class Saved(Struct):
    """What is kept between refreshes.

    Attributes:
        origin: a hash of the environment's refresh token that this one descends from.
        refresh_token: the one to use next.
        access_token: what came with it.
        expires: when that ends, unix seconds.
    """

    origin: str
    refresh_token: str
    access_token: str
    expires: float


class FixedToken:
    """An access token from the settings; nothing newer can be had.

    Args:
        token: the secret.
        brand: the team's id; None: the token says.
    """

    def __init__(self, token: str, brand: str | None = None) -> None:
        self._headers = _headers(token, brand)

    def at_hand(self, now: float) -> Mapping[str, str]:
        """See :meth:`headers`."""
        return self._headers

    async def headers(self) -> Mapping[str, str]:
        """The headers that prove who we are."""
        return self._headers

    async def renew(self, used: Mapping[str, str]) -> bool:
        """Nothing newer can be had."""
        return False


class RenewedToken:
    """An access token that is renewed with a refresh token.

    Args:
        wire: what the refresh itself travels over.
        refresh: the client's credentials.
        store: keeps rotated tokens.
        brand: the team's id; None: the token says.
        clock: unix seconds; what is stored is read by other processes.
    """

    def __init__(
        self,
        wire: Wire,
        refresh: Refresh,
        store: StateStore,
        brand: str | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._wire = wire
        self._refresh = refresh
        self._store = store
        self._brand = brand
        self._clock = clock
        self._keeper = TokenKeeper(self.sign_in)
        self._refused: set[str] = set()
        self._unwritten: Saved | None = None
        self._work: asyncio.Task[Token] | None = None
        self._origin = hashlib.sha256(f"{refresh.client_id}\0{refresh.refresh_token}".encode()).hexdigest()

    def at_hand(self, now: float) -> Mapping[str, str] | None:
        """See :meth:`headers`."""
        token = self._keeper.at_hand(now)
        return None if token is None else _headers(token, self._brand)

    async def headers(self) -> Mapping[str, str]:
        """The headers that prove who we are; refreshes when there is no good token."""
        return _headers(await self._keeper.token(), self._brand)

    async def renew(self, used: Mapping[str, str]) -> bool:
        """Refresh after a 401 or 403, unless another caller or worker already did."""
        token = used["Authorization"].removeprefix("Bearer ")
        self._refused.add(token)
        return await self._keeper.renew(token)

    async def sign_in(self) -> Token:
        """A good access token: the stored one, or a new one that is stored before it is returned.

        A refresh that is under way goes on when nobody waits for it any more: its answer may be the only place where
        the new refresh token is.

        Raises:
            UpstreamError: the refresh failed.
            UpstreamUnavailable: a rotated token cannot be stored; it is kept in memory, and tried again next time.
        """
        if self._work is None or self._work.done():
            scope = current_scope.get()
            patient = RequestScope(float("inf"), [] if scope is None else scope.calls)
            context = Context()
            context.run(current_scope.set, patient)
            self._work = asyncio.get_running_loop().create_task(self._rotate(), context=context)
            self._work.add_done_callback(_seen)
        return await asyncio.shield(self._work)

    async def close(self) -> None:
        """Wait for a refresh that is under way, so that its token is not lost."""
        if self._work is not None:
            await asyncio.wait({self._work}, timeout=PATIENCE)

    async def _rotate(self) -> Token:
        try:
            async with self._store.lock(STATE):
                saved = self._unwritten or await self._read()
                if saved is None or saved.access_token in self._refused or saved.expires - MARGIN <= self._clock():
                    saved = self._unwritten = await self._refreshed(saved)
                    self._refused.clear()
                if self._unwritten is not None:
                    await self._store.write(STATE, msgspec.json.encode(saved))
                    self._unwritten = None
        except OSError as error:
            reason = "the renewed token cannot be kept: see GATEWAY_STATE_DIR"
            raise UpstreamUnavailable(Source.RECHAT, SIGN_IN, reason) from error
        return Token(saved.access_token, saved.expires - self._clock())

    async def refresh(self, refresh_token: str) -> TokenAnswer:
        """``POST /oauth2/token``: exchange a refresh token. Never sent twice: the first may have spent it."""
        return await self._wire.call(
            SIGN_IN,
            "POST",
            assumptions.TOKEN_PATH.assumed,
            form=[
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh_token),
                ("client_id", self._refresh.client_id),
                ("client_secret", self._refresh.client_secret),
            ],
            decode=_answer,
            check=token_refusal(SIGN_IN, assumptions.REFRESH_REFUSED.assumed),
            authorize=False,
            idempotent=False,
            write=False,
        )

    async def _refreshed(self, saved: Saved | None) -> Saved:
        """What a refresh gives: with the rotated token, and if that is refused, with the environment's own."""
        given = self._refresh.refresh_token
        current = saved.refresh_token if saved is not None else given
        sent = self._clock()
        try:
            answer = await self.refresh(current)
        except UpstreamRefused:
            if current == given:
                raise
            logger.warning("Rechat: the stored refresh token is refused; RECHAT_REFRESH_TOKEN is tried instead")
            current = given
            answer = await self.refresh(current)
        expires = sent + _lifetime(answer.expires_in)
        return Saved(self._origin, answer.refresh_token or current, answer.access_token, expires)

    async def _read(self) -> Saved | None:
        """What is stored, if it descends from the token that the environment names now."""
        kept = await self._store.read(STATE)
        if kept is None:
            return None
        try:
            saved = msgspec.json.decode(kept, type=Saved)
            Token(saved.access_token, 0.0)
        except ValueError:  # msgspec's errors are
            logger.warning("Rechat: the stored token cannot be read; RECHAT_REFRESH_TOKEN is used instead")
            return None
        return saved if saved.origin == self._origin else None


def _headers(token: str, brand: str | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"}
    if brand is not None:
        headers[assumptions.BRAND_HEADER.assumed] = brand
    return headers


def _seen(work: asyncio.Task[Token]) -> None:
    """A failure that nobody waits for any more is no news."""
    if not work.cancelled():
        work.exception()


def _answer(body: bytes) -> TokenAnswer:
    answer = msgspec.json.decode(body, type=TokenAnswer)
    Token(answer.access_token, 0.0)
    return answer


def _lifetime(expires_in: Any) -> float:
    try:
        lifetime = float(expires_in)
    except (TypeError, ValueError):
        return assumptions.TOKEN_LIFETIME.assumed
    return lifetime if lifetime > 0 and math.isfinite(lifetime) else assumptions.TOKEN_LIFETIME.assumed
