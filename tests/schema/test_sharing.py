"""Whole queries in flight: who shares one, who does not, and what stays each caller's own."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from gateway.app import build_app
from gateway.settings import read_settings
from resolvers.callers import ALL_SCOPES, Scope
from sandbox.app import Sandbox
from tests.gateway.support import post
from tests.schema.harness import Answer, Api, credentials
from upstreams.records import Source

CONTACTS = "query ($first: Int = 3) { contacts(first: $first) { nodes { id displayName } } }"
PART = "{ contacts(first: 3) { nodes { id } } segments(first: 1) { nodes { name } } }"
EITHER = "query A { contacts(first: 3) { nodes { id } } } query B { contacts(first: 3) { nodes { id } } }"
WRITE = """mutation { contactCreate(input: {source: RECHAT, firstName: "Ada", lastName: "Lovelace"}) {
    contact { id } userErrors { message } } }"""


async def begun(box: Sandbox, api: Api, *rest: Any, **named: Any) -> asyncio.Task[Answer]:
    """A query that now waits for an upstream."""
    task = asyncio.create_task(api.query(*rest, **named))
    await hanging(box, 1)
    return task


async def hanging(box: Sandbox, count: int) -> None:
    """Wait until so many calls hang."""
    async with asyncio.timeout(5):
        await box.faults.until_hanging(count)


async def settle() -> None:
    """Let everything run that waits for no network."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_equal_queries_of_different_callers_are_executed_once(api: Api, box: Sandbox) -> None:
    box.faults.add("cloud4wi.contacts", "hang")
    leader = await begun(box, api, CONTACTS)
    joined = [asyncio.create_task(api.query(CONTACTS, {"first": 3}, caller=name)) for name in ("one", "other")]
    await settle()
    box.faults.clear()
    first, *others = await asyncio.gather(leader, *joined)
    assert (first.calls, first.shared) == ({"customers": 1}, False)
    assert first.data is not None
    assert len(first["contacts.nodes"]) == 3
    for other in others:
        assert (other.data, other.errors, other.calls, other.shared) == (first.data, [], {}, True)
        assert [(call.operation, call.status) for call in other.trace if call.shared] == [
            (call.operation, call.status) for call in first.trace
        ]
    assert not (await api.query(CONTACTS)).shared


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"text": CONTACTS}, {"text": CONTACTS + " "}),
        ({"text": CONTACTS}, {"text": CONTACTS, "variables": {"first": 4}}),
        ({"text": CONTACTS}, {"text": CONTACTS, "scopes": ALL_SCOPES - {Scope.CONTACTS_PII}}),
        ({"text": CONTACTS}, {"text": CONTACTS, "variables": {"first": None}}),
    ],
)
async def test_what_differs_is_executed_by_itself(
    api: Api, box: Sandbox, one: dict[str, Any], other: dict[str, Any]
) -> None:
    box.faults.add("cloud4wi.contacts", "hang")
    leader = await begun(box, api, **one)
    second = asyncio.create_task(api.query(**other))
    await settle()
    box.faults.clear()
    answers = await asyncio.gather(leader, second)
    assert [answer.shared for answer in answers] == [False, False]


async def test_with_sharing_off_nothing_is_shared_or_kept(box: Sandbox) -> None:
    async with Api.over(box, GATEWAY_SHARING="off", GATEWAY_ENTITY_TTL="60", GATEWAY_STALE_IF_ERROR="60") as api:
        await api.query("{ __typename }")
        box.faults.add("cloud4wi.contacts", "hang")
        one, other = asyncio.create_task(api.query(PART)), asyncio.create_task(api.query(PART))
        await hanging(box, 2)
        box.faults.clear()
        answers = [*await asyncio.gather(one, other), await api.query(PART)]
    for answer in answers:
        assert answer.calls == {"customers": 1, "segments": 1}
        assert not answer.shared
        assert not any(call.shared or call.cached for call in answer.trace)


