"""Connections over three sources: total order, each record once, exact calls, and a source that is away for a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from resolvers.ids import simple_id
from resolvers.paging import Pager
from resolvers.paging.leases import Lease, MemoryLeases
from sandbox.app import Sandbox
from tests.conftest import StartSandbox
from tests.schema.harness import Answer, Api
from tests.schema.merged import ALL, CONNECTIONS, Place, contacts, events, page, places, segments
from upstreams.feeds import Feed
from upstreams.records import Entity, Source

C, R, A = ALL
SIZES = (50, 1, 7, 33, 120, 2)
DOWN = {"kind": "status", "status": 503}


def made(answer: Answer) -> dict[str, int]:
    """The calls that were made, by source and operation."""
    lines = (call for call in answer.trace if not (call.shared or call.cached or call.operation == "signIn"))
    return dict(Counter(f"{call.source.value}.{call.operation}" for call in lines))


@pytest_asyncio.fixture
async def api(box: Sandbox) -> AsyncIterator[Api]:
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        yield api


async def test_a_page_of_contacts_costs_one_call_a_source(api: Api, box: Sandbox) -> None:
    got, info, answer = await page(api, "contacts", first=50)
    assert got == contacts(box)[:50]
    assert {place.source for place in got} == set(ALL)
    assert info["hasNextPage"]
    assert made(answer) == {"CLOUD4WI.customers": 1, "RECHAT.contacts": 1, "ACQUIRE.contacts": 1}


async def test_a_page_of_events_costs_one_call_a_source_and_the_calendar_two(api: Api, box: Sandbox) -> None:
    """The calendar has no order, so its first pages look for windows of time that one answer holds whole."""
    first, _, cold = await page(api, "events", first=50)
    assert first == events(box)[:50]
    calls = made(cold)
    assert calls.pop("RECHAT.calendar") < 10
    assert calls == {"CLOUD4WI.organizationEvents": 1, "ACQUIRE.cases": 1}
    again, _, warm = await page(api, "events", first=50)
    assert again == first
    assert made(warm) == {"CLOUD4WI.organizationEvents": 1, "RECHAT.calendar": 2, "ACQUIRE.cases": 1}


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_what_a_page_left_over_costs_nothing_on_the_next(api: Api, box: Sandbox, name: str) -> None:
    got, info, _ = await page(api, name, first=10)
    more, _, answer = await page(api, name, first=5, after=info["endCursor"])
    assert got + more == CONNECTIONS[name](box)[:15]
    assert made(answer) == {}


@pytest.mark.parametrize("name", CONNECTIONS)
@pytest.mark.parametrize("direction", ["DESC", "ASC"])
@pytest.mark.parametrize("restarting", [False, True])
async def test_a_walk_forward_and_back_meets_every_record_once(
    box: Sandbox, name: str, direction: str, restarting: bool
) -> None:
    """Pages of changing sizes; with ``restarting`` each third page is another process's."""
    expected = CONNECTIONS[name](box)
    if direction == "ASC":
        expected.reverse()
    order = {"direction": direction}
    sizes = cycle(SIZES if not restarting else (90, 61, 130))
    seen: list[Place] = []
    cursor = None
    while True:
        async with Api.over(box, sources=ALL) as api:
            for _ in range(2 if restarting else 10_000):
                got, info, answer = await page(api, name, first=next(sizes), after=cursor, order=order)
                assert answer.errors == []
                assert got
                seen += got
                cursor = info["endCursor"]
                if not info["hasNextPage"]:
                    break
        if not info["hasNextPage"]:
            break
    assert seen == expected
    back: list[Place] = []
    cursor = None
    async with Api.over(box, sources=ALL) as api:
        while True:
            got, info, answer = await page(api, name, last=next(sizes), before=cursor, order=order)
            assert answer.errors == []
            assert got
            back = got + back
            cursor = info["startCursor"]
            if not info["hasPreviousPage"]:
                break
    assert back == expected


