"""What a client sees of a source that is left alone, and of answers that stand in for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.schema.harness import Answer, Api
from tests.schema.merged import ALL
from upstreams.http import breaker
from upstreams.http.breaker import FEWEST
from upstreams.records import Entity, Source

COMPANIES = "{ companies { nodes { sourceId } } }"
STALE = {"GATEWAY_STALE_IF_ERROR": "300", "GATEWAY_UPSTREAM_RETRIES": "0", "GATEWAY_LIST_TTL": "0"}


def contact(box: Sandbox) -> str:
    """A contact of Cloud4Wi, by its global id."""
    return simple_id(Entity.CONTACT, Source.CLOUD4WI, box.cloud4wi.contacts()[0]["cid"])


def stood_in(answer: Answer) -> list[str]:
    """The operations that were answered with what had been read before."""
    return [call.operation for call in answer.trace if call.age is not None]


async def test_a_source_that_is_sick_is_asked_no_more_until_one_call_finds_it_well(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So long that none of the requests below takes longer on a busy machine; then the clock is moved.
    monkeypatch.setattr(breaker, "FIRST_PAUSE", 60.0)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", 60.0)
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        healthy = (await api.query(COMPANIES)).data
        box.faults.add("acquire.*", "status", status=503)
        for _ in range(FEWEST):
            answer = await api.query(COMPANIES)
            assert (answer.data, answer.codes) == ({"companies": None}, ["UPSTREAM_UNAVAILABLE"])
            assert sum(answer.calls.values()) == 1
        answer = await api.query(COMPANIES)
        assert (answer.data, answer.codes, answer.calls) == ({"companies": None}, ["UPSTREAM_UNAVAILABLE"], {})
        told = answer.errors[0]["extensions"]
        assert (told["source"], told["retryable"]) == ("ACQUIRE", True)
        assert 15 < told["retryAfter"] <= 60
        shown = await api.query("{ sources { source state circuit } contacts(first: 1) { incompleteSources } }")
        assert shown.data is not None
        assert {each["source"]: (each["state"], each["circuit"]) for each in shown.data["sources"]} == {
            "CLOUD4WI": ("HEALTHY", "CLOSED"),
            "RECHAT": ("HEALTHY", "CLOSED"),
            "ACQUIRE": ("DOWN", "OPEN"),
        }
        assert shown.data["contacts"]["incompleteSources"] == ["ACQUIRE"]
        box.faults.clear()
        answer = await api.query(COMPANIES)
        assert (answer.codes, answer.calls) == (["UPSTREAM_UNAVAILABLE"], {})
        loop = asyncio.get_running_loop()
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + 60.0)
        answer = await api.query(COMPANIES)
        assert (answer.data, sum(answer.calls.values())) == (healthy, 1)
        assert (await api.query("{ sources { circuit } }"))["sources"] == [{"circuit": "CLOSED"}] * 3


async def test_lists_and_entities_stand_in_while_their_source_is_down(box: Sandbox) -> None:
    query = """query ($id: ID!) {
      segments(first: 1000) { nodes { id name } incompleteSources }
      locations(first: 1000) { nodes { id name } incompleteSources }
      contact(id: $id) { id displayName }
    }"""
    variables = {"id": contact(box)}
    async with Api.over(box, **STALE) as api:
        healthy = await api.query(query, variables)
        assert healthy.errors == []
        assert stood_in(healthy) == []
        box.faults.add("cloud4wi.*", "status", status=503)
        answer = await api.query(query, variables)
        assert (answer.data, answer.errors) == (healthy.data, [])
        assert sorted(stood_in(answer)) == ["customer", "locations", "segments"]
        assert answer.calls == {"customer": 1, "locations": 1, "segments": 1}
        box.faults.clear()
        assert stood_in(await api.query(query, variables)) == []


@pytest.mark.parametrize("field", ["events", "contacts"])
async def test_a_page_never_stands_in(box: Sandbox, field: str) -> None:
    query = f"{{ {field}(first: 5) {{ nodes {{ id }} }} }}"
    async with Api.over(box, **STALE, GATEWAY_ENTITY_TTL="60") as api:
        assert (await api.query(query)).errors == []
        box.faults.add("cloud4wi.*", "status", status=503)
        answer = await api.query(query)
    assert (answer.data, answer.codes) == ({field: None}, ["UPSTREAM_UNAVAILABLE"])
    assert stood_in(answer) == []


async def test_nothing_stands_in_unless_it_is_set(box: Sandbox) -> None:
    query, variables = "query ($id: ID!) { contact(id: $id) { id } }", {"id": contact(box)}
    async with Api.over(box, GATEWAY_UPSTREAM_RETRIES="0") as api:
        assert (await api.query(query, variables)).errors == []
        box.faults.add("cloud4wi.*", "status", status=503)
        answer = await api.query(query, variables)
    assert (answer.data, answer.codes) == ({"contact": None}, ["UPSTREAM_UNAVAILABLE"])


async def test_what_is_gone_does_not_come_back(box: Sandbox) -> None:
    query, variables = "query ($id: ID!) { contact(id: $id) { id } }", {"id": contact(box)}
    async with Api.over(box, **STALE) as api:
        assert (await api.query(query, variables))["contact.id"] == variables["id"]
        box.faults.add("cloud4wi.contact", "status", status=404, times=1)
        assert (await api.query(query, variables))["contact"] is None
        box.faults.add("cloud4wi.*", "status", status=503)
        answer: Any = await api.query(query, variables)
    assert (answer.data, answer.codes) == ({"contact": None}, ["UPSTREAM_UNAVAILABLE"])
