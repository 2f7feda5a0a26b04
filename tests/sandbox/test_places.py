"""Segments, locations and hotspots."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

from sandbox.app import Sandbox
from sandbox.cloud4wi.data import published
from tests.sandbox.client import Client


async def test_segments_count_their_members(box: Sandbox, client: Client) -> None:
    answer = await client.get(f"/v2/segments/{client.organization}")
    assert list(answer) == ["generated", "size", "segments"]
    assert answer["size"] == len(answer["segments"]) == 12
    members = Counter(each["cid"] for contact in box.cloud4wi.contacts() for each in contact["segments"])
    assert {row["id"]: row["audience"] for row in answer["segments"]} == {
        row["id"]: members[row["id"]] for row in answer["segments"]
    }
    names = {row["id"]: row["name"] for row in answer["segments"]}
    for contact in box.cloud4wi.contacts():
        assert all(names[each["cid"]] == each["name"] for each in contact["segments"])


async def test_locations_by_list_tag_and_id(box: Sandbox, client: Client) -> None:
    path = f"/v1/{client.organization}/locations"
    answer = await client.get(path, size=200)
    assert list(answer) == ["generated", "size", "locations"]
    assert answer["locations"] == box.cloud4wi.locations()
    assert answer["size"] == 24
    zones = {row["timezone"] for row in answer["locations"]}
    assert len(zones) >= 7
    assert all(ZoneInfo(zone) for zone in zones)
    tagged = (await client.get(path, tags="cafe,popup"))["locations"]
    assert tagged == [row for row in answer["locations"] if {"cafe", "popup"} & set(row["tags"])]
    assert tagged
    one = await client.get(f"/v1/locations/{answer['locations'][5]['id']}")
    assert one["location"] == answer["locations"][5]
    assert (await client.call("GET", "/v1/locations/nowhere"))[0] == 404


async def test_both_spellings_of_the_organization(box: Sandbox, client: Client) -> None:
    path = f"/v1/{client.organization}/locations"
    assert {row["organziationId"] for row in (await client.get(path))["locations"]} == {box.organization}
    box.behaviour.organization_key = "organizationId"
    rows = (await client.get(path))["locations"]
    assert {row["organizationId"] for row in rows} == {box.organization}
    assert "organziationId" not in rows[0]
    assert "organizationId" in (await client.get(f"/v1/locations/{rows[0]['id']}"))["location"]


async def test_hotspots_stand_at_locations(box: Sandbox, client: Client) -> None:
    answer = await client.get(f"/v3/hotspots/{client.organization}")
    assert list(answer) == ["status", "generated", "count", "hotspots"]
    assert answer["count"] == len(answer["hotspots"])
    at = Counter(row["venueId"] for row in answer["hotspots"])
    assert set(at) == {row["id"] for row in box.cloud4wi.locations()}
    assert set(at.values()) <= {2, 3, 4, 5}
    one = await client.get(f"/v3/hotspots/{answer['hotspots'][3]['id']}")
    assert one["hotspot"] == answer["hotspots"][3]
    assert (await client.call("GET", "/v3/hotspots/none"))[0] == 404


async def test_the_published_examples_find_their_places(box: Sandbox) -> None:
    locations = {row["id"]: row["name"] for row in box.cloud4wi.locations()}
    hotspots = {row["id"]: row["venueId"] for row in box.cloud4wi.hotspots()}
    for event in published("events"):
        where = event["where"]
        if "locationId" in where:
            assert locations[where["locationId"]] == where["locationName"]
            assert hotspots.get(where.get("hotspotId"), where["locationId"]) == where["locationId"]
    [contact] = published("contacts")
    assert locations[contact["locationCid"]] == contact["locationName"]
    assert locations[contact["metrics"]["lastVisitVenue"]]
    assert {row["id"]: row["name"] for row in box.cloud4wi.segments()}[
        contact["segments"][0]["cid"]
    ] == "Loyal Customer"


async def test_unknown_parameters_are_refused(client: Client) -> None:
    for path in (
        f"/v2/segments/{client.organization}",
        f"/v1/{client.organization}/locations",
        f"/v3/hotspots/{client.organization}",
    ):
        assert (await client.call("GET", path, page=2))[0] == 409
