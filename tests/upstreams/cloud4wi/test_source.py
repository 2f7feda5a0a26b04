"""The source as the gateway sees it: feeds, batches, one event found again."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.app import Sandbox
from tests.upstreams.cloud4wi.conftest import IVAN, made_calls
from upstreams.cloud4wi import SPEC, Cloud4Wi
from upstreams.cloud4wi.assumptions import ASSUMPTIONS
from upstreams.cloud4wi.feeds import Contacts, CustomerEvents, OrganizationEvents
from upstreams.errors import UpstreamUnavailable
from upstreams.feeds import Bounds, Direction
from upstreams.http.wire import Network, WireLimits
from upstreams.instants import Instant
from upstreams.records import ContactRecord, EventRecord, EventType, Source
from upstreams.source import ContactQuery, EventQuery, SourceApi, SourceState

ALL = Bounds()


def contacts(source: Cloud4Wi, **query: Any) -> Contacts:
    feed = source.contacts(ContactQuery(**query))
    assert isinstance(feed, Contacts)
    return feed


def organization_events(source: Cloud4Wi, **query: Any) -> OrganizationEvents:
    feed = source.events(EventQuery(**query))
    assert isinstance(feed, OrganizationEvents)
    return feed


async def test_the_entry_in_the_list_builds_a_source_and_makes_no_call(box: Sandbox) -> None:
    settings = SPEC.configure(
        {
            "CLOUD4WI_URL": box.url + "/",
            "CLOUD4WI_CLIENT_KEY": box.client_key,
            "CLOUD4WI_CLIENT_SECRET": box.client_secret,
        }
    )
    network = Network(WireLimits())
    await network.start()
    source: SourceApi = SPEC.build(settings, network)
    await source.start()
    assert source.source is Source.CLOUD4WI
    assert source.health().state is SourceState.HEALTHY
    assert made_calls(box) == []
    assert [contact for contact in await source.contacts_by_id([IVAN]) if contact] != []
    await source.close()
    await network.close()


async def test_contacts_by_id_ask_once_for_each_and_tell_apart_what_is_missing(box: Sandbox, source: Cloud4Wi) -> None:
    others = [row["cid"] for row in box.cloud4wi.contacts()[:3] if row["cid"] != IVAN]
    ids = [IVAN, others[0], "nobody", IVAN, "", others[1]]
    found = await source.contacts_by_id(ids)
    assert [getattr(contact, "source_id", contact) for contact in found] == [
        IVAN,
        others[0],
        None,
        IVAN,
        None,
        others[1],
    ]
    assert sorted(made_calls(box)) == sorted(f"GET /v2/customers/{id}" for id in (IVAN, *others[:2], "nobody"))


async def test_one_failure_of_a_batch_is_one_failure(box: Sandbox, source: Cloud4Wi) -> None:
    other = next(row["cid"] for row in box.cloud4wi.contacts() if row["cid"] != IVAN)
    assert await source.contacts_by_id([]) == []
    box.faults.add("contact", "status", status=503, times=2)
    failed, found = [(await source.contacts_by_id([id]))[0] for id in (IVAN, other)]
    assert isinstance(failed, UpstreamUnavailable)
    assert getattr(found, "source_id", None) == other


async def test_contacts(box: Sandbox, source: Cloud4Wi) -> None:
    feed = contacts(source)
    rows = await feed.open(ALL, Direction.ASC, 30)
    assert rows.scroll is not None
    rest = await feed.advance(rows.scroll, ALL, Direction.ASC, 30)
    found: list[ContactRecord] = [*rows.rows, *rest.rows]
    keys = [feed.key(row) for row in found]
    assert [key[0] for key in keys] == sorted(key[0] for key in keys)
    assert sorted(keys) == [(row["created"][:-1], 0, row["cid"]) for row in box.cloud4wi.contacts()]


async def test_an_empty_list_in_a_filter_matches_nothing_and_costs_nothing(box: Sandbox, source: Cloud4Wi) -> None:
    for query in ({"segment_ids": ()}, {"location_ids": ()}):
        feed = contacts(source, **query)
        rows = await feed.open(ALL, Direction.DESC, 10)
        assert (rows.rows, rows.scroll, await feed.total()) == ((), None, 0)
    assert made_calls(box) == []


async def test_totals(box: Sandbox, source: Cloud4Wi) -> None:
    plain = box.cloud4wi.contacts()
    segment = next(row["segments"][0]["cid"] for row in plain if row["segments"])
    middle = plain[20]["created"][:-1]
    assert await contacts(source).total() == 40
    assert await contacts(source, segment_ids=(segment,)).total() == sum(
        any(each["cid"] == segment for each in row["segments"]) for row in plain
    )
    assert await contacts(source, created_from=Instant(middle)).total() == sum(
        row["created"][:-1] >= middle for row in plain
    )
    assert await contacts(source, created_to=Instant(middle)).total() == sum(
        row["created"][:-1] < middle for row in plain
    )
    assert [call.query["size"] for call in box.calls] == ["1"] * 4


@pytest.mark.parametrize(
    "query",
    [
        {"has_email": True},
        {"has_phone": False},
        {"search": "ada"},
        {"updated_from": Instant("2022-07-01T00:00:00")},
        {"created_from": Instant("2022-07-01T00:00:00.5")},
        {"created_to": Instant("2022-07-01T00:00:00.5")},
    ],
)
async def test_a_total_that_the_upstream_cannot_know(box: Sandbox, source: Cloud4Wi, query: dict[str, Any]) -> None:
    assert await contacts(source, **query).total() is None
    assert made_calls(box) == []


async def test_organization_events(box: Sandbox, source: Cloud4Wi) -> None:
    feed = organization_events(source)
    assert (feed.max_size, feed.since, feed.until, await feed.total()) == (10_000, None, None, None)
    rows = await feed.open(ALL, Direction.DESC, 200)
    assert rows.scroll is not None
    rest = await feed.advance(rows.scroll, ALL, Direction.DESC, 200)
    found: list[EventRecord] = [*rows.rows, *rest.rows]
    assert sorted(map(feed.key, found)) == [
        (row["when"]["createdAt"][:-1], 0, row["event"]["id"]) for row in box.cloud4wi.events()
    ]


async def test_the_events_of_a_contact(box: Sandbox, source: Cloud4Wi) -> None:
    feed = source.events(EventQuery(contact_id=IVAN, types=frozenset({EventType.LOGIN})))
    assert isinstance(feed, CustomerEvents)
    rows = await feed.read(ALL, Direction.ASC, 3)
    assert [row.raw_type for row in rows.rows] == ["login"] * 3
    assert [feed.key(row)[0] for row in rows.rows] == sorted(feed.key(row)[0] for row in rows.rows)


@pytest.mark.parametrize(
    ("types", "sent"),
    [
        (None, None),
        ({EventType.VISIT}, "visit"),
        ({EventType.VISIT, EventType.LOGIN}, "login,visit"),
        ({EventType.VISIT, EventType.ARRIVING}, None),
        ({EventType.OTHER}, None),
        ({EventType.GEO_VISIT}, None),
        ({EventType.VISIT, EventType.PAGE_VIEW}, "visit"),
    ],
)
async def test_only_documented_types_are_sent(
    box: Sandbox, source: Cloud4Wi, types: set[EventType] | None, sent: str | None
) -> None:
    feed = organization_events(source, types=None if types is None else frozenset(types))
    await feed.open(ALL, Direction.DESC, 1)
    assert [call.query.get("events") for call in box.calls] == [sent]


async def test_types_of_other_sources_have_no_feed_here(source: Cloud4Wi) -> None:
    assert source.events(EventQuery(types=frozenset({EventType.PAGE_VIEW, EventType.TASK}))) is None
    assert source.events(EventQuery(types=frozenset())) is None


async def test_what_is_learned_of_the_sort_flag_holds_for_all_feeds_of_the_endpoint(
    box: Sandbox, source: Cloud4Wi
) -> None:
    box.behaviour.change(reverse_is_descending=False)
    organization_events(source).orientation.turn()
    rows = await organization_events(source).open(ALL, Direction.DESC, 300)
    assert [row.occurred_at for row in rows.rows] == sorted((row.occurred_at for row in rows.rows), reverse=True)
    assert contacts(source).orientation.reverse_is_descending
    assert contacts(source).orientation is contacts(source, search="x").orientation


async def test_one_event_is_found_in_its_second(box: Sandbox, source: Cloud4Wi) -> None:
    at = "2022-07-21T18:41:09"
    id = "9e6391ce506c7ee7eb4c689b622feed3l"
    found = await source.event(IVAN, Instant(f"{at}.5"), id)
    assert found is not None
    assert (found.source_id, found.occurred_at, found.raw_type) == (id, at, "login")
    same = await source.event(None, Instant(at), id)
    assert same is not None
    assert same.source_id == id
    assert await source.event(IVAN, Instant(at), "gone") is None
    assert await source.event(IVAN, Instant("2022-07-21T18:41:10"), id) is None
    assert [(call.operation, call.query["dateStart"], call.query["dateEnd"]) for call in box.calls] == [
        ("customerEvents", f"{at}Z", f"{at}Z"),
        ("events", f"{at}Z", f"{at}Z"),
        ("customerEvents", f"{at}Z", f"{at}Z"),
        ("customerEvents", "2022-07-21T18:41:10Z", "2022-07-21T18:41:10Z"),
    ]


async def test_an_event_of_a_contact_the_upstream_no_longer_has(box: Sandbox, source: Cloud4Wi) -> None:
    box.faults.add("customerEvents", "status", status=404)
    assert await source.event(IVAN, Instant("2022-07-21T18:41:09"), "x") is None


async def test_lists(box: Sandbox, source: Cloud4Wi) -> None:
    segments, locations = source.segments(), source.locations()
    names = {row["id"]: row["name"] for row in box.cloud4wi.segments()}
    assert {segments.key(row) for row in await segments.read()} == {
        (name.casefold(), 0, id) for id, name in names.items()
    }
    places = {row["id"]: row["name"] for row in box.cloud4wi.locations()}
    assert {locations.key(row) for row in await locations.read()} == {
        (name.casefold(), 0, id) for id, name in places.items()
    }
    assert len(await source.hotspots()) == len(box.cloud4wi.hotspots())


def test_every_assumption_asks_a_question() -> None:
    assert len(ASSUMPTIONS) > 20
    assert all(assumption.question.endswith("?") for assumption in ASSUMPTIONS.values())
