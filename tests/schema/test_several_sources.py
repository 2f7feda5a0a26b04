"""What contacts of three sources are related to: segments of every kind, relations on demand, events, ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.conftest import StartSandbox
from tests.schema.harness import Api
from tests.schema.merged import ALL, contacts, made, members, page, places, segments
from upstreams.records import Entity, Source

C, R, A = ALL


@pytest_asyncio.fixture
async def api(box: Sandbox) -> AsyncIterator[Api]:
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        yield api


async def test_segments_of_all_kinds_are_one_list_by_name(api: Api, box: Sandbox) -> None:
    answer = await api.query("{ segments(first: 100) { nodes { source sourceId kind name } totalCount } }")
    found = [tuple(node[key] for key in ("source", "sourceId", "kind", "name")) for node in answer["segments.nodes"]]
    assert found == segments(box)
    assert {kind for _, _, kind, _ in found} == {"DYNAMIC", "LIST", "TAG"}
    assert answer["segments.totalCount"] == len(found)
    assert made(answer) == {"CLOUD4WI.segments": 1, "RECHAT.lists": 1, "RECHAT.tags": 1, "ACQUIRE.tags": 1}


async def test_the_members_of_segments_of_all_kinds(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ segments(first: 100) { nodes { source sourceId kind name"
        " contacts(first: 1000) { nodes { source sourceId createdAt } incompleteSources } } } }"
    )
    nodes = answer["segments.nodes"]
    assert len(nodes) == len(segments(box))
    for node, segment in zip(nodes, segments(box), strict=True):
        assert places("contacts", node["contacts"]["nodes"]) == members(box, *segment), segment
    assert any(node["contacts"]["nodes"] for node in nodes if node["kind"] == "LIST")
    assert any(node["contacts"]["nodes"] for node in nodes if (node["kind"], node["source"]) == ("TAG", "ACQUIRE"))


async def test_the_segments_of_contacts_of_all_sources(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ contacts(first: 1000) { nodes { source sourceId segments { kind name } } } "
        "deep: contacts(first: 1000) { nodes { source sourceId segments { sourceId kind name } } } }"
    )
    expected: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for source, id, kind, name in segments(box):
        for member in members(box, source, id, kind, name):
            expected.setdefault((source, member.id), set()).add((kind, name))
    for field in ("contacts", "deep"):
        nodes = answer[f"{field}.nodes"]
        assert len(nodes) == len(contacts(box))
        for node in nodes:
            told = {(segment["kind"], segment["name"]) for segment in node["segments"]}
            assert told == expected.get((node["source"], node["sourceId"]), set())


async def test_several_segments_of_several_sources_mean_any_of_them(api: Api, box: Sandbox) -> None:
    chosen = [next(row for row in segments(box) if (row[0], row[2]) == want and members(box, *row)) for want in (
        ("CLOUD4WI", "DYNAMIC"), ("RECHAT", "LIST"), ("RECHAT", "TAG"), ("ACQUIRE", "TAG"),
    )]  # fmt: skip
    ids = [simple_id(Entity.SEGMENT, Source(source), id) for source, id, _, _ in chosen]
    got, _, answer = await page(api, "contacts", first=1000, filter={"segmentIds": ids})
    assert answer.errors == []
    assert got == sorted({place for row in chosen for place in members(box, *row)}, reverse=True)


async def test_contacts_of_rechat_by_id_are_one_call_a_hundred(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(contacts=50, events=50, rechat_contacts=230, acquire_contacts=5)
    ids = [simple_id(Entity.CONTACT, R, place.id) for place in contacts(box, [R])]
    async with Api.over(box, sources=ALL) as api:
        answer = await api.query(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Contact { firstName } } }", {"ids": ids}
        )
        assert [node["id"] for node in answer["nodes"]] == ids
        assert made(answer) == {"RECHAT.contactsFilter": 3}
        nested = await api.query(
            "{ events(first: 300, filter: {sources: [RECHAT]}) { nodes { contactId contact { displayName } } } }"
        )
        people = {node["contactId"] for node in nested["events.nodes"] if node["contactId"]}
        assert all(node["contact"]["displayName"] for node in nested["events.nodes"] if node["contactId"])
        assert made(nested)["RECHAT.contactsFilter"] == -(-len(people) // 100) > 1


async def test_relations_that_a_document_names_come_with_the_page(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ contacts(first: 40, filter: {sources: [RECHAT, ACQUIRE]}) { nodes { source sourceId"
        " rechat { attributes { text } lists { name } summary { displayName } }"
        " acquire { company { fields { name } } visits { url } cases { title } tags { name } } } } }"
    )
    assert made(answer) == {"RECHAT.contacts": 1, "ACQUIRE.contacts": 1}
    for node in answer["contacts.nodes"]:
        if node["source"] == "RECHAT":
            row = box.rechat.contact(node["sourceId"], ("contact.attributes", "contact.lists", "contact.summary"))
            assert row is not None
            assert [each["text"] for each in node["rechat"]["attributes"]] == [
                each["text"] for each in row["attributes"]
            ]
            assert [each["name"] for each in node["rechat"]["lists"]] == [each["name"] for each in row["lists"] or ()]
            assert node["rechat"]["summary"]["displayName"] == row["summary"]["display_name"]
        else:
            number = int(node["sourceId"])
            found = box.acquire.contact(number, ("company", "tags", "visits", "cases"))
            assert found is not None
            acquire = node["acquire"]
            assert (acquire["company"] or {}).get("fields") == (
                {"name": found["company"]["fields"]["name"]} if found["company"] else None
            )
            assert [visit["url"] for visit in acquire["visits"]] == [visit["url"] for visit in found["visits"]]
            assert [case["title"] for case in acquire["cases"]] == [case["title"] for case in found["cases"]]
            assert [tag["name"] for tag in acquire["tags"]] == [tag["name"] for tag in found["tags"]]


async def test_relations_that_nobody_named_when_the_page_was_read_are_asked_for(api: Api, box: Sandbox) -> None:
    """A page leaves rows for the next one, which may want to know more of them."""
    filter: dict[str, Any] = {"sources": ["RECHAT", "ACQUIRE"]}
    _, info, _ = await page(api, "contacts", first=5, filter=filter)
    answer = await api.query(
        "query ($after: String, $filter: ContactFilter) { contacts(first: 30, after: $after, filter: $filter) { nodes {"
        " source sourceId displayName company rechat { attributes { text } } acquire { visits { url } } } } }",
        {"after": info["endCursor"], "filter": filter},
    )
    nodes = answer["contacts.nodes"]
    assert [node["sourceId"] for node in nodes] == [place.id for place in contacts(box, (R, A))[5:35]]
    assert all(node["rechat"]["attributes"] for node in nodes if node["source"] == "RECHAT")
    for node in nodes:
        if node["source"] == "ACQUIRE":
            found = box.acquire.contact(int(node["sourceId"]), ("company", "visits"))
            assert found is not None
            assert node["company"] == (found["company"]["fields"]["name"] if found["company"] else None)
            assert [visit["url"] for visit in node["acquire"]["visits"]] == [visit["url"] for visit in found["visits"]]
    assert sum(made(answer).values()) <= 3


async def test_a_contact_s_own_events_are_those_of_its_source(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ contacts(first: 60) { nodes {"
        " source sourceId events(first: 1000) { nodes { source sourceId occurredAt } } } } }"
    )
    for node in answer["contacts.nodes"]:
        told = places("events", node["events"]["nodes"])
        assert told == sorted(told, reverse=True)
        assert {place.source for place in told} <= {Source(node["source"])}
        match node["source"]:
            case "RECHAT":
                rows = box.rechat.events(node["sourceId"])
                assert {place.id for place in told} == {row["id"] for row in rows}
            case "ACQUIRE":
                number = int(node["sourceId"])
                rows = [*box.acquire.cases(number), *box.acquire.visits(number)]
                assert len(told) == len(rows)
                assert Counter(place.id for place in told) == Counter(str(row["id"]) for row in rows)
            case _:
                assert len(told) == len(box.cloud4wi.events(customer=node["sourceId"]))


async def test_an_event_of_each_source_is_found_again_by_its_id(api: Api, box: Sandbox) -> None:
    for source in ALL:
        query = (
            f"{{ events(first: 5, filter: {{sources: [{source.value}]}}) {{ nodes {{ id sourceId occurredAt }} }} }}"
        )
        for node in (await api.query(query))["events.nodes"]:
            again = await api.query(
                "query ($id: ID!) { node(id: $id) { id ... on Event { sourceId occurredAt } } }", {"id": node["id"]}
            )
            assert again["node"] == node
