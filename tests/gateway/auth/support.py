"""An issuer of tokens: keys, a JWKS behind real HTTP, and tokens signed with them; and who is let in with what."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gateway.auth.bearer import Authenticator
from resolvers.callers import Caller

ISSUER = "https://issuer.example/"
AUDIENCE = "contactgraph"

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


async def let_in(door: Authenticator, *headers: bytes) -> Caller:
    """Who asks with these ``Authorization`` headers."""
    caller = door.caller(headers)
    return caller if isinstance(caller, Caller) else await caller


def public(key: Any, **members: Any) -> dict[str, Any]:
    """The JWK of a private key's public half."""
    kinds: dict[type, Any] = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm}
    kind = next((value for type_, value in kinds.items() if isinstance(key, type_)), OKPAlgorithm)
    return {**kind.to_jwk(key.public_key(), as_dict=True), **members}


def token(key: Any = RSA, algorithm: str = "RS256", *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token that would be let in, but for what the arguments change; a claim of None is left out."""
    now = int(time.time())
    said = {"iss": ISSUER, "aud": AUDIENCE, "exp": now + 600, "sub": "somebody", "scope": "contacts:read", **claims}
    kept = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(kept, key, algorithm, headers={"kid": "one", **(headers or {})})


class Issuer:
    """Publishes keys; counts who asks, and can be made to fail or to wait."""

    def __init__(self) -> None:
        self.keys: list[Any] = [public(RSA, kid="one")]
        self.status = 200
        self.body: bytes | None = None
        self.asked = 0
        self.url = ""
        self.gate: asyncio.Event | None = None
        self.waiting = asyncio.Event()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.gate is not None:
            self.waiting.set()
            await self.gate.wait()
        body = json.dumps({"keys": self.keys}).encode() if self.body is None else self.body
        headers = {"location": self.url} if self.status == 302 else {}
        return web.Response(body=body, status=self.status, headers=headers)

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Issuer]:
        """An issuer behind HTTP on a free port."""
        issuer = cls()
        app = web.Application()
        app.router.add_get("/keys", issuer._answer)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        issuer.url = f"http://127.0.0.1:{port}/keys"
        try:
            yield issuer
        finally:
            await runner.cleanup()
