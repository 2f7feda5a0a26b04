"""What the upstream promises of a scroll, and what it does not."""

from __future__ import annotations

import pytest

from sandbox.app import Sandbox
from tests.conftest import StartSandbox
from tests.sandbox.client import Client, ids


async def test_a_walk_gives_every_event_once_and_ends_with_an_empty_page(box: Sandbox, client: Client) -> None:
    box.behaviour.short_pages = 0.3
    pages = await client.walk(size=70)
    assert pages[-1] == []
    assert sorted(ids(pages)) == sorted(ids([box.cloud4wi.events()]))
    assert len(set(ids(pages))) == 1000
    assert any(len(page) < 70 for page in pages[1:-2]), "a page in mid-scroll is short"
    assert len(pages[0]) == 70


async def test_short_pages_can_be_switched_off_and_on(box: Sandbox, client: Client) -> None:
    box.behaviour.short_pages = 0
    assert {len(page) for page in (await client.walk(size=100))[:-1]} == {100}
    box.behaviour.short_pages = 1
    pages = await client.walk(size=100)
    assert all(len(page) < 100 for page in pages[1:])
    assert sorted(ids(pages)) == sorted(ids([box.cloud4wi.events()]))


async def test_short_pages_depend_on_the_seed_alone(start_sandbox: StartSandbox) -> None:
    lengths = []
    for seed in (7, 7, 8):
        async with Client(await start_sandbox(seed=seed)) as client:
            lengths.append([len(page) for page in await client.walk(size=40)])
    assert lengths[0] == lengths[1] != lengths[2]


async def test_a_scroll_refuses_changed_terms_and_goes_on(client: Client) -> None:
    path = f"/v1/{client.organization}/events"
    terms = {"size": 20, "sortBy": "utcTime", "events": "visit,login"}
    scroll = {"enableScroll": True, "scrollId": (await client.events(enableScroll=True, **terms))["scrollId"]}
    for change in (
        {"size": 21},
        {"events": "visit"},
        {"dateStart": "2026-01-01T00:00:00Z"},
        {"sortBy": "businessTime"},
        {"sortReverse": True},
    ):
        status, body = await client.call("GET", path, **{**terms, **scroll, **change})
        assert (status, next(iter(change)) in body["message"]) == (409, True)
    assert (await client.call("GET", path, **terms, **scroll))[0] == 200
    assert (await client.call("GET", path, scrollId=scroll["scrollId"]))[0] == 200


async def test_the_default_size_may_be_said_later(client: Client) -> None:
    scroll_id = (await client.events(enableScroll=True))["scrollId"]
    assert (await client.events(scrollId=scroll_id, size=100))["count"] > 0
    path = f"/v1/{client.organization}/events"
    assert (await client.call("GET", path, scrollId=scroll_id, size=99))[0] == 409


async def test_lifetime_slides_and_ends(box: Sandbox, client: Client) -> None:
    scroll_id = (await client.events(enableScroll=True, size=10))["scrollId"]
    for _ in range(3):
        box.clock.advance(110)
        assert (await client.events(scrollId=scroll_id))["count"] > 0
    box.clock.advance(121)
    assert (await client.call("GET", f"/v1/{client.organization}/events", scrollId=scroll_id))[0] == 404


