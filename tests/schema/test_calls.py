"""What each field costs: every field that makes a call, with exact data and exact numbers of upstream calls."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.schema.harness import Api
from upstreams.records import Entity, Source

C = Source.CLOUD4WI
IVAN = "f4c6be2cebc56bf4b8a16a2d463d5b60"
IVAN_HOME = "ff808081803ff92a01821d4cfd856805"
LOYAL = "12d1f8713a1fecb953bcc64220813bc6"
IVAN_ID = simple_id(Entity.CONTACT, C, IVAN)
HOME_ID = simple_id(Entity.LOCATION, C, IVAN_HOME)
LOYAL_ID = simple_id(Entity.SEGMENT, C, LOYAL)


def newest(box: Sandbox, count: int, **only: Any) -> list[dict[str, Any]]:
    """The newest events as the sandbox keeps them, in the connection's order."""
    return box.cloud4wi.events(**only)[::-1][:count]


async def test_events_with_their_contacts_and_locations_cost_one_call_a_contact_and_one_list(
    api: Api, box: Sandbox
) -> None:
    answer = await api.query(
        "{ events(first: 50) { nodes {"
        " sourceId contact { firstName segments { name } } location { name timezone } } } }"
    )
    events = newest(box, 50)
    zones = {location["id"]: location["timezone"] for location in box.cloud4wi.locations()}
    assert [node["sourceId"] for node in answer["events.nodes"]] == [event["event"]["id"] for event in events]
    for node, event in zip(answer["events.nodes"], events, strict=True):
        contact = box.cloud4wi.contact(event["customerId"])
        assert (node["contact"] or {}).get("firstName") == (contact or {}).get("firstName")
        if contact is not None:
            assert {segment["name"] for segment in node["contact"]["segments"]} == {
                segment["name"] for segment in contact["segments"]
            }
        if "locationId" in event["where"]:
            assert node["location"]["timezone"] == zones[event["where"]["locationId"]]
        else:
            assert node["location"] is None
    people = len({event["customerId"] for event in events})
    assert answer.calls == {"organizationEvents": 1, "customer": people, "locations": 1}


@pytest.mark.parametrize(
    "fields",
    [
        "contact { firstName segments { name } } location { timezone name }",
        "location { name timezone } contact { segments { name } firstName }",
        "... on Event { location { timezone } } id contact { lastName } ... on Node { id }",
        "a: contact { firstName } b: contact { lastName } c: location { timezone } d: location { tags }",
    ],
)
async def test_the_order_and_form_of_fields_do_not_change_the_cost(api: Api, box: Sandbox, fields: str) -> None:
    answer = await api.query(f"{{ events(first: 30) {{ nodes {{ {fields} }} }} }}")
    people = len({event["customerId"] for event in newest(box, 30)})
    assert answer.errors == []
    assert answer.calls == {"organizationEvents": 1, "customer": people, "locations": 1}


@pytest.mark.parametrize(
    "fields",
    [
        "contactId locationId",
        "contact { __typename id source sourceId }",
        "location { __typename id source sourceId name }",
        "contact { id } location { id name }",
        "contact { id firstName @skip(if: true) }",
        "cloud4wi { organizationId hotspotSourceId }",
    ],
)
async def test_what_an_event_carries_costs_nothing(api: Api, fields: str) -> None:
    answer = await api.query(f"{{ events(first: 20) {{ nodes {{ {fields} }} }} }}")
    assert answer.errors == []
    assert answer.calls == {"organizationEvents": 1}


async def test_a_variable_may_say_what_is_asked_of_a_link(api: Api) -> None:
    query = (
        "query ($whole: Boolean!, $bare: Boolean = true) { events(first: 3) { nodes { "
        "location { name timezone @include(if: $whole) tags @skip(if: $bare) } } } }"
    )
    less, more = [await api.query(query, {"whole": whole}) for whole in (False, True)]
    assert less.errors == more.errors == []
    assert [len(node["location"]) for node in more["events.nodes"]] == [2, 2, 2]
    assert less.calls == {"organizationEvents": 1}
    assert more.calls == {"organizationEvents": 1, "locations": 1}