class OtherWorkers(MemoryLeases):
    """Leases that another worker left: nothing of them but what was written."""

    async def put(self, key: str, lease: Lease, feed: Feed[Any]) -> None:
        assert feed.codec is not None
        state = msgspec.msgpack.decode(msgspec.msgpack.encode(lease.state))
        await super().put(key, Lease(state, feed.codec.load(feed.codec.dump(lease.rows))), feed)


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_what_one_worker_read_another_gives_without_a_call(api: Api, box: Sandbox, name: str) -> None:
    services = replace(api.services, pager=Pager(secret=b"x" * 32, leases=OtherWorkers()))
    workers = Api(services, api.network)
    seen, info, _ = await page(workers, name, first=10)
    for size in (5, 3):
        got, info, answer = await page(workers, name, first=size, after=info["endCursor"])
        seen += got
        assert made(answer) == {}
    assert seen == CONNECTIONS[name](box)[:18]


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_a_walk_turns_round_anywhere(api: Api, box: Sandbox, name: str) -> None:
    expected = CONNECTIONS[name](box)
    got, info, _ = await page(api, name, first=60)
    back, turned, _ = await page(api, name, last=25, before=info["endCursor"])
    assert back == expected[34:59]
    assert turned["hasPreviousPage"]
    onward, _, _ = await page(api, name, first=40, after=turned["endCursor"])
    assert onward == expected[59:99]
    assert got == expected[:60]
    between, _, _ = await page(api, name, first=100, after=turned["startCursor"], before=info["endCursor"])
    assert between == expected[35:59]


@pytest.mark.parametrize("name", CONNECTIONS)
@pytest.mark.parametrize("away", ALL)
@pytest.mark.parametrize("pages_with_it", [0, 2])
async def test_what_was_missed_of_a_source_comes_first_when_it_answers_again(
    box: Sandbox, name: str, away: Source, pages_with_it: int
) -> None:
    size = {"contacts": 20, "events": 80}[name]
    expected = CONNECTIONS[name](box)
    seen: list[Place] = []
    cursor = None
    async with Api.over(box, sources=ALL) as api:
        for _ in range(pages_with_it):
            got, info, _ = await page(api, name, first=10, after=cursor)
            seen, cursor = seen + got, info["endCursor"]
    ahead = expected[len(seen) :]
    others = [place for place in ahead if place.source is not away]
    # Another process, which has nothing in its memory that was read before the source went away.
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        fault = box.faults.add(f"{away.value.lower()}.*", **DOWN)
        for number in range(3):
            got, info, answer = await page(api, name, first=size, after=cursor)
            assert got == others[size * number :][:size]
            assert answer.data is not None
            assert answer.data[name]["incompleteSources"] == [away.value]
            assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
            assert answer.errors[0]["extensions"]["source"] == away.value
            assert info["hasNextPage"]
            seen, cursor = seen + got, info["endCursor"]
        box.faults.active.remove(fault)
        missed = [place for place in ahead if place.source is away and place > got[-1]]
        rest = [place for place in ahead if place < got[-1]]
        assert missed
        for more in cycle((7, 45, 300)):
            got, info, answer = await page(api, name, first=more, after=cursor)
            assert answer.errors == []
            seen, cursor = seen + got, info["endCursor"]
            if not info["hasNextPage"]:
                break
    assert seen == [*expected[: 10 * pages_with_it], *others[: 3 * size], *missed, *rest]


@pytest.mark.parametrize("name", CONNECTIONS)
@pytest.mark.parametrize("away", ALL)
async def test_a_walk_from_the_end_catches_up_too(box: Sandbox, name: str, away: Source) -> None:
    expected = CONNECTIONS[name](box)[::-1]
    others = [place for place in expected if place.source is not away]
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        fault = box.faults.add(f"{away.value.lower()}.*", **DOWN)
        got, info, answer = await page(api, name, last=30)
        assert got[::-1] == others[:30]
        assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
        assert info["hasPreviousPage"]
        box.faults.active.remove(fault)
        seen, at = got[::-1], got[0]
        while info["hasPreviousPage"]:
            got, info, answer = await page(api, name, last=80, before=info["startCursor"])
            assert answer.errors == []
            seen += got[::-1]
    missed = [place for place in expected if place.source is away and place < at]
    assert seen == [*others[:30], *missed, *(place for place in expected if place > at)]


