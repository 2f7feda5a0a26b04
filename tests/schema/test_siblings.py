"""Sibling connections that want different rows of one list read it together."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.conftest import StartSandbox
from tests.schema.harness import Api
from upstreams.records import Entity, Source

C = Source.CLOUD4WI

PLACES = """query ($first: Int, $direction: OrderDirection! = DESC, $filter: EventFilter) {
  locations(first: 100) {
    nodes {
      sourceId
      events(first: $first, orderBy: {direction: $direction}, filter: $filter) {
        nodes { sourceId } pageInfo { hasNextPage endCursor }
      }
    }
  }
}"""


def at_location(box: Sandbox, location: str, direction: str) -> list[str]:
    events = box.cloud4wi.events()[:: -1 if direction == "DESC" else 1]
    return [event["event"]["id"] for event in events if event["where"].get("locationId") == location]


def deal(answer: Any, box: Sandbox, first: int, direction: str) -> None:
    """Every location has its own first events, in order, and knows whether there are more."""
    for node in answer["locations.nodes"]:
        own = at_location(box, node["sourceId"], direction)
        assert [event["sourceId"] for event in node["events"]["nodes"]] == own[:first]
        assert node["events"]["pageInfo"]["hasNextPage"] is (len(own) > first)


@pytest.mark.parametrize("direction", ["DESC", "ASC"])
@pytest.mark.parametrize("reverse_is_descending", [True, False])
async def test_events_of_all_locations_are_one_scan(
    start_sandbox: StartSandbox, direction: str, reverse_is_descending: bool
) -> None:
    box = await start_sandbox(short_pages=0.0, reverse_is_descending=reverse_is_descending)
    async with Api.over(box) as api:
        alone = await api.query(PLACES.replace("first: 100", "first: 1"), {"first": 3, "direction": direction})
        assert alone.errors == []
        box.reset_calls()
        answer = await api.query(PLACES, {"first": 3, "direction": direction})
        deal(answer, box, 3, direction)
        total = len(box.cloud4wi.events())
        places = len(box.cloud4wi.locations())
    # The rarest location decides how far the scan goes: at most through everything, and it is read once.
    assert answer.calls["organizationEvents"] <= total // 100 + 2 < places
    assert len([call for call in box.calls if call.operation == "events"]) == answer.calls["organizationEvents"]


async def test_a_frequent_filter_costs_one_call_for_all_locations(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(short_pages=0.0, examples=False, contacts=20, events=0)
    locations = [location["id"] for location in box.cloud4wi.locations()]
    box.cloud4wi.insert_event(
        *(
            box.cloud4wi.make_event(f"2026-03-{day:02}T{hour:02}:00:{second:02}Z", location=location)
            for day in range(1, 11)
            for hour in range(24)
            for second, location in enumerate(locations)
        )
    )
    async with Api.over(box) as api:
        answer = await api.query(PLACES, {"first": 3})
        deal(answer, box, 3, "DESC")
    assert answer.calls == {"locations": 1, "organizationEvents": 1}


async def test_a_shared_scan_outlives_a_lost_scroll(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(short_pages=0.0)
    async with Api.over(box) as api:
        whole = await api.query(PLACES, {"first": 3})
        box.faults.add("events", "expired_scrolls", after=3, times=1)
        box.reset_calls()
        answer = await api.query(PLACES, {"first": 3})
        deal(answer, box, 3, "DESC")
    # The lost answer was to say that there are no more: the scroll in its place, one for all, says so at its end.
    assert answer.calls["organizationEvents"] == whole.calls["organizationEvents"] + 2


async def test_one_failing_scan_is_one_failure_for_each_field(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox()
    async with Api.over(box, GATEWAY_UPSTREAM_RETRIES="0") as api:
        await api.query("{ locations { nodes { id } } }")
        box.faults.add("events", "status", status=500)
        box.reset_calls()
        answer = await api.query(PLACES, {"first": 3})
        assert [call.operation for call in box.calls] == ["events"]
    assert set(answer.codes) == {"UPSTREAM_UNAVAILABLE"}
    assert len(answer.errors) == len(box.cloud4wi.locations())


async def test_cursors_of_a_shared_scan_lead_on(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox()
    async with Api.over(box) as api:
        answer = await api.query(PLACES, {"first": 2})
        for node in answer["locations.nodes"][:4]:
            if not node["events"]["pageInfo"]["hasNextPage"]:
                continue
            onward = await api.query(
                "query ($id: ID!, $after: String) {"
                " location(id: $id) { events(first: 3, after: $after) { nodes { sourceId } } } }",
                {
                    "id": simple_id(Entity.LOCATION, C, node["sourceId"]),
                    "after": node["events"]["pageInfo"]["endCursor"],
                },
            )
            own = at_location(box, node["sourceId"], "DESC")
            assert [event["sourceId"] for event in onward["location.events.nodes"]] == own[2:5]


TWO_SIZES = """query ($few: Int, $many: Int, $direction: OrderDirection! = DESC) {
  locations(first: 100) {
    nodes {
      sourceId
      few: events(first: $few, orderBy: {direction: $direction}) { ...page }
      many: events(first: $many, orderBy: {direction: $direction}) { ...page }
      other: events(last: $few, orderBy: {direction: ASC}) { ...page }
    }
  }
}
fragment page on EventConnection { nodes { sourceId } pageInfo { hasNextPage hasPreviousPage } }"""


async def test_pages_of_any_size_at_all_locations_are_one_scan(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(short_pages=0.0)
    async with Api.over(box, GATEWAY_LIST_TTL="0") as api:
        largest = await api.query(PLACES, {"first": 20})
        answer = await api.query(TWO_SIZES, {"few": 3, "many": 20})
    for node in answer["locations.nodes"]:
        own = at_location(box, node["sourceId"], "DESC")
        for name, size in (("few", 3), ("many", 20)):
            assert [event["sourceId"] for event in node[name]["nodes"]] == own[:size]
            assert node[name]["pageInfo"] == {"hasNextPage": len(own) > size, "hasPreviousPage": False}
        # The last of the oldest-first order are the newest, read from the same end.
        assert [event["sourceId"] for event in node["other"]["nodes"]] == own[:3][::-1]
        assert node["other"]["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": len(own) > 3}
    assert (answer.calls, largest.calls) == ({"locations": 1, "organizationEvents": 3},) * 2


async def test_a_location_that_comes_up_later_joins_the_scan(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(short_pages=0.0)
    visited = "contacts(first: 40) { nodes { lastVisitedLocation { sourceId events(first: 4) { ...page } } } }"
    page = "fragment page on EventConnection { nodes { sourceId } pageInfo { hasNextPage endCursor } }"
    places = "locations(first: 100) { nodes { sourceId events(first: 4) { ...page } } }"
    async with Api.over(box, GATEWAY_LIST_TTL="0") as api:
        alone = await api.query(f"{{ {places} }} {page}")
        for fields in (f"{places} {visited}", f"{visited} {places}"):
            answer = await api.query(f"{{ {fields} }} {page}")
            deal(answer, box, 4, "DESC")
            for node in answer["contacts.nodes"]:
                if (place := node["lastVisitedLocation"]) is not None:
                    own = at_location(box, place["sourceId"], "DESC")
                    assert [event["sourceId"] for event in place["events"]["nodes"]] == own[:4]
            assert answer.calls == {**alone.calls, "customers": 1}


async def test_pages_of_two_sizes_of_everybodys_events_are_one_call_and_both_lead_on(
    start_sandbox: StartSandbox,
) -> None:
    box = await start_sandbox(short_pages=0.0)
    events = [event["event"]["id"] for event in box.cloud4wi.events()[::-1]]
    page = "{ nodes { sourceId } pageInfo { hasNextPage hasPreviousPage endCursor } }"
    onward = f"query ($first: Int, $after: String) {{ events(first: $first, after: $after) {page} }}"
    async with Api.over(box) as api:
        answer = await api.query(f"{{ few: events(first: 10) {page} many: events(first: 50) {page} }}")
        assert answer.calls == {"organizationEvents": 1}
        for name, size in (("few", 10), ("many", 50)):
            found = answer[name]
            assert [event["sourceId"] for event in found["nodes"]] == events[:size]
            assert (found["pageInfo"]["hasNextPage"], found["pageInfo"]["hasPreviousPage"]) == (True, False)
        calls = []
        for name, size in (("few", 10), ("many", 50)):
            after, given = answer[name]["pageInfo"]["endCursor"], size
            for _ in range(3):
                following = await api.query(onward, {"first": 4, "after": after})
                assert [event["sourceId"] for event in following["events.nodes"]] == events[given : given + 4]
                after, given = following["events.pageInfo.endCursor"], given + 4
                calls.append(following.calls.get("organizationEvents", 0))
    # One of them was left the scroll and the rows beyond its page; the other goes on by position.
    assert calls == [1, 0, 0, 0, 1, 0]


SEGMENTS = """query ($first: Int, $filter: ContactFilter) {
  segments(first: 100) {
    nodes { sourceId contacts(first: $first, filter: $filter) { nodes { sourceId } pageInfo { hasNextPage } } }
  }
}"""


async def test_members_of_all_segments_are_one_call_where_all_pages_fit_it(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(short_pages=0.0)
    contacts = box.cloud4wi.contacts()[::-1]
    async with Api.over(box) as api:
        answer = await api.query(SEGMENTS, {"first": 30})
        for node in answer["segments.nodes"]:
            members = [
                contact["cid"]
                for contact in contacts
                if any(segment["cid"] == node["sourceId"] for segment in contact["segments"])
            ]
            assert [contact["sourceId"] for contact in node["contacts"]["nodes"]] == members[:30]
            assert node["contacts"]["pageInfo"]["hasNextPage"] is (len(members) > 30)
    # 200 contacts fit one answer for twelve segments; a second, empty one says that this was all.
    assert answer.calls == {"segments": 1, "customers": 2}


async def test_a_segment_whose_page_does_not_fit_is_asked_for_alone(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(short_pages=0.0)
    segments = box.cloud4wi.segments()
    [small] = [segment["id"] for segment in segments if segment["name"] == "Students"]
    member = next(
        contact
        for contact in box.cloud4wi.contacts()
        if any(segment["cid"] == small for segment in contact["segments"])
    )
    box.cloud4wi.replace_contact({**member, "created": "2020-01-01T00:00:00Z"})
    large = max(segments, key=lambda segment: segment["audience"])["id"]
    ids = [simple_id(Entity.SEGMENT, C, id) for id in (small, large)]
    async with Api.over(box) as api:
        answer = await api.query(
            "query ($ids: [ID!]!) {"
            " nodes(ids: $ids) { ... on Segment { contacts(first: 5) { nodes { sourceId } } } } }",
            {"ids": ids},
        )
    assert [node["sourceId"] for node in answer["nodes.0.contacts.nodes"]] == [member["cid"]]
    assert len(answer["nodes.1.contacts.nodes"]) == 5
    # One for both; the one whose member came long ago is asked for alone, and an empty answer says that this was all.
    assert answer.calls == {"segments": 1, "customers": 3}


async def test_a_list_that_takes_no_filter_is_read_once_for_all_segments(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(contacts=600, events=0, acquire_contacts=450)
    query = "{ segments(first: 20) { nodes { name contacts(first: 3) { nodes { sourceId } } } } }"
    async with Api.over(box, sources=(Source.ACQUIRE,)) as api:
        alone = await api.query(
            '{ segments(filter: {search: "nobody"}) { nodes { contacts(first: 3) { nodes { id } } } } }'
        )
        answer = await api.query(query)
    assert len(answer["segments.nodes"]) > 4
    # One of the tags is on nobody, so its page takes the whole list; the others find theirs in the same answers.
    assert alone.calls["contacts"] == answer.calls["contacts"] == 5


async def test_pages_of_two_sizes_of_one_segments_members_are_one_reading(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(contacts=600, short_pages=0.0)
    largest = max(box.cloud4wi.segments(), key=lambda segment: segment["audience"])["id"]
    members = [
        contact["cid"]
        for contact in box.cloud4wi.contacts()[::-1]
        if any(segment["cid"] == largest for segment in contact["segments"])
    ]
    async with Api.over(box) as api:
        answer = await api.query(
            "query ($id: ID!) { segment(id: $id) {"
            " few: contacts(first: 5) { nodes { sourceId } } many: contacts(first: 80) { nodes { sourceId } } } }",
            {"id": simple_id(Entity.SEGMENT, C, largest)},
        )
    for name, size in (("few", 5), ("many", 80)):
        assert [contact["sourceId"] for contact in answer[f"segment.{name}.nodes"]] == members[:size]
    assert answer.calls == {"segments": 1, "customers": 1}


async def test_rows_that_two_pages_of_one_list_read_wait_for_the_next_of_each(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(contacts=400, events=0, acquire_contacts=450)
    page = "{ nodes { sourceId company } pageInfo { endCursor } }"
    onward = f"query ($after: String) {{ contacts(first: 9, after: $after) {page} }}"
    async with Api.over(box, sources=(Source.ACQUIRE,)) as api:
        answer = await api.query(f"{{ few: contacts(first: 5) {page} many: contacts(first: 14) {page} }}")
        assert answer.calls == {"contacts": 1}
        few, many = answer["few"], answer["many"]
        following = await api.query(onward, {"after": few["pageInfo"]["endCursor"]})
        assert few["nodes"] + following["contacts.nodes"] == many["nodes"]
        further = await api.query(onward, {"after": many["pageInfo"]["endCursor"]})
        assert len(further["contacts.nodes"]) == 9
    assert (following.calls, further.calls) == ({}, {})
