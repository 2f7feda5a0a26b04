"""The contacts list with its filters and orders, one contact and what hangs on it, writes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.app import Sandbox
from sandbox.clock import instant
from sandbox.cloud4wi.data import published
from sandbox.cloud4wi.parameters import CONTACT_SORTS
from tests.sandbox.client import Client

IVAN = published("contacts")[0]


async def test_the_list_has_the_published_envelope(box: Sandbox, client: Client) -> None:
    page = await client.contacts(size=10)
    assert list(page) == ["totalCount", "sid", "generated", "count", "customers"]
    assert (page["totalCount"], page["count"], len(page["customers"])) == (200, 10, 10)
    assert page["customers"] == box.cloud4wi.contacts()[:10]
    assert page["customers"][0] == IVAN


async def test_a_walk_by_sid_gives_every_contact_once_and_ends_empty(box: Sandbox, client: Client) -> None:
    page = await client.contacts(size=30, sortBy="created_absolute")
    seen: list[str] = []
    while page["customers"]:
        seen += [row["cid"] for row in page["customers"]]
        page = await client.contacts(size=30, sortBy="created_absolute", sid=page["sid"])
    assert len(seen) == 200
    assert set(seen) == {row["cid"] for row in box.cloud4wi.contacts()}


async def test_the_scroll_field_can_be_named_otherwise(box: Sandbox, client: Client) -> None:
    box.behaviour.contacts_scroll_field = "scrollId"
    page = await client.contacts(size=150)
    assert "sid" not in page
    rest = await client.contacts(size=150, scrollId=page["scrollId"])
    assert len(page["customers"]) + len(rest["customers"]) <= 200
    assert rest["customers"]


@pytest.mark.parametrize("sort", sorted(CONTACT_SORTS))
async def test_every_documented_sort_walks_exactly_once(box: Sandbox, client: Client, sort: str) -> None:
    page = await client.contacts(size=60, sortBy=sort, sortReverse=True)
    seen: list[str] = []
    while page["customers"]:
        seen += [row["cid"] for row in page["customers"]]
        page = await client.contacts(sid=page["sid"])
    assert sorted(seen) == sorted(row["cid"] for row in box.cloud4wi.contacts())


@pytest.mark.parametrize(("sort", "field"), [("created_absolute", "created"), ("modified_absolute", "modified")])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("descending", [False, True])
async def test_sort_directions(
    box: Sandbox, client: Client, sort: str, field: str, reverse: bool, descending: bool
) -> None:
    box.behaviour.reverse_is_descending = descending
    rows = (await client.contacts(size=200, sortBy=sort, sortReverse=reverse))["customers"]
    times = [instant(row[field]) for row in rows]
    assert times == sorted(times, reverse=reverse == descending)


async def test_filters_by_segment_location_and_time(box: Sandbox, client: Client) -> None:
    everyone = box.cloud4wi.contacts()
    segments = [row["id"] for row in box.cloud4wi.segments()[:2]]
    location = everyone[50]["locationCid"]
    start, end = everyone[40]["created"], everyone[160]["created"]

    async def found(**query: Any) -> list[str]:
        page = await client.contacts(size=1000, **query)
        assert page["totalCount"] == page["count"]
        return [row["cid"] for row in page["customers"]]

    def expected(keep: Any) -> list[str]:
        return sorted(row["cid"] for row in everyone if keep(row))

    assert sorted(await found(segments=",".join(segments))) == expected(
        lambda row: {each["cid"] for each in row["segments"]} & set(segments)
    )
    assert sorted(await found(locations=location)) == expected(lambda row: row["locationCid"] == location)
    assert sorted(await found(locations=f"{location},{IVAN['locationCid']}")) == expected(
        lambda row: row["locationCid"] in (location, IVAN["locationCid"])
    )
    assert sorted(await found(createdStart=start, createdEnd=end)) == expected(
        lambda row: start <= row["created"] <= end
    )
    assert sorted(await found(modifiedStart=start, modifiedEnd=end)) == expected(
        lambda row: start <= row["modified"] <= end
    )
    assert sorted(await found(**{"customOptin.profiling": "true"})) == expected(
        lambda row: any(each["name"] == "profiling" and each["accepted"] for each in row["policies"])
    )
    assert await found(segments="unknown") == []


@pytest.mark.parametrize(
    "query",
    [
        {"size": "0"},
        {"size": "10001"},
        {"size": "ten"},
        {"size": "-1"},
        {"createdStart": "yesterday"},
        {"createdEnd": "2026-01-01"},
        {"modifiedStart": "2026-01-01T00:00:00"},
        {"sortBy": "shoeSize"},
        {"sortReverse": "yes"},
        {"customOptin.x": "maybe"},
        {"segmentIds": "a"},
    ],
)
async def test_invalid_parameters_are_409(client: Client, query: dict[str, str]) -> None:
    status, body = await client.call("GET", f"/v2/customers/{client.organization}", **query)
    assert status == 409
    assert next(iter(query)) in body["message"]


async def test_one_contact_in_three_envelopes(box: Sandbox, client: Client) -> None:
    path = f"/v2/customers/{IVAN['cid']}"
    assert (await client.get(path))["customers"] == [IVAN]
    box.behaviour.contact_envelope = "customer"
    assert (await client.get(path))["customer"] == IVAN
    box.behaviour.contact_envelope = "bare"
    assert await client.get(path) == IVAN


@pytest.mark.parametrize("tail", ["", "/events", "/devices", "/accountings"])
async def test_an_unknown_contact_is_404(client: Client, tail: str) -> None:
    assert (await client.call("GET", f"/v2/customers/{'0' * 32}{tail}"))[0] == 404


async def test_events_devices_and_accountings_of_a_contact(box: Sandbox, client: Client) -> None:
    contact = max(box.cloud4wi.contacts()[1:], key=lambda row: (row["metrics"] or {}).get("countTotalVisits", 0))
    base = f"/v2/customers/{contact['cid']}"
    events = await client.get(base + "/events", size=10_000, sortBy="utcTime")
    known = box.cloud4wi.events(customer=contact["cid"])
    assert sorted(row["event"]["id"] for row in events["events"]) == sorted(row["event"]["id"] for row in known)
    devices = await client.get(base + "/devices")
    assert devices["count"] == len(devices["devices"]) >= 1
    assert devices["devices"] == (await client.get(base + "/devices"))["devices"]
    sessions = (await client.get(base + "/accountings"))["accountings"]
    assert len(sessions) == contact["metrics"]["countTotalVisits"]
    assert {session["macAddress"] for session in sessions} <= {row["macAddress"] for row in devices["devices"]}
    for session in sessions:
        assert session["sessionTime"] == (instant(session["stopAt"]) - instant(session["startAt"])) // 1_000_000


async def test_metrics_agree_with_the_visits(box: Sandbox) -> None:
    for contact in box.cloud4wi.contacts()[1:]:
        visits = box.cloud4wi.events(contact["cid"], {"visit"})
        if not visits:
            assert contact["metrics"] is None
            continue
        assert contact["metrics"]["countTotalVisits"] == len(visits)
        assert contact["metrics"]["lastVisitDateUtc"] == visits[-1]["when"]["createdAt"]
        assert contact["metrics"]["lastVisitDateBusiness"] == visits[-1]["when"]["createdAtLocal"]
        minutes = [visit["event"]["visit"]["duration"] for visit in visits]
        assert contact["metrics"]["avgVisitLength"] == pytest.approx(sum(minutes) / len(minutes))


async def test_policies_are_updated_for_later_reads(box: Sandbox, client: Client) -> None:
    path = f"/v1/customers/{IVAN['cid']}/policies"
    sent = {"policies": [{"name": "profiling", "accepted": True}, {"name": "my_policy", "accepted": False}]}
    status, _ = await client.call("PUT", path, json=sent)
    assert status == 200
    [contact] = (await client.get(f"/v2/customers/{IVAN['cid']}"))["customers"]
    assert {each["name"]: each["accepted"] for each in contact["policies"]} == {
        "termsOfUse": True,
        "privacy": True,
        "mktgCommunications": True,
        "profiling": True,
        "my_policy": False,
    }
    assert contact["modified"] > IVAN["modified"]
    assert {**contact, "policies": [], "modified": ""} == {**IVAN, "policies": [], "modified": ""}
    assert len(box.cloud4wi.contacts()) == 200


@pytest.mark.parametrize("sent", [{}, {"policies": []}, {"policies": [{"name": "privacy"}]}, {"policies": ["x"]}])
async def test_policies_that_make_no_sense_are_409(client: Client, sent: object) -> None:
    assert (await client.call("PUT", f"/v1/customers/{IVAN['cid']}/policies", json=sent))[0] == 409


async def test_a_deleted_contact_is_gone_and_its_events_stay(box: Sandbox, client: Client) -> None:
    assert (await client.call("DELETE", f"/v1/customers/{IVAN['cid']}"))[0] == 200
    assert (await client.call("DELETE", f"/v1/customers/{IVAN['cid']}"))[0] == 404
    assert (await client.call("GET", f"/v2/customers/{IVAN['cid']}"))[0] == 404
    assert (await client.contacts(size=1))["totalCount"] == 199
    assert len(box.cloud4wi.events(IVAN["cid"])) == 11
