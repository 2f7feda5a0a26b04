"""Signing in: once for all who wait, again when the token is no longer accepted, never in a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
import pytest
from aiohttp import web

from tests.upstreams.http.conftest import Laboratory, answer, settle
from upstreams.errors import (
    UpstreamMalformed,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.http.tokens import Token, TokenKeeper
from upstreams.source import SourceState


class Bearer:
    """An authorizer such as a source has."""

    def __init__(self, lab: Laboratory) -> None:
        self.lab = lab
        self.keeper = TokenKeeper(self.sign_in, margin=60)
        lab.wire.authorizer = self

    async def sign_in(self) -> Token:
        return await self.lab.wire.call(
            "signIn",
            "POST",
            "/login",
            decode=lambda body: Token(msgspec.json.decode(body, type=str), 86400),
            json={"secret": "hush"},
            authorize=False,
            idempotent=True,
        )

    def at_hand(self, now: float) -> Mapping[str, str] | None:
        token = self.keeper.at_hand(now)
        return None if token is None else {"Authorization": f"Bearer {token}"}

    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await self.keeper.token()}"}

    async def renew(self, used: Mapping[str, str]) -> bool:
        return await self.keeper.renew(used["Authorization"].removeprefix("Bearer "))


class Service:
    """An upstream that wants its newest token."""

    def __init__(self, lab: Laboratory) -> None:
        self.issued = 0
        self.revoked = False
        self.forbidden = 401
        self.login = asyncio.Event()
        self.login.set()
        lab.upstream.script = [self.respond]
        self.lab = lab

    @property
    def sign_ins(self) -> int:
        return self.lab.upstream.paths.count("/login")

    async def respond(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/login":
            await self.login.wait()
            self.issued += 1
            self.revoked = False
            return web.Response(body=msgspec.json.encode(f"token-{self.issued}"))
        if self.revoked or request.headers.get("Authorization") != f"Bearer token-{self.issued}":
            return web.Response(status=self.forbidden)
        return web.Response(body=b"{}")


@pytest.fixture
def service(lab: Laboratory) -> Service:
    Bearer(lab)
    return Service(lab)


async def test_one_sign_in_however_many_wait(lab: Laboratory, service: Service) -> None:
    service.login.clear()
    scopes = [lab.scope() for _ in range(10)]
    calls = [lab.begin(scope, f"/{n}") for n, scope in enumerate(scopes)]
    await lab.upstream.arrived(1)
    await settle()
    service.login.set()
    await asyncio.gather(*calls)
    assert service.sign_ins == 1
    assert len(lab.upstream.requests) == 11
    assert [[call.operation for call in scope.calls] for scope in scopes] == [["signIn", "thing"]] + [["thing"]] * 9
    assert lab.upstream.bodies[0] == b'{"secret":"hush"}'


async def test_a_token_is_kept_until_shortly_before_its_end(lab: Laboratory, service: Service) -> None:
    await lab.call()
    await lab.clock.advance(86400 - 61)
    await lab.call()
    assert service.sign_ins == 1
    await lab.clock.advance(2)
    await lab.call()
    assert service.sign_ins == 2


async def test_the_margin_is_at_most_a_tenth(lab: Laboratory) -> None:
    count = 0

    async def sign_in() -> Token:
        nonlocal count
        count += 1
        return Token(f"t{count}", 30)

    keeper = TokenKeeper(sign_in)
    assert await keeper.token() == "t1"
    await lab.clock.advance(26)
    assert await keeper.token() == "t1"
    await lab.clock.advance(2)
    assert await keeper.token() == "t2"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_revoked_token_is_renewed_once_for_all(lab: Laboratory, service: Service, status: int) -> None:
    service.forbidden = status
    await lab.call()
    service.revoked = True
    scope = lab.scope()
    calls = [lab.begin(scope, "/0"), *(lab.begin(path=f"/{n}") for n in range(1, 10))]
    assert await asyncio.gather(*calls) == [b"{}"] * 10
    assert service.sign_ins == 2
    assert [(call.operation, call.status) for call in scope.calls if call.operation == "thing"] == [
        ("thing", status),
        ("thing", 200),
    ]
    assert lab.wire.health().state is SourceState.HEALTHY


async def test_a_write_goes_out_again_after_a_renewal(lab: Laboratory, service: Service) -> None:
    await lab.call()
    service.revoked = True
    assert await lab.call(method="POST", json={"a": 1}) == b"{}"
    assert lab.upstream.bodies.count(b'{"a":1}') == 2


@pytest.mark.parametrize("status", [401, 403])
async def test_a_lasting_refusal_is_refused(lab: Laboratory, service: Service, status: int) -> None:
    await lab.call()
    lab.upstream.requests.clear()

    async def forbidden(request: web.Request) -> web.StreamResponse:
        return await service.respond(request) if request.path == "/login" else web.Response(status=status)

    lab.upstream.script = [forbidden]
    with pytest.raises(UpstreamRefused) as caught:
        await lab.call()
    assert caught.value.status == status
    assert lab.upstream.paths == ["/thing", "/login", "/thing"]


async def test_the_same_token_again_is_no_reason_to_try_again(lab: Laboratory) -> None:
    Bearer(lab)

    async def stubborn(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b'"always"') if request.path == "/login" else web.Response(status=401)

    lab.upstream.script = [stubborn]
    with pytest.raises(UpstreamRefused):
        await lab.call()
    assert lab.upstream.paths == ["/login", "/thing", "/login"]


async def test_wrong_credentials_are_refused_and_nothing_else_is_sent(lab: Laboratory) -> None:
    Bearer(lab)
    lab.upstream.script = [answer(401, b"hush")]
    scopes = [lab.scope(), lab.scope()]
    failures = await asyncio.gather(
        *(lab.begin(scope, f"/{n}") for n, scope in enumerate(scopes)), return_exceptions=True
    )
    assert [type(failure) for failure in failures] == [UpstreamRefused] * 2
    assert lab.upstream.paths == ["/login"]
    assert all(str(failure) == "Cloud4Wi: signIn: HTTP 401: our credentials are not accepted" for failure in failures)
    assert lab.wire.health()[:2] == (SourceState.DOWN, "the credentials are refused")


async def test_a_failed_sign_in_is_tried_anew_by_the_next(lab: Laboratory, service: Service) -> None:
    lab.upstream.script = [answer(503), answer(503), answer(503), service.respond]
    with pytest.raises(UpstreamUnavailable, match="signIn"):
        await lab.call()
    assert await lab.call() == b"{}"
    assert lab.upstream.paths == ["/login"] * 4 + ["/thing"]


@pytest.mark.parametrize("body", [b"", b'""', b'"a b"', '"é"'.encode(), b'"a\\r\\nX-Evil: 1"', b"<html>"])
async def test_what_is_no_token_is_malformed(lab: Laboratory, body: bytes) -> None:
    Bearer(lab)
    lab.upstream.script = [answer(200, body)]
    with pytest.raises(UpstreamMalformed, match="signIn"):
        await lab.call()


async def test_each_waits_no_longer_than_it_can(lab: Laboratory, service: Service) -> None:
    service.login.clear()
    hasty, patient = lab.begin(lab.scope(5), "/hasty"), lab.begin(path="/patient")
    await lab.upstream.arrived(1)
    await settle()
    await lab.clock.advance(5)
    with pytest.raises(UpstreamTimeout):
        await hasty
    service.login.set()
    assert await patient == b"{}"
    assert lab.upstream.paths == ["/login", "/patient"]


async def test_a_sign_in_nobody_waits_for_is_cancelled(lab: Laboratory, service: Service) -> None:
    service.login.clear()
    calls = [lab.begin(path=f"/{n}") for n in range(3)]
    await lab.upstream.arrived(1)
    for call in calls:
        call.cancel()
    await lab.upstream.left(1)
    service.login.set()
    assert await lab.call() == b"{}"


async def test_a_rate_limited_sign_in_is_told_to_those_who_cannot_wait(lab: Laboratory, service: Service) -> None:
    lab.upstream.script = [answer(429, headers={"Retry-After": "30"}), service.respond]
    hasty, patient = lab.begin(lab.scope(10)), lab.begin()
    with pytest.raises(UpstreamRateLimited) as caught:
        await hasty
    assert 29 < caught.value.retry_after <= 30
    await lab.clock.advance(30)
    assert await patient == b"{}"


async def test_signing_in_needs_no_second_slot(make_lab: object) -> None:
    lab = await make_lab(concurrency=1)  # type: ignore[operator]
    Bearer(lab)
    Service(lab)
    assert await asyncio.gather(*(lab.begin(path=f"/{n}") for n in range(3))) == [b"{}"] * 3


async def test_forget(lab: Laboratory, service: Service) -> None:
    bearer = lab.wire.authorizer
    assert isinstance(bearer, Bearer)
    assert bearer.keeper.forget() is None
    await lab.call()
    assert bearer.keeper.forget() == "token-1"
    assert bearer.keeper.forget() is None
    await lab.call()
    assert service.sign_ins == 2


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(Token("secret", 1))


async def test_closing_ends_a_sign_in_and_what_waits_for_it(lab: Laboratory, service: Service) -> None:
    """Also one that goes out over a connection that is there, and so has no task."""
    await lab.call()
    service.revoked = True
    service.login.clear()
    call = lab.begin()
    await lab.upstream.arrived(4)
    await settle()
    await lab.network.close()
    with pytest.raises(UpstreamUnavailable, match="closing"):
        await call
    assert lab.wire.stats.in_flight == 0
