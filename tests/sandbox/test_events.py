"""The two event lists: filters, orders, shapes."""

from __future__ import annotations

from collections import defaultdict

import pytest

from sandbox.app import Sandbox
from sandbox.clock import SECOND, instant
from sandbox.cloud4wi.data import published
from sandbox.cloud4wi.parameters import EVENT_TYPES
from tests.conftest import StartSandbox
from tests.sandbox.client import Client, ids

IVAN = published("contacts")[0]["cid"]


async def test_the_envelope_without_and_with_a_scroll(box: Sandbox, client: Client) -> None:
    page = await client.events()
    assert list(page) == ["status", "generated", "count", "events"]
    assert page["count"] == len(page["events"]) == 100
    assert "scrollId" in await client.events(enableScroll=True)
    box.behaviour.scroll_id_place = "nested"
    page = await client.events(enableScroll=True, size=5)
    assert "scrollId" not in page
    assert (await client.events(scrollId=page["scroll"]["id"]))["count"] == 5


@pytest.mark.parametrize(("sort", "field"), [("utcTime", "createdAt"), ("businessTime", "createdAtLocal")])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("descending", [False, True])
async def test_orders(box: Sandbox, client: Client, sort: str, field: str, reverse: bool, descending: bool) -> None:
    box.behaviour.reverse_is_descending = descending
    rows = (await client.events(sortBy=sort, sortReverse=reverse, size=10_000))["events"]
    times = [instant(row["when"][field]) for row in rows]
    assert len(times) == 1000
    assert times == sorted(times, reverse=reverse == descending)


async def test_business_time_is_the_default(box: Sandbox, client: Client) -> None:
    rows = (await client.get(f"/v1/{client.organization}/events", size=10_000))["events"]
    local = [instant(row["when"]["createdAtLocal"]) for row in rows]
    assert local == sorted(local)
    assert [row["when"]["createdAt"] for row in rows] != sorted(row["when"]["createdAt"] for row in rows)


async def test_dates_are_utc_and_inclusive_to_the_second(box: Sandbox, client: Client) -> None:
    box.cloud4wi.insert_event(
        *(
            box.cloud4wi.make_event(f"2024-03-01T10:00:0{at}Z")
            for at in ("0", "1", "1.001", "1.999", "2", "2.5", "3", "4")
        )
    )
    page = await client.events(dateStart="2024-03-01T10:00:01Z", dateEnd="2024-03-01T10:00:02Z")
    assert [row["when"]["createdAt"][17:] for row in page["events"]] == ["01Z", "01.001Z", "01.999Z", "02Z", "02.5Z"]
    business = await client.events(
        dateStart="2024-03-01T10:00:01Z", dateEnd="2024-03-01T10:00:02Z", sortBy="businessTime"
    )
    assert sorted(ids([business["events"]])) == sorted(ids([page["events"]]))


async def test_types_are_filtered_by_their_documented_names_only(box: Sandbox, client: Client) -> None:
    rows = (await client.events(events="visit, send_email", size=10_000))["events"]
    expected = box.cloud4wi.events(types={"visit", "send_email"})
    assert sorted(ids([rows])) == sorted(ids([expected]))
    for kind in sorted(EVENT_TYPES):
        await client.events(events=kind, size=1)
    for kind in ("arriving", "geo_visit", "presence", "", "visit,nothing"):
        assert (await client.call("GET", f"/v1/{client.organization}/events", events=kind))[0] == 409


@pytest.mark.parametrize(
    "query",
    [
        {"size": "0"},
        {"size": "10001"},
        {"dateStart": "2026-13-01T00:00:00Z"},
        {"dateEnd": "2026-01-01T00:00:00+01:00"},
        {"sortBy": "id"},
        {"sortReverse": "1"},
        {"enableScroll": "on"},
        {"locationId": "x"},
    ],
)
async def test_invalid_parameters_are_409(client: Client, query: dict[str, str]) -> None:
    assert (await client.call("GET", f"/v1/{client.organization}/events", **query))[0] == 409


async def test_events_of_one_customer(box: Sandbox, client: Client) -> None:
    path = f"/v1/{client.organization}/customers/{IVAN}/events"
    page = await client.get(path, sortBy="utcTime", sortReverse=True)
    expected = box.cloud4wi.events(customer=IVAN)
    assert sorted(ids([page["events"]])) == sorted(ids([expected]))
    assert "scrollId" not in page
    assert (await client.get(path, size=3))["count"] == 3
    assert (await client.get(path, events="visit"))["count"] == 1
    window = await client.get(path, dateStart="2022-07-21T18:41:30Z", dateEnd="2022-07-21T18:53:49Z")
    assert window["count"] == 3
    for name in ("enableScroll", "scrollId"):
        assert (await client.call("GET", path, **{name: "true"}))[0] == 409
    assert (await client.get(f"/v1/{client.organization}/customers/nobody/events"))["events"] == []


async def test_published_events_come_row_for_row(box: Sandbox, client: Client) -> None:
    rows = {row["event"]["id"]: row for row in (await client.events(size=10_000))["events"]}
    assert len(published("events")) == 19
    for event in published("events"):
        assert rows[event["event"]["id"]] == event


async def test_flat_events_carry_the_same_facts(box: Sandbox, client: Client) -> None:
    box.behaviour.flat_events = True
    rows = (await client.events(size=10_000))["events"]
    nested = {row["event"]["id"]: row for row in box.cloud4wi.events()}
    for row in rows:
        expected = nested[row["id"]]
        assert row == {**expected["event"], **{name: value for name, value in expected.items() if name != "event"}}


async def test_ties_come_in_an_order_that_differs(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(burst=300)
    async with Client(box) as client:
        ties = defaultdict(list)
        for row in box.cloud4wi.events():
            ties[instant(row["when"]["createdAt"])].append(row["event"]["id"])
        at, tied = max(ties.items(), key=lambda item: len(item[1]))
        assert len(tied) == 300
        start = next(row["when"]["createdAt"] for row in box.cloud4wi.events() if row["event"]["id"] == tied[0])
        assert instant(start) // SECOND == at // SECOND
        once, again = [ids([(await client.events(dateStart=start, size=300))["events"]]) for _ in range(2)]
        assert once != again
        assert sorted(once) == sorted(again) == sorted(tied)
        box.behaviour.shuffle_ties = False
        once, again = [ids([(await client.events(dateStart=start, size=300))["events"]]) for _ in range(2)]
        assert once == again


async def test_disorder_moves_rows_by_less_than_so_many_places(box: Sandbox, client: Client) -> None:
    box.behaviour.shuffle_ties = False
    straight = ids([(await client.events(size=200))["events"]])
    box.behaviour.disorder = 5
    moved = ids([(await client.events(size=200))["events"]])
    assert moved != straight
    places = {one: place for place, one in enumerate(straight)}
    assert sorted(moved) == sorted(straight)
    assert max(abs(places[one] - place) for place, one in enumerate(moved)) < 5
    assert sorted(ids(await client.walk(size=50))) == sorted(ids([box.cloud4wi.events()]))