async def test_one_that_leaves_ends_only_its_wait(api: Api, box: Sandbox) -> None:
    box.faults.add("cloud4wi.contacts", "hang")
    leader = await begun(box, api, CONTACTS)
    joined = [asyncio.create_task(api.query(CONTACTS)) for _ in range(2)]
    await settle()
    leader.cancel()
    joined[0].cancel()
    await asyncio.gather(leader, joined[0], return_exceptions=True)
    box.faults.clear()
    answer = await joined[1]
    assert (answer.errors, answer.calls, answer.shared) == ([], {}, True)
    assert len(answer["contacts.nodes"]) == 3


async def test_when_the_last_has_left_the_execution_ends(api: Api, box: Sandbox) -> None:
    box.faults.add("cloud4wi.contacts", "hang")
    tasks = [await begun(box, api, CONTACTS), asyncio.create_task(api.query(CONTACTS))]
    await settle()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await hanging(box, 0)
    box.faults.clear()
    assert not (await api.query(CONTACTS)).shared


async def test_the_earlier_deadline_of_another_ends_nobodys_wait(api: Api, box: Sandbox) -> None:
    """The first gets what could be had in its time; who joined it has time left and asks again."""
    box.faults.add("cloud4wi.contacts", "hang")
    hurried = await begun(box, api, PART, seconds=1.0)
    patient = asyncio.create_task(api.query(PART, seconds=30.0))
    first = await hurried
    assert first.codes == ["UPSTREAM_TIMEOUT"]
    assert first.data is not None
    assert first.data["segments"] is not None
    box.faults.clear()
    second = await patient
    assert (second.errors, second.shared) == ([], False)
    assert len(second["contacts.nodes"]) == 3


async def test_a_query_after_a_write_joins_none_from_before_it(box: Sandbox) -> None:
    async with Api.over(box, sources=(Source.RECHAT,)) as api:
        box.faults.add("contacts", "hang", times=1)
        before = await begun(box, api, CONTACTS)
        during = asyncio.create_task(api.query(CONTACTS))
        await settle()
        assert (await api.query(WRITE)).errors == []
        after = await api.query(CONTACTS)
        box.faults.clear()
        answers = [await before, await during, after]
    assert [answer.shared for answer in answers] == [False, True, False]


async def test_mutations_are_never_shared(box: Sandbox) -> None:
    async with Api.over(box, sources=(Source.RECHAT,)) as api:
        answers = await asyncio.gather(api.query(WRITE), api.query(WRITE))
    assert [answer.shared for answer in answers] == [False, False]
    ids = {answer["contactCreate.contact.id"] for answer in answers}
    assert len(ids) == 2


async def test_over_http_cost_trace_and_words_are_each_callers_own(
    box: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    app = build_app(read_settings(credentials(box, Source.CLOUD4WI) | {"GATEWAY_UPSTREAM_RETRIES": "0"}))
    async with app.router.lifespan_context(app):
        box.faults.add("cloud4wi.contacts", "hang", times=1)
        box.faults.add("segments", "status", status=503)
        trace = {"x-contactgraph-trace": "1"}
        leader = asyncio.create_task(post(app, PART, headers=trace | {"x-request-id": "leads"}))
        await hanging(box, 1)
        joined = asyncio.create_task(post(app, PART, headers=trace | {"x-request-id": "joins"}))
        quiet = asyncio.create_task(post(app, PART, headers={"x-request-id": "quiet"}))
        await settle()
        box.faults.release()
        first, second, third = [answer.json for answer in await asyncio.gather(leader, joined, quiet)]
    assert first["data"] == second["data"] == third["data"]
    assert first["errors"] == second["errors"] == third["errors"]
    assert first["errors"][0]["path"] == ["segments"]
    assert "shared" not in first["extensions"]
    assert second["extensions"]["shared"] is True
    assert third["extensions"].keys() == {"cost"}
    assert first["extensions"]["cost"]["actual"] == 2
    costs = [answer["extensions"]["cost"] for answer in (second, third)]
    assert [cost["actual"] for cost in costs] == [0, 0]
    assert [cost["requested"] for cost in costs] == [first["extensions"]["cost"]["requested"]] * 2
    assert [(call["operation"], call["shared"]) for call in second["extensions"]["upstream"]] == [
        (call["operation"], True) for call in first["extensions"]["upstream"]
    ]
    told = [getattr(record, "fields", {}).get("requestId") for record in caplog.records]
    assert [told.count(name) for name in ("leads", "joins", "quiet")] == [1, 1, 1]
