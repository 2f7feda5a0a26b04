"""Connections over three sources: total order, each record once, exact calls, and a source that is away for a while."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from resolvers.paging import Pager
from resolvers.paging.leases import Lease, MemoryLeases
from sandbox.app import Sandbox
from tests.schema.harness import Api
from tests.schema.merged import ALL, CONNECTIONS, Place, contacts, events, made, page
from upstreams.feeds import Feed
from upstreams.records import Source

C, R, A = ALL
SIZES = (50, 1, 7, 33, 120, 2)
DOWN = {"kind": "status", "status": 503}


@pytest_asyncio.fixture
async def api(box: Sandbox) -> AsyncIterator[Api]:
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        yield api


async def test_a_page_of_contacts_costs_one_call_a_source(api: Api, box: Sandbox) -> None:
    got, info, answer = await page(api, "contacts", first=50)
    assert got == contacts(box)[:50]
    assert {place.source for place in got} == set(ALL)
    assert info["hasNextPage"]
    assert made(answer) == {"CLOUD4WI.customers": 1, "RECHAT.contacts": 1, "ACQUIRE.contacts": 1}


async def test_a_page_of_events_costs_one_call_a_source_and_the_calendar_two(api: Api, box: Sandbox) -> None:
    """The calendar has no order, so its first pages look for windows of time that one answer holds whole."""
    first, _, cold = await page(api, "events", first=50)
    assert first == events(box)[:50]
    calls = made(cold)
    assert calls.pop("RECHAT.calendar") < 10
    assert calls == {"CLOUD4WI.organizationEvents": 1, "ACQUIRE.cases": 1}
    again, _, warm = await page(api, "events", first=50)
    assert again == first
    assert made(warm) == {"CLOUD4WI.organizationEvents": 1, "RECHAT.calendar": 2, "ACQUIRE.cases": 1}


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_what_a_page_left_over_costs_nothing_on_the_next(api: Api, box: Sandbox, name: str) -> None:
    got, info, _ = await page(api, name, first=10)
    more, _, answer = await page(api, name, first=5, after=info["endCursor"])
    assert got + more == CONNECTIONS[name](box)[:15]
    assert made(answer) == {}


@pytest.mark.parametrize("name", CONNECTIONS)
@pytest.mark.parametrize("direction", ["DESC", "ASC"])
@pytest.mark.parametrize("restarting", [False, True])
async def test_a_walk_forward_and_back_meets_every_record_once(
    box: Sandbox, name: str, direction: str, restarting: bool
) -> None:
    """Pages of changing sizes; with ``restarting`` each third page is another process's."""
    expected = CONNECTIONS[name](box)
    if direction == "ASC":
        expected.reverse()
    order = {"direction": direction}
    sizes = cycle(SIZES if not restarting else (90, 61, 130))
    seen: list[Place] = []
    cursor = None
    while True:
        async with Api.over(box, sources=ALL) as api:
            for _ in range(2 if restarting else 10_000):
                got, info, answer = await page(api, name, first=next(sizes), after=cursor, order=order)
                assert answer.errors == []
                assert got
                seen += got
                cursor = info["endCursor"]
                if not info["hasNextPage"]:
                    break
        if not info["hasNextPage"]:
            break
    assert seen == expected
    back: list[Place] = []
    cursor = None
    async with Api.over(box, sources=ALL) as api:
        while True:
            got, info, answer = await page(api, name, last=next(sizes), before=cursor, order=order)
            assert answer.errors == []
            assert got
            back = got + back
            cursor = info["startCursor"]
            if not info["hasPreviousPage"]:
                break
    assert back == expected


class OtherWorkers(MemoryLeases):
    """Leases that another worker left: nothing of them but what was written."""

    async def put(self, key: str, lease: Lease, feed: Feed[Any]) -> None:
        assert feed.codec is not None
        state = msgspec.msgpack.decode(msgspec.msgpack.encode(lease.state))
        await super().put(key, Lease(state, feed.codec.load(feed.codec.dump(lease.rows))), feed)


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_what_one_worker_read_another_gives_without_a_call(api: Api, box: Sandbox, name: str) -> None:
    services = replace(api.services, pager=Pager(secret=b"x" * 32, leases=OtherWorkers()))
    workers = Api(services, api.network)
    seen, info, _ = await page(workers, name, first=10)
    for size in (5, 3):
        got, info, answer = await page(workers, name, first=size, after=info["endCursor"])
        seen += got
        assert made(answer) == {}
    assert seen == CONNECTIONS[name](box)[:18]


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_a_walk_turns_round_anywhere(api: Api, box: Sandbox, name: str) -> None:
    expected = CONNECTIONS[name](box)
    got, info, _ = await page(api, name, first=60)
    back, turned, _ = await page(api, name, last=25, before=info["endCursor"])
    assert back == expected[34:59]
    assert turned["hasPreviousPage"]
    onward, _, _ = await page(api, name, first=40, after=turned["endCursor"])
    assert onward == expected[59:99]
    assert got == expected[:60]
    between, _, _ = await page(api, name, first=100, after=turned["startCursor"], before=info["endCursor"])
    assert between == expected[35:59]


