"""Rechat seen from GraphQL: the data that a query gets, and the exact calls that it costs."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.context import Services
from resolvers.ids import simple_id
from resolvers.paging import Pager
from tests.schema.harness import Api
from tests.upstreams.rechat.conftest import FakeRechat, Seen, collection, contact, uuid
from upstreams.http.network import Network
from upstreams.rechat import Rechat
from upstreams.records import Entity, Source

FILTER = "POST /contacts/filter"
CONTACTS = "GET /contacts"
TAGS = "GET /contacts/tags"
LISTS = "GET /contacts/lists"
CALENDAR = "GET /calendar"

NEW = {"id": uuid(901), "tag": "New"}
BUYERS = {"id": uuid(903), "name": "Buyers", "member_count": 2}
PET = {
    "id": "x",
    "attribute_def": {"id": "d", "name": "pet", "global": False},
    "attribute_type": None,
    "text": "cat",
}


def person(number: int, associated: list[str]) -> dict[str, Any]:
    """A contact, with its relations only where they are asked for."""
    row = contact(number, display_name=f"Person {number}", tags=["New"] if number % 2 else None)
    if "contact.lists" in associated:
        row["lists"] = [BUYERS] if number % 3 else None
    if "contact_attribute.attribute_def" in associated:
        row["attributes"] = [PET]
    return row


class Book:
    """Seven contacts, their tags and lists."""

    def __init__(self, fake: FakeRechat) -> None:
        self.rows = range(1, 8)
        fake.answers = {
            CONTACTS: self.page,
            FILTER: self.filtered,
            TAGS: collection([NEW], total=0),
            LISTS: collection([BUYERS]),
        }

    def page(self, seen: Seen) -> Any:
        return self._cut(list(self.rows), seen)

    def filtered(self, seen: Seen) -> Any:
        asked = seen.json
        found = list(self.rows)
        if "ids" in asked:
            found = [number for number in found if uuid(number) in asked["ids"]]
        if "lists" in asked:
            found = [number for number in found if number % 3]
        if "filter" in asked:
            found = [number for number in found if number % 2]
        return self._cut(found, seen)

    def _cut(self, found: list[int], seen: Seen) -> Any:
        query = dict(seen.query)
        start, limit = int(query["start"]), int(query.get("limit", 10))
        if query.get("order") == "-created_at":
            found = found[::-1]
        associated = [value for name, value in seen.query if name == "associations[]"]
        return collection([person(number, associated) for number in found[start : start + limit]], total=len(found))


@pytest.fixture
def api(fake: FakeRechat, rechat: Rechat, network: Network) -> Api:
    Book(fake)
    return Api(Services(sources={Source.RECHAT: rechat}, pager=Pager(secret=b"x" * 32)), network)


async def ids(api: Api, query: str, path: str) -> list[str]:
    answer = await api.query(query)
    found: list[str] = [node["id"] for node in answer[path]]
    return found


async def test_a_page_of_contacts_is_one_lean_call(api: Api, fake: FakeRechat) -> None:
    answer = await api.query("{ contacts(first: 3) { nodes { sourceId displayName } totalCount } }")
    assert [node["displayName"] for node in answer["contacts.nodes"]] == ["Person 7", "Person 6", "Person 5"]
    assert answer["contacts.totalCount"] == 7
    assert answer.calls == {"contacts": 1}
    assert not any(name == "associations[]" for call in fake.calls for name, _ in call.query)


PAGE = "query ($after: String) { contacts(first: 2, after: $after) { nodes { sourceId } pageInfo { endCursor } } }"


async def test_every_contact_comes_once_walking_both_ways(api: Api) -> None:
    seen: list[str] = []
    after = None
    for _ in range(4):
        page = (await api.query(PAGE, {"after": after}))["contacts"]
        seen += [node["sourceId"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [uuid(number) for number in range(7, 0, -1)]
    last = await api.query("{ contacts(last: 3) { nodes { sourceId } } }")
    assert [node["sourceId"] for node in last["contacts.nodes"]] == [uuid(number) for number in (3, 2, 1)]


async def test_what_duplicates_are_related_to_costs_no_call_of_its_own(api: Api, fake: FakeRechat) -> None:
    def cluster(seen: Seen) -> Any:
        associated = [value for name, value in seen.query if name == "associations[]"]
        return {"code": "OK", "data": {"id": 1, "contacts": [person(number, associated) for number in (1, 2)]}}

    fake.answers[f"GET /contacts/{uuid(1)}/duplicates"] = cluster
    answer = await api.query(
        "query ($id: ID!) { contact(id: $id) { rechat { duplicates { sourceId segments { name } } } } }",
        {"id": simple_id(Entity.CONTACT, Source.RECHAT, uuid(1))},
    )
    assert answer["contact.rechat.duplicates"] == [
        {"sourceId": uuid(1), "segments": [{"name": "Buyers"}, {"name": "New"}]},
        {"sourceId": uuid(2), "segments": [{"name": "Buyers"}]},
    ]
    assert answer.calls == {"contactsFilter": 1, "contactDuplicates": 1}


async def test_the_names_of_segments_cost_no_call_of_their_own(api: Api, fake: FakeRechat) -> None:
    answer = await api.query("{ contacts(first: 2) { nodes { segments { kind name } } } }")
    assert answer["contacts.nodes"] == [
        {"segments": [{"kind": "LIST", "name": "Buyers"}, {"kind": "TAG", "name": "New"}]},
        {"segments": []},
    ]
    assert answer.calls == {"contacts": 1}


async def test_the_ids_of_tags_cost_one_load_for_all_contacts(api: Api) -> None:
    answer = await api.query("{ contacts(first: 7) { nodes { segments { sourceId name } } } }")
    assert answer["contacts.nodes"][0]["segments"] == [
        {"sourceId": BUYERS["id"], "name": "Buyers"},
        {"sourceId": NEW["id"], "name": "New"},
    ]
    assert answer.calls == {"contacts": 1, "lists": 1, "tags": 1}


async def test_custom_fields_come_with_the_contacts(api: Api) -> None:
    answer = await api.query(
        "query Q { ...All } fragment All on Query { contacts(first: 1) { nodes { customFields { key value } } } }"
    )
    assert answer["contacts.nodes"] == [{"customFields": [{"key": "pet", "value": "cat"}]}]
    assert answer.calls == {"contacts": 1}


async def test_what_a_record_does_not_say_is_asked_for_once_for_all(api: Api, fake: FakeRechat) -> None:
    lean = await api.query("{ contacts(first: 2) { nodes { id } pageInfo { endCursor } } }")
    cursor = lean["contacts.pageInfo.endCursor"]
    answer = await api.query(
        f'{{ contacts(first: 3, after: "{cursor}") {{ nodes {{ customFields {{ key }} segments {{ name }} }} }} }}'
    )
    assert [len(node["segments"]) for node in answer["contacts.nodes"]] == [2, 1, 1]
    assert all(node["customFields"] == [{"key": "pet"}] for node in answer["contacts.nodes"])
    assert answer.calls == {"contactsFilter": 1}


async def test_the_members_of_a_segment_are_asked_of_the_upstream(api: Api) -> None:
    answer = await api.query(
        "{ segments { nodes { kind size contacts { totalCount nodes { sourceId segments { name } } } } } }"
    )
    buyers, new = answer["segments.nodes"]
    assert (buyers["kind"], buyers["size"], new["kind"], new["size"]) == ("LIST", 2, "TAG", None)
    assert [node["sourceId"] for node in buyers["contacts"]["nodes"]] == [uuid(number) for number in (7, 5, 4, 2, 1)]
    assert [node["sourceId"] for node in new["contacts"]["nodes"]] == [uuid(number) for number in (7, 5, 3, 1)]
    assert answer.calls == {"lists": 1, "tags": 1, "contactsFilter": 2}


async def test_several_segments_mean_any_of_them(api: Api) -> None:
    segments = await ids(api, "{ segments { nodes { id } } }", "segments.nodes")
    answer = await api.query(
        "query ($ids: [ID!]) { contacts(filter: {segmentIds: $ids}) { nodes { sourceId } } }", {"ids": segments}
    )
    assert [node["sourceId"] for node in answer["contacts.nodes"]] == [uuid(number) for number in (7, 5, 4, 3, 2, 1)]


async def test_contacts_by_id_are_one_call(api: Api) -> None:
    found = await ids(api, "{ contacts { nodes { id } } }", "contacts.nodes")
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Contact { sourceId } } }"
    answer = await api.query(query, {"ids": found})
    assert [node["sourceId"] for node in answer["nodes"]] == [uuid(number) for number in range(7, 0, -1)]
    assert answer.calls == {"contactsFilter": 1}


def activity(number: int, contact_id: str) -> dict[str, Any]:
    return {
        "id": f"a{number}",
        "object_type": "activity",
        "event_type": "UserViewedListing",
        "timestamp": 1_700_000_000 + number,
        "title": f"Listing {number}",
        "contact": contact_id,
    }


async def test_a_contact_s_events_are_one_call_and_found_again_by_id(api: Api, fake: FakeRechat) -> None:
    def calendar(seen: Seen) -> Any:
        query = dict(seen.query)
        rows = [activity(number, query["contact"]) for number in range(5)] if "contact" in query else []
        return collection([row for row in rows if int(query["low"]) <= row["timestamp"] <= int(query["high"])])

    fake.answers[CALENDAR] = calendar
    answer = await api.query(
        "{ contacts(first: 1) { nodes { events(first: 3) { nodes { id rawType occurredAt contactId } } id } } }"
    )
    events = answer["contacts.nodes.0.events.nodes"]
    assert [event["occurredAt"] for event in events] == [f"2023-11-14T22:13:2{number}Z" for number in (4, 3, 2)]
    assert {event["rawType"] for event in events} == {"UserViewedListing"}
    assert {event["contactId"] for event in events} == {answer["contacts.nodes.0.id"]}
    assert answer.calls == {"contacts": 1, "calendar": 1}
    again = await api.query("query ($id: ID!) { node(id: $id) { id ... on OtherEvent { payload } } }", events[0])
    assert again["node"] == {"id": events[0]["id"], "payload": activity(4, uuid(7))}
    assert again.calls == {"calendar": 1}
