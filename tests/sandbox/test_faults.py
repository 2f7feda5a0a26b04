"""Every fault as a client meets it."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from sandbox.app import Sandbox
from sandbox.faults import KINDS, Fault
from tests.conftest import StartSandbox
from tests.sandbox.client import Client, ids


async def raw(client: Client, **query: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an events call."""
    url = f"{client.box.url}/v1/{client.organization}/events"
    async with client.session.get(url, params=query, headers={"Authorization": f"Bearer {client.token}"}) as response:
        return response.status, dict(response.headers), await response.read()


@pytest.mark.parametrize(("status", "retry_after"), [(429, 7), (429, None), (429, "soon"), (500, None), (503, 2)])
async def test_statuses_with_and_without_retry_after(
    box: Sandbox, client: Client, status: int, retry_after: int | str | None
) -> None:
    box.faults.add("events", "status", status=status, retry_after=retry_after, times=1)
    found, headers, body = await raw(client)
    assert found == status
    assert headers.get("Retry-After") == (None if retry_after is None else str(retry_after))
    assert json.loads(body)["code"] == status
    assert (await raw(client))[0] == 200


async def test_counting_and_naming(box: Sandbox, client: Client) -> None:
    fault = box.faults.add("cloud4wi.event?", "status", after=2, times=3)
    statuses = [(await raw(client))[0] for _ in range(7)]
    assert statuses == [200, 200, 503, 503, 503, 200, 200]
    assert (fault.seen, fault.hits) == (7, 3)
    await client.contacts(size=1)
    assert fault.seen == 7
    box.faults.remove(fault)
    assert [call.status for call in box.calls] == [*statuses, 200]


async def test_a_rate_is_drawn_the_same_for_the_same_seed(box: Sandbox, client: Client) -> None:
    runs = []
    for seed in (1, 1, 2):
        box.faults.clear()
        box.faults.add("*", "status", rate=0.4, seed=seed)
        runs.append([(await raw(client, size="1"))[0] for _ in range(30)])
    assert runs[0] == runs[1] != runs[2]
    assert 4 < runs[0].count(503) < 22


@pytest.mark.parametrize("status", [200, 502])
async def test_html(box: Sandbox, client: Client, status: int) -> None:
    box.faults.add("events", "html", status=status)
    found, headers, body = await raw(client)
    assert found == status
    assert headers["Content-Type"].startswith("text/html")
    assert body.startswith(b"<!DOCTYPE html>")


async def test_empty_and_ko(box: Sandbox, client: Client) -> None:
    fault = box.faults.add("events", "empty")
    assert (await raw(client))[::2] == (200, b"")
    box.faults.remove(fault)
    box.faults.add("events", "ko")
    status, _, body = await raw(client)
    assert (status, json.loads(body)["status"]) == (200, "KO")


async def test_broken_json_is_complete_for_http(box: Sandbox, client: Client) -> None:
    box.faults.add("events", "broken_json")
    status, _, body = await raw(client)
    assert status == 200
    assert body.startswith(b'{"status":"OK"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


@pytest.mark.parametrize("kind", ["truncated", "reset_after"])
async def test_an_answer_cut_in_mid_body(box: Sandbox, client: Client, kind: str) -> None:
    box.faults.add("events", kind)
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientOSError)):
        await raw(client)


async def test_a_reset_before_the_answer(box: Sandbox, client: Client) -> None:
    """For good, since aiohttp itself repeats a GET whose kept-alive connection was reset."""
    box.faults.add("events", "reset")
    with pytest.raises(aiohttp.ClientOSError):
        await raw(client)
    assert box.calls[-1].status is None
    box.faults.clear()
    assert (await raw(client))[0] == 200


async def test_latency_holds_back_one_operation_only(box: Sandbox, client: Client) -> None:
    box.faults.add("events", "latency", seconds=3600)
    slow = asyncio.create_task(raw(client))
    while "events" not in [call.operation for call in box.calls]:
        await client.contacts(size=1)
    await client.contacts(size=1)
    assert not slow.done()
    slow.cancel()
    box.faults.clear()
    box.faults.add("events", "latency", seconds=0.001)
    assert (await raw(client))[0] == 200


