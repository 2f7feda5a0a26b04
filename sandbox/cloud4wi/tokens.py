"""Sign-in: service credentials against tokens that look like the real ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from dataclasses import dataclass, field

import orjson

from sandbox.clock import Clock

SERVICE = "5f0c9d2e7a1b4c3d8e6f0a1b2c3d4e5f"
"""The service that the sandbox's one pair of keys belongs to."""


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(slots=True)
class Tokens:
    """The tokens that are good now."""

    clock: Clock
    seed: int
    client_key: str = field(init=False)
    client_secret: str = field(init=False)
    _secret: bytes = field(init=False)
    _good: dict[str, float] = field(default_factory=dict)
    _given: int = 0

    def __post_init__(self) -> None:
        draw = random.Random(f"{self.seed}:credentials")  # noqa: S311 - opens nothing but the sandbox
        text = f"{draw.getrandbits(128):032x}"
        self.client_key = f"ck-{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        self.client_secret = f"{draw.getrandbits(128):032x}"
        self._secret = draw.randbytes(32)

    def sign_in(self, key: object, secret: object, lifetime: float) -> str | None:
        """A new token that lives ``lifetime`` seconds; None for wrong credentials."""
        if key != self.client_key or secret != self.client_secret:
            return None
        now = self.clock.now()
        self._good = {token: expires for token, expires in self._good.items() if expires > now}
        self._given += 1
        claims = {"iss": SERVICE, "iat": int(now), "exp": int(now + lifetime), "jti": str(self._given)}
        signed = _part(b'{"alg":"HS256","typ":"JWT"}') + "." + _part(orjson.dumps(claims))
        token = signed + "." + _part(hmac.digest(self._secret, signed.encode(), hashlib.sha256))
        self._good[token] = now + lifetime
        return token

    def good(self, authorization: str | None) -> bool:
        """Whether a request with this ``Authorization`` header may pass."""
        scheme, _, token = (authorization or "").partition(" ")
        return scheme == "Bearer" and self._good.get(token, 0.0) > self.clock.now()

    def sign_out(self, authorization: str | None) -> bool:
        """Revokes the header's token; False when it was no good."""
        good = self.good(authorization)
        if good and authorization is not None:
            del self._good[authorization.removeprefix("Bearer ")]
        return good

    def revoke_all(self) -> None:
        """Makes every token worthless."""
        self._good.clear()