@pytest.mark.parametrize("name", CONNECTIONS)
@pytest.mark.parametrize("away", ALL)
@pytest.mark.parametrize("pages_with_it", [0, 2])
async def test_what_was_missed_of_a_source_comes_first_when_it_answers_again(
    box: Sandbox, name: str, away: Source, pages_with_it: int
) -> None:
    size = {"contacts": 20, "events": 80}[name]
    expected = CONNECTIONS[name](box)
    seen: list[Place] = []
    cursor = None
    async with Api.over(box, sources=ALL) as api:
        for _ in range(pages_with_it):
            got, info, _ = await page(api, name, first=10, after=cursor)
            seen, cursor = seen + got, info["endCursor"]
    ahead = expected[len(seen) :]
    others = [place for place in ahead if place.source is not away]
    # Another process, which has nothing in its memory that was read before the source went away.
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        fault = box.faults.add(f"{away.value.lower()}.*", **DOWN)
        for number in range(3):
            got, info, answer = await page(api, name, first=size, after=cursor)
            assert got == others[size * number :][:size]
            assert answer.data is not None
            assert answer.data[name]["incompleteSources"] == [away.value]
            assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
            assert answer.errors[0]["extensions"]["source"] == away.value
            assert info["hasNextPage"]
            seen, cursor = seen + got, info["endCursor"]
        box.faults.active.remove(fault)
        missed = [place for place in ahead if place.source is away and place > got[-1]]
        rest = [place for place in ahead if place < got[-1]]
        assert missed
        for more in cycle((7, 45, 300)):
            got, info, answer = await page(api, name, first=more, after=cursor)
            assert answer.errors == []
            seen, cursor = seen + got, info["endCursor"]
            if not info["hasNextPage"]:
                break
    assert seen == [*expected[: 10 * pages_with_it], *others[: 3 * size], *missed, *rest]


@pytest.mark.parametrize("name", CONNECTIONS)
@pytest.mark.parametrize("away", ALL)
async def test_a_walk_from_the_end_catches_up_too(box: Sandbox, name: str, away: Source) -> None:
    expected = CONNECTIONS[name](box)[::-1]
    others = [place for place in expected if place.source is not away]
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        fault = box.faults.add(f"{away.value.lower()}.*", **DOWN)
        got, info, answer = await page(api, name, last=30)
        assert got[::-1] == others[:30]
        assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
        assert info["hasPreviousPage"]
        box.faults.active.remove(fault)
        seen, at = got[::-1], got[0]
        while info["hasPreviousPage"]:
            got, info, answer = await page(api, name, last=80, before=info["startCursor"])
            assert answer.errors == []
            seen += got[::-1]
    missed = [place for place in expected if place.source is away and place < at]
    assert seen == [*others[:30], *missed, *(place for place in expected if place > at)]


async def test_sources_narrow_a_connection(api: Api, box: Sandbox) -> None:
    for chosen in ([R], [A, C], [R, A], list(ALL)):
        filter = {"sources": [source.value for source in chosen]}
        got, _, answer = await page(api, "contacts", first=40, filter=filter)
        assert got == contacts(box, chosen)[:40]
        assert {call.source for call in answer.trace} == set(chosen)


async def test_the_total_is_the_sum_of_the_sources_and_costs_no_call_of_its_own(api: Api, box: Sandbox) -> None:
    answer = await api.query("{ contacts(first: 5) { totalCount nodes { id } } }")
    assert answer["contacts.totalCount"] == len(contacts(box))
    assert made(answer) == {"CLOUD4WI.customers": 1, "RECHAT.contacts": 1, "ACQUIRE.contacts": 1}
    some = await api.query("{ contacts(first: 5, filter: {sources: [RECHAT, ACQUIRE]}) { totalCount } }")
    assert some["contacts.totalCount"] == len(contacts(box, (R, A)))


async def test_the_total_of_a_time_range_is_null_where_a_source_cannot_count_it(api: Api, box: Sandbox) -> None:
    since = (await api.query("{ contacts(first: 1, filter: {sources: [CLOUD4WI, RECHAT]}) { nodes { createdAt } } }"))[
        "contacts.nodes.0.createdAt"
    ]
    total = "contacts(first: 1, filter: $filter) { totalCount }"
    query = f"query ($filter: ContactFilter) {{ {total} }}"
    both = await api.query(query, {"filter": {"sources": ["CLOUD4WI", "RECHAT"], "createdFrom": since}})
    assert both["contacts.totalCount"] == 1
    every = await api.query(query, {"filter": {"createdFrom": since}})
    assert every["contacts.totalCount"] is None, "Acquire filters no contacts"


async def test_events_have_no_total_where_a_source_has_none(api: Api, box: Sandbox) -> None:
    answer = await api.query(
        "{ all: events(first: 1) { totalCount } cases: events(first: 1, filter: {sources: [ACQUIRE]}) { totalCount } }"
    )
    assert answer.data == {"all": {"totalCount": None}, "cases": {"totalCount": len(box.acquire.cases())}}
