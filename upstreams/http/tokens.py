"""A token that many calls use and that now and then must be signed in for again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from upstreams.http.flights import Flight
from upstreams.http.scope import RequestScope, current_scope


@dataclass(frozen=True, slots=True)
class Token:
    """What a sign-in gave.

    Attributes:
        value: the secret; visible ASCII, since it goes into a header.
        lifetime: seconds that it is good for, from the moment the sign-in was sent.

    Raises:
        ValueError: the value cannot be a token.
    """

    value: str = field(repr=False)
    lifetime: float

    def __post_init__(self) -> None:
        if not self.value or not all("!" <= char <= "~" for char in self.value):
            raise ValueError("not a token")


class TokenKeeper:
    """Signs in when there is no good token: once, however many callers wait; each waits no longer than it can.

    One who waits is made to leave at its request's deadline with TimeoutError; inside a call of the wire that becomes
    the call's own time-out. A sign-in that fails, fails for all who wait, and the next one who asks tries anew.
    """

    def __init__(self, sign_in: Callable[[], Awaitable[Token]], *, margin: float = 60.0) -> None:
        """``sign_in`` makes the call (``operation="signIn"``, ``authorize=False``); ``margin`` is how many seconds
        before its end a token is no longer used (never more than a tenth of its life)."""
        self._sign_in = sign_in
        self._margin = margin
        self._token: str | None = None
        self._until = 0.0
        self._flight: Flight[str] | None = None

    def at_hand(self, now: float) -> str | None:
        """A good token, if there is one."""
        if self._token is not None and now < self._until:
            return self._token
        return None

    async def token(self) -> str:
        """A good token; signs in if there is none.

        Raises:
            UpstreamError: the sign-in failed.
        """
        return self.at_hand(asyncio.get_running_loop().time()) or await self._signed_in()

    async def renew(self, used: str) -> bool:
        """After a 401 or 403 with ``used``: sign in anew, unless another caller did or is at it. False: the same came.

        Raises:
            UpstreamError: the sign-in failed.
        """
        if self._token == used:
            self._token = None
        return await self.token() != used

    def forget(self) -> str | None:
        """Drop the token and return it (to sign out); None when there is none."""
        token, self._token = self._token, None
        return token

    async def _signed_in(self) -> str:
        scope = current_scope.get() or RequestScope(float("inf"))
        if self._flight is None or not self._flight.joinable:
            self._flight = Flight(self._work, scope.calls, scope.caller, scope.span)
        return await self._flight.wait(scope)

    async def _work(self, _: Flight[str]) -> str:
        started = asyncio.get_running_loop().time()
        token = await self._sign_in()
        self._token = token.value
        self._until = started + token.lifetime - min(self._margin, token.lifetime / 10)
        return token.value