async def test_lifetime_is_an_option(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(scroll_ttl=5)
    async with Client(box) as client:
        page = await client.contacts(size=10)
        box.clock.advance(4)
        page = await client.contacts(sid=page["sid"])
        box.clock.advance(6)
        assert (await client.call("GET", f"/v2/customers/{client.organization}", sid=page["sid"]))[0] == 404


@pytest.mark.parametrize("status", [404, 409, 400, 410, 200])
async def test_an_expired_scroll_may_be_told_in_five_ways(box: Sandbox, client: Client, status: int) -> None:
    box.behaviour.change(expired_scroll=status)
    scroll_id = (await client.events(enableScroll=True, size=10))["scrollId"]
    box.expire_scrolls()
    found, body = await client.call("GET", f"/v1/{client.organization}/events", scrollId=scroll_id)
    assert (found, body["status"]) == (status, "KO")


async def test_rotating_ids_are_spent_once_used(box: Sandbox, client: Client) -> None:
    box.behaviour.scroll_ids = "rotate"
    first = (await client.events(enableScroll=True, size=10))["scrollId"]
    second = (await client.events(scrollId=first))["scrollId"]
    assert second != first
    assert (await client.call("GET", f"/v1/{client.organization}/events", scrollId=first))[0] == 404
    assert (await client.events(scrollId=second))["scrollId"] not in (first, second)
    assert sorted(ids(await client.walk(size=300))) == sorted(ids([box.cloud4wi.events()]))


async def test_one_id_for_the_whole_scroll_is_the_default(client: Client) -> None:
    first = await client.events(enableScroll=True, size=10)
    assert (await client.events(scrollId=first["scrollId"]))["scrollId"] == first["scrollId"]


async def test_the_last_page_may_come_without_an_id(box: Sandbox, client: Client) -> None:
    box.behaviour.scroll_end = "no_id"
    pages = await client.walk(size=90)
    assert pages[-1]
    assert sorted(ids(pages)) == sorted(ids([box.cloud4wi.events()]))


async def test_a_snapshot_shows_what_was_there_when_it_was_opened(box: Sandbox, client: Client) -> None:
    rows = box.cloud4wi.events()
    page = await client.events(enableScroll=True, size=100)
    gone = [row["event"]["id"] for row in (rows[10], rows[500], rows[999])]
    new = box.cloud4wi.make_event("2027-01-01T00:00:00Z")
    assert box.cloud4wi.delete_event(*gone) == 3
    box.cloud4wi.insert_event(new)
    pages = [page["events"]]
    while pages[-1]:
        pages.append((await client.events(scrollId=page["scrollId"]))["events"])
    assert sorted(ids(pages)) == sorted(ids([rows]))
    assert set(ids(await client.walk(size=1000))) == set(ids([rows])) - set(gone) | {new["event"]["id"]}


async def test_a_live_scroll_goes_on_behind_its_last_row(box: Sandbox, client: Client) -> None:
    box.behaviour.scroll_mode = "live"
    rows = box.cloud4wi.events()
    page = await client.events(enableScroll=True, size=100)
    ahead, behind = box.cloud4wi.make_event("2027-01-01T00:00:00Z"), box.cloud4wi.make_event("2000-01-01T00:00:00Z")
    box.cloud4wi.insert_event(ahead, behind)
    gone = rows[999]["event"]["id"]
    box.cloud4wi.delete_event(gone, rows[10]["event"]["id"])
    pages = [page["events"]]
    while pages[-1]:
        pages.append((await client.events(scrollId=page["scrollId"]))["events"])
    assert sorted(ids(pages)) == sorted(set(ids([rows])) - {gone} | {ahead["event"]["id"]})


async def test_contacts_scroll_as_a_snapshot_too(box: Sandbox, client: Client) -> None:
    everyone = box.cloud4wi.contacts()
    page = await client.contacts(size=50)
    new = {**everyone[5], "cid": "c" * 32, "created": "2027-01-01T00:00:00Z"}
    box.cloud4wi.insert_contact(new)
    box.cloud4wi.delete_contact(everyone[150]["cid"])
    seen = []
    while page["customers"]:
        assert page["totalCount"] == 200
        seen += [row["cid"] for row in page["customers"]]
        page = await client.contacts(sid=page["sid"])
    assert sorted(seen) == sorted(row["cid"] for row in everyone)
    assert (await client.contacts(size=1, sortReverse=True))["customers"] == [new]


async def test_an_empty_listing_is_one_empty_page(client: Client) -> None:
    assert await client.walk(dateStart="2030-01-01T00:00:00Z") == [[]]


async def test_scrolls_of_two_clients_do_not_meet(client: Client) -> None:
    one, other = [(await client.events(enableScroll=True, size=10))["scrollId"] for _ in range(2)]
    assert one != other
    first = ids([(await client.events(scrollId=one))["events"]])
    assert len(first) == len(set(first)) > 0
    assert set(first) & set(ids([(await client.events(scrollId=other))["events"]]))
