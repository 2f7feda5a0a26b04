"""Answers that differ from the published ones: what is understood, what is lost, what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.seeds import seed
from upstreams.cloud4wi.assumptions import CONTACTS_SCROLL_FIELDS
from upstreams.cloud4wi.decode import (
    ContactDecoder,
    EventFramesDecoder,
    EventsDecoder,
    OneDecoder,
    RowsDecoder,
    any_json,
)
from upstreams.cloud4wi.event_rows import EventRow
from upstreams.cloud4wi.records import Contact, Event, EventFrame, Hotspot, Location, Segment
from upstreams.cloud4wi.refusals import expiry, refusal, says_refused
from upstreams.errors import ScrollExpired, UpstreamRefused
from upstreams.liberal import salvage

CREATED = "2022-07-21T17:58:35Z"
EVENT: dict[str, Any] = {
    "customerId": "c",
    "event": {"type": "visit", "id": "1l"},
    "when": {"createdAt": "2022-07-21T18:41:09Z"},
}


class Lost:
    """Remembers what was reported as lost."""

    def __init__(self) -> None:
        self.reports: list[tuple[int, int]] = []

    def __call__(self, malformed: int, received: int) -> None:
        self.reports.append((malformed, received))


@pytest.fixture
def lost() -> Lost:
    return Lost()


def contacts(lost: Lost, *rows: Any, **around: Any) -> list[Contact]:
    decode = RowsDecoder(Contact, "customers", lost, CONTACTS_SCROLL_FIELDS.assumed)
    return list(decode(msgspec.json.encode({"customers": rows, **around})).rows)


def events(lost: Lost, *rows: Any) -> list[Event]:
    return list(EventsDecoder(lost)(msgspec.json.encode({"events": rows})).rows)


@pytest.mark.parametrize(
    ("sent", "attribute", "understood"),
    [
        ({"age": "38"}, "age", 38),
        ({"age": 38.0}, "age", 38),
        ({"age": "about 40"}, "age", None),
        ({"age": ""}, "age", None),
        ({"logins": "12"}, "logins", 12),
        ({"emailVerified": "true"}, "email_verified", True),
        ({"emailVerified": 0}, "email_verified", False),
        ({"emailVerified": "yes"}, "email_verified", True),
        ({"emailVerified": "perhaps"}, "email_verified", None),
        ({"zipCode": 56100}, "zip_code", "56100"),
        ({"locationCid": 7}, "location_id", "7"),
        ({"birthDate": 1982}, "birth_date", "1982"),
        ({"username": True}, "username", "true"),
        ({"username": ["x"]}, "username", None),
        ({"username": None}, "username", None),
        ({"extId": []}, "ext_id", None),
        ({"extId": None}, "ext_id", None),
        ({"metrics": []}, "metrics", None),
        ({"modified": "yesterday"}, "updated_at", None),
        ({"modified": 1658426315}, "updated_at", None),
        ({"modified": "2022-07-21T19:58:35+02:00"}, "updated_at", "2022-07-21T17:58:35"),
        ({"lastLogin": "2022-08-02T14:48:57.120Z"}, "last_login_at", "2022-08-02T14:48:57.12"),
        ({"policies": {}}, "consents", ()),
        ({"policies": [None, {"accepted": True}]}, "consents", ()),
        ({"genericCustomField": [{"key": "n", "value": 12}]}, "custom_fields", (("n", "12"),)),
        ({"genericCustomField": [{"key": "b", "value": False}]}, "custom_fields", (("b", "false"),)),
        ({"genericCustomField": [{"key": "o", "value": {"a": 1}}]}, "custom_fields", (("o", None),)),
        ({"segments": "12"}, "segment_refs", None),
    ],
)
def test_a_field_of_another_type_costs_nothing_or_itself(
    lost: Lost, sent: dict[str, Any], attribute: str, understood: Any
) -> None:
    [contact] = contacts(lost, {"cid": "c", "created": CREATED, "firstName": "Ada", **sent})
    assert getattr(contact, attribute) == understood
    assert contact.first_name == "Ada"
    assert lost.reports == []


def test_metrics_may_be_text_or_numbers(lost: Lost) -> None:
    sent = {"prefVisitWDay": "2", "prefVisitTimeHour": 15, "avgVisitLength": "461.5", "countTotalVisits": "many"}
    [contact] = contacts(lost, {"cid": "c", "created": CREATED, "metrics": sent})
    metrics = contact.metrics
    assert metrics is not None
    assert (metrics.preferred_weekday, metrics.preferred_hour) == (2, 15)
    assert (metrics.average_visit_length, metrics.total_visits) == (461.5, None)


def test_numbers_that_are_none_are_left_out(lost: Lost) -> None:
    [contact] = contacts(lost, {"cid": 1, "created": CREATED, "metrics": {"avgVisitLength": "NaN"}})
    assert contact.metrics is not None
    assert contact.metrics.average_visit_length is None


def test_numbers_that_graphql_cannot_tell_are_none(lost: Lost) -> None:
    told = {"countTotalVisits": 2**31, "avgVisitLength": "NaN", "conversionRate": "-Infinity", "prefVisitTimeHour": 9}
    row = {"cid": "c", "created": CREATED, "age": 2**40, "logins": "2147483648", "metrics": told}
    [contact] = contacts(lost, row)
    assert contact.metrics is not None
    assert (contact.age, contact.logins, contact.metrics.total_visits) == (None, None, None)
    assert (contact.metrics.average_visit_length, contact.metrics.conversion_rate) == (None, None)
    assert contact.metrics.preferred_hour == 9
    [event] = events(lost, {"id": "e", "type": "visit", "when": {"createdAt": CREATED}, "visit": {"duration": 2**31}})
    assert event.duration is None
    place = salvage({"id": "l", "lat": "Infinity", "lng": 3}, Location)
    assert (place.latitude, place.longitude) == (None, 3)
    assert salvage({"id": "s", "audience": 2**31}, Segment).size is None


@pytest.mark.parametrize(
    "row",
    [
        {"created": CREATED},
        {"cid": None, "created": CREATED},
        {"cid": "", "created": CREATED},
        {"cid": "c"},
        {"cid": "c", "created": None},
        {"cid": "c", "created": "string"},
        {"cid": "c", "created": "2022-07-21T17:58:35"},
        {"cid": "c", "created": 1658426315},
        [],
        None,
        "c",
        7,
    ],
)
def test_a_malformed_contact_costs_itself(lost: Lost, row: Any) -> None:
    good = {"cid": "good", "created": CREATED}
    assert [contact.source_id for contact in contacts(lost, good, row, good)] == ["good", "good"]
    assert lost.reports == [(1, 3)]


@pytest.mark.parametrize(
    "row",
    [
        {key: value for key, value in EVENT.items() if key != "when"},
        EVENT | {"when": None},
        EVENT | {"when": {}},
        EVENT | {"when": {"createdAt": None}},
        EVENT | {"when": {"createdAt": "2022-07-21"}},
        EVENT | {"when": {"createdAt": "text"}},
        EVENT | {"event": {"type": "visit"}},
        EVENT | {"event": {"id": "1l"}},
        EVENT | {"event": {"id": "1l", "type": ""}},
        {key: value for key, value in EVENT.items() if key != "event"},
        None,
    ],
)
def test_a_malformed_event_costs_itself(lost: Lost, row: Any) -> None:
    assert [event.source_id for event in events(lost, row, EVENT)] == ["1l"]
    assert lost.reports == [(1, 2)]


def test_the_event_of_the_schema_example_has_no_time(lost: Lost) -> None:
    rows = EventsDecoder(lost)(seed("events_schema"))
    assert (list(rows.rows), rows.received) == ([], 1)
    assert lost.reports == [(1, 1)]


def test_the_flat_example_is_understood_once_it_has_a_time(lost: Lost) -> None:
    [row] = msgspec.json.decode(seed("events_schema"))["events"]
    [event] = events(lost, row | {"type": "survey", "customerId": 5, "when": EVENT["when"], "where": []})
    assert event.contact_source_id == "5"
    assert event.duration == 1
    assert event.signup_source == "text"
    assert event.promo_type == "text"
    assert [(each.question, each.answer) for each in event.answers] == [("text", "text")]
    assert event.address == "text"


def test_loose_events(lost: Lost) -> None:
    [event] = events(
        lost,
        EVENT
        | {
            "customerId": "",
            "event": {"type": "visit", "id": 12, "visit": {"duration": "15", "startAt": "then", "properties": []}},
            "where": {"locationId": 7, "locationName": None},
            "when": {"createdAt": "2022-07-21T18:41:09.250Z", "createdAtLocal": "?", "timezone": ""},
        },
    )
    assert (event.source_id, event.contact_source_id, event.occurred_at) == ("12", None, "2022-07-21T18:41:09.25")
    assert (event.duration, event.started_at, event.app) == (15, None, None)
    assert (event.location_ref, event.local_time, event.timezone) == (("7", None), None, None)


def test_an_unknown_type_keeps_its_payload_beside_a_malformed_row(lost: Lost) -> None:
    strange = EVENT | {"event": {"type": "dwell", "id": "2l", "dwell": {"minutes": 5}}}
    visit, dwell = events(lost, EVENT, {}, strange)
    assert (visit.raw_type, visit.payload) == ("visit", None)
    assert (dwell.raw_type, dwell.payload) == ("dwell", {"dwell": {"minutes": 5}})
    assert lost.reports == [(1, 3)]


@pytest.mark.parametrize(
    ("around", "scroll"),
    [
        ({"scrollId": "s1"}, "s1"),
        ({"scroll": {"id": "s2"}}, "s2"),
        ({"sid": "s3"}, "s3"),
        ({"scrollId": 7}, "7"),
        ({"scrollId": "", "scroll": {"id": "s4"}}, "s4"),
        ({"scrollId": ""}, None),
        ({"scrollId": " "}, None),
        ({"scrollId": None}, None),
        ({"scrollId": True}, None),
        ({"scroll": "s5"}, None),
        ({"scroll": {}}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("loose", [False, True])
def test_where_the_scroll_id_may_stand(lost: Lost, around: dict[str, Any], scroll: str | None, loose: bool) -> None:
    rows = [EVENT, {}] if loose else [EVENT]
    answer = EventsDecoder(lost)(msgspec.json.encode({"events": rows, **around}))
    assert answer.scroll == scroll
    assert (len(answer.rows), answer.received) == (1, len(rows))


@pytest.mark.parametrize(
    ("around", "scroll", "total"),
    [
        ({"sid": "a", "totalCount": 12}, "a", 12),
        ({"scrollId": "b", "totalCount": "12"}, "b", 12),
        ({"sid": "a", "scrollId": "b"}, "a", None),
        ({"totalCount": "many"}, None, None),
        ({"totalCount": True}, None, None),
        ({"totalCount": 2**31}, None, None),
    ],
)
def test_what_stands_beside_contacts(lost: Lost, around: dict[str, Any], scroll: str | None, total: int | None) -> None:
    decode = RowsDecoder(Contact, "customers", lost, CONTACTS_SCROLL_FIELDS.assumed)
    answer = decode(msgspec.json.encode({"customers": [], **around}))
    assert (answer.scroll, answer.total, answer.received) == (scroll, total, 0)


def test_an_answer_without_the_list_is_empty_only_if_it_says_so(lost: Lost) -> None:
    decode = RowsDecoder(Contact, "customers", lost)
    assert decode(b'{"count": 0}').received == 0
    assert decode(b'{"customers": null, "totalCount": 0}').total == 0
    for body in (b"{}", b'{"customers": null}', b'{"count": 3}', b'{"customers": {}}', b"[]", b'"x"', b"null"):
        with pytest.raises((ValueError, msgspec.ValidationError)):
            decode(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"customers": [{"cid": "c"', b'{"customers": []} trailing'])
def test_an_answer_that_is_no_json_is_malformed_as_a_whole(lost: Lost, body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        RowsDecoder(Contact, "customers", lost)(body)
    with pytest.raises(msgspec.DecodeError):
        ContactDecoder()(body)
    assert lost.reports == []


ONE = {"cid": "c", "created": CREATED}


@pytest.mark.parametrize(
    "answer",
    [
        {"customers": [ONE]},
        {"status": "OK", "count": 1, "customers": [ONE]},
        {"customer": ONE},
        {"customers": None, "customer": ONE},
        {"customers": ONE},
        ONE,
        ONE | {"cid": "c", "logins": "many"},
    ],
)
def test_one_contact_in_every_shape(answer: Any) -> None:
    contact = ContactDecoder()(msgspec.json.encode(answer))
    assert contact is not None
    assert (contact.source_id, contact.created_at) == ("c", "2022-07-21T17:58:35")


def test_one_contact_that_is_not_there() -> None:
    assert ContactDecoder()(b'{"customers": []}') is None


@pytest.mark.parametrize("answer", [{}, {"customers": [{}]}, {"customer": 5}, {"customer": None}, [], None])
def test_one_contact_that_makes_no_sense(answer: Any) -> None:
    with pytest.raises((ValueError, msgspec.ValidationError)):
        ContactDecoder()(msgspec.json.encode(answer))


def test_one_location_and_one_hotspot() -> None:
    location = OneDecoder(Location, "location")
    assert location(b'{"size": 1, "location": {"id": "l", "lat": "43.6", "organizationId": "o"}}').latitude == 43.6
    assert location(b'{"id": "l", "organizationId": "o"}').organization_id == "o"
    hotspot = OneDecoder(Hotspot, "hotspot")(b'{"hotspot": {"id": 5, "deleted": "false", "latitude": ""}}')
    assert (hotspot.source_id, hotspot.deleted, hotspot.latitude) == ("5", False, None)
    with pytest.raises(ValueError, match="malformed location"):
        location(b'{"location": {"name": "nowhere"}}')


def test_shapes_nobody_knows() -> None:
    assert any_json(b'{"devices": [1]}') == {"devices": [1]}
    assert any_json(b" \n") is None
    with pytest.raises(msgspec.DecodeError):
        any_json(b"<html>")


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b'{"status": "KO"}', True),
        (b'{"generated": "x", "events": [], "status": "ko"}', True),
        (b'{"status": "OK", "events": [{"status": "KO"}]}', False),
        (b'{"status": ["KO"]}', False),
        (b'"KO"', False),
        (b"KO", False),
        (b"", False),
    ],
)
def test_a_good_status_with_a_refusal(body: bytes, refused: bool) -> None:
    assert says_refused(body) is refused
    assert (refusal("segments")(200, body) is not None) is refused
    assert (expiry("organizationEvents")(200, body) is not None) is refused


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_refusal_around_many_rows(where: str) -> None:
    rows = {"events": [EVENT] * 1000}
    status = {"status": "KO", "message": "no " * 500}
    answer = {**status, **rows} if where == "before" else {**rows, **dict(reversed(status.items()))}
    assert says_refused(msgspec.json.encode(answer))
    assert not says_refused(msgspec.json.encode({**answer, "status": "OK"}))


def test_a_refusal_says_which_call_and_nothing_of_the_answer() -> None:
    error = refusal("segments")(200, b'{"status": "KO", "message": "hunter2"}')
    assert type(error) is UpstreamRefused
    assert str(error) == "Cloud4Wi: segments: the upstream says that the call failed"


@pytest.mark.parametrize("status", [400, 404, 409, 410])
def test_what_ends_a_scroll(status: int) -> None:
    assert isinstance(expiry("organizationEvents")(status, b"<html>"), ScrollExpired)
    assert refusal("organizationEvents")(status, b"<html>") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
EXAMPLES = {
    Contact: msgspec.json.decode(seed("contacts"))["customers"][0],
    Event: msgspec.json.decode(seed("events"))["events"][11],
    Segment: msgspec.json.decode(seed("segments_schema"))["segments"][0],
    Location: msgspec.json.decode(seed("locations_schema"))["locations"][0],
    Hotspot: msgspec.json.decode(seed("hotspots_schema"))["hotspots"][0],
}
KINDS: list[type[Any]] = list(EXAMPLES)


@given(st.sampled_from(KINDS), st.data())
def test_whatever_a_field_holds_the_record_can_be_read(kind: type[Any], data: st.DataObject) -> None:
    """A row is malformed or a record, and every attribute of a record can be read."""
    row = dict(EXAMPLES[kind])
    for name in data.draw(st.lists(st.sampled_from(sorted(row)), unique=True)):
        row[name] = data.draw(JSON)
    lost = Lost()
    decoder: RowsDecoder[Any] = EventsDecoder(lost) if kind is Event else RowsDecoder(kind, "rows", lost)
    answer = decoder(msgspec.json.encode({"events" if kind is Event else "rows": [row]}))
    assert len(answer.rows) + sum(malformed for malformed, _ in lost.reports) == 1
    for record in answer.rows:
        for name in dir(record):
            if not name.startswith("__"):
                getattr(record, name)


@given(st.lists(st.sampled_from(["events", "events_schema"]), min_size=1, max_size=3), st.data())
def test_a_frame_says_what_the_whole_event_says(files: list[str], data: st.DataObject) -> None:
    """The same rows are lost, and what both have is the same."""
    rows = []
    for file in files:
        row = dict(data.draw(st.sampled_from(msgspec.json.decode(seed(file))["events"])))
        for name in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=1)):
            row[name] = data.draw(JSON)
        rows.append(row | {"when": EVENT["when"]} if data.draw(st.booleans()) else row)
    body = msgspec.json.encode({"events": rows, "scrollId": "s"})
    lost, lost_frames = Lost(), Lost()
    whole, frames = EventsDecoder(lost)(body), EventFramesDecoder(lost_frames)(body)
    names = ["entity", "source", *EventFrame.__struct_fields__, "local_time", "timezone"]
    told, frames_told = ([[getattr(event, name) for name in names] for event in some.rows] for some in (whole, frames))
    assert frames_told == told
    assert (frames.received, frames.scroll, lost_frames.reports) == (whole.received, whole.scroll, lost.reports)


def test_of_a_frame_there_is_no_more_to_be_read() -> None:
    [frame] = EventFramesDecoder(Lost())(msgspec.json.encode({"events": [EVENT]})).rows
    names = {name for name in dir(Event) if not hasattr(EventFrame, name)}
    assert names >= {"location_ref", "visit", "organization_id", "geofence"}
    for name in names:
        with pytest.raises(AttributeError):
            getattr(frame, name)


@pytest.mark.parametrize("kind", KINDS)
def test_salvaging_a_good_row_changes_nothing(kind: type[Any]) -> None:
    row, sent = EXAMPLES[kind], EventRow if kind is Event else kind
    assert salvage(row, sent) == msgspec.json.Decoder(sent, strict=False).decode(msgspec.json.encode(row))


BROKEN = pytest.mark.parametrize("half", [b"\\ud83d", b"\xff"], ids=["half an emoji", "no UTF-8"])
"""Text that was cut in the middle of a letter: it costs that letter."""


@BROKEN
def test_a_cut_letter_costs_no_page_of_contacts(lost: Lost, half: bytes) -> None:
    rows = [{"cid": "1", "created": CREATED, "firstName": "Ann@"}, {"cid": "2", "created": CREATED}]
    decode = RowsDecoder(Contact, "customers", lost, CONTACTS_SCROLL_FIELDS.assumed)
    found = decode(msgspec.json.encode({"customers": rows}).replace(b"@", half)).rows
    assert [(row.source_id, row.first_name) for row in found] == [("1", "Ann\ufffd"), ("2", None)]
    assert lost.reports == []


@BROKEN
def test_a_cut_letter_costs_no_page_of_events(lost: Lost, half: bytes) -> None:
    odd = {**EVENT, "event": {"type": "unheard of", "id": "2l", "note": "a@"}}
    body = msgspec.json.encode({"events": [EVENT, odd]}).replace(b"@", half)
    whole, frames = EventsDecoder(lost)(body).rows, EventFramesDecoder(lost)(body).rows
    assert [event.source_id for event in whole] == [event.source_id for event in frames] == ["1l", "2l"]
    assert whole[1].payload == frames[1].payload == {"note": "a\ufffd"}
    assert lost.reports == []


@BROKEN
def test_a_cut_letter_costs_no_row_whose_types_are_loose(lost: Lost, half: bytes) -> None:
    row = {**EVENT, "customerId": 7, "where": {"locationName": "a@"}}
    body = msgspec.json.encode({"events": [row]}).replace(b"@", half)
    (whole,), (frame,) = EventsDecoder(lost)(body).rows, EventFramesDecoder(lost)(body).rows
    assert whole.contact_source_id == frame.contact_source_id == "7"
    assert lost.reports == []


@BROKEN
def test_a_cut_letter_costs_nothing_of_one_record(half: bytes) -> None:
    body = msgspec.json.encode({"cid": "1", "firstName": "Ann@", "created": CREATED}).replace(b"@", half)
    contact = ContactDecoder()(b'{"customers":[%b]}' % body)
    assert contact is not None
    assert contact.first_name == "Ann\ufffd"
    assert any_json(b'{"a":"@"}'.replace(b"@", half)) == {"a": "\ufffd"}


def test_nesting_without_end_is_malformed() -> None:
    deep = b"[" * 100_000
    with pytest.raises(ValueError, match="nested too deep"):
        any_json(deep)
    with pytest.raises(ValueError, match="nested too deep"):
        ContactDecoder()(b'{"customers":' + deep)
