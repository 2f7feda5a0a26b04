"""Tokens of an issuer: which are taken, how its keys are fetched, renewed and kept."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.auth.jwks import ALGORITHMS, KeySet, usable_keys
from gateway.auth.tokens import Tokens
from gateway.errors import RequestRefused
from resolvers.callers import Caller, Scope
from tests.gateway.auth.support import (
    AUDIENCE,
    EC,
    ED,
    ISSUER,
    OTHER_RSA,
    RSA,
    SMALL_RSA,
    Issuer,
    let_in,
    public,
    token,
)


class Clock:
    """Time that passes when told to."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Door:
    """A gateway's door before an issuer."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.uptime = Clock()
        self.time = Clock(time.time())
        self.tokens = Tokens(KeySet(issuer.url, self.uptime), ISSUER, AUDIENCE, self.time)

    async def caller(self, text: str) -> Caller:
        return await let_in(self.tokens, f"Bearer {text}".encode())

    async def refusal(self, text: str) -> RequestRefused:
        with pytest.raises(RequestRefused) as caught:
            await self.caller(text)
        return caught.value


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Door]:
    async with Issuer.running() as issuer:
        door = Door(issuer)
        yield door
        await door.tokens.close()


async def test_a_token_names_its_holder_and_scopes(door: Door) -> None:
    caller = await door.caller(token(scope="contacts:read other:thing contacts:pii"))
    assert caller == Caller(f"jwt:{ISSUER}:somebody", frozenset({Scope.CONTACTS_READ, Scope.CONTACTS_PII}))


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("", set()),
        (None, set()),
        ("events:read", {Scope.EVENTS_READ}),
        (["events:read", "contacts:pii", 7, "unknown"], {Scope.EVENTS_READ, Scope.CONTACTS_PII}),
        (7, set()),
        ({"events:read": True}, set()),
        ("EVENTS:READ *", set()),
    ],
)
async def test_scopes_are_text_with_blanks_or_a_list(door: Door, claim: Any, scopes: set[Scope]) -> None:
    assert (await door.caller(token(scope=claim))).scopes == scopes


@pytest.mark.parametrize("claims", [{"sub": None, "client_id": "app"}, {"sub": None, "azp": "app"}])
async def test_a_client_without_a_person_is_told_by_its_own_name(door: Door, claims: dict[str, Any]) -> None:
    assert (await door.caller(token(**claims))).id == f"jwt:{ISSUER}:app"


NOW = int(time.time())
BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "expired": {"exp": NOW - 3600},
    "no end": {"exp": None},
    "an end that is no time": {"exp": "tomorrow"},
    "not yet": {"nbf": NOW + 3600},
    "made in the future": {"iat": NOW + 3600},
    "another issuer": {"iss": "https://other.example/"},
    "an issuer with less": {"iss": ISSUER.rstrip("/")},
    "no issuer": {"iss": None},
    "another audience": {"aud": "other"},
    "other audiences": {"aud": ["other", "contactgraph-admin"]},
    "no audience": {"aud": None},
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
async def test_a_token_for_another_time_or_place_is_refused(door: Door, claims: dict[str, Any]) -> None:
    refused = await door.refusal(token(**claims))
    assert (refused.status, refused.errors[0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert refused.headers["www-authenticate"] == 'Bearer realm="contactgraph", error="invalid_token"'


@pytest.mark.parametrize("claims", [{"exp": -30}, {"nbf": 30}, {"iat": 30}])
async def test_clocks_may_differ_a_little(door: Door, claims: dict[str, int]) -> None:
    """The library that verifies has a clock of its own, so the times are those of this moment."""
    now = int(time.time())
    assert await door.caller(token(**{name: now + seconds for name, seconds in claims.items()}))


async def test_there_may_be_several_audiences(door: Door) -> None:
    assert await door.caller(token(aud=["x", AUDIENCE]))


def forged(header: dict[str, Any], key: bytes | None) -> str:
    """A token by hand, with an HMAC or without a signature."""
    claims = jwt.decode(token(), options={"verify_signature": False})
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    body = b".".join(parts)
    mac = b"" if key is None else base64.urlsafe_b64encode(hmac.digest(key, body, sha256)).rstrip(b"=")
    return (body + b"." + mac).decode()


def forgeries() -> dict[str, str]:
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    whole = token()
    return {
        "no signature": forged({"alg": "none", "kid": "one"}, None),
        "no signature, oddly written": forged({"alg": "nOnE", "kid": "one"}, None),
        "the public key as a password": forged({"alg": "HS256", "kid": "one"}, pem),
        "an empty password": forged({"alg": "HS256", "kid": "one"}, b""),
        "no algorithm": forged({"kid": "one"}, pem),
        "a list as the algorithm": forged({"alg": ["RS256"], "kid": "one"}, pem),
        "another key": token(OTHER_RSA),
        "another kind of key": token(EC, "ES256"),
        "an unknown key": token(headers={"kid": "two"}),
        "a key id that is no text": forged({"alg": "RS256", "kid": 1}, pem),
        "a key of the token's own": token(EC, "ES256", headers={"jwk": public(EC), "kid": "mine"}),
        "an extension that must be understood": forged({"alg": "RS256", "kid": "one", "crit": ["exp"], "exp": 1}, pem),
        "another type": token(headers={"typ": "logout+jwt"}),
        "no third part": whole.rpartition(".")[0],
        "an altered claim": ".".join([whole.split(".")[0], token(sub="admin").split(".")[1], whole.split(".")[2]]),
        "no token": "abc",
        "a header that is no JSON": "!!!.e30.e30".replace("!", "A"),
    }


@pytest.mark.parametrize("text", forgeries().values(), ids=forgeries())
async def test_a_forgery_is_refused(door: Door, text: str) -> None:
    assert (await door.refusal(text)).status == 401


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS - {"ES384", "ES512"}))
async def test_every_algorithm_of_a_key_is_taken(door: Door, algorithm: str) -> None:
    key = {"E": EC, "Ed": ED}.get(algorithm[: 2 if algorithm == "EdDSA" else 1], RSA)
    door.issuer.keys = [public(key, kid="one")]
    assert await door.caller(token(key, algorithm))


async def test_a_key_that_names_its_algorithm_verifies_no_other(door: Door) -> None:
    door.issuer.keys = [public(RSA, kid="one", alg="RS512")]
    assert await door.caller(token(algorithm="RS512"))
    assert (await door.refusal(token(algorithm="RS256"))).status == 401


async def test_a_token_without_a_key_id_is_taken_where_there_is_one_key(door: Door) -> None:
    bare = jwt.encode(jwt.decode(token(), options={"verify_signature": False}), RSA, "RS256")
    assert await door.caller(bare)
    door.issuer.keys.append(public(EC, kid="two"))
    door.uptime.now += 1000
    await door.refusal(token(headers={"kid": "three"}))
    assert (await door.refusal(bare)).status == 401


def test_unusable_keys_are_left_out() -> None:
    good = public(RSA, kid="good")
    unusable = [
        None,
        "text",
        {},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared", "alg": "HS256"},
        public(RSA, kid="for encryption", use="enc"),
        public(RSA, kid="to sign with", key_ops=["sign"]),
        public(RSA, kid="for HMAC", alg="HS256"),
        public(SMALL_RSA, kid="small"),
        {"kty": "RSA", "n": "x", "kid": "broken"},
        {"kty": "EC", "crv": "secp256k1", "kid": "other curve"},
    ]
    assert list(usable_keys([*unusable, good])) == ["good"]
    with pytest.raises(ValueError, match="usable"):
        usable_keys(unusable)


async def test_a_token_is_verified_once_and_keys_are_fetched_once(door: Door) -> None:
    text = token()
    callers = await asyncio.gather(*(door.caller(text) for _ in range(5)))
    assert len(set(callers)) == 1
    door.issuer.status = 500
    assert await door.caller(text) is await door.caller(text)
    assert door.issuer.asked == 1


async def test_a_remembered_token_ends_when_it_expires(door: Door) -> None:
    now = int(time.time())
    text = token(exp=now - 30)
    first = await door.caller(text)
    door.time.now = now + 29
    assert await door.caller(text) is first
    door.time.now = now + 31
    assert await door.caller(text) is not first  # looked at anew, and by the real clock still good


async def test_a_new_key_is_fetched_when_a_token_names_it(door: Door) -> None:
    await door.caller(token())
    door.issuer.keys = [public(EC, kid="two")]
    door.uptime.now += 11
    assert await door.caller(token(EC, "ES256", headers={"kid": "two"}))
    assert door.issuer.asked == 2


async def test_a_key_that_is_gone_opens_nothing_not_even_for_a_remembered_token(door: Door) -> None:
    text = token()
    await door.caller(text)
    door.issuer.keys = [public(EC, kid="two")]
    door.uptime.now += 11
    await door.caller(token(EC, "ES256", headers={"kid": "two"}))
    assert (await door.refusal(text)).status == 401


async def test_made_up_key_ids_cost_the_issuer_one_question_in_a_while(door: Door) -> None:
    for number in range(20):
        assert (await door.refusal(token(headers={"kid": f"made up {number}"}))).status == 401
    assert door.issuer.asked == 1
    door.uptime.now += 11
    await door.refusal(token(headers={"kid": "made up"}))
    assert door.issuer.asked == 2


async def test_keys_are_renewed_beside_the_requests(door: Door) -> None:
    text = token()
    await door.caller(text)
    door.uptime.now += 601
    door.issuer.gate = asyncio.Event()
    assert await door.caller(text)  # served while the issuer thinks
    await door.issuer.waiting.wait()
    door.issuer.keys.append(public(EC, kid="two"))
    door.issuer.gate.set()
    assert await door.caller(token(EC, "ES256", headers={"kid": "two"}))  # waits for the fetch that is under way
    assert door.issuer.asked == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, None),
        (302, None),
        (200, b"<html>"),
        (200, b'{"keys": {}}'),
        (200, b'{"keys": []}'),
        (200, b"[]"),
        (200, b" " * 600_000),
    ],
)
async def test_an_issuer_that_fails_leaves_the_known_keys(door: Door, status: int, body: bytes | None) -> None:
    await door.caller(token())
    door.issuer.status, door.issuer.body = status, body
    door.uptime.now += 601
    assert (await door.refusal(token(headers={"kid": "new"}))).status == 503
    assert door.issuer.asked == 2
    assert await door.caller(token(sub="somebody else"))


async def test_before_the_issuer_answers_once_nobody_can_say_who_asks(door: Door) -> None:
    door.issuer.status = 503
    refused = await door.refusal(token())
    assert (refused.status, refused.headers["retry-after"]) == (503, "10")
    assert refused.errors[0]["extensions"] == {"code": "UNAUTHENTICATED", "retryable": True, "retryAfter": 10}
    assert (await door.refusal(token(algorithm="PS256"))).status == 503
    assert door.issuer.asked == 1
    door.issuer.status = 200
    door.uptime.now += 11
    assert await door.caller(token())


async def test_a_closed_door_ends_what_is_under_way(door: Door) -> None:
    door.issuer.gate = asyncio.Event()
    asking = asyncio.create_task(door.caller(token()))
    await door.issuer.waiting.wait()
    await door.tokens.close()
    with pytest.raises((asyncio.CancelledError, RequestRefused)):
        await asking
    door.issuer.gate.set()
