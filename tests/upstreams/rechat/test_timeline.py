"""The calendar as a feed: a prefix in order, whatever the upstream's order is and whichever rows its limit cuts off."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.rechat.conftest import FakeRechat, collection, uuid
from upstreams.errors import UpstreamMalformed, UpstreamNotFound
from upstreams.feeds import Bounds, Direction
from upstreams.instants import Instant, from_unix, to_unix
from upstreams.rechat import Rechat
from upstreams.rechat.client import Client
from upstreams.rechat.decode import Listing
from upstreams.rechat.records import CalendarEvent
from upstreams.rechat.timeline import Calendar, Pace
from upstreams.records import EventType, Source
from upstreams.source import EventQuery

NOW = 1_760_000_000
YEAR = 31_557_600


def row(number: int, at: float, **more: Any) -> CalendarEvent:
    return CalendarEvent(
        source_id=f"e{number:04}", object_type=more.pop("object_type", "crm_task"), _timestamp=at, **more
    )


class Upstream:
    """A calendar with rows in some order; a limit cuts off the end of that order."""

    def __init__(self, rows: Sequence[CalendarEvent], order: Callable[[CalendarEvent], Any], most: int = 10**6) -> None:
        self.rows = sorted(rows, key=order)
        self.most = most
        self.calls: list[tuple[int, int]] = []

    async def calendar(self, low: int, high: int, *, limit: int, **_: Any) -> Listing[CalendarEvent]:
        self.calls.append((low, high))
        # Something that recurs is found in any window; the others by their time.
        found = [row for row in self.rows if row.recurring or low <= row._timestamp <= high]
        return Listing(found[:limit], min(limit, len(found)), None, limit)


ORDERS: dict[str, Callable[[CalendarEvent], Any]] = {
    "oldest first": lambda row: row._timestamp,
    "newest first": lambda row: -row._timestamp,
    "by id": lambda row: row.source_id,
    "anyhow": lambda row: random.Random(row.source_id).random(),
}


def feed(upstream: Upstream, pace: Pace | None = None) -> Calendar:
    return Calendar(
        source=Source.RECHAT,
        name="calendar",
        client=cast(Client, upstream),
        contact_id=None,
        pace=pace or Pace(),
        max_size=500,
    )


times = st.one_of(st.integers(NOW - 40 * YEAR, NOW + 3 * YEAR), st.integers(NOW, NOW + 200)).flatmap(
    lambda second: st.sampled_from([second, second + 0.25, second + 0.913689])
)
bound = st.none() | st.integers(NOW - 5 * YEAR, NOW + 400)


@given(
    st.lists(times, max_size=400),
    st.sets(st.integers(0, 399), max_size=30),
    st.sampled_from(sorted(ORDERS)),
    st.sampled_from(Direction),
    st.integers(1, 150),
    bound,
    bound,
)
def test_a_read_is_the_beginning_of_what_lies_within_the_bounds(
    at: list[float], recurring: set[int], order: str, direction: Direction, size: int, low: int | None, high: int | None
) -> None:
    rows = [
        row(number, time, recurring=True, _next=NOW + YEAR * ((number % 100) / 100))
        if number in recurring
        else row(number, time)
        for number, time in enumerate(at)
    ]
    start, end = (None if second is None else from_unix(second) for second in (low, high))
    inside = [
        row
        for row in rows
        if (start is None or row.occurred_at[:19] >= start) and (end is None or row.occurred_at[:19] <= end)
    ]
    calendar = feed(Upstream(rows, ORDERS[order]))
    wanted = sorted(inside, key=calendar.key, reverse=direction is Direction.DESC)
    for _ in range(2):  # the second read knows the pace
        found = asyncio.run(calendar.read(Bounds(start, end), direction, size))
        assert list(found.rows) == wanted[: len(found.rows)]
        assert found.received == len(found.rows) >= min(size, len(wanted))


def test_a_few_events_cost_one_call() -> None:
    upstream = Upstream([row(number, NOW + number) for number in range(20)], ORDERS["by id"])
    assert len(asyncio.run(feed(upstream).read(Bounds(), Direction.DESC, 62)).rows) == 20
    assert len(upstream.calls) == 1


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("direction", Direction)
def test_many_events_cost_few_calls_and_fewer_once_the_pace_is_known(order: str, direction: Direction) -> None:
    upstream = Upstream([row(number, NOW - number * 3600) for number in range(10_000)], ORDERS[order])
    pace = Pace()
    asyncio.run(feed(upstream, pace).read(Bounds(), direction, 62))
    first = len(upstream.calls)
    asyncio.run(feed(upstream, pace).read(Bounds(), direction, 62))
    assert first <= 20
    assert len(upstream.calls) - first <= 3


def test_a_second_with_more_events_than_one_call_can_hold_is_an_error() -> None:
    upstream = Upstream([row(number, NOW) for number in range(1_001)], ORDERS["by id"])
    with pytest.raises(UpstreamMalformed, match="within one second"):
        asyncio.run(feed(upstream).read(Bounds(), Direction.DESC, 62))


def test_a_full_second_is_read_with_the_greatest_limit() -> None:
    upstream = Upstream([row(number, NOW) for number in range(400)], ORDERS["by id"])
    assert len(asyncio.run(feed(upstream).read(Bounds(), Direction.DESC, 62)).rows) == 400


A = uuid(1)


def json_row(id: str, at: float, object_type: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "timestamp": at, "object_type": object_type, "type": "calendar_event", **more}


async def read(rechat: Rechat, query: EventQuery, direction: Direction = Direction.DESC) -> list[Any]:
    calendar = rechat.events(query)
    assert isinstance(calendar, Calendar)
    return list((await calendar.read(Bounds(query.since, query.until), direction, 50)).rows)


async def test_a_contact_s_calendar_asks_for_the_contact_s_own_rows(fake: FakeRechat, rechat: Rechat) -> None:
    fake.default = collection([json_row("a1", NOW, "crm_association"), json_row("c", NOW + 5, "contact", contact=A)])
    rows = await read(rechat, EventQuery(contact_id=A))
    assert [(row.source_id, row.contact_source_id) for row in rows] == [("c", A), ("a1", A)]
    assert fake.calls[0].query == [
        ("low", "-1"),
        ("high", str(int(to_unix(Instant("2099-12-31T23:59:59"))) + 1)),
        ("limit", "100"),
        ("contact", A),
        ("object_types[]", "crm_association"),
        ("object_types[]", "contact"),
        ("object_types[]", "contact_attribute"),
        ("object_types[]", "deal_context"),
        ("object_types[]", "email_campaign_recipient"),
        ("object_types[]", "email_thread_recipient"),
        ("object_types[]", "activity"),
    ]
    assert len(fake.calls) == 1


async def test_the_team_s_calendar_holds_nothing_twice(fake: FakeRechat, rechat: Rechat) -> None:
    fake.default = collection(
        [
            json_row("t1", NOW, "crm_task", contact=A),
            json_row("a1", NOW, "crm_association", contact=A),
            json_row("r1", NOW, "email_thread_recipient", contact=A),
            json_row("n1", NOW, "something_new"),
        ]
    )
    assert [row.source_id for row in await read(rechat, EventQuery())] == ["t1", "n1"]
    assert [name for name, _ in fake.calls[0].query] == ["low", "high", "limit"]


@pytest.mark.parametrize(
    ("contact_id", "types", "asked"),
    [
        (None, {EventType.TASK}, ["crm_task"]),
        (None, {EventType.TOUCH, EventType.TASK}, ["crm_task", "contact"]),
        (None, {EventType.TOUCH, EventType.ANNIVERSARY}, []),  # "home_anniversary" is one, and no documented name
        (A, {EventType.TOUCH, EventType.ANNIVERSARY}, ["contact", "contact_attribute"]),
        (None, {EventType.EMAIL_THREAD, EventType.LOGIN}, ["email_thread"]),
        (None, {EventType.TASK, EventType.OTHER}, []),
        (A, {EventType.TASK, EventType.EMAIL_THREAD}, ["crm_association", "email_thread_recipient"]),
    ],
)
async def test_types_are_asked_for_by_the_upstream_s_names(
    fake: FakeRechat, rechat: Rechat, contact_id: str | None, types: set[EventType], asked: list[str]
) -> None:
    fake.default = collection([])
    await read(rechat, EventQuery(contact_id=contact_id, types=frozenset(types)))
    assert [value for name, value in fake.calls[0].query if name == "object_types[]"] == asked


@pytest.mark.parametrize(
    "query",
    [
        EventQuery(types=frozenset({EventType.LOGIN})),
        EventQuery(location_id="l"),
        EventQuery(contact_id="not an id"),
    ],
)
def test_what_cannot_be_here_is_not_asked_for(rechat: Rechat, query: EventQuery) -> None:
    assert rechat.events(query) is None


async def test_one_event_is_found_in_its_contact_s_calendar_or_the_team_s(fake: FakeRechat, rechat: Rechat) -> None:
    at = from_unix(NOW)

    def calendar(seen: Any) -> Any:
        rows = [json_row("a1", NOW, "crm_association")] if ("contact", A) in seen.query else []
        return collection(rows or [json_row("t1", NOW, "crm_task", contact=A), json_row("t2", NOW, "crm_task")])

    fake.default = calendar
    for contact_id, id, calls in ((A, "a1", 1), (A, "t1", 2), (None, "t2", 1)):
        fake.calls.clear()
        found = await rechat.event(contact_id, at, id)
        assert found is not None
        assert (found.source_id, len(fake.calls)) == (id, calls)
        assert dict(fake.calls[0].query)["low"] == str(NOW - 1)
    assert await rechat.event(A, at, "t2") is None
    assert await rechat.event(None, at, "gone") is None


async def test_an_event_of_a_contact_that_is_gone_is_none(fake: FakeRechat, rechat: Rechat) -> None:
    fake.default = lambda seen: 404 if ("contact", A) in seen.query else collection([])
    assert await rechat.event(A, from_unix(NOW), "a1") is None


async def test_a_contact_that_is_gone_has_an_empty_calendar(fake: FakeRechat, rechat: Rechat) -> None:
    fake.default = 404
    assert await read(rechat, EventQuery(contact_id=A)) == []
    with pytest.raises(UpstreamNotFound):
        await read(rechat, EventQuery())


async def test_an_event_of_what_is_no_contact_is_not_asked_for(fake: FakeRechat, rechat: Rechat) -> None:
    assert await rechat.event("not an id", from_unix(NOW), "a1") is None
    assert fake.calls == []
