"""Credentials, tokens, and what a call without a good token gets."""

from __future__ import annotations

import base64
import json

import pytest

from sandbox.app import Sandbox
from tests.sandbox.client import Client

LOGIN = "/v1/sts/login/services"


async def test_the_token_comes_in_body_and_header(box: Sandbox, client: Client) -> None:
    keys = {"clientKey": box.client_key, "clientSecret": box.client_secret}
    async with client.session.post(box.url + LOGIN, json=keys) as response:
        token = (await response.json())["token"]
        assert response.headers["Authorization"] == f"Bearer {token}"
    head, claims, signature = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert decoded["exp"] - decoded["iat"] == 86_400
    assert head
    assert signature
    service = await client.get(f"/v1/sts/services/{decoded['iss']}")
    assert service["domains"]["service"]["organizations"] == [box.organization]
    assert (await client.call("GET", "/v1/sts/services/other"))[0] == 404


@pytest.mark.parametrize("keys", [{}, {"clientKey": "ck-1", "clientSecret": "x"}, {"clietKey": "misspelt"}])
async def test_wrong_credentials_are_401(client: Client, keys: dict[str, str]) -> None:
    assert (await client.call("POST", LOGIN, json=keys))[0] == 401


@pytest.mark.parametrize("sent", [[], "text", 7])
async def test_a_body_that_is_no_object_is_409(client: Client, sent: object) -> None:
    assert (await client.call("POST", LOGIN, json=sent))[0] == 409


async def test_a_right_key_with_a_wrong_secret_is_401(box: Sandbox, client: Client) -> None:
    assert (await client.call("POST", LOGIN, json={"clientKey": box.client_key, "clientSecret": "no"}))[0] == 401


async def test_logout_ends_the_token(client: Client) -> None:
    assert await client.call("POST", "/v1/sts/logout") == (200, None)
    assert (await client.call("POST", "/v1/sts/logout"))[0] == 401
    assert (await client.call("GET", f"/v1/{client.organization}/events"))[0] == 403


async def test_tokens_live_one_day_of_the_clock(box: Sandbox, client: Client) -> None:
    box.clock.advance(86_390)
    await client.events(size=1)
    box.clock.advance(20)
    assert (await client.call("GET", f"/v1/{client.organization}/events"))[0] == 403
    await client.sign_in()
    await client.events(size=1)


async def test_revoked_tokens_are_403_until_the_next_sign_in(box: Sandbox, client: Client) -> None:
    box.revoke_tokens()
    assert (await client.call("GET", f"/v1/{client.organization}/events"))[0] == 403
    await client.sign_in()
    await client.events(size=1)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nonsense", "Basic abc"])
async def test_a_bad_header_is_403(box: Sandbox, client: Client, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with client.session.get(f"{box.url}/v1/{client.organization}/events", headers=headers) as response:
        assert response.status == 403
        assert (await response.json())["status"] == "KO"


async def test_a_token_without_its_scheme_is_403(box: Sandbox, client: Client) -> None:
    url = f"{box.url}/v1/{client.organization}/events"
    async with client.session.get(url, headers={"Authorization": client.token}) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/v1/organizations/{}/events",
        "/v1/organizations/{}/customers/x/events",
        "/v1/organizations/{}/locations",
        "/v2/customers/organizations/{}",
        "/v2/segments/organizations/{}",
        "/v3/hotspots/organizations/{}",
    ],
)
async def test_another_organization_is_403(client: Client, path: str) -> None:
    assert (await client.call("GET", path.format("0" * 32)))[0] == 403


async def test_calls_are_recorded_in_order(box: Sandbox, client: Client) -> None:
    await client.events(size=3)
    await client.call("GET", "/v2/customers/nobody")
    await client.call("GET", "/v9/nothing")
    await client.call("DELETE", f"/v1/{client.organization}/events")
    await client.sign_in()
    seen = [(call.service, call.operation, call.method, call.status) for call in box.calls]
    assert seen == [
        ("cloud4wi", "events", "GET", 200),
        ("cloud4wi", "contact", "GET", 404),
        ("cloud4wi", "unknown", "GET", 404),
        ("cloud4wi", "unknown", "DELETE", 405),
        ("cloud4wi", "signIn", "POST", 200),
    ]
    assert box.calls[0].path == f"/v1/{client.organization}/events"
    assert box.calls[0].query == {"sortBy": "utcTime", "size": "3"}
    box.reset_calls()
    assert box.calls == []


async def test_a_double_slash_is_tolerated(client: Client) -> None:
    assert (await client.get(f"//v1/{client.organization}/events", size=2))["count"] == 2