async def test_a_hang_lasts_until_released(box: Sandbox, client: Client) -> None:
    box.faults.add("events", "hang", times=1)
    waiting = asyncio.create_task(raw(client))
    await box.faults.until_hanging()
    assert not waiting.done()
    box.faults.release()
    assert (await waiting)[0] == 200


async def test_a_hang_ends_when_the_client_leaves(box: Sandbox, client: Client) -> None:
    box.faults.add("events", "hang", times=1)
    waiting = asyncio.create_task(raw(client))
    await box.faults.until_hanging()
    waiting.cancel()
    async with asyncio.timeout(10):
        await box.faults.until_hanging(0)
    assert box.calls[-1].status is None


async def test_a_sandbox_closes_although_calls_hang() -> None:
    async with Sandbox.start(contacts=5, events=20) as box, Client(box) as client:
        box.faults.add("events", "hang")
        waiting = asyncio.create_task(raw(client))
        await box.faults.until_hanging()
        waiting.cancel()


async def test_scrolls_expire_and_tokens_are_revoked_in_mid_walk(box: Sandbox, client: Client) -> None:
    scroll_id = (await client.events(enableScroll=True, size=10))["scrollId"]
    box.faults.add("events", "expired_scrolls", times=1)
    assert (await raw(client, scrollId=scroll_id))[0] == 404
    box.faults.add("events", "revoked_tokens", times=1)
    assert (await raw(client))[0] == 403
    await client.sign_in()
    assert (await raw(client))[0] == 200


@pytest.mark.parametrize(("path", "rows"), [("/v1/{}/events", "events"), ("/v2/customers/{}", "customers")])
async def test_malformed_rows_stand_among_good_ones(box: Sandbox, client: Client, path: str, rows: str) -> None:
    box.faults.add("*", "malformed_rows", rows=5)
    found = (await client.get(path.format(client.organization), size=20))[rows]
    assert len(found) == 25
    assert sum(1 for row in found if isinstance(row, dict) and ("customerId" in row or row.get("cid"))) == 20


async def test_malformed_rows_leave_other_answers_alone(box: Sandbox, client: Client) -> None:
    box.faults.add("*", "malformed_rows")
    assert (await client.call("GET", "/v2/customers/nobody"))[0] == 404
    await client.sign_in()
    assert client.token


async def test_a_repeated_page_does_not_move_the_scroll(box: Sandbox, client: Client) -> None:
    box.behaviour.short_pages = 0
    page = await client.events(enableScroll=True, size=10)
    box.faults.add("events", "repeat_page", times=2)
    again = [ids([(await client.events(scrollId=page["scrollId"]))["events"]]) for _ in range(2)]
    assert again == [ids([page["events"]])] * 2
    following = ids([(await client.events(scrollId=page["scrollId"]))["events"]])
    assert not set(following) & set(again[0])


@pytest.mark.parametrize(("kind", "spent"), [("truncated", True), ("reset_after", True), ("reset", False)])
async def test_a_lost_answer_spends_its_page(box: Sandbox, client: Client, kind: str, spent: bool) -> None:
    box.behaviour.change(short_pages=0, shuffle_ties=False)
    expected = ids([(await client.events(size=30))["events"]])
    page = await client.events(enableScroll=True, size=10)
    box.faults.add("events", kind)
    with pytest.raises(aiohttp.ClientError):
        await raw(client, scrollId=page["scrollId"])
    box.faults.clear()
    following = ids([(await client.events(scrollId=page["scrollId"]))["events"]])
    assert following == (expected[20:30] if spent else expected[10:20])


async def test_faults_from_the_start_and_together(start_sandbox: StartSandbox) -> None:
    faults = [Fault("signIn", "latency", seconds=0.001), Fault("events", "status", status=500)]
    async with Client(await start_sandbox(faults=faults)) as client:
        assert (await raw(client))[0] == 500
        assert [fault.hits for fault in faults] == [1, 1]


@pytest.mark.parametrize("values", [{}, {"operation": "x"}, {"operation": "x", "kind": "y"}, {"kind": "hang", "x": 1}])
def test_a_fault_that_makes_no_sense_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="fault"):
        Fault.parse(values)


def test_all_kinds_say_what_they_do() -> None:
    assert all(does for does in KINDS.values())
