"""Signing in, renewing, finding the organization, signing out."""

from __future__ import annotations

import asyncio
import base64
import logging

import msgspec
import pytest

from sandbox.app import Sandbox
from sandbox.cloud4wi.tokens import SERVICE
from tests.upstreams.cloud4wi.conftest import IVAN, Connect, made_calls
from upstreams.cloud4wi import Cloud4Wi
from upstreams.cloud4wi.auth import _first_organization, _lifetime
from upstreams.errors import UpstreamMalformed, UpstreamRefused, UpstreamTimeout, UpstreamUnavailable
from upstreams.http.scope import RequestScope, current_scope

SIGN_IN = "POST /v1/sts/login/services"
SIGN_OUT = "POST /v1/sts/logout"


async def test_any_number_of_callers_sign_in_once(box: Sandbox, connect: Connect) -> None:
    source: Cloud4Wi = await connect()
    assert made_calls(box) == []
    await asyncio.gather(source.client.segments(), source.client.locations(), source.client.customer(IVAN))
    assert [call.operation for call in box.calls].count("signIn") == 1
    assert len(box.calls) == 4


async def test_the_organization_is_discovered_once(box: Sandbox, connect: Connect) -> None:
    source: Cloud4Wi = await connect(organization=None)
    await asyncio.gather(source.client.segments(), source.client.locations())
    await source.client.hotspots()
    assert made_calls(box)[:2] == [SIGN_IN, f"GET /v1/sts/services/{SERVICE}"]
    assert sorted(made_calls(box)[2:4]) == [
        f"GET /v1/organizations/{box.organization}/locations",
        f"GET /v2/segments/organizations/{box.organization}",
    ]
    assert made_calls(box)[4:] == [f"GET /v3/hotspots/organizations/{box.organization}"]


async def test_all_of_signing_in_is_one_name_in_the_trace(connect: Connect) -> None:
    source: Cloud4Wi = await connect(organization=None)
    scope = RequestScope(deadline=asyncio.get_running_loop().time() + 60)
    token = current_scope.set(scope)
    try:
        await source.client.segments()
    finally:
        current_scope.reset(token)
    assert [call.operation for call in scope.calls] == ["signIn", "signIn", "segments"]
    assert [call.status for call in scope.calls] == [200, 200, 200]


@pytest.mark.parametrize("status", [403, 404])
async def test_an_organization_that_cannot_be_discovered(box: Sandbox, connect: Connect, status: int) -> None:
    source: Cloud4Wi = await connect(organization=None)
    box.faults.add("service", "status", status=status)
    with pytest.raises(UpstreamRefused, match="set CLOUD4WI_ORGANIZATION"):
        await source.client.segments()
    box.faults.clear()
    assert (await source.client.segments()).rows


async def test_an_upstream_that_is_down_says_nothing_of_the_organization(box: Sandbox, connect: Connect) -> None:
    source: Cloud4Wi = await connect(organization=None)
    box.faults.add("service", "status", status=503)
    with pytest.raises(UpstreamUnavailable):
        await source.client.segments()


async def test_discovery_ends_at_the_requests_deadline(box: Sandbox, connect: Connect) -> None:
    source: Cloud4Wi = await connect(organization=None)
    box.faults.add("signIn", "hang")
    scope = RequestScope(deadline=asyncio.get_running_loop().time() + 0.05)
    token = current_scope.set(scope)
    try:
        with pytest.raises(UpstreamTimeout):
            await source.client.segments()
    finally:
        current_scope.reset(token)


async def test_wrong_credentials_are_refused_without_a_second_try(box: Sandbox, connect: Connect) -> None:
    source: Cloud4Wi = await connect(secret="wrong-secret")
    with pytest.raises(UpstreamRefused) as caught:
        await source.client.segments()
    assert caught.value.status == 401
    assert caught.value.operation == "signIn"
    assert "wrong-secret" not in str(caught.value)
    assert made_calls(box) == [SIGN_IN]


async def test_a_revoked_token_is_renewed_and_the_call_made_again(box: Sandbox, source: Cloud4Wi) -> None:
    box.revoke_tokens()
    assert await source.client.customer(IVAN)
    assert made_calls(box) == [f"GET /v2/customers/{IVAN}", SIGN_IN, f"GET /v2/customers/{IVAN}"]


async def test_a_refusal_that_stays_is_renewed_once(box: Sandbox, source: Cloud4Wi) -> None:
    box.faults.add("contact", "status", status=403)
    with pytest.raises(UpstreamRefused):
        await source.client.customer(IVAN)
    assert [call.operation for call in box.calls] == ["contact", "signIn", "contact"]


async def test_closing_signs_out(box: Sandbox, source: Cloud4Wi) -> None:
    await source.close()
    await source.close()
    assert [(call.operation, call.status) for call in box.calls] == [("signOut", 200)]


async def test_closing_without_a_token_makes_no_call(box: Sandbox, connect: Connect) -> None:
    source: Cloud4Wi = await connect()
    await source.close()
    assert made_calls(box) == []


async def test_a_sign_out_that_fails_is_logged_and_ends_the_closing(
    box: Sandbox, source: Cloud4Wi, caplog: pytest.LogCaptureFixture
) -> None:
    box.faults.add("signOut", "status", status=500)
    with caplog.at_level(logging.INFO, logger="upstreams.cloud4wi"):
        await source.close()
    assert [record.getMessage() for record in caplog.records] == [
        "Cloud4Wi: the token was not revoked (UpstreamUnavailable); it ends by itself"
    ]


@pytest.mark.parametrize("kind", ["html", "empty", "broken_json"])
async def test_a_sign_in_that_gives_no_token_is_malformed(box: Sandbox, connect: Connect, kind: str) -> None:
    source: Cloud4Wi = await connect()
    box.faults.add("signIn", kind)
    with pytest.raises(UpstreamMalformed):
        await source.client.segments()


async def test_a_sign_in_that_says_ko_is_refused(box: Sandbox, connect: Connect) -> None:
    source: Cloud4Wi = await connect()
    box.faults.add("signIn", "ko")
    with pytest.raises(UpstreamRefused):
        await source.client.segments()


def jwt(**claims: object) -> str:
    """A token that says this."""
    return f"h.{base64.urlsafe_b64encode(msgspec.json.encode(claims)).decode().rstrip('=')}.s"


@pytest.mark.parametrize(
    ("token", "seconds"),
    [
        (jwt(iat=1000, exp=4600), 3600.0),
        (jwt(iat=4600, exp=1000), 86_400.0),
        (jwt(iss="x"), 86_400.0),
        (jwt(exp="soon"), 86_400.0),
        ("opaque", 86_400.0),
        ("a.b.c", 86_400.0),
        ("a.!!!.c", 86_400.0),
    ],
)
def test_how_long_a_token_is_good(token: str, seconds: float) -> None:
    assert _lifetime(token) == seconds


def services(organizations: object) -> bytes:
    return msgspec.json.encode({"id": "s", "domains": {"service": {"organizations": organizations}}})


@pytest.mark.parametrize("organizations", [["o1", "o2"], [{"cid": "o1"}], [{"id": "o1"}]])
def test_where_the_organization_may_stand(organizations: object) -> None:
    assert _first_organization(services(organizations)) == "o1"


@pytest.mark.parametrize("organizations", [[], None, "o1", [""], [None], [{}], [["o1"]]])
def test_a_service_without_an_organization(organizations: object) -> None:
    with pytest.raises(ValueError, match="without an organization"):
        _first_organization(services(organizations))
