"""The source: contacts by id, the list of contacts and what is pushed to the upstream, segments, the doctor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.upstreams.rechat.conftest import FakeRechat, Seen, collection, contact, uuid
from upstreams.errors import UpstreamRefused, UpstreamUnavailable
from upstreams.feeds import Direction, OffsetFeed
from upstreams.instants import Instant
from upstreams.needs import Need, Selective, current_needs
from upstreams.rechat import Rechat
from upstreams.records import SegmentKind, SegmentRef
from upstreams.source import ContactQuery, Examinable

FILTER = "POST /contacts/filter"
CONTACTS = "GET /contacts"
TAGS = "GET /contacts/tags"
NEW = {"id": uuid(901), "tag": "New", "text": "New"}
FOO = {"id": uuid(902), "tag": "foo", "text": "foo"}
LIST = {"id": uuid(903), "name": "Buyers", "member_count": 4}


@pytest.fixture
def needs() -> Callable[..., Any]:
    """Sets what the request needs; a test is a task of its own, so this ends with it."""
    return lambda *found: current_needs.set(frozenset(found))


class Book:
    """The contacts of the other side, filtered by ids alone."""

    def __init__(self, count: int, *, strict: bool = False) -> None:
        self.rows = {uuid(number): contact(number) for number in range(count)}
        self.strict = strict

    def __call__(self, seen: Seen) -> Any:
        query, ids = dict(seen.query), seen.json["ids"]
        if self.strict and any(id not in self.rows for id in ids):
            return 404, {"code": "ResourceNotFound", "message": "Contact not found", "http": 404}
        found = [self.rows[id] for id in reversed(ids) if id in self.rows]
        return collection(found[: int(query.get("limit", 10))], total=len(found))


async def test_contacts_by_id_are_one_call_a_hundred(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {FILTER: Book(300)}
    ids = [uuid(number) for number in range(230)]
    found = await rechat.contacts_by_id([*ids, ids[3], ids[3].upper()])
    assert [getattr(row, "source_id", None) for row in found] == [*ids, ids[3], ids[3]]
    assert fake.lines == [FILTER] * 3
    assert sorted(dict(call.query)["limit"] for call in fake.calls) == ["100", "100", "30"]
    assert sorted(id for call in fake.calls for id in call.json["ids"]) == sorted(ids)


async def test_an_id_that_is_gone_is_none(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {FILTER: Book(2)}
    one, gone, other = await rechat.contacts_by_id([uuid(0), uuid(7), uuid(1)])
    assert [getattr(row, "source_id", None) for row in (one, gone, other)] == [uuid(0), None, uuid(1)]
    assert len(fake.calls) == 1


async def test_one_bad_id_fails_no_other_where_the_whole_call_is_refused(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {FILTER: Book(99, strict=True)}
    ids = [*(uuid(number) for number in range(50)), uuid(500), *(uuid(number) for number in range(50, 99))]
    found = await rechat.contacts_by_id(ids)
    assert [getattr(row, "source_id", None) for row in found] == [id if id != uuid(500) else None for id in ids]
    # 100, 50 + 50, then two calls each for halves of 50, 25 (or 24), 13 (or 12), 6 or 7, 3 or 4, 1 or 2
    assert 13 <= len(fake.calls) <= 15


async def test_an_upstream_that_cuts_a_batch_is_asked_for_the_rest(fake: FakeRechat, rechat: Rechat) -> None:
    def cut(seen: Seen) -> Any:
        there = [number for number in range(25) if uuid(number) in seen.json["ids"]]
        return collection([contact(number) for number in there[:10]], total=len(there))

    fake.answers = {FILTER: cut}
    found = await rechat.contacts_by_id([uuid(number) for number in range(30)])
    assert [one is not None for one in found] == [True] * 25 + [False] * 5
    assert [len(call.json["ids"]) for call in fake.calls] == [30, 20, 10]


async def test_a_cut_that_brings_nothing_new_ends(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {FILTER: collection([contact(7)], total=9)}
    assert await rechat.contacts_by_id([uuid(1), uuid(2)]) == [None, None]
    assert len(fake.calls) == 1


async def test_what_cannot_be_an_id_never_goes_out(fake: FakeRechat, rechat: Rechat) -> None:
    found = await rechat.contacts_by_id(["", "7", "../contacts", uuid(1) + "x", "{" + uuid(1) + "}"])
    assert list(found) == [None] * 5
    assert fake.calls == []


async def test_a_deleted_contact_is_gone(fake: FakeRechat, rechat: Rechat) -> None:
    fake.default = collection([contact(1, deleted_at=1778872035.5)])
    assert await rechat.contacts_by_id([uuid(1)]) == [None]


@pytest.mark.parametrize(("status", "failure"), [(400, UpstreamRefused), (503, UpstreamUnavailable)])
async def test_another_failure_is_each_id_s_answer(
    fake: FakeRechat, rechat: Rechat, status: int, failure: type[Exception]
) -> None:
    fake.default = status
    assert [type(found) for found in await rechat.contacts_by_id([uuid(1), uuid(2)])] == [failure, failure]


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        ((), []),
        ((Need.SEGMENTS,), ["contact.lists"]),
        ((Need.CUSTOM_FIELDS,), ["contact.attributes", "contact_attribute.attribute_def"]),
        (
            (Need.SEGMENTS, Need.CUSTOM_FIELDS),
            ["contact.attributes", "contact.lists", "contact_attribute.attribute_def"],
        ),
    ],
)
async def test_only_what_is_needed_is_asked_for(
    fake: FakeRechat, rechat: Rechat, needs: Any, wanted: tuple[Need, ...], asked: list[str]
) -> None:
    needs(*wanted)
    fake.answers = {FILTER: Book(1), CONTACTS: collection([])}
    await rechat.contacts_by_id([uuid(0)])
    await contacts(rechat).read(Direction.DESC, 0, 10)
    for call in fake.calls:
        assert [value for name, value in call.query if name == "associations[]"] == asked


async def test_every_relation_can_be_asked_for(fake: FakeRechat, rechat: Rechat, needs: Any) -> None:
    needs(Need.RELATIONS)
    fake.answers = {CONTACTS: collection([])}
    await contacts(rechat).read(Direction.DESC, 0, 10)
    asked = {value for name, value in fake.calls[0].query if name == "associations[]"}
    documented = "attributes flows summary lists users deals brand user created_by updated_by"
    assert asked == {f"contact.{name}" for name in documented.split()} | {"contact_attribute.attribute_def"}


def contacts(rechat: Rechat, **query: Any) -> OffsetFeed[Any]:
    feed = rechat.contacts(ContactQuery(**query))
    assert isinstance(feed, OffsetFeed)
    return feed


@pytest.mark.parametrize(("direction", "order"), [(Direction.ASC, "created_at"), (Direction.DESC, "-created_at")])
async def test_all_contacts_are_listed(fake: FakeRechat, rechat: Rechat, direction: Direction, order: str) -> None:
    fake.answers = {CONTACTS: collection([contact(1), contact(2)], total=12)}
    fake.answers[CONTACTS]["info"]["total"] = 7
    rows = await contacts(rechat).read(direction, 5, 2)
    assert (rows.received, rows.total) == (2, 7)
    assert fake.calls[0].query == [("start", "5"), ("limit", "2"), ("order", order)]
    assert len(fake.calls) == 1


async def test_an_upstream_that_gives_fewer_than_it_is_asked_for_is_asked_on(fake: FakeRechat, rechat: Rechat) -> None:
    def page(seen: Seen) -> Any:
        start, limit = int(dict(seen.query)["start"]), int(dict(seen.query)["limit"])
        return collection([contact(number) for number in range(25)][start : start + min(limit, 10)], total=25)

    fake.answers = {CONTACTS: page}
    rows = await contacts(rechat).read(Direction.ASC, 0, 62)
    assert [row.source_id for row in rows.rows] == [uuid(number) for number in range(25)]
    assert (rows.received, len(fake.calls)) == (25, 3)


async def test_ties_between_short_answers_are_read_again_since_their_order_changes(
    fake: FakeRechat, rechat: Rechat
) -> None:
    rows = [{**contact(number), "created_at": 1_600_000_000 + number // 4} for number in range(20)]

    def page(seen: Seen) -> Any:
        start, limit = int(dict(seen.query)["start"]), int(dict(seen.query)["limit"])
        turned = sorted(rows, key=lambda row: (row["created_at"], rows.index(row) * (-1) ** len(fake.calls)))
        return collection(turned[start : start + min(limit, 6)], total=20)

    fake.answers = {CONTACTS: page}
    found = await contacts(rechat).read(Direction.ASC, 0, 50)
    assert sorted(row.source_id for row in found.rows) == sorted(uuid(number) for number in range(20))
    assert found.received == 20


@pytest.mark.parametrize("total", [0, "0", None, 3])
async def test_a_total_that_makes_no_sense_ends_nothing_and_begins_nothing(
    fake: FakeRechat, rechat: Rechat, total: Any
) -> None:
    fake.answers = {CONTACTS: {"code": "OK", "data": [contact(1), contact(2), contact(3)], "info": {"total": total}}}
    assert (await contacts(rechat).read(Direction.ASC, 0, 10)).received == 3
    assert len(fake.calls) == 1


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ({"created_from": "2023-11-14T22:13:20"}, [("created_gte", "1700000000")]),
        ({"created_from": "2023-11-14T22:13:20.9"}, [("created_gte", "1700000000")]),
        ({"created_to": "2023-11-14T22:13:20"}, [("created_lte", "1700000000")]),
        ({"created_to": "2023-11-14T22:13:20.1"}, [("created_lte", "1700000001")]),
        (
            {"updated_from": "2023-11-14T22:13:20", "updated_to": "2023-11-14T22:13:21"},
            [("updated_gte", "1700000000"), ("updated_lte", "1700000001")],
        ),
        ({"search": "kate"}, [("q", "kate")]),
        ({"search": "ate bell"}, [("q", "bell")]),
        ({"search": "ate 555"}, [("q", "ate")]),
        ({"search": "kate2@example.com"}, [("q", "kate2@example.com")]),
    ],
)
async def test_what_is_left_to_the_upstream(
    fake: FakeRechat, rechat: Rechat, query: dict[str, str], params: list[tuple[str, str]]
) -> None:
    fake.answers = {FILTER: collection([])}
    given = {name: text if name == "search" else Instant(text) for name, text in query.items()}
    await contacts(rechat, **given).read(Direction.DESC, 0, 10)
    assert fake.calls[0].query == [*params, ("start", "0"), ("limit", "10"), ("order", "-created_at")]
    assert fake.calls[0].json == {}


@pytest.mark.parametrize(
    "query",
    [{"search": "415-555"}, {"search": "415 - 555"}, {"search": "+"}, {"has_email": True}, {"has_phone": False}],
)
async def test_what_the_upstream_cannot_tell_is_not_sent(fake: FakeRechat, rechat: Rechat, query: Any) -> None:
    fake.answers = {CONTACTS: collection([])}
    feed = contacts(rechat, **query)
    await feed.read(Direction.DESC, 0, 10)
    assert fake.lines == [CONTACTS]
    assert await feed.total() is None


async def test_one_tag_is_a_condition_by_its_name(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {TAGS: collection([FOO, NEW], total=0), FILTER: collection([contact(1, tags=["New"], lists=[])])}
    feed = contacts(rechat, segment_ids=(NEW["id"],))
    (row,) = (await feed.read(Direction.DESC, 0, 10)).rows
    assert row.segment_refs == (SegmentRef(NEW["id"], "New", SegmentKind.TAG),)
    assert fake.lines == [TAGS, FILTER]
    assert fake.calls[1].json == {"filter": [{"attribute_type": "tag", "value": "New"}]}
    await feed.read(Direction.DESC, 10, 10)
    assert fake.lines == [TAGS, FILTER, FILTER]


async def test_one_list_is_asked_for_by_its_id(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {TAGS: collection([NEW]), FILTER: collection([contact(1, tags=["New"])])}
    (row,) = (await contacts(rechat, segment_ids=(LIST["id"],)).read(Direction.DESC, 0, 10)).rows
    assert row.segment_refs is None
    assert fake.calls[1].json == {"lists": [LIST["id"]]}


async def test_several_segments_are_told_by_each_record(fake: FakeRechat, rechat: Rechat) -> None:
    rows = [contact(1, tags=["New"], lists=[]), contact(2, tags=None, lists=[LIST]), contact(3, tags=["x"], lists=None)]
    fake.answers = {TAGS: collection([NEW, FOO]), CONTACTS: collection(rows)}
    feed = contacts(rechat, segment_ids=(NEW["id"], LIST["id"]))
    found = (await feed.read(Direction.DESC, 0, 10)).rows
    assert [[ref.id for ref in row.segment_refs] for row in found] == [[NEW["id"]], [LIST["id"]], [""]]
    # Of all tags that there are, each knows its own: it may wait for a next page with them.
    assert [row.tag_ids for row in found] == [{"New": NEW["id"]}, {}, {}]
    assert ("associations[]", "contact.lists") in fake.calls[1].query
    assert await feed.total() is None


async def test_a_list_that_is_gone_has_no_members(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {TAGS: collection([]), FILTER: 404}
    feed = contacts(rechat, segment_ids=(LIST["id"],))
    assert (await feed.read(Direction.DESC, 0, 10)).received == 0
    assert await feed.total() == 0


async def test_no_segment_at_all_matches_nothing_without_a_call(fake: FakeRechat, rechat: Rechat) -> None:
    feed = contacts(rechat, segment_ids=())
    assert (await feed.read(Direction.DESC, 0, 10)).received == 0
    assert await feed.total() == 0
    assert fake.calls == []


def test_nobody_is_at_a_location(rechat: Rechat) -> None:
    assert rechat.contacts(ContactQuery(location_ids=("l",))) is None
    assert rechat.locations() is None


async def test_the_total_counts_just_what_the_filter_lets_through(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {FILTER: collection([contact(1)], total="41"), CONTACTS: collection([contact(1)], total=99)}
    assert await contacts(rechat).total() == 99
    query = {"created_from": Instant("2023-11-14T22:13:20.5"), "created_to": Instant("2023-11-14T22:13:21")}
    assert await contacts(rechat, **query).total() == 41
    assert fake.calls[0].query == [("start", "0"), ("limit", "1"), ("order", "-created_at")]
    assert fake.calls[1].query[:2] == [("created_gte", "1700000000.5"), ("created_lte", "1700000000.999999")]


async def test_a_total_that_a_read_has_told_costs_no_call(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {CONTACTS: collection([contact(1)], total=9), FILTER: collection([contact(1)], total=9)}
    for query, calls in (({}, 1), ({"created_to": Instant("2023-11-14T22:13:21")}, 2)):
        fake.calls.clear()
        feed = contacts(rechat, **query)
        await feed.read(Direction.DESC, 0, 1)
        assert await feed.total() == 9
        assert len(fake.calls) == calls


@pytest.mark.parametrize("total", [0, "none", None])
async def test_a_total_that_is_not_told_is_none(fake: FakeRechat, rechat: Rechat, total: Any) -> None:
    fake.answers = {CONTACTS: {"code": "OK", "data": [contact(1)], "info": {"total": total}}}
    assert await contacts(rechat).total() is None


async def test_segments_are_lists_and_tags(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {TAGS: collection([FOO, NEW], total=0), "GET /contacts/lists": collection([LIST])}
    feed = rechat.segments()
    assert feed is not None
    rows = sorted(await feed.read(), key=feed.key)
    assert [(row.kind, row.name, row.source_id, row.size) for row in rows] == [
        (SegmentKind.LIST, "Buyers", LIST["id"], 4),
        (SegmentKind.TAG, "foo", FOO["id"], None),
        (SegmentKind.TAG, "New", NEW["id"], None),
    ]
    assert sorted(fake.lines) == ["GET /contacts/lists", TAGS]


async def test_half_of_the_segments_is_no_answer(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {TAGS: collection([NEW]), "GET /contacts/lists": 400}
    feed = rechat.segments()
    assert feed is not None
    with pytest.raises(UpstreamRefused):
        await feed.read()


async def test_the_doctor_tries_each_kind_and_goes_on_after_a_failure(fake: FakeRechat, rechat: Rechat) -> None:
    fake.default = collection([])
    fake.answers = {CONTACTS: collection([contact(2), contact(1)]), FILTER: Book(3), TAGS: 400}
    assert isinstance(rechat, Examinable)
    assert isinstance(rechat, Selective)
    findings = [finding async for finding in rechat.examine()]
    assert [finding.check for finding in findings if not finding.ok] == ["tags"]
    told = " ".join(finding.detail for finding in findings)
    assert re.search("as asked.*as assumed", told)
    assert len(findings) == 6
