"""A token that many calls use and that now and then must be signed in for again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """What a sign-in gave.

    Attributes:
        value: the secret.
        lifetime: seconds that it is good for, from the moment the sign-in was sent.
    """

    value: str
    lifetime: float

    def __repr__(self) -> str:
        return "Token(…)"


class TokenKeeper:
    """Signs in when there is no good token: once, however many callers wait; each waits no longer than it can."""

    def __init__(self, sign_in: Callable[[], Awaitable[Token]], *, margin: float = 60.0) -> None:
        """``sign_in`` makes the call (``operation="signIn"``, ``authorize=False``); ``margin`` is how many seconds
        before its end a token is no longer used (never more than a tenth of its life)."""

    async def token(self) -> str:
        """A good token; signs in if there is none."""
        raise NotImplementedError

    async def renew(self, used: str) -> bool:
        """After a 401 or 403 with ``used``: sign in anew unless another caller already did. False: the same token came."""
        raise NotImplementedError

    def forget(self) -> str | None:
        """Drop the token and return it (to sign out); None when there is none."""
        raise NotImplementedError
