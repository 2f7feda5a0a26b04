"""The source as the gateway sees it: feeds, batches, timelines, one event found again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from resolvers.paging import PageArgs, Pager
from tests.upstreams.acquire.conftest import FakeAcquire, Listed, Seen, case, contact
from upstreams.acquire import SPEC, Acquire
from upstreams.acquire.assumptions import ASSUMPTIONS
from upstreams.acquire.feeds import Cases, Contacts, Tags, Timeline
from upstreams.errors import UpstreamMalformed, UpstreamUnavailable
from upstreams.feeds import Direction
from upstreams.http.wire import Network
from upstreams.instants import Instant
from upstreams.needs import ALL, Need, Selective, current_needs
from upstreams.records import EventType, Source
from upstreams.source import ContactQuery, EventQuery, Examinable, SourceApi, SourceState

CONTACT = "/crm/objects/contact"
CASE = "/crm/objects/case"
BOTH = frozenset({EventType.PAGE_VIEW, EventType.CONVERSATION})


@contextmanager
def needing(*needs: Need) -> Iterator[None]:
    token = current_needs.set(frozenset(needs))
    try:
        yield
    finally:
        current_needs.reset(token)


def contacts(acquire: Acquire, **query: Any) -> Contacts:
    feed = acquire.contacts(ContactQuery(**query))
    assert isinstance(feed, Contacts)
    return feed


def timeline(acquire: Acquire, **query: Any) -> Timeline:
    feed = acquire.events(EventQuery(**query))
    assert isinstance(feed, Timeline)
    return feed


def visit(number: int, minute: int, of: int | None = None) -> dict[str, Any]:
    made = {"id": number, "title": "Page", "url": "https://example.com/", "source": ""}
    return {**made, "contactId": of, "dateCreated": f"2021-03-01T00:{minute:02}:00.000Z"}


def of_contact(seen: Seen, row: dict[str, Any]) -> bool:
    conditions = [value.split("|") for name, value in seen.query if name == "where"]
    return all(operator == "eq" and str(row[column]) == value for column, operator, value in conditions)


async def test_the_entry_in_the_list_builds_a_source_and_makes_no_call(fake: FakeAcquire, network: Network) -> None:
    settings = SPEC.configure({"ACQUIRE_URL": fake.url + "/", "ACQUIRE_API_KEY": "key-1"})
    source: SourceApi = SPEC.build(settings, network)
    await source.start()
    assert (SPEC.source, source.source) == (Source.ACQUIRE, Source.ACQUIRE)
    assert source.health().state is SourceState.HEALTHY
    assert source.locations() is None
    assert await source.hotspots() == ()
    assert isinstance(source, Examinable)
    assert isinstance(source, Selective)
    await source.close()
    assert fake.calls == []


@pytest.mark.parametrize(
    ("needs", "relations"),
    [
        ((), ["fields"]),
        ((Need.CUSTOM_FIELDS,), ["fields"]),
        ((Need.COMPANY,), ["fields", "company"]),
        ((Need.SEGMENTS,), ["fields", "tags"]),
        ((Need.RELATIONS,), ["fields", "cases", "timeline", "visits"]),
        (tuple(ALL), ["fields", "cases", "company", "tags", "timeline", "visits"]),
    ],
)
async def test_only_what_is_needed_is_asked_for(
    fake: FakeAcquire, acquire: Acquire, needs: tuple[Need, ...], relations: list[str]
) -> None:
    fake.serve(Listed(CONTACT, [contact(1)]))
    fake.answers[f"GET {CONTACT}/1"] = {"data": contact(1)}
    with needing(*needs):
        await contacts(acquire).read(Direction.DESC, 0, 10)
        await acquire.contacts_by_id(["1"])
    asked = "&".join(f"relations={name}" for name in relations)
    assert fake.lines == [f"GET {CONTACT}?page=0&limit=10&{asked}", f"GET {CONTACT}/1?{asked}"]


async def test_a_filter_asks_for_what_it_looks_at(fake: FakeAcquire, acquire: Acquire) -> None:
    assert contacts(acquire, segment_ids=("4",)).relations == ("fields", "tags")
    assert contacts(acquire, search="acme").relations == ("fields", "company")
    assert acquire.contacts(ContactQuery(location_ids=("1",))) is None
    nobody = contacts(acquire, segment_ids=())
    assert (await nobody.read(Direction.DESC, 0, 10)).received == 0
    assert await nobody.total() == 0
    assert fake.calls == []


async def test_contacts_by_id(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.answers |= {
        f"GET {CONTACT}/1": {"data": contact(1)},
        f"GET {CONTACT}/2": (400, {"error": {"code": "ERROR_RECORD_NOT_FOUND"}}),
        f"GET {CONTACT}/3": 503,
        f"GET {CONTACT}/4": {"data": contact(5)},
        f"GET {CONTACT}/6": (200, {"error": {"code": "ERROR_RECORD_NOT_FOUND"}}),
        f"GET {CONTACT}/7": {"data": {}},
    }
    ids = ["1", "2", "3", "x", "1", "", "4", "01", "6", "7", "8", "1/2", "-1"]
    found = await acquire.contacts_by_id(ids)
    kinds = [getattr(one, "source_id", type(one).__name__) for one in found]
    gone = "NoneType"
    assert kinds == [
        "1",
        gone,
        "UpstreamUnavailable",
        gone,
        "1",
        gone,
        gone,
        gone,
        gone,
        "UpstreamMalformed",
        gone,
        gone,
        gone,
    ]
    assert {call.path for call in fake.calls} == {f"{CONTACT}/{id}" for id in (1, 2, 3, 4, 6, 7, 8)}
    assert len([call for call in fake.calls if call.path == f"{CONTACT}/1"]) == 1
    assert await acquire.contacts_by_id([]) == []


async def test_contacts_of_a_tag_that_contacts_only_name(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.serve(Listed(CONTACT, [contact(1, tags=["VIP"]), contact(2, tags=[{"id": 5}]), contact(3, tags=["gone"])]))
    fake.answers["GET /crm/tag"] = {"data": {"count": 1, "data": [{"id": 4, "name": "VIP", "type": None}]}}
    rows = await contacts(acquire, segment_ids=("4",)).read(Direction.DESC, 0, 10)
    told = {row.source_id: [(ref.id, ref.name) for ref in row.segment_refs or ()] for row in rows.rows}
    assert told == {"1": [("4", "VIP")], "2": [("5", None)], "3": [("", "gone")]}
    # Of all tags that there are, each knows its own: it may wait for a next page with them.
    assert [row.tag_ids for row in rows.rows] == [{}, {}, {"VIP": "4"}]
    assert len(fake.calls) == 2
    plain = await contacts(acquire).read(Direction.DESC, 0, 10)
    assert [ref.id for row in plain.rows for ref in row.segment_refs or ()] == ["", "5", ""]


async def test_totals(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.serve(Listed(CONTACT, [contact(number) for number in range(1, 43)]))
    fake.serve(Listed(CASE, [case(number, 1) for number in range(1, 8)], name="data"))
    assert await contacts(acquire).total() == 42
    feed = acquire.events(EventQuery())
    assert isinstance(feed, Cases)
    assert await feed.total() == 7
    assert fake.lines == [f"GET {CONTACT}?page=0&limit=1&relations=fields", f"GET {CASE}?page=0&limit=1"]
    for query in ({"created_from": Instant("2021-01-01T00:00:00")}, {"search": "a"}, {"segment_ids": ("1",)}):
        assert await contacts(acquire, **query).total() is None
    bounded = acquire.events(EventQuery(since=Instant("2021-01-01T00:00:00")))
    assert bounded is not None
    assert await bounded.total() is None
    assert len(fake.calls) == 2


@pytest.mark.parametrize("direction", Direction)
async def test_contacts_whose_times_contradict_their_ids_come_in_order(
    fake: FakeAcquire, acquire: Acquire, direction: Direction
) -> None:
    rows = [contact(number) for number in range(1, 251)]
    for early, late in ((10, 15), (100, 120), (200, 201)):
        rows[early]["dateCreated"], rows[late]["dateCreated"] = rows[late]["dateCreated"], rows[early]["dateCreated"]
    fake.serve(Listed(CONTACT, rows))
    met: list[tuple[str, str]] = []
    after = None
    more = True
    while more:
        args = PageArgs(first=60, after=after)
        page = await Pager(secret=b"s" * 32).page(
            [contacts(acquire)], binding="contacts", direction=direction, args=args
        )
        met += [(edge.node.created_at, edge.node.source_id) for edge in page.edges]
        after, more = page.end_cursor, page.has_next_page
    assert met == sorted(met, reverse=direction is Direction.DESC)
    assert len(set(met)) == 250


async def test_a_timeline_is_visits_and_cases(fake: FakeAcquire, acquire: Acquire) -> None:
    told = contact(7, visits=[visit(24, 5), visit(23, 1, of=7), {"id": 9}, visit(22, 3, of=6)])
    fake.answers[f"GET {CONTACT}/7"] = {"data": told}
    cases = [case(1, 7), case(2, 8), case(3, 7)]
    fake.serve(Listed(CASE, cases, name="data", keep=of_contact))
    feed = timeline(acquire, contact_id="7")
    rows = sorted(await feed.read(), key=feed.key)
    assert [(row.raw_type, row.source_id, row.contact_source_id) for row in rows] == [
        ("case", "1", "7"),
        ("visit", "23", "7"),
        ("visit", "22", "7"),
        ("case", "3", "7"),
        ("visit", "24", "7"),
    ]
    assert sorted(fake.lines) == [
        f"GET {CASE}?page=0&limit=100&where=contactId|eq|7",
        f"GET {CONTACT}/7?relations=visits",
    ]


@pytest.mark.parametrize("keep", [of_contact, lambda seen, row: True])
async def test_a_timeline_of_many_cases_is_whole(fake: FakeAcquire, acquire: Acquire, keep: Any) -> None:
    rows = [case(number, 7 + number % 2) for number in range(1, 460)]
    fake.serve(Listed(CASE, rows, name="data", keep=keep))
    feed = timeline(acquire, contact_id="7", types=frozenset({EventType.CONVERSATION}))
    found = await feed.read()
    assert sorted(int(row.source_id) for row in found) == [number for number in range(1, 460) if number % 2 == 0]


@pytest.mark.parametrize(
    ("types", "paths"),
    [
        (None, {f"{CONTACT}/7", CASE}),
        (BOTH, {f"{CONTACT}/7", CASE}),
        ({EventType.PAGE_VIEW, EventType.VISIT}, {f"{CONTACT}/7"}),
        ({EventType.CONVERSATION}, {CASE}),
    ],
)
async def test_a_timeline_reads_only_what_is_wanted(
    fake: FakeAcquire, acquire: Acquire, types: Any, paths: set[str]
) -> None:
    fake.answers[f"GET {CONTACT}/7"] = {"data": contact(7)}
    fake.serve(Listed(CASE, [], name="data"))
    feed = timeline(acquire, contact_id="7", types=None if types is None else frozenset(types))
    assert await feed.read() == []
    assert {call.path for call in fake.calls} == paths


async def test_the_timeline_of_a_contact_that_is_gone_is_empty_and_a_failure_is_none(
    fake: FakeAcquire, acquire: Acquire
) -> None:
    fake.serve(Listed(CASE, [], name="data"))
    assert await timeline(acquire, contact_id="7").read() == []
    fake.answers[f"GET {CONTACT}/7"] = {"data": contact(7)}
    fake.answers[f"GET {CASE}"] = 503
    with pytest.raises(UpstreamUnavailable):
        await timeline(acquire, contact_id="7").read()


async def test_a_visit_and_a_case_of_one_number_and_instant_are_two(fake: FakeAcquire, acquire: Acquire) -> None:
    at = "2021-03-01T00:05:00.000Z"
    fake.answers[f"GET {CONTACT}/7"] = {"data": contact(7, visits=[visit(3, 5)])}
    fake.serve(Listed(CASE, [{**case(3, 7), "dateCreated": at}], name="data"))
    feed = timeline(acquire, contact_id="7")
    page = await Pager(secret=b"s" * 32).page(
        [feed], binding="events", direction=Direction.ASC, args=PageArgs(first=10)
    )
    assert [edge.node.raw_type for edge in page.edges] == ["case", "visit"]


def test_events_that_acquire_cannot_have(acquire: Acquire) -> None:
    queries: tuple[dict[str, Any], ...] = (
        {"types": frozenset({EventType.LOGIN})},
        {"types": frozenset()},
        {"types": frozenset({EventType.PAGE_VIEW})},
        {"location_id": "1"},
        {"contact_id": "x"},
        {"contact_id": "7", "types": frozenset({EventType.OTHER})},
    )
    assert [acquire.events(EventQuery(**query)) for query in queries] == [None] * len(queries)


async def test_cases_of_everybody(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.serve(Listed(CASE, [case(number, 1) for number in range(1, 6)], name="data"))
    feed = acquire.events(EventQuery(types=BOTH))
    assert isinstance(feed, Cases)
    assert feed.ordered is False
    rows = await feed.read(Direction.DESC, 0, 100)
    assert [(row.source_id, feed.serial(row)) for row in rows.rows] == [(str(id), id) for id in (5, 4, 3, 2, 1)]
    assert fake.lines == [f"GET {CASE}?page=0&limit=100"]


async def test_one_event_is_found_again(fake: FakeAcquire, acquire: Acquire) -> None:
    at = Instant("2021-03-01T00:03:00")
    fake.answers[f"GET {CASE}/3"] = {"data": case(3, 7)}
    fake.answers[f"GET {CASE}/4"] = (400, {"error": {"code": "ERROR_RECORD_NOT_FOUND"}})
    fake.answers[f"GET {CONTACT}/7"] = {"data": contact(7, visits=[visit(4, 3), visit(3, 9)])}

    async def found(contact_id: str | None, at: Instant, id: str) -> tuple[str, str] | None:
        event = await acquire.event(contact_id, at, id)
        return None if event is None else (event.raw_type, event.source_id)

    assert await found("7", at, "3") == ("case", "3")
    assert await found(None, at, "3") == ("case", "3")
    assert len(fake.calls) == 2
    assert await found("7", at, "4") == ("visit", "4")
    assert await found("7", Instant("2021-03-01T00:09:00"), "3") == ("visit", "3")
    assert await found("7", Instant("2021-03-01T00:03:00.1"), "3") is None
    assert await found("8", at, "3") is None
    assert await found(None, at, "4") is None
    calls = len(fake.calls)
    assert await found("x", at, "4/..") is None
    assert len(fake.calls) == calls


async def test_tags_are_segments_of_contacts(fake: FakeAcquire, acquire: Acquire) -> None:
    rows = [
        {"id": 1, "name": "VIP", "type": ["contact"]},
        {"id": 2, "name": "billing", "type": ["case"]},
        {"id": 3, "name": "Both", "type": ["case", "contact"]},
        {"id": 4, "name": "any", "type": None},
    ]
    fake.answers["GET /crm/tag"] = {"data": {"count": 4, "data": rows}}
    feed = acquire.segments()
    assert isinstance(feed, Tags)
    tags = await feed.read()
    assert sorted(map(feed.key, tags)) == [("any", 2, "4"), ("both", 2, "3"), ("vip", 2, "1")]
    assert fake.lines == ["GET /crm/tag"]


async def test_tags_that_come_in_pages_after_all(fake: FakeAcquire, acquire: Acquire) -> None:
    rows = [{"id": number, "name": f"t{number}"} for number in range(1, 8)]

    def answer(seen: Seen) -> Any:
        page, size = int(seen.first("page") or 0), int(seen.first("limit") or 3)
        return {"data": {"count": 7, "data": rows[page * size : (page + 1) * size]}}

    fake.answers["GET /crm/tag"] = answer
    assert len(await acquire.segments().read()) == 7
    assert fake.lines == ["GET /crm/tag", "GET /crm/tag?page=1&limit=3", "GET /crm/tag?page=2&limit=3"]


async def test_tags_that_never_come_are_no_shorter_list(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.answers["GET /crm/tag"] = {"data": {"count": 7, "data": [{"id": 1, "name": "VIP"}]}}
    with pytest.raises(UpstreamMalformed):
        await acquire.segments().read()


async def test_an_examination_says_what_was_found(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.serve(Listed(CONTACT, [contact(1), contact(2), contact(3)]))
    fake.serve(Listed(CASE, [case(1, 1), case(2, 1)], name="data", newest_first=False))
    fake.answers[f"GET {CONTACT}/3"] = {"data": contact(3, tags=[])}
    fake.answers["GET /crm/tag"] = {"data": {"count": 0, "data": []}}
    fake.answers["GET /crm/objects/object-field"] = {"data": {"count": 0, "data": []}}
    findings = {check: (ok, detail) async for check, ok, detail in acquire.examine()}
    assert findings == {
        "contacts": (True, "2 read, total 3; newest first, as assumed"),
        "paging": (True, "page and limit work, as assumed"),
        "one contact": (True, "without the relations visits"),
        "tags": (True, "0 read, total 0"),
        "cases": (True, "2 read, total 2; not newest first"),
        "companies": (False, "there is no such thing"),
        "custom attributes": (True, "0 read, total 0"),
    }


def test_every_assumption_asks_a_question() -> None:
    assert len(ASSUMPTIONS) > 15
    assert all("?" in assumption.question for assumption in ASSUMPTIONS.values())