async def test_sources_narrow_a_connection(api: Api, box: Sandbox) -> None:
    for chosen in ([R], [A, C], [R, A], list(ALL)):
        filter = {"sources": [source.value for source in chosen]}
        got, _, answer = await page(api, "contacts", first=40, filter=filter)
        assert got == contacts(box, chosen)[:40]
        assert {call.source for call in answer.trace} == set(chosen)


async def test_the_total_is_the_sum_of_the_sources_and_costs_no_call_of_its_own(api: Api, box: Sandbox) -> None:
    answer = await api.query("{ contacts(first: 5) { totalCount nodes { id } } }")
    assert answer["contacts.totalCount"] == len(contacts(box))
    assert made(answer) == {"CLOUD4WI.customers": 1, "RECHAT.contacts": 1, "ACQUIRE.contacts": 1}
    some = await api.query("{ contacts(first: 5, filter: {sources: [RECHAT, ACQUIRE]}) { totalCount } }")
    assert some["contacts.totalCount"] == len(contacts(box, (R, A)))


async def test_the_total_of_a_time_range_is_null_where_a_source_cannot_count_it(api: Api, box: Sandbox) -> None:
    since = (await api.query("{ contacts(first: 1, filter: {sources: [CLOUD4WI, RECHAT]}) { nodes { createdAt } } }"))[
        "contacts.nodes.0.createdAt"
    ]
    total = "contacts(first: 1, filter: $filter) { totalCount }"
    query = f"query ($filter: ContactFilter) {{ {total} }}"
    both = await api.query(query, {"filter": {"sources": ["CLOUD4WI", "RECHAT"], "createdFrom": since}})
    assert both["contacts.totalCount"] == 1
    every = await api.query(query, {"filter": {"createdFrom": since}})
    assert every["contacts.totalCount"] is None, "Acquire filters no contacts"


async def test_events_have_no_total_where_a_source_has_none(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ all: events(first: 1) { totalCount } cases: events(first: 1, filter: {sources: [ACQUIRE]}) { totalCount } }"
    )
    assert answer.data == {"all": {"totalCount": None}, "cases": {"totalCount": len(box.acquire.cases())}}


async def test_segments_of_all_kinds_are_one_list_by_name(api: Api, box: Sandbox) -> None:
    answer = await api.query("{ segments(first: 100) { nodes { source sourceId kind name } totalCount } }")
    found = [tuple(node[key] for key in ("source", "sourceId", "kind", "name")) for node in answer["segments.nodes"]]
    assert found == segments(box)
    assert {kind for _, _, kind, _ in found} == {"DYNAMIC", "LIST", "TAG"}
    assert answer["segments.totalCount"] == len(found)
    assert made(answer) == {"CLOUD4WI.segments": 1, "RECHAT.lists": 1, "RECHAT.tags": 1, "ACQUIRE.tags": 1}


def members(box: Sandbox, source: str, id: str, kind: str, name: str) -> list[Place]:
    """The contacts of a segment, the latest first."""
    match source, kind:
        case "RECHAT", "LIST":
            ids = set(box.rechat.members(id))
        case "RECHAT", _:
            ids = {row["id"] for row in box.rechat.contacts() if name in (row["tags"] or ())}
        case "ACQUIRE", _:
            ids = {str(number) for number in box.acquire.tagged(int(id))}
        case _:
            rows = box.cloud4wi.contacts()
            ids = {row["cid"] for row in rows if any(segment["cid"] == id for segment in row["segments"])}
    return [place for place in contacts(box, [Source(source)]) if place.id in ids]


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
