"""``GATEWAY_CACHE`` from end to end: what is answered without a call, for how long, and what ends it."""

from __future__ import annotations

import pytest

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.schema.harness import Answer, Api
from tests.upstreams.http.conftest import Clock
from upstreams.records import Entity, Source

A, C, R = Source.ACQUIRE, Source.CLOUD4WI, Source.RECHAT
LISTS = "{ segments { nodes { name } } locations { nodes { name } } }"
CONTACT = "query ($id: ID!) { contact(id: $id) { displayName } }"
COMPANY = "query ($id: ID!) { company(id: $id) { name } }"
DEFINITIONS = "{ attributeDefinitions { sourceId } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename } }"


def cached(answer: Answer) -> list[str]:
    """The operations that were answered from what was kept."""
    assert answer.errors == []
    return sorted(call.operation for call in answer.trace if call.cached)


async def test_each_type_is_kept_for_its_own_time(box: Sandbox) -> None:
    id = {"id": simple_id(Entity.CONTACT, C, box.cloud4wi.contacts()[0]["cid"])}
    async with Api.over(box, GATEWAY_CACHE="Segment: max-age=300; Location: no-store; Contact: max-age=5") as api:
        clock = Clock()
        lists, contact = await api.query(LISTS), await api.query(CONTACT, id)
        assert (lists.calls, contact.calls) == ({"segments": 1, "locations": 1}, {"customer": 1})
        await clock.advance(4)
        lists, contact = await api.query(LISTS), await api.query(CONTACT, id)
        assert (lists.calls, cached(lists)) == ({"locations": 1}, ["segments"])
        assert (contact.calls, cached(contact)) == ({}, ["customer"])
        await clock.advance(1)
        assert (await api.query(CONTACT, id)).calls == {"customer": 1}
        await clock.advance(294)
        assert (await api.query(LISTS)).calls == {"locations": 1}
        await clock.advance(1)
        assert (await api.query(LISTS)).calls == {"locations": 1, "segments": 1}


async def test_what_is_not_named_is_kept_as_before(box: Sandbox) -> None:
    async with Api.over(box, GATEWAY_CACHE="Segment: no-store") as api:
        await api.query(LISTS)
        answer = await api.query(LISTS)
    assert (answer.calls, cached(answer)) == ({"segments": 1}, ["locations"])


@pytest.mark.parametrize(
    ("kept", "sources", "query", "operations"),
    [
        ("Segment", [A, R], "{ segments { nodes { name } } }", {"tags": 2, "lists": 1}),
        ("Location", [C], "{ locations { nodes { name } } }", {"locations": 1}),
        ("Hotspot", [C], "{ locations { nodes { hotspots { name } } } }", {"hotspots": 1}),
        ("AttributeDefinition", [A, R], DEFINITIONS, {"attributeDefs": 1, "customAttributes": 1}),
    ],
)
async def test_the_lists_of_a_type(
    box: Sandbox, kept: str, sources: list[Source], query: str, operations: dict[str, int]
) -> None:
    async with Api.over(box, sources=sources, GATEWAY_LIST_TTL="0", GATEWAY_CACHE=f"{kept}: max-age=60") as api:
        first, second = await api.query(query), await api.query(query)
    assert {name: first.calls.pop(name) for name in operations} == operations
    assert second.calls == first.calls
    assert second.data == first.data
    assert set(cached(second)) == set(operations)


@pytest.mark.parametrize("kept", ["Contact", "Company", "ConversationEvent"])
async def test_single_entities_of_a_type(box: Sandbox, kept: str) -> None:
    company = box.acquire.companies()[0]["id"]
    contact = box.acquire.contacts()[0]["id"]
    async with Api.over(box, sources=[A], GATEWAY_CACHE=f"{kept}: max-age=60") as api:
        events = await api.query("{ events(first: 1) { nodes { id } } }")
        questions = {
            "Contact": (CONTACT, simple_id(Entity.CONTACT, A, str(contact)), "contact"),
            "Company": (COMPANY, simple_id(Entity.COMPANY, A, str(company)), "company"),
            "ConversationEvent": (NODE, events["events.nodes.0.id"], "case"),
        }
        for name, (query, id, operation) in questions.items():
            first, second = await api.query(query, {"id": id}), await api.query(query, {"id": id})
            assert first.calls == {operation: 1}
            assert (second.calls, cached(second)) == (({}, [operation]) if name == kept else ({operation: 1}, []))


