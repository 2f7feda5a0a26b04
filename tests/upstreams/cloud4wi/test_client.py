"""Every endpoint, over real HTTP: what is asked, what comes back, what fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sandbox.app import Sandbox
from tests.upstreams.cloud4wi.conftest import IVAN, Connect, made_calls
from upstreams.cloud4wi import Cloud4Wi
from upstreams.cloud4wi.client import Client
from upstreams.cloud4wi.records import Event, EventFrame
from upstreams.errors import (
    ScrollExpired,
    UpstreamError,
    UpstreamMalformed,
    UpstreamNotFound,
    UpstreamRefused,
    UpstreamUnavailable,
)
from upstreams.feeds import SPENT, Bounds
from upstreams.http.keeping import Keeping
from upstreams.instants import Instant

ALL = Bounds()
MONTH = Bounds(Instant("2022-07-01T00:00:00"), Instant("2022-07-31T23:59:59"))


@pytest.fixture
def client(source: Cloud4Wi) -> Client:
    return source.client


def ids(rows: list[dict[str, Any]], *path: str) -> list[str]:
    """One text of each plain row."""
    found: list[Any] = rows
    for name in path:
        found = [row[name] for row in found]
    return sorted(found)


async def test_customers(box: Sandbox, client: Client) -> None:
    rows = await client.customers(ALL, reverse=True, size=25)
    assert (len(rows.rows), rows.received, rows.total) == (25, 25, 40)
    assert [row.created_at for row in rows.rows] == sorted((row.created_at for row in rows.rows), reverse=True)
    assert rows.scroll is not None
    rest = await client.customers(ALL, reverse=True, size=25, scroll=rows.scroll)
    assert sorted(row.source_id for row in (*rows.rows, *rest.rows)) == ids(box.cloud4wi.contacts(), "cid")
    path = f"GET /v2/customers/organizations/{box.organization}?sortBy=created_absolute&sortReverse=true&size=25"
    assert made_calls(box) == [path, f"{path}&sid={rows.scroll}"]


async def test_customers_by_every_filter(box: Sandbox, client: Client) -> None:
    one = next(row for row in box.cloud4wi.contacts() if row["segments"] and row["locationCid"])
    segment, location = one["segments"][0]["cid"], one["locationCid"]
    rows = await client.customers(
        Bounds(Instant(one["created"][:-1]), Instant(one["created"][:-1])),
        reverse=False,
        size=10,
        segments=("nowhere", segment),
        locations=(location,),
        modified=Bounds(Instant(one["modified"][:-1] + ".5"), None),
    )
    assert one["cid"] in [row.source_id for row in rows.rows]
    assert made_calls(box) == [
        f"GET /v2/customers/organizations/{box.organization}?segments=nowhere,{segment}&locations={location}"
        f"&createdStart={one['created']}&createdEnd={one['created']}&modifiedStart={one['modified']}"
        "&sortBy=created_absolute&sortReverse=false&size=10"
    ]


@pytest.mark.parametrize("envelope", ["customers", "customer", "bare"])
async def test_customer(box: Sandbox, client: Client, envelope: str) -> None:
    box.behaviour.change(contact_envelope=envelope)
    contact = await client.customer(IVAN)
    assert contact is not None
    assert (contact.source_id, contact.first_name) == (IVAN, "Ivan")
    assert made_calls(box) == [f"GET /v2/customers/{IVAN}"]


async def test_a_customer_that_is_gone(box: Sandbox, client: Client) -> None:
    assert await client.customer("no/such?one") is None
    assert [call.status for call in box.calls] == [404]


async def test_customer_events(box: Sandbox, client: Client) -> None:
    rows = await client.customer_events(IVAN)
    assert sorted(row.source_id for row in rows.rows) == ids(box.cloud4wi.events(IVAN), "event", "id")
    assert made_calls(box) == [f"GET /v2/customers/{IVAN}/events"]


async def test_devices_and_accountings_are_plain_json(box: Sandbox, client: Client) -> None:
    assert isinstance((await client.devices(IVAN))["devices"], list)
    assert isinstance((await client.accountings(IVAN))["accountings"], list)
    assert made_calls(box) == [f"GET /v2/customers/{IVAN}/devices", f"GET /v2/customers/{IVAN}/accountings"]
    with pytest.raises(UpstreamNotFound):
        await client.devices("nobody")


async def test_organization_events(box: Sandbox, client: Client) -> None:
    types = ("login", "visit")
    rows = await client.organization_events(MONTH, reverse=True, size=5, types=types)
    assert rows.scroll is not None
    assert rows.total is None
    found = list(rows.rows)
    while rows.rows and rows.scroll:
        rows = await client.organization_events(MONTH, reverse=True, size=5, types=types, scroll=rows.scroll)
        found += rows.rows
    month = [row for row in box.cloud4wi.events(types={"login", "visit"}) if row["when"]["createdAt"][:7] == "2022-07"]
    assert len(month) > 5
    assert sorted(row.source_id for row in found) == ids(month, "event", "id")
    assert [row.occurred_at for row in found] == sorted((row.occurred_at for row in found), reverse=True)
    first, second, *_ = made_calls(box)
    assert first == (
        f"GET /v1/organizations/{box.organization}/events?dateStart=2022-07-01T00:00:00Z&dateEnd=2022-07-31T23:59:59Z"
        "&events=login,visit&sortBy=utcTime&sortReverse=true&size=5&enableScroll=true"
    )
    assert second.startswith(f"{first}&scrollId=")


async def test_organization_events_without_a_scroll(box: Sandbox, client: Client) -> None:
    rows = await client.organization_events(ALL, reverse=False, size=7, scrolling=False)
    assert (len(rows.rows), rows.scroll) == (7, None)
    path = f"GET /v1/organizations/{box.organization}/events"
    assert made_calls(box) == [f"{path}?sortBy=utcTime&sortReverse=false&size=7"]


async def test_organization_customer_events(box: Sandbox, client: Client) -> None:
    rows = await client.organization_customer_events(IVAN, MONTH, reverse=False, size=3, types=("login",))
    assert [row.raw_type for row in rows.rows] == ["login"] * 3
    assert [row.occurred_at for row in rows.rows] == sorted(row.occurred_at for row in rows.rows)
    assert made_calls(box) == [
        f"GET /v1/organizations/{box.organization}/customers/{IVAN}/events?dateStart=2022-07-01T00:00:00Z"
        "&dateEnd=2022-07-31T23:59:59Z&events=login&sortBy=utcTime&sortReverse=false&size=3"
    ]


async def test_flat_events_say_the_same(box: Sandbox, client: Client) -> None:
    def facts(rows: Any) -> list[Any]:
        names = ("source_id", "raw_type", "occurred_at", "local_time", "contact_source_id", "location_ref", "duration")
        details = ("geofence", "app", "campaign", "address", "answers", "signup_source", "promo_type", "payload")
        return sorted(tuple(repr(getattr(row, name)) for name in (*names, *details)) for row in rows.rows)

    nested = await client.organization_events(ALL, reverse=True, size=1000, scrolling=False)
    box.behaviour.change(flat_events=True)
    flat = await client.organization_events(ALL, reverse=True, size=1001, scrolling=False)
    assert len(nested.rows) == 300
    assert facts(flat) == facts(nested)
    assert client.malformed_rows == 0


async def test_segments_locations_hotspots(box: Sandbox, client: Client) -> None:
    segments, locations = (await client.segments()).rows, (await client.locations()).rows
    hotspots = await client.hotspots()
    assert [row.source_id for row in locations] == [row["id"] for row in box.cloud4wi.locations()]
    assert [row.source_id for row in hotspots.rows] == [row["id"] for row in box.cloud4wi.hotspots()]
    assert [(row.source_id, row.size) for row in segments] == [
        (row["id"], row["audience"]) for row in box.cloud4wi.segments()
    ]
    assert {row.organization_id for row in locations} == {box.organization}
    assert {row.location_source_id for row in hotspots.rows} <= {row.source_id for row in locations}


async def test_one_location_and_one_hotspot(box: Sandbox, client: Client) -> None:
    box.behaviour.change(organization_key="organizationId")
    wanted = box.cloud4wi.locations()[0]
    location = await client.location(wanted["id"])
    assert location is not None
    assert (location.name, location.organization_id) == (wanted["name"], box.organization)
    hotspot = await client.hotspot(box.cloud4wi.hotspots()[0]["id"])
    assert hotspot is not None
    assert hotspot.mac_address == box.cloud4wi.hotspots()[0]["macAddress"]
    assert await client.location("nowhere") is None
    assert await client.hotspot("nothing") is None


async def test_put_policies(box: Sandbox, client: Client) -> None:
    await client.put_policies(IVAN, {"policies": [{"name": "profiling", "accepted": True}]})
    contact = await client.customer(IVAN)
    assert contact is not None
    assert {consent.name: consent.accepted for consent in contact.consents}["profiling"] is True
    assert made_calls(box)[0] == f"PUT /v1/customers/{IVAN}/policies"


async def test_delete_customer(box: Sandbox, client: Client) -> None:
    await client.delete_customer(IVAN)
    assert await client.customer(IVAN) is None
    with pytest.raises(UpstreamNotFound):
        await client.delete_customer(IVAN)
    assert made_calls(box)[0] == f"DELETE /v1/customers/{IVAN}"


async def test_lists_are_kept_and_single_records_when_that_is_set(box: Sandbox, connect: Connect) -> None:
    kept: Cloud4Wi = await connect(keeping=Keeping.of(60.0, 60.0))
    fresh: Cloud4Wi = await connect()
    for source in (kept, fresh):
        for _ in range(2):
            await source.client.segments()
            await source.client.locations()
            await source.client.hotspots()
            await source.client.customer(IVAN)
    operations = [call.operation for call in box.calls]
    assert {name: operations.count(name) for name in ("segments", "locations", "hotspots", "contact")} == dict.fromkeys(
        ("segments", "locations", "hotspots", "contact"), 3
    )


async def test_malformed_rows_are_counted_and_logged_without_what_is_in_them(
    box: Sandbox, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    box.faults.add("events", "malformed_rows", rows=2)
    with caplog.at_level(logging.WARNING, logger="upstreams.cloud4wi"):
        rows = await client.organization_events(ALL, reverse=True, size=50)
    assert (len(rows.rows), rows.received) == (50, 52)
    assert client.malformed_rows == 2
    assert [record.getMessage() for record in caplog.records] == [
        "Cloud4Wi: organizationEvents: 2 of 52 rows are malformed and left out"
    ]


CALLS: dict[str, Callable[[Client], Awaitable[object]]] = {
    "contacts": lambda client: client.customers(ALL, reverse=True, size=5),
    "contact": lambda client: client.customer(IVAN),
    "contactDevices": lambda client: client.devices(IVAN),
    "events": lambda client: client.organization_events(ALL, reverse=True, size=5),
    "customerEvents": lambda client: client.organization_customer_events(IVAN, ALL, reverse=True, size=5),
    "segments": lambda client: client.segments(),
    "location": lambda client: client.location("ff808081803ff92a01821d4cfd856805"),
    "hotspots": lambda client: client.hotspots(),
    "updatePolicies": lambda client: client.put_policies(IVAN, {}),
    "deleteContact": lambda client: client.delete_customer(IVAN),
}
FAILURES: list[tuple[dict[str, Any], type[UpstreamError]]] = [
    ({"kind": "ko"}, UpstreamRefused),
    ({"kind": "status", "status": 409}, UpstreamRefused),
    ({"kind": "html", "status": 404}, UpstreamNotFound),
    ({"kind": "html", "status": 500}, UpstreamUnavailable),
    ({"kind": "reset"}, UpstreamUnavailable),
]


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(("fault", "error"), FAILURES)
async def test_failures(
    box: Sandbox, client: Client, operation: str, fault: dict[str, Any], error: type[UpstreamError]
) -> None:
    box.faults.add(operation, **fault)
    if error is UpstreamNotFound and operation in ("contact", "location"):
        assert await CALLS[operation](client) is None
        return
    with pytest.raises(error) as caught:
        await CALLS[operation](client)
    assert type(caught.value) is error


BROKEN = [
    (operation, kind)
    for operation in CALLS
    for kind in ("html", "broken_json")
    # What a deletion answers is not read; a body without policies is refused before there is an answer to break.
    if operation != "deleteContact" and (operation, kind) != ("updatePolicies", "broken_json")
]


@pytest.mark.parametrize(("operation", "kind"), BROKEN)
async def test_a_good_status_without_a_good_body_is_malformed(
    box: Sandbox, client: Client, operation: str, kind: str
) -> None:
    box.faults.add(operation, kind)
    with pytest.raises(UpstreamMalformed):
        await CALLS[operation](client)


class TestScrolls:
    """What a scroll may do under way."""

    async def opened(self, client: Client) -> str:
        """The id of a fresh scroll."""
        rows = await client.organization_events(ALL, reverse=True, size=5)
        assert rows.scroll is not None
        return rows.scroll

    @pytest.mark.parametrize("status", [404, 409, 400, 410, 200])
    async def test_expired(self, box: Sandbox, client: Client, status: Any) -> None:
        box.behaviour.change(expired_scroll=status)
        scroll = await self.opened(client)
        box.expire_scrolls()
        with pytest.raises(ScrollExpired) as caught:
            await client.organization_events(ALL, reverse=True, size=5, scroll=scroll)
        assert scroll not in str(caught.value)
        assert [call.operation for call in box.calls] == ["events"] * 2

    async def test_expired_contacts(self, box: Sandbox, client: Client) -> None:
        rows = await client.customers(ALL, reverse=True, size=5)
        box.expire_scrolls()
        with pytest.raises(ScrollExpired):
            await client.customers(ALL, reverse=True, size=5, scroll=rows.scroll)

    @pytest.mark.parametrize("kind", ["reset", "truncated", "reset_after", "broken_json"])
    async def test_a_page_that_is_lost_is_not_asked_for_again(self, box: Sandbox, client: Client, kind: str) -> None:
        scroll = await self.opened(client)
        box.faults.add("events", kind, times=1)
        with pytest.raises((UpstreamUnavailable, UpstreamMalformed)):
            await client.organization_events(ALL, reverse=True, size=5, scroll=scroll)
        assert [call.operation for call in box.calls] == ["events"] * 2

    @pytest.mark.parametrize(
        "behaviour",
        [
            {"scroll_ids": "rotate"},
            {"scroll_id_place": "nested"},
            {"scroll_end": "no_id"},
            {"short_pages": 1.0},
        ],
    )
    async def test_every_kind_of_scroll_gives_every_event_once(
        self, box: Sandbox, client: Client, behaviour: dict[str, Any]
    ) -> None:
        box.behaviour.change(**behaviour)
        rows = await client.organization_events(ALL, reverse=True, size=40)
        found = list(rows.rows)
        while rows.rows and rows.scroll:
            rows = await client.organization_events(ALL, reverse=True, size=40, scroll=rows.scroll)
            found += rows.rows
        assert sorted(row.source_id for row in found) == ids(box.cloud4wi.events(), "event", "id")

    async def test_an_opening_that_is_shared_leads_one_walk_only(self, box: Sandbox, client: Client) -> None:
        one, other = await asyncio.gather(*(client.organization_events(ALL, reverse=True, size=5) for _ in range(2)))
        assert [call.operation for call in box.calls] == ["events"]
        assert one.rows == other.rows
        assert one.scroll != SPENT
        assert other.scroll == SPENT
        assert (await client.organization_events(ALL, reverse=True, size=5, scroll=one.scroll)).rows
        with pytest.raises(ScrollExpired):
            await client.organization_events(ALL, reverse=True, size=5, scroll=other.scroll)
        assert [call.operation for call in box.calls] == ["events"] * 2

    @pytest.mark.parametrize("first", [True, False])
    async def test_an_opening_that_is_shared_is_decoded_as_each_reads_it(
        self, box: Sandbox, client: Client, first: bool
    ) -> None:
        one, other = await asyncio.gather(
            *(client.organization_events(ALL, reverse=True, size=5, frames=frames) for frames in (first, not first))
        )
        assert [call.operation for call in box.calls] == ["events"]
        assert ({type(row) for row in one.rows}, {type(row) for row in other.rows}) == (
            {EventFrame if first else Event},
            {Event if first else EventFrame},
        )
        assert [row.source_id for row in one.rows] == [row.source_id for row in other.rows]
        assert one.scroll != SPENT
        assert other.scroll == SPENT
