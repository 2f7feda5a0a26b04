"""Who may call Rechat: access tokens, refreshing them, brands, and errors in the documented form."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from sandbox.app import Sandbox
from sandbox.faults import Fault
from tests.conftest import StartSandbox
from tests.sandbox.caller import Caller


async def refresh(box: Sandbox, **changed: str) -> tuple[int, dict[str, Any]]:
    """Asks for a new access token."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": box.rechat_refresh_token,
        "client_id": box.rechat_client_id,
        "client_secret": box.rechat_client_secret,
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{box.rechat_url}/oauth2/token", data=form | changed) as response,
    ):
        return response.status, await response.json()


async def status(box: Sandbox, token: str, **headers: str) -> int:
    """The status of a read with this token."""
    async with aiohttp.ClientSession() as session:
        return (await Caller(session, box.rechat_url, token).call("GET", "/contacts", **headers))[0]


async def test_a_token_is_needed_and_ends(box: Sandbox) -> None:
    assert [await status(box, token) for token in (box.rechat_token, "other", "")] == [200, 401, 401]
    box.clock.advance(2_678_401)
    assert await status(box, box.rechat_token) == 401
    _, given = await refresh(box)
    assert given["expires_in"] == 2_678_400
    assert given["brand"] == box.rechat_brand
    assert await status(box, given["access_token"]) == 200


async def test_a_refresh_token_is_good_once(box: Sandbox) -> None:
    old = box.rechat_refresh_token
    code, given = await refresh(box)
    assert code == 200
    assert given["refresh_token"] == box.rechat_refresh_token != old
    assert await refresh(box, refresh_token=old) == (
        400,
        {"error": "invalid_grant", "error_description": "the refresh token is not valid"},
    )
    assert (await refresh(box))[0] == 200


async def test_without_rotation_it_stays_good(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(rechat={"rotate_refresh": False, "token_ttl": 60})
    given = [(await refresh(box))[1] for _ in range(2)]
    assert all("refresh_token" not in each for each in given)
    assert given[0]["access_token"] != given[1]["access_token"]
    assert [await status(box, each["access_token"]) for each in given] == [200, 200]
    box.clock.advance(61)
    assert await status(box, given[1]["access_token"]) == 401


@pytest.mark.parametrize(
    ("changed", "code", "error"),
    [
        ({"client_secret": "x"}, 401, "invalid_client"),
        ({"client_id": "x"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"refresh_token": "x"}, 400, "invalid_grant"),
    ],
)
async def test_refused_refreshes(box: Sandbox, changed: dict[str, str], code: int, error: str) -> None:
    found, body = await refresh(box, **changed)
    assert (found, body["error"]) == (code, error)
    assert await status(box, box.rechat_token) == 200


async def test_revoked_tokens_are_refused_and_can_be_refreshed(box: Sandbox) -> None:
    box.faults.active.append(Fault("rechat.contacts", "revoked_tokens", times=1))
    assert await status(box, box.rechat_token) == 401
    _, given = await refresh(box)
    assert await status(box, given["access_token"]) == 200
    box.revoke_tokens()
    assert await status(box, given["access_token"]) == 401


async def test_the_brand_is_checked(box: Sandbox) -> None:
    assert await status(box, box.rechat_token, X_RECHAT_BRAND=box.rechat_brand) == 200
    assert await status(box, box.rechat_token, X_RECHAT_BRAND="other") == 403
    box.rechat_behaviour.change(brand_required=True)
    assert await status(box, box.rechat_token) == 403
    assert await status(box, box.rechat_token, X_RECHAT_BRAND=box.rechat_brand) == 200


async def test_errors_look_as_documented(box: Sandbox, rechat: Caller) -> None:
    code, body = await rechat.call("GET", "/contacts/00000000-0000-4000-8000-000000000000")
    assert code == 404
    message = "Contact 00000000-0000-4000-8000-000000000000 not found"
    assert body == {"trace": False, "http": 404, "message": message, "code": "ResourceNotFound", "slack": False}
    assert (await rechat.call("GET", "/nothing"))[0] == 404
    assert (await rechat.call("PUT", "/contacts"))[0] == 405
    async with rechat.session.post(
        box.rechat_url + "/contacts/filter", data=b"{", headers=rechat.headers | {"Content-Type": "application/json"}
    ) as response:
        assert response.status == 400
    assert (await rechat.call("POST", "/contacts/filter", []))[0] == 400


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("rechat.*", "status", status=500), 500),
        (Fault("rechat.tags", "status", status=429, retry_after=3), 429),
        (Fault("tags", "ko"), 200),
    ],
)
async def test_faults_strike_by_service_and_operation(box: Sandbox, rechat: Caller, fault: Fault, code: int) -> None:
    box.faults.active.append(fault)
    found, body = await rechat.call("GET", "/contacts/tags")
    assert found == code
    assert body["code"] == "InternalServerError"
    assert "message" in body
    assert [(call.service, call.operation, call.status) for call in box.calls] == [("rechat", "tags", code)]


async def test_malformed_rows_are_put_among_the_others(box: Sandbox, rechat: Caller) -> None:
    box.faults.add("rechat.contacts", "malformed_rows", rows=2)
    body = await rechat.get("/contacts", ("limit", 5))
    assert (len(body["data"]), body["info"]["count"]) == (7, 5)