async def test_what_a_contact_carries_costs_nothing(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ contacts(first: 40) { nodes { sourceId segments { id source kind name } location { id name } metrics { "
        "totalVisits } consents { name } customFields { key value } cloud4wi { username } } } }"
    )
    assert [node["sourceId"] for node in answer["contacts.nodes"]] == [
        contact["cid"] for contact in box.cloud4wi.contacts()[::-1][:40]
    ]
    assert answer.calls == {"customers": 1}


async def test_segments_of_contacts_beyond_their_names_cost_one_list(api: Api, box: Sandbox) -> None:
    answer = await api.query("{ contacts(first: 40) { nodes { segments { name size } } } }")
    sizes = {segment["name"]: segment["audience"] for segment in box.cloud4wi.segments()}
    for node in answer["contacts.nodes"]:
        for segment in node["segments"]:
            assert segment["size"] == sizes[segment["name"]]
    assert answer.calls == {"customers": 1, "segments": 1}


async def test_the_last_visited_location_costs_one_list(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "query ($id: ID!) { contact(id: $id) { lastVisitedLocation { name } location { id } } }", {"id": IVAN_ID}
    )
    assert answer["contact.lastVisitedLocation"] == {"name": "Ivan Home"}
    assert answer.calls == {"customer": 1, "locations": 1}


async def test_contacts_events_cost_one_call_each_and_equal_ones_share_it(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ events(first: 30) { nodes { contact { id events(first: 3) { nodes { sourceId } } } } } }"
    )
    events = newest(box, 30)
    for node, event in zip(answer["events.nodes"], events, strict=True):
        own = newest(box, 3, customer=event["customerId"])
        assert [each["sourceId"] for each in node["contact"]["events"]["nodes"]] == [
            each["event"]["id"] for each in own
        ]
    people = len({event["customerId"] for event in events})
    assert answer.calls == {"organizationEvents": 1, "organizationCustomerEvents": people}


async def test_hotspots_cost_one_list_for_all_locations(api: Api, box: Sandbox) -> None:
    answer = await api.query("{ locations(first: 100) { nodes { sourceId hotspots { sourceId macAddress } } } }")
    spots = box.cloud4wi.hotspots()
    for node in answer["locations.nodes"]:
        assert {spot["sourceId"] for spot in node["hotspots"]} == {
            spot["id"] for spot in spots if spot["venueId"] == node["sourceId"]
        }
    assert answer.calls == {"locations": 1, "hotspots": 1}


async def test_the_hotspot_of_events_costs_one_list(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ events(first: 50) { nodes { cloud4wi { hotspotSourceId hotspot { sourceId name } } } } }"
    )
    seen = [node["cloud4wi"] for node in answer["events.nodes"] if node["cloud4wi"]["hotspotSourceId"]]
    assert seen
    assert all(each["hotspot"]["sourceId"] == each["hotspotSourceId"] for each in seen)
    assert answer.calls == {"organizationEvents": 1, "hotspots": 1}


async def test_lists_are_sorted_and_counted_in_one_call_each(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ segments(first: 100) { nodes { name } totalCount } locations(first: 5) { nodes { name } totalCount } }"
    )
    segments, locations = box.cloud4wi.segments(), box.cloud4wi.locations()

    def ordered(rows: list[dict[str, Any]]) -> list[str]:
        return [row["name"] for row in sorted(rows, key=lambda row: (row["name"].casefold(), row["id"]))]

    assert [node["name"] for node in answer["segments.nodes"]] == ordered(segments)
    assert answer["segments.totalCount"] == len(segments)
    assert [node["name"] for node in answer["locations.nodes"]] == ordered(locations)[:5]
    assert answer["locations.totalCount"] == len(locations)
    assert answer.calls == {"segments": 1, "locations": 1}


async def test_lists_are_kept_between_requests_and_the_trace_says_so(api: Api) -> None:
    query = "{ segments { nodes { name } } locations { nodes { name hotspots { name } } } }"
    first, second = await api.query(query), await api.query(query)
    assert first.calls == {"segments": 1, "locations": 1, "hotspots": 1}
    assert first.data == second.data
    assert second.calls == {}
    assert {call.operation for call in second.trace if call.cached} == {"segments", "locations", "hotspots"}


async def test_without_list_ttl_a_list_is_read_once_a_request(box: Sandbox) -> None:
    async with Api.over(box, GATEWAY_LIST_TTL="0") as api:
        query = "{ segments { nodes { name } } a: contacts(first: 5) { nodes { segments { size } } } }"
        for _ in range(2):
            answer = await api.query(query)
            assert answer.errors == []
            assert answer.calls == {"segments": 1, "customers": 1}


@pytest.mark.parametrize(
    ("id", "selection", "calls"),
    [
        (IVAN_ID, "... on Contact { displayName }", {"customer": 1}),
        (LOYAL_ID, "... on Segment { name }", {"segments": 1}),
        (HOME_ID, "... on Location { name }", {"locations": 1}),
    ],
)
async def test_a_node_costs_one_call(api: Api, id: str, selection: str, calls: dict[str, int]) -> None:
    answer = await api.query(f"query ($id: ID!) {{ node(id: $id) {{ __typename id {selection} }} }}", {"id": id})
    assert answer["node.id"] == id
    assert answer.calls == calls


