"""The published examples as records: no key is lost, loose values are read, and what makes no sense costs itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Struct

from tests.upstreams.rechat.conftest import FIXTURES, example, published
from upstreams.errors import UpstreamNotFound, UpstreamRefused
from upstreams.instants import from_unix
from upstreams.rechat.decode import EventsDecoder, ListDecoder, OneDecoder, nothing, refusal
from upstreams.rechat.records import (
    Attribute,
    AttributeDef,
    CalendarEvent,
    Contact,
    ContactList,
    DuplicateCluster,
    File,
    Job,
    Tag,
)
from upstreams.records import Birthday, CustomField, EventType, SegmentKind, SegmentRef

LISTS: dict[str, type[Struct]] = {
    "contacts": Contact,
    "create_contacts": Contact,
    "filter_query": Contact,
    "filter_attributes": Contact,
    "filter_tags": Contact,
    "filter_inverted": Contact,
    "add_attributes_to_all": Contact,
    "add_attributes": Attribute,
    "duplicates": DuplicateCluster,
    "tags": Tag,
    "attribute_defs": AttributeDef,
}
ONES: dict[str, type[Struct]] = {
    "contact": Contact,
    "update_contact": Contact,
    "set_owner": Contact,
    "set_touch": Contact,
    "delete_attribute": Contact,
    "merge_contacts": Contact,
    "replace_attribute": Attribute,
    "create_attribute_def": AttributeDef,
    "contact_duplicates": DuplicateCluster,
    "upload": File,
    "import_json": Job,
    "import_csv": Job,
    "import_xls": Job,
    "import_xlsx": Job,
    "merge_clusters": Job,
}
RENAMED = {
    ("Contact", "source"): "lead_source",
    ("Summary", "source"): "lead_source",
    ("Contact", "address"): "addresses",
    ("AttributeDef", "global"): "is_global",
    ("Job", "job_id"): "source_id",
}
TIMES = {"created_at", "updated_at", "deleted_at", "last_touch", "next_touch", "date"}


def lost(malformed: int, received: int) -> None:
    raise AssertionError(f"{malformed} of {received} rows of a published example are lost")


def one(record: Any, row: Any) -> Any:
    return OneDecoder(record)(json.dumps({"code": "OK", "data": row}).encode())


def same(record: Any, row: dict[str, Any]) -> int:
    """Every key of a row is an attribute of its record, with its value; how many there were."""
    kind = type(record).__name__
    seen = 0
    for key, value in row.items():
        name = RENAMED.get((kind, key), "source_id" if key == "id" and hasattr(record, "source_id") else key)
        told = getattr(record, name)
        seen += 1
        if key in TIMES or (kind, key) == ("Summary", "birthday"):
            assert told == (None if value is None else from_unix(value)), (kind, key)
        elif (kind, key) == ("Contact", "birthday"):
            date = None if told is None else f"{told.year:04}-{told.month:02}-{told.day:02}T00:00:00.000Z"
            assert date == value
        elif isinstance(value, dict):
            seen += same(told, value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            assert len(told) == len(value)
            seen += sum(same(*pair) for pair in zip(told, value, strict=True))
        elif isinstance(value, list) or (value is None and told == ()):
            assert list(told) == (value or []), (kind, key)
        else:
            assert told == value, (kind, key)
    return seen


def test_every_answer_is_looked_at() -> None:
    answers = {path.stem for path in FIXTURES.iterdir() if not path.stem.endswith(".request")}
    assert answers == LISTS.keys() | ONES.keys()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_holds_every_key(name: str) -> None:
    rows = example(name)["data"]
    listing = ListDecoder(LISTS[name], lost)(published(name))
    assert listing.received == len(rows) == len(listing.rows)
    assert sum(same(record, row) for record, row in zip(listing.rows, rows, strict=True)) > len(rows) * 5


@pytest.mark.parametrize("name", ONES)
def test_one_record_holds_every_key(name: str) -> None:
    assert same(OneDecoder(ONES[name])(published(name)), example(name)["data"]) >= 1


@pytest.mark.parametrize(
    ("name", "total"),
    [("contacts", 12), ("filter_inverted", 11), ("duplicates", 2), ("create_contacts", None), ("tags", None)],
)
def test_a_total_that_cannot_be_right_is_none(name: str, total: int | None) -> None:
    assert ListDecoder(LISTS[name], lost)(published(name)).total == total


@pytest.mark.parametrize(
    ("info", "total"),
    [({"total": "7"}, 7), ({"total": 7.0}, 7), ({"total": 1}, None), ({"total": True}, None), ({}, None), (None, None)],
)
def test_totals_come_as_numbers_and_as_text(info: Any, total: int | None) -> None:
    rows = [{"id": "a", "created_at": 1}, {"id": "b", "created_at": 2}]
    body = json.dumps({"code": "OK", "data": rows, "info": info}).encode()
    assert ListDecoder(Contact, lost)(body).total == total


def test_an_empty_list_may_say_that_its_total_is_zero() -> None:
    assert ListDecoder(Contact, lost)(b'{"code":"OK","data":[],"info":{"count":0,"total":0}}').total == 0


def test_a_contact_as_every_source_tells_it() -> None:
    contact = ListDecoder(Contact, lost)(published("contacts")).rows[0]
    row = example("contacts")["data"][0]
    assert contact.given_display_name == "Johnny"
    assert contact.created_at == "2026-05-15T19:07:15.913689"
    assert contact.emails_as_sent == (row["email"],)
    assert contact.phones_as_sent == ("+989124834198",)
    assert contact.country_as_sent == "US"
    assert contact.birthday == Birthday(1970, 1, 12)
    assert (contact.company, contact.job_title) == ("Rechat", "Contact Test Subject")
    assert contact.segment_refs is None
    assert contact.custom_fields is None


def test_null_arrays_are_empty() -> None:
    contact = ListDecoder(Contact, lost)(published("contacts")).rows[1]
    assert contact.emails == contact.phone_numbers == contact.website == contact.tags == contact.addresses == ()
    assert contact.country_as_sent is None


def test_the_primary_values_come_first_and_once() -> None:
    row = {"id": "a", "created_at": 1, "email": "b@x.example", "emails": ["a@x.example", "b@x.example"]}
    assert one(Contact, row).emails_as_sent == ("b@x.example", "a@x.example")


def test_segments_are_the_lists_that_were_asked_for_and_the_tags() -> None:
    row = {"id": "a", "created_at": 1, "tags": ["New", "foo"], "lists": [{"id": "l1", "name": "Buyers"}]}
    refs = (
        SegmentRef("l1", "Buyers", SegmentKind.LIST),
        *(SegmentRef("", tag, SegmentKind.TAG) for tag in ("New", "foo")),
    )
    assert one(Contact, row).segment_refs == refs
    assert one(Contact, {"id": "a", "created_at": 1, "lists": None}).segment_refs == ()


def custom(name: str | None, label: str | None, **value: Any) -> dict[str, Any]:
    definition = {"id": "d", "name": name, "label": label, "global": False}
    return {"id": "x", "attribute_def": definition, "attribute_type": None, **value}


def test_custom_fields_are_the_attributes_that_the_team_defined() -> None:
    told = {
        "id": "e",
        "attribute_def": {"id": "g", "name": "email", "global": True},
        "attribute_type": "email",
        "text": "a@x.example",
    }
    rows = [
        told,
        custom("pet", "Pet", text="cat"),
        custom(None, "Since", date=950400),
        custom("rooms", None, number=3),
        custom(None, None, address={"full": "1 Main St"}),
        custom("empty", None),
    ]
    contact = one(Contact, {"id": "a", "created_at": 1, "attributes": rows})
    values = [("pet", "cat"), ("Since", "1970-01-12"), ("rooms", "3"), ("d", "1 Main St"), ("empty", None)]
    assert contact.custom_fields == tuple(CustomField(*pair) for pair in values)


def test_attributes_without_their_definitions_tell_no_custom_fields() -> None:
    rows = [{"id": "x", "attribute_type": None, "text": "cat"}]
    assert one(Contact, {"id": "a", "created_at": 1, "attributes": rows}).custom_fields is None
    rows = [{"id": "x", "attribute_type": "email", "text": "a@x.example"}]
    assert one(Contact, {"id": "a", "created_at": 1, "attributes": rows}).custom_fields == ()


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a", "created_at": "1778872035.913689"},
        {"id": "a", "created_at": 1778872035.913689, "touch_freq": 7.0, "parked": "false"},
        {"id": "a", "created_at": 1778872035.913689, "first_name": 7, "emails": "none", "website": "http://x.example"},
        {"id": "a", "created_at": 1778872035.913689, "address": [{"city": 7}, None], "summary": []},
    ],
)
def test_loose_values_cost_no_more_than_themselves(row: dict[str, Any]) -> None:
    contact = one(Contact, row)
    assert contact.created_at == "2026-05-15T19:07:15.913689"
    assert contact.touch_freq in (None, 7)


@pytest.mark.parametrize(
    "row", [{}, {"id": "", "created_at": 1}, {"id": "a"}, {"id": "a", "created_at": 1e300}, [], None]
)
def test_a_row_without_what_it_needs_costs_itself(row: Any) -> None:
    counted: list[tuple[int, int]] = []
    body = json.dumps({"code": "OK", "data": [row, {"id": "b", "created_at": 2}]}).encode()
    listing = ListDecoder(Contact, lambda *counts: counted.append(counts))(body)
    assert [contact.source_id for contact in listing.rows] == ["b"]
    assert (listing.received, counted) == (2, [(1, 2)])


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"code":"OK"}', b'{"code":"OK","data":{}}', b"[]"])
def test_an_answer_without_a_list_is_malformed(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the carrier asks for no more
        ListDecoder(Contact, lost)(body)


HALF, LATIN = b'"\\ud83d"', b'"\xe9"'


@pytest.mark.parametrize("text", [HALF, LATIN])
def test_text_that_is_no_unicode_costs_no_more_than_itself(text: bytes) -> None:
    row = b'{"id":"a","created_at":1,"first_name":"Ada","sort_field":%b}' % text
    (contact,) = ListDecoder(Contact, lost)(b'{"code":"OK","data":[%b]}' % row).rows
    alone = OneDecoder(Contact)(b'{"code":"OK","data":%b}' % row)
    assert contact == alone
    assert (contact.first_name, contact.sort_field) == ("Ada", "\ufffd")
    (loose,) = ListDecoder(Contact, lost)(b'{"code":"OK","data":[%b]}' % row.replace(b'"Ada"', b"7")).rows
    assert (loose.first_name, loose.sort_field) == ("7", "\ufffd")
    row = b'{"id":"e","object_type":"crm_task","timestamp":1,"unknown":%b}' % text
    (event,) = EventsDecoder(lost)(b'{"code":"OK","data":[%b]}' % row).rows
    assert (event.source_id, event.payload["unknown"]) == ("e", "\ufffd")


def test_numbers_beyond_all_reason_cost_no_more_than_themselves() -> None:
    assert one(Contact, {"id": "a", "created_at": 1, "last_touch": 10**400, "touch_freq": "x"}).last_touch is None


def test_numbers_that_graphql_cannot_tell_are_none() -> None:
    attribute = {"id": "x", "index": 2**31, "number": "NaN"}
    contact = one(Contact, {"id": "a", "created_at": 1, "touch_freq": 2**40, "attributes": [attribute]})
    assert (contact.source_id, contact.touch_freq) == ("a", None)
    assert contact.attributes is not None
    (found,) = contact.attributes
    assert (found.source_id, found.index, found.number) == ("x", None, None)
    assert one(Tag, {"id": "t", "tag": "x", "touch_freq": 2**31}).touch_freq is None
    assert one(ContactList, {"id": "l", "member_count": -(2**31) - 1, "touch_freq": 2**31 - 1}).size is None
    assert one(CalendarEvent, {**EVENT, "people_len": 2**31}).people_len is None
    assert ListDecoder(Contact, lost)(b'{"data":[],"info":{"total":2147483648}}').total is None


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"OK"', b"OK"])
def test_somebody_else_s_page_does_not_say_that_it_was_done(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the carrier asks for no more
        nothing(body)


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'{"code":"OK"}', b'{"success":true}'])
def test_an_empty_answer_and_a_plain_one_say_that_it_was_done(body: bytes) -> None:
    nothing(body)


EVENT = {
    "id": "e1",
    "object_type": "crm_task",
    "event_type": "Call",
    "type_label": "Call",
    "timestamp": 1778872035.5,
    "end_date": 1778875635,
    "recurring": False,
    "next_occurance": None,
    "title": "Call back",
    "contact": "c1",
    "crm_task": "e1",
    "deal": None,
    "campaign": None,
    "thread_key": None,
    "people_len": 2,
    "metadata": {"status": "PENDING"},
    "brand": "b1",
    "created_by": "u1",
    "created_at": 1778872000,
    "updated_at": 1778872001,
    "type": "calendar_event",
}


def event(**more: Any) -> CalendarEvent:
    body = json.dumps({"code": "OK", "data": [EVENT | more], "info": {"count": 1}}).encode()
    return EventsDecoder(lost)(body).rows[0]


def test_a_calendar_event_as_every_source_tells_it() -> None:
    found = event()
    assert (found.source_id, found.type, found.raw_type) == ("e1", EventType.TASK, "Call")
    assert (found.occurred_at, found.ends_at) == ("2026-05-15T19:07:15.5", "2026-05-15T20:07:15")
    assert (found.contact_source_id, found.title, found.payload) == ("c1", "Call back", EVENT)
    assert (found.metadata, found.people_len, found.created_at) == ({"status": "PENDING"}, 2, "2026-05-15T19:06:40")


@pytest.mark.parametrize(
    ("object_type", "event_type", "recurring", "meaning"),
    [
        ("crm_task", "Message", False, EventType.TASK),
        ("crm_association", "Tour", False, EventType.TASK),
        ("email_thread", "gmail", False, EventType.EMAIL_THREAD),
        ("email_thread_recipient", "outlook", False, EventType.EMAIL_THREAD),
        ("contact", "next_touch", False, EventType.TOUCH),
        ("contact_attribute", "birthday", True, EventType.ANNIVERSARY),
        ("contact_attribute", "work_anniversary", None, EventType.ANNIVERSARY),
        ("contact_attribute", "closing", True, EventType.ANNIVERSARY),
        ("contact_attribute", "closing", False, EventType.OTHER),
        ("home_anniversary", "home_anniversary", True, EventType.ANNIVERSARY),
        ("deal_context", "closing_date", False, EventType.OTHER),
        ("email_campaign", "executed_email", False, EventType.OTHER),
        ("activity", "UserViewedListing", False, EventType.OTHER),
        ("something_new", None, None, EventType.OTHER),
    ],
)
def test_what_calendar_rows_mean(object_type: str, event_type: str, recurring: bool, meaning: EventType) -> None:
    found = event(object_type=object_type, event_type=event_type, recurring=recurring)
    assert found.type is meaning
    assert found.raw_type == (event_type or object_type)


@pytest.mark.parametrize(
    ("more", "occurred_at"),
    [
        ({"recurring": True, "timestamp": 950400, "next_occurance": 1799712000}, "2027-01-12T00:00:00"),
        ({"recurring": True, "timestamp": 950400, "next_occurrence": 1799712000}, "2027-01-12T00:00:00"),
        ({"recurring": True, "timestamp": 950400, "next_occurance": None}, "1970-01-12T00:00:00"),
        ({"recurring": False, "timestamp": 950400, "next_occurance": 1799712000}, "1970-01-12T00:00:00"),
        ({"recurring": False, "timestamp": -86400}, "1969-12-31T00:00:00"),
    ],
)
def test_what_recurs_is_placed_at_its_next_time(more: dict[str, Any], occurred_at: str) -> None:
    assert event(**more).occurred_at == occurred_at


def test_a_contact_list_as_every_source_tells_it() -> None:
    row = {
        "id": "l1",
        "name": "Buyers",
        "member_count": 12,
        "is_editable": True,
        "touch_freq": None,
        "filters": [{"id": "f", "attribute_def": "d", "operator": "eq", "value": "New", "invert": False, "type": "t"}],
        "query": None,
        "args": {"filter_type": "and", "q": None, "crm_tasks": None, "flows": None, "assignees": None, "type": "a"},
        "created_at": 1778872035.5,
        "updated_at": 1778872036,
        "deleted_at": None,
        "created_by": "u1",
        "updated_by": None,
        "brand": "b1",
        "type": "contact_list",
    }
    found = one(ContactList, row)
    assert (found.kind, found.name, found.size) == (SegmentKind.LIST, "Buyers", 12)
    assert same(found, {key: value for key, value in row.items() if key != "member_count"}) == len(row) + 11


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (200, b'{"code":"OK","data":[]}', None),
        (204, b"", None),
        (200, b'{"data":[], "code" : "OK"}', None),
        (200, b'{"code":"ResourceNotFound","message":"Contact x not found"}', UpstreamNotFound),
        (200, b'{"code":"Validation","message":"x"}', UpstreamRefused),
        (400, b'{"code":"ResourceNotFound","message":"x"}', UpstreamNotFound),
        (400, b'{"code":"Validation"}', None),
        (404, b"<html>", None),
        (400, b'{"code":' + b"[" * 100_000, None),
    ],
)
def test_what_a_code_says(status: int, body: bytes, failure: type[Exception] | None) -> None:
    found = refusal("x")(status, body)
    assert type(found) is (failure or type(None))
    assert "Contact x" not in str(found)