async def test_a_write_ends_it(box: Sandbox) -> None:
    id = simple_id(Entity.COMPANY, A, str(box.acquire.companies()[0]["id"]))
    change = """mutation ($id: ID!) { companyUpdate(input: {id: $id, name: "Renamed"}) { company { name } } }"""
    async with Api.over(box, sources=[A], GATEWAY_CACHE="Company: max-age=60") as api:
        for _ in range(2):
            await api.query(COMPANY, {"id": id})
        assert (await api.query(change, {"id": id})).errors == []
        answer = await api.query(COMPANY, {"id": id})
    assert (answer["company.name"], answer.calls) == ("Renamed", {"company": 1})


async def test_what_a_change_begins_with_is_read_anew(box: Sandbox) -> None:
    """Acquire takes a company whole: one that was kept would undo what somebody else has changed."""
    row = box.acquire.companies()[0]
    id = simple_id(Entity.COMPANY, A, str(row["id"]))
    change = """mutation ($id: ID!) { companyUpdate(input: {id: $id, industry: "Tea"}) { company { name } } }"""
    async with (
        Api.over(box, sources=[A], GATEWAY_CACHE="Company: max-age=60, stale-if-error=60") as api,
        Api.over(box, sources=[A]) as somebody,
    ):
        await api.query(COMPANY, {"id": id})
        renaming = """mutation ($id: ID!) { companyUpdate(input: {id: $id, name: "Theirs"}) { company { name } } }"""
        assert (await somebody.query(renaming, {"id": id})).errors == []
        assert cached(await api.query(COMPANY, {"id": id})) == ["company"]
        changed = await api.query(change, {"id": id})
        assert changed["companyUpdate.company"] == {"name": "Theirs"}
        assert changed.calls == {"company": 1, "companyUpdate": 1}
    there = box.acquire.companies()[0]["fields"]
    assert (there["name"], there["industry"]) == ("Theirs", "Tea")


async def test_a_change_does_not_begin_with_what_stands_in(box: Sandbox) -> None:
    id = simple_id(Entity.COMPANY, A, str(box.acquire.companies()[0]["id"]))
    change = """mutation ($id: ID!) { companyUpdate(input: {id: $id, industry: "Tea"}) { company { name } } }"""
    stale = {"GATEWAY_UPSTREAM_RETRIES": "0", "GATEWAY_CACHE": "Company: stale-if-error=60"}
    async with Api.over(box, sources=[A], **stale) as api:
        await api.query(COMPANY, {"id": id})
        box.faults.add("acquire.company", "status", status=503, times=1)
        answer = await api.query(change, {"id": id})
    assert (answer.codes, answer.calls) == (["UPSTREAM_UNAVAILABLE"], {"company": 1})


async def test_old_answers_stand_in_for_the_types_that_may(box: Sandbox) -> None:
    async with Api.over(
        box, GATEWAY_UPSTREAM_RETRIES="0", GATEWAY_CACHE="Segment: max-age=1, stale-if-error=60"
    ) as api:
        clock = Clock()
        healthy = await api.query(LISTS)
        box.faults.add("cloud4wi.*", "status", status=503)
        await clock.advance(60 - 1)
        answer = await api.query("{ segments { nodes { name } } }")
        assert (answer.data, cached(answer)) == ({"segments": healthy["segments"]}, ["segments"])
        await clock.advance(1)
        assert (await api.query("{ segments { nodes { name } } }")).codes == ["UPSTREAM_UNAVAILABLE"]
        assert (await api.query("{ locations { nodes { name } } }")).codes == ["UPSTREAM_UNAVAILABLE"]


async def test_one_setting_switches_all_off(box: Sandbox) -> None:
    id = {"id": simple_id(Entity.CONTACT, C, box.cloud4wi.contacts()[0]["cid"])}
    everything = "Segment: max-age=60, stale-if-error=60; Contact: max-age=60; Location: max-age=60"
    async with Api.over(box, GATEWAY_SHARING="off", GATEWAY_CACHE=everything) as api:
        for _ in range(2):
            lists, contact = await api.query(LISTS), await api.query(CONTACT, id)
            assert (lists.calls, contact.calls) == ({"segments": 1, "locations": 1}, {"customer": 1})
        box.faults.add("cloud4wi.segments", "status", status=503)
        assert "UPSTREAM_UNAVAILABLE" in (await api.query(LISTS)).codes


async def test_gateways_with_credentials_of_their_own_keep_their_own(box: Sandbox) -> None:
    id = {"id": simple_id(Entity.CONTACT, C, box.cloud4wi.contacts()[0]["cid"])}
    async with (
        Api.over(box, GATEWAY_CACHE="Contact: max-age=60") as one,
        Api.over(box, GATEWAY_CACHE="Contact: max-age=60") as other,
    ):
        assert [(await api.query(CONTACT, id)).calls for api in (one, other, one, other)] == [
            {"customer": 1},
            {"customer": 1},
            {},
            {},
        ]
