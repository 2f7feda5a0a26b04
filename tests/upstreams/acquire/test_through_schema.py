"""Acquire seen from above: the data that a query or a page gets, and the exact calls that it costs."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.context import Services
from resolvers.events import EventsRequest
from resolvers.filters.events import ChosenEvents
from resolvers.ids import GlobalId, node_id, parse_id, simple_id
from resolvers.paging import PageArgs, Pager
from tests.schema.harness import Api
from tests.upstreams.acquire.conftest import FakeAcquire, Listed, Seen, case, contact
from upstreams.acquire import Acquire
from upstreams.feeds import Direction
from upstreams.http.network import Network
from upstreams.instants import Instant
from upstreams.records import Entity, EventType, Source

CONTACT, CASE = "/crm/objects/contact", "/crm/objects/case"


def person(number: int, seen: Seen) -> dict[str, Any]:
    """A contact, with its relations only where they are asked for."""
    relations = [value for name, value in seen.query if name == "relations"]
    row = contact(number)
    del row["fields"]
    if "fields" in relations:
        named = {"name": f"Ada King {number}"} if number % 2 else {}
        row["fields"] = {**named, "email": f"ada{number}@example.com", "plan": "gold"}
    if "company" in relations:
        row["company"] = {"id": 3, "fields": {"name": "Analytical"}}
    if "tags" in relations:
        row["tags"] = [{"id": 4, "name": "VIP"}] if number % 3 else []
    if "visits" in relations:
        row["visits"] = [{"id": number, "title": "Home", "url": "/", "dateCreated": "2021-03-01T09:00:00.500Z"}]
    return row


class Crowd(Listed):
    """Seven contacts, listed and one by one."""

    def __call__(self, seen: Seen) -> Any:
        self.rows = [person(number, seen) for number in range(1, 8)]
        return super().__call__(seen)


@pytest.fixture
def api(fake: FakeAcquire, acquire: Acquire, network: Network) -> Api:
    fake.serve(Crowd(CONTACT, []))

    def one(number: int) -> Any:
        return lambda seen: {"data": person(number, seen)}

    fake.answers |= {f"GET {CONTACT}/{number}": one(number) for number in range(1, 8)}

    def of_contact(seen: Seen, row: dict[str, Any]) -> bool:
        return seen.first("where") in (None, f"contactId|eq|{row['contactId']}")

    fake.serve(Listed(CASE, [case(number, number % 7 + 1) for number in range(1, 30)], name="data", keep=of_contact))
    tags = [{"id": 4, "name": "VIP", "type": ["contact"], "color": "#FF0000"}]
    fake.answers["GET /crm/tag"] = {"data": {"count": 1, "data": tags}}
    return Api(Services(sources={Source.ACQUIRE: acquire}, pager=Pager(secret=b"x" * 32)), network)


async def test_a_page_of_contacts_is_one_lean_call(api: Api, fake: FakeAcquire) -> None:
    answer = await api.query("{ contacts(first: 2) { nodes { sourceId firstName lastName email } totalCount } }")
    assert answer["contacts.nodes"] == [
        {"sourceId": "7", "firstName": "Ada King", "lastName": "7", "email": "ada7@example.com"},
        {"sourceId": "6", "firstName": None, "lastName": None, "email": "ada6@example.com"},
    ]
    assert answer["contacts.totalCount"] == 7
    assert fake.lines == [f"GET {CONTACT}?page=0&limit=100&relations=fields"]


async def test_what_is_selected_is_asked_for_in_the_same_call(api: Api, fake: FakeAcquire) -> None:
    answer = await api.query(
        "{ contacts(first: 2) { nodes { displayName company customFields { key value } segments { sourceId name } } } }"
    )
    plan = [{"key": "plan", "value": "gold"}]
    assert answer["contacts.nodes"] == [
        {
            "displayName": "Ada King 7",
            "company": "Analytical",
            "customFields": plan,
            "segments": [{"sourceId": "4", "name": "VIP"}],
        },
        {"displayName": "Analytical", "company": "Analytical", "customFields": plan, "segments": []},
    ]
    assert fake.lines == [f"GET {CONTACT}?page=0&limit=100&relations=fields&relations=company&relations=tags"]


def events(parent: str | None, chosen: ChosenEvents, direction: Direction) -> EventsRequest:
    """A page of events as the schema asks for it."""
    whose = None if parent is None else GlobalId(Entity.CONTACT, Source.ACQUIRE, parent)
    args = PageArgs(first=10)
    return EventsRequest(field="events", parent=whose, chosen=chosen, direction=direction, args=args)


async def test_a_timeline_costs_a_call_for_visits_and_one_for_cases(api: Api, fake: FakeAcquire) -> None:
    request = events("7", ChosenEvents(), Direction.ASC)
    connection = await api.services.request().loaders.page_by_request.load(request)
    assert [(node.type, node.source_id, node.occurred_at) for node in connection.nodes] == [
        (EventType.CONVERSATION, "6", "2021-03-01T00:06:00"),
        (EventType.CONVERSATION, "13", "2021-03-01T00:13:00"),
        (EventType.CONVERSATION, "20", "2021-03-01T00:20:00"),
        (EventType.CONVERSATION, "27", "2021-03-01T00:27:00"),
        (EventType.PAGE_VIEW, "7", "2021-03-01T09:00:00.5"),
    ]
    assert sorted(fake.lines) == [
        f"GET {CASE}?page=0&limit=100&where=contactId|eq|7",
        f"GET {CONTACT}/7?relations=visits",
    ]


async def test_events_of_everybody_within_times(api: Api, fake: FakeAcquire) -> None:
    times = ChosenEvents(since=Instant("2021-03-01T00:05:00"), until=Instant("2021-03-01T00:08:00"))
    context = api.services.request()
    connection = await context.loaders.page_by_request.load(events(None, times, Direction.DESC))
    assert [node.source_id for node in connection.nodes] == ["7", "6", "5"]
    assert (connection.page.has_next_page, connection.incomplete_sources) == (False, [])
    assert fake.lines == [f"GET {CASE}?page=0&limit=100"]
    case_id = node_id(connection.nodes[0])
    fake.answers[f"GET {CASE}/7"] = {"data": case(7, 1)}
    found = await context.loaders.event_by_id.load(parse_id(case_id))
    assert found is not None
    assert node_id(found) == case_id
    assert fake.lines[1:] == [f"GET {CASE}/7"]


async def test_the_contacts_of_a_tag(api: Api, fake: FakeAcquire) -> None:
    answer = await api.query("{ segments { nodes { kind name contacts { nodes { sourceId } totalCount } } } }")
    (tag,) = answer["segments.nodes"]
    assert (tag["kind"], tag["name"]) == ("TAG", "VIP")
    assert [node["sourceId"] for node in tag["contacts"]["nodes"]] == ["7", "5", "4", "2", "1"]
    assert tag["contacts"]["totalCount"] is None
    assert fake.lines == ["GET /crm/tag", f"GET {CONTACT}?page=0&limit=100&relations=fields&relations=tags"]


async def test_what_an_update_does_not_name_is_sent_as_it_came(api: Api, fake: FakeAcquire) -> None:
    """A merge may have left several e-mails."""
    fields = {"name": "Ada Byron", "email": ["ada@example.com", "byron@example.com"], "plan": {"kind": "gold"}}
    fake.answers |= {f"{method} {CONTACT}/7": {"data": contact(7, fields=fields)} for method in ("GET", "PUT")}
    answer = await api.query(
        "mutation ($input: ContactUpdateInput!) { contactUpdate(input: $input) { userErrors { field } } }",
        {"input": {"id": simple_id(Entity.CONTACT, Source.ACQUIRE, "7"), "lastName": "King"}},
    )
    assert answer["contactUpdate.userErrors"] == []
    assert fake.calls[1].json == {"fields": {**fields, "name": "Ada King"}}


async def test_a_number_that_no_int_holds_is_left_out(api: Api, fake: FakeAcquire) -> None:
    """A place in a queue may be a time in milliseconds."""
    row = contact(7, totalCase=2**31, msgUnread=3)
    fake.answers[f"GET {CONTACT}"] = {"data": {"list": [row], "counts": {"total": 2**31}}}
    chats = [case(3, 7, queueOrder=1_599_646_896_000, waitTime="NaN"), case(2, 7, queueOrder=4, waitTime=1.5)]
    fake.answers[f"GET {CASE}"] = {"data": {"count": 10**30, "data": chats}}
    answer = await api.query(
        "{ contacts { nodes { acquire { totalCase msgUnread } } totalCount }"
        " events { nodes { ... on ConversationEvent { sourceId queueOrder waitTime } } totalCount } }"
    )
    assert answer.codes == []
    assert answer["contacts"] == {"nodes": [{"acquire": {"totalCase": None, "msgUnread": 3}}], "totalCount": None}
    assert answer["events.nodes"] == [
        {"sourceId": "3", "queueOrder": None, "waitTime": None},
        {"sourceId": "2", "queueOrder": 4, "waitTime": 1.5},
    ]
    assert answer["events.totalCount"] is None
