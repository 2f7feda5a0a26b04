"""Who may call Acquire, and the errors: their types, their statuses, and the switch that hides them under 200."""

from __future__ import annotations

import pytest

from sandbox.app import Sandbox
from sandbox.faults import Fault
from tests.sandbox.caller import Caller

CONTACT = "/crm/objects/contact"


async def test_the_key_is_checked_and_can_be_revoked(box: Sandbox, acquire: Caller) -> None:
    await acquire.get(CONTACT)
    for token in ("", "Bearer", "Bearer x", f"Basic {box.acquire_key}"):
        code, body = await acquire.call("GET", CONTACT, Authorization=token)
        assert (code, body["error"]["code"]) == (401, "ERROR_UNAUTHORIZED")
    box.faults.active.append(Fault("acquire.*", "revoked_tokens", times=1))
    assert (await acquire.call("GET", CONTACT))[0] == 401
    assert (await acquire.call("GET", CONTACT, Authorization=f"Bearer {box.acquire_key}"))[0] == 200


@pytest.mark.parametrize(("status", "not_found"), [(404, 404), (400, 400)])
async def test_a_missing_record_has_either_status(box: Sandbox, acquire: Caller, status: int, not_found: int) -> None:
    box.acquire_behaviour.change(not_found=not_found)
    for path in (f"{CONTACT}/1", "/crm/objects/company/77", "/crm/objects/case/777", "/crm/tag/77", "/crm/view/777"):
        code, body = await acquire.call("GET", path)
        assert (code, body["error"]["code"]) == (status, "ERROR_RECORD_NOT_FOUND")


async def test_errors_may_hide_under_200(box: Sandbox, acquire: Caller) -> None:
    box.acquire_behaviour.change(errors_as_200=True)
    codes = {
        "ERROR_RECORD_NOT_FOUND": await acquire.call("GET", f"{CONTACT}/1"),
        "ERROR_INVALID_INPUT": await acquire.call("GET", CONTACT, query=[("limit", "x")]),
        "ERROR_UNAUTHORIZED": await acquire.call("GET", CONTACT, Authorization="Bearer x"),
    }
    for expected, (code, body) in codes.items():
        assert (code, body["error"]["code"]) == (200, expected)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("acquire.contacts", "status", status=503), 503),
        (Fault("acquire.*", "status", status=429, retry_after=1), 429),
        (Fault("contacts", "ko"), 200),
    ],
)
async def test_faults_strike_by_service_and_operation(box: Sandbox, acquire: Caller, fault: Fault, code: int) -> None:
    box.faults.active.append(fault)
    found, body = await acquire.call("GET", CONTACT, query=[("where", "id|eq|1"), ("where", "id|eq|2")])
    assert (found, body["error"]["code"]) == (code, "ERROR_SERVER_ERROR")
    (call,) = box.calls
    assert (call.service, call.operation, call.path) == ("acquire", "contacts", "/acquire/api/v1/crm/objects/contact")


async def test_malformed_rows_are_put_among_the_others(box: Sandbox, acquire: Caller) -> None:
    box.faults.add("acquire.contacts", "malformed_rows", rows=2)
    assert len((await acquire.get(CONTACT, ("limit", 5)))["data"]["list"]) == 7
    assert (await acquire.call("GET", "/nothing"))[0] == 404
    assert (await acquire.call("PATCH", CONTACT))[0] == 405
