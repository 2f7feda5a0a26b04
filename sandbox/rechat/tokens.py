"""Rechat's OAuth 2: one client, access tokens that end, a refresh token that may be exchanged once."""

from __future__ import annotations

import random
from typing import Any

from sandbox.clock import Clock

Json = dict[str, Any]


class Tokens:
    """The tokens that are good now.

    Attributes:
        client_id, client_secret: of the one client.
        access_token: one that was given before the sandbox started; it lives as long as ``lifetime`` says.
        refresh_token: the refresh token that is good now.
    """

    def __init__(self, seed: int, clock: Clock, lifetime: float) -> None:
        self._draw = random.Random(f"{seed}:rechat:credentials")  # noqa: S311 - opens nothing but the sandbox
        self._clock = clock
        self.client_id = f"{self._draw.getrandbits(128):032x}"
        self.client_secret = self._new()
        self.refresh_token = self._new()
        self._good: dict[str, float] = {}
        self.access_token = self._give(lifetime)

    def _new(self) -> str:
        return f"{self._draw.getrandbits(256):064x}"

    def _give(self, lifetime: float) -> str:
        now = self._clock.now()
        self._good = {token: ends for token, ends in self._good.items() if ends > now}
        token = self._new()
        self._good[token] = now + lifetime
        return token

    def good(self, authorization: str | None) -> bool:
        """Whether a request with this ``Authorization`` header may pass."""
        scheme, _, token = (authorization or "").partition(" ")
        return scheme == "Bearer" and self._good.get(token, 0.0) > self._clock.now()

    def refused(self, form: Json) -> tuple[str, str] | None:
        """``error`` and ``error_description`` of a token request that cannot be granted; None when it can."""
        if form.get("grant_type") != "refresh_token":
            return "unsupported_grant_type", "the sandbox grants refresh_token alone"
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return "invalid_client", "client_id or client_secret is wrong"
        if form.get("refresh_token") != self.refresh_token:
            return "invalid_grant", "the refresh token is not valid"
        return None

    def refresh(self, rotate: bool, lifetime: float) -> Json:
        """A new access token; with ``rotate`` a new refresh token too, and the old one is worthless."""
        if rotate:
            self.refresh_token = self._new()
        answer: Json = {"access_token": self._give(lifetime), "expires_in": int(lifetime), "token_type": "Bearer"}
        return answer | ({"refresh_token": self.refresh_token} if rotate else {})

    def revoke_access(self) -> None:
        """Makes every access token worthless; the refresh token stays good."""
        self._good.clear()