async def test_an_event_is_found_again_by_its_id_in_one_call(api: Api, box: Sandbox) -> None:
    page = await api.query("{ events(first: 60) { nodes { id sourceId __typename } } }")
    for node in page["events.nodes"][::7]:
        answer = await api.query(
            "query ($id: ID!) { node(id: $id) { __typename ... on Event { sourceId } } }", {"id": node["id"]}
        )
        assert answer["node"] == {"__typename": node["__typename"], "sourceId": node["sourceId"]}
        assert answer.calls == {"organizationCustomerEvents": 1}


async def test_many_nodes_cost_what_their_kinds_cost(api: Api, box: Sandbox) -> None:
    people = [simple_id(Entity.CONTACT, C, contact["cid"]) for contact in box.cloud4wi.contacts()[:5]]
    places = [simple_id(Entity.LOCATION, C, location["id"]) for location in box.cloud4wi.locations()[:5]]
    answer = await api.query("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [*people, *places, *people]})
    assert [node["id"] for node in answer["nodes"]] == [*people, *places, *people]
    assert answer.calls == {"customer": 5, "locations": 1}


async def test_members_of_a_segment_and_of_a_location_cost_one_call(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "query ($segment: ID!, $location: ID!) {"
        " segment(id: $segment) { contacts(first: 10) { nodes { sourceId } } }"
        " location(id: $location) { contacts(first: 10) { nodes { sourceId } } } }",
        {"segment": LOYAL_ID, "location": HOME_ID},
    )
    contacts = box.cloud4wi.contacts()[::-1]
    members = [each["cid"] for each in contacts if any(segment["cid"] == LOYAL for segment in each["segments"])]
    guests = [each["cid"] for each in contacts if each["locationCid"] == IVAN_HOME]
    assert [node["sourceId"] for node in answer["segment.contacts.nodes"]] == members[:10]
    assert [node["sourceId"] for node in answer["location.contacts.nodes"]] == guests[:10]
    assert answer.calls == {"segments": 1, "locations": 1, "customers": 2}


async def test_the_total_of_contacts_comes_with_the_page(api: Api, box: Sandbox) -> None:
    answer = await api.query("{ contacts(first: 5) { totalCount nodes { id } } }")
    assert answer["contacts.totalCount"] == len(box.cloud4wi.contacts())
    assert answer.calls == {"customers": 1}


async def test_the_total_is_null_where_nobody_counts(api: Api) -> None:
    answer = await api.query(
        '{ events(first: 1) { totalCount } contacts(first: 1, filter: {search: "a"}) { totalCount } }'
    )
    assert answer.data == {"events": {"totalCount": None}, "contacts": {"totalCount": None}}


async def test_devices_and_sessions_are_read_as_sent(api: Api) -> None:
    answer = await api.query(
        "query ($id: ID!) { contact(id: $id) { cloud4wi { devices accountings } } }", {"id": IVAN_ID}
    )
    assert answer["contact.cloud4wi.devices"]
    assert answer["contact.cloud4wi.accountings"]
    assert answer.calls == {"customer": 1, "devices": 1, "accountings": 1}


async def test_sources_cost_no_call(api: Api) -> None:
    answer = await api.query("{ sources { source name state message } }")
    assert answer["sources"] == [{"source": "CLOUD4WI", "name": "Cloud4Wi", "state": "HEALTHY", "message": None}]
    assert answer.trace == []


async def test_equal_calls_of_two_requests_in_flight_are_one(api: Api, box: Sandbox) -> None:
    await api.query("{ sources { state } contacts(first: 0) { nodes { id } } }")
    box.reset_calls()
    query = "query ($id: ID!) { contact(id: $id) { displayName } }"
    answers = await asyncio.gather(*(api.query(query, {"id": IVAN_ID}) for _ in range(5)))
    assert {answer["contact.displayName"] for answer in answers} == {"Ivan Muccini"}
    assert len(box.calls) == 1
    assert sum(answer.calls.get("customer", 0) for answer in answers) == 1
    assert sum(call.shared for answer in answers for call in answer.trace) == 4


async def test_identical_fields_read_once(api: Api) -> None:
    answer = await api.query("{ a: events(first: 5) { nodes { id } } b: events(first: 5) { nodes { type } } }")
    assert answer.errors == []
    assert answer.calls == {"organizationEvents": 1}
