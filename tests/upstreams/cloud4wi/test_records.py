"""What the records make of the published examples."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.seeds import seed
from upstreams.cloud4wi.decode import EventsDecoder, RowsDecoder
from upstreams.cloud4wi.records import Contact, Event, Geofence, Hotspot, Location, Segment
from upstreams.cloud4wi.texts import join_birthday
from upstreams.records import (
    Birthday,
    Consent,
    CustomField,
    EventType,
    LocationRef,
    SegmentKind,
    SegmentRef,
    Source,
)


def never(malformed: int, received: int) -> None:
    raise AssertionError(f"{malformed} of {received} rows are malformed")


@pytest.fixture
def contact() -> Contact:
    [contact] = RowsDecoder(Contact, "customers", never)(seed("contacts")).rows
    return contact


@pytest.fixture
def events() -> list[Event]:
    return list(EventsDecoder(never)(seed("events")).rows)


def test_a_contact_says_everything_of_the_example(contact: Contact) -> None:
    expected = {
        "source_id": "f4c6be2cebc56bf4b8a16a2d463d5b60",
        "title": None,
        "first_name": "Ivan",
        "last_name": "Muccini",
        "gender": "male",
        "birth_date": "1982",
        "birth_day": "01-29",
        "age": 38,
        "country_as_sent": "us",
        "zip_code": None,
        "created_at": "2022-07-21T17:58:35",
        "created_local": "2022-07-21T17:58:35",
        "updated_at": "2022-11-15T05:19:43",
        "email": "imuccini3@cloud4wi.com",
        "email_verified": False,
        "email_valid": None,
        "phone": "+14156264284",
        "phone_number": "4156264284",
        "phone_prefix": "+1",
        "phone_verified": False,
        "signup_method": "passthrough",
        "external_identity_id": None,
        "username": "RG1DXHXHMRTW",
        "locked": False,
        "enabled": True,
        "organization_id": "155d60f21dc1938562900a0e201d54f6",
        "location_id": "ff808081803ff92a01820195deb26263",
        "location_name": "hiddden_SECUREWIFI.IO",
        "system": "mobileapp",
        "customer_type": "guest",
        "personal_id": None,
        "external_source": "Cloud4wi",
        "last_login_at": "2022-08-02T14:48:57",
        "logins": 182,
        "language": "it",
        "splash_language": "it",
        "segment_ids": ("12d1f8713a1fecb953bcc64220813bc6",),
    }
    assert {name: getattr(contact, name) for name in expected} == expected


def test_a_contact_answers_what_every_source_is_asked(contact: Contact) -> None:
    assert contact.source is Source.CLOUD4WI
    assert contact.cloud4wi is contact
    assert contact.emails_as_sent == ("imuccini3@cloud4wi.com",)
    assert contact.phones_as_sent == ("+14156264284",)
    assert contact.birthday == Birthday(1982, 1, 29)
    assert contact.segment_refs == (SegmentRef("12d1f8713a1fecb953bcc64220813bc6", "Loyal Customer"),)
    assert contact.location_ref == LocationRef("ff808081803ff92a01820195deb26263", "hiddden_SECUREWIFI.IO")
    assert contact.last_visited_location_ref == LocationRef("ff808081803ff92a01821d4cfd856805", None)
    assert contact.custom_fields == (CustomField("loyalty_card", "9500000012143687"),)
    assert contact.consents == (
        Consent("termsOfUse", True, "2022-07-21T17:58:35", "default"),
        Consent("privacy", True, "2022-07-21T17:58:35", "default"),
        Consent("mktgCommunications", True, "2022-07-21T17:58:35", "default"),
        Consent("profiling", False, "2020-10-26T14:18:21", "1.00"),
    )
    assert (contact.given_display_name, contact.company, contact.job_title) == (None, None, None)
    assert contact.ext_id is not None
    assert (contact.ext_id.id, contact.ext_id.prop1, contact.ext_id.prop2) == (None, None, None)


def test_metrics_say_everything_of_the_example(contact: Contact) -> None:
    metrics = contact.metrics
    assert metrics is not None
    assert {name: getattr(metrics, name) for name in metrics.__struct_fields__ if name[0] != "_"} == {
        "total_visits": 12,
        "visited_locations": 1,
        "average_visit_length": 461.3333333333333,
        "monthly_visit_frequency": 3.0897396143865636,
        "top_location_id": "ff808081803ff92a01821d4cfd856805",
        "top_location_visits": 12,
        "frequency_bucket": "daily",
        "last_visit_location_id": "ff808081803ff92a01821d4cfd856805",
        "preferred_weekday": 2,
        "preferred_hour": 15,
        "preferred_time_bucket": "afternoon",
        "conversion_rate": 1.0,
        "average_days_between_visits": 1.0909090909090908,
    }
    assert metrics.last_visit_at == "2022-08-02T14:54:36"
    assert metrics.last_visit_local == "2022-08-02T07:54:36"


@pytest.mark.parametrize(
    ("birth_date", "birth_day", "birthday"),
    [
        ("1982", "01-29", Birthday(1982, 1, 29)),
        ("1982-03-04", None, Birthday(1982, 3, 4)),
        ("1982-03-04", "01-29", Birthday(1982, 3, 4)),
        ("1982-03-04T00:00:00Z", None, Birthday(1982, 3, 4)),
        ("1982-03", None, Birthday(1982, 3, None)),
        ("1982", None, Birthday(1982, None, None)),
        (None, "01-29", Birthday(None, 1, 29)),
        (None, "1-9", Birthday(None, 1, 9)),
        ("", "02-29", Birthday(None, 2, 29)),
        ("1983", "02-29", Birthday(1983, 2, 29)),
        ("0000", "04-31", Birthday(None, 4, None)),
        ("0001-01-01", "00-12", Birthday(None, 1, 1)),
        ("1982", "13-01", Birthday(1982, None, 1)),
        ("1982", "soon", Birthday(1982, None, None)),
        ("19821", "99-99", None),
        ("string", "string", None),
        (None, None, None),
        ("", "", None),
    ],
)
def test_birthdays(birth_date: str | None, birth_day: str | None, birthday: Birthday | None) -> None:
    assert join_birthday(birth_date, birth_day) == birthday


@pytest.mark.parametrize(
    ("row", "refs"),
    [
        ({"segments": [{"cid": "1", "name": "One"}]}, (SegmentRef("1", "One"),)),
        ({"segments": [{"id": "1", "name": " "}]}, (SegmentRef("1", None),)),
        ({"segments": [{"cid": "1"}, {"cid": "1"}, {"name": "nameless"}]}, (SegmentRef("1", None),)),
        ({"segments": [], "segmentCids": "1"}, ()),
        ({"segments": None}, ()),
        ({"segmentCids": "1, 2,,1"}, (SegmentRef("1", None), SegmentRef("2", None))),
        ({"segmentCids": ["1", "2"]}, (SegmentRef("1", None), SegmentRef("2", None))),
        ({"segmentCids": ""}, ()),
        ({}, None),
    ],
)
def test_the_segments_of_a_contact(row: dict[str, object], refs: tuple[SegmentRef, ...] | None) -> None:
    body = msgspec.json.encode({"customers": [{"cid": "c", "created": "2022-07-21T17:58:35Z", **row}]})
    [contact] = RowsDecoder(Contact, "customers", never)(body).rows
    assert contact.segment_refs == refs
    assert contact.segment_ids == (None if refs is None else tuple(ref.id for ref in refs))


def test_a_phone_is_joined_where_only_its_parts_are_sent() -> None:
    row = {"cid": "c", "created": "2022-07-21T17:58:35Z", "phone": "", "phonePrefix": "+1", "phoneNumber": "4156264284"}
    [contact] = RowsDecoder(Contact, "customers", never)(msgspec.json.encode({"customers": [row]})).rows
    assert contact.phones_as_sent == ("+14156264284",)


def test_the_last_visited_location_is_named_when_it_is_the_contacts_own() -> None:
    row = {"cid": "c", "created": "2022-07-21T17:58:35Z", "locationCid": "l", "locationName": "Home"}
    body = msgspec.json.encode({"customers": [row | {"metrics": {"lastVisitVenue": "l"}}]})
    [contact] = RowsDecoder(Contact, "customers", never)(body).rows
    assert contact.last_visited_location_ref == LocationRef("l", "Home")


def test_the_19_events_of_the_example(events: list[Event]) -> None:
    assert [event.raw_type for event in events] == [
        *("arriving", "login", "login", "login", "login", "visit", "arriving", "login", "login", "login", "signup"),
        *("geo_visit", "geo_arriving", "geo_visit", "geo_arriving", "geo_visit", "geo_arriving", "geo_visit"),
        "geo_arriving",
    ]
    assert [event.type.value.lower() for event in events] == [event.raw_type for event in events]
    assert [event.duration for event in events if event.duration is not None] == [15, 0, 0, 85, 659]
    assert {event.payload for event in events} == {None}


def test_a_login(events: list[Event]) -> None:
    event = events[1]
    assert event.source is Source.CLOUD4WI
    assert event.source_id == "9e6391ce506c7ee7eb4c689b622feed3l"
    assert event.type is EventType.LOGIN
    assert event.occurred_at == "2022-07-21T18:41:09"
    assert event.local_time == "2022-07-21T11:41:09"
    assert event.timezone == "America/Los_Angeles"
    assert event.contact_source_id == "f4c6be2cebc56bf4b8a16a2d463d5b60"
    assert event.organization_id == "155d60f21dc1938562900a0e201d54f6"
    assert event.location_ref == LocationRef("ff808081803ff92a01821d4cfd856805", "Ivan Home")
    assert event.hotspot_source_id == "5da63f1da1f3a290306314b6273d6382"
    assert (event.geofence, event.app, event.campaign, event.address, event.answers) == (None, None, None, None, ())
    assert (event.started_at, event.duration, event.signup_source, event.promo_type) == (None, None, None, None)


def test_a_visit(events: list[Event]) -> None:
    event = events[5]
    assert event.occurred_at == "2022-07-21T18:56:23"
    assert event.started_at == "2022-07-21T18:41:09"
    assert event.started_at_local == "2022-07-21T11:41:09"
    assert event.visit_timezone == "America/Los_Angeles"
    assert event.duration == 15
    assert event.hotspot_source_id is None


def test_a_signup_keeps_a_local_time_that_contradicts_its_zone(events: list[Event]) -> None:
    event = events[10]
    assert event.signup_source == "wifi"
    assert event.occurred_at == "2022-06-15T11:10:13"
    assert event.local_time == "2022-06-15T13:10:13"
    assert event.timezone == "America/Los_Angeles"


def test_a_geofence_visit(events: list[Event]) -> None:
    event = events[11]
    assert event.organization_id is None
    assert event.location_ref is None
    assert event.geofence == Geofence(
        source_id="968bb2b8184f46af916e27aa619791f2",
        name="Emi home",
        external_id="Emilia",
        latitude=43.675929,
        longitude=10.517064,
        radius=100.0,
        shape={"type": "Circle", "coordinates": [10.517064, 43.675929], "radius": 100},
        metadata=[],
    )
    assert event.app is not None
    assert event.app.source_id == "62d86f755d146f00012297ea"
    assert event.app.bundle == "com.cloud4wi.toolkit"
    assert event.app.project_id == "62d86f0068c4fc0001c4d63f"
    assert event.app.os == "android"
    assert event.duration == 0


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        ({"type": "Point", "coordinates": [10.5, 43.6]}, (43.6, 10.5, None)),
        ({"type": "Circle", "coordinates": [10, 43], "radius": 5}, (43.0, 10.0, 5.0)),
        ({"type": "Polygon", "coordinates": [[[10.5, 43.6], [10.6, 43.6], [10.5, 43.7]]]}, (None, None, None)),
        ({"type": "Circle", "coordinates": ["10", True]}, (None, None, None)),
        ({"type": "Circle", "coordinates": [10.5], "radius": 7}, (None, None, 7.0)),
        ([], (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_shapes_of_geofences(shape: object, place: tuple[float | None, ...]) -> None:
    geofence = one_event(where={"geofenceId": "g", "geofenceJSON": shape}).geofence
    assert geofence is not None
    assert (geofence.latitude, geofence.longitude, geofence.radius) == place
    assert geofence.shape == shape


def one_event(*, flat: bool = False, where: object = None, **event: object) -> Event:
    """An event as it comes out of an answer."""
    event = {"type": "visit", "id": "1l", **event}
    around = {"customerId": "c", "where": where, "when": {"createdAt": "2022-07-21T18:41:09Z"}}
    row = around | (event if flat else {"event": event})
    [found] = EventsDecoder(never)(msgspec.json.encode({"events": [row]})).rows
    return found


MESSAGE = {"campaignId": "c1", "campaignName": "Spring", "communicationId": "k1", "channel": "email"}


@pytest.mark.parametrize("flat", [False, True], ids=["nested", "flat"])
class TestBothShapes:
    """The details that the examples do not show, in both shapes."""

    def test_an_email(self, flat: bool) -> None:
        event = one_event(flat=flat, type="open_email", email={**MESSAGE, "email": "ada@example.com"})
        assert event.type is EventType.OPEN_EMAIL
        assert event.campaign is not None
        assert (event.campaign.source_id, event.campaign.name) == ("c1", "Spring")
        assert (event.communication_id, event.channel) == ("k1", "email")
        assert (event.address, event.sms_prefix, event.phone) == ("ada@example.com", None, None)

    def test_an_sms(self, flat: bool) -> None:
        event = one_event(flat=flat, type="send_sms", sms={**MESSAGE, "phone": "4156264284", "prefix": "+1"})
        assert (event.address, event.sms_prefix, event.phone) == ("+14156264284", "+1", "4156264284")

    def test_a_survey(self, flat: bool) -> None:
        numbers = range(1, 12)
        survey = {
            "campaignId": "c1",
            "campaignName": None,
            "answerId": "a1",
            "questions": {f"question_{n}": f"Why {n}?" for n in reversed(numbers)} | {"question_13": "Who?"},
            "answers": {f"answer_{n}": f"Because {n}" for n in numbers} | {"answer_12": ["a", 2], "answer_13": None},
        }
        event = one_event(flat=flat, type="survey", survey=survey)
        assert event.campaign is not None
        assert (event.campaign.source_id, event.campaign.name, event.answer_id) == ("c1", None, "a1")
        assert [(each.key, each.question, each.answer) for each in event.answers] == [
            *((str(n), f"Why {n}?", f"Because {n}") for n in numbers),
            ("12", None, "a, 2"),
            ("13", "Who?", None),
        ]

    def test_the_rest(self, flat: bool) -> None:
        assert one_event(flat=flat, type="promo", promo={"type": "coupon"}).promo_type == "coupon"
        assert one_event(flat=flat, type="signup", signup={"source": "kiosk"}).signup_source == "kiosk"
        visit = {"startAt": "2022-07-21T18:00:00Z", "duration": 41}
        assert one_event(flat=flat, visit=visit).started_at == "2022-07-21T18:00:00"

    def test_a_type_nobody_knows_keeps_all_it_says(self, flat: bool) -> None:
        where = {"locationId": "l", "locationName": "Home", "hotspotId": "h", "zone": {"id": 7}}
        event = one_event(flat=flat, where=where, type="space", space={"zone": [1, 2]}, level=3)
        assert event.type is EventType.OTHER
        assert event.raw_type == "space"
        assert event.payload == {
            "space": {"zone": [1, 2]},
            "level": 3,
            "where": {"hotspotId": "h", "zone": {"id": 7}},
        }


def test_the_lists_of_the_schema_examples() -> None:
    [segment] = RowsDecoder(Segment, "segments", never)(seed("segments_schema")).rows
    assert (segment.source_id, segment.name, segment.description, segment.status) == ("text", "text", "text", "text")
    assert (segment.kind, segment.size) == (SegmentKind.DYNAMIC, 1)
    assert (segment.last_run_at, segment.created_at, segment.updated_at) == (None, None, None)

    [location] = RowsDecoder(Location, "locations", never)(seed("locations_schema")).rows
    assert (location.source_id, location.name, location.external_id, location.timezone) == ("text",) * 4
    assert (location.latitude, location.longitude, location.tags) == (1.0, 1.0, ("text",))
    assert location.organization_id == "text"
    address = location.address
    assert address is not None
    assert (address.street, address.city, address.state, address.postal_code, address.country) == ("text",) * 5

    [hotspot] = RowsDecoder(Hotspot, "hotspots", never)(seed("hotspots_schema")).rows
    assert {name: getattr(hotspot, name) for name in hotspot.__struct_fields__} == dict.fromkeys(
        hotspot.__struct_fields__, "text"
    ) | {"latitude": 0.0, "longitude": 0.0, "deleted": False}
    assert hotspot.date is None


def test_times_of_a_segment() -> None:
    row = {"id": "s", "lastRun": "2022-11-15T05:00:00.000Z", "created": "2022-01-01T00:00:00+02:00", "modified": "soon"}
    [segment] = RowsDecoder(Segment, "segments", never)(msgspec.json.encode({"segments": [row]})).rows
    assert segment.last_run_at == "2022-11-15T05:00:00"
    assert segment.created_at == "2021-12-31T22:00:00"
    assert segment.updated_at is None
    assert segment.name == "s"


TOLD = st.none() | st.sampled_from(["", " ", "Europe/Rome", " Europe/Rome", "2022-07-21T18:41:09Z", "soon"])


@given(st.lists(st.tuples(st.sampled_from(["login", "new"]), TOLD, TOLD), min_size=1))
def test_what_many_events_say_is_what_each_says(told: list[tuple[str, str | None, str | None]]) -> None:
    rows = [
        {
            "id": "e",
            "type": type_,
            "when": {"createdAt": "2022-07-21T18:41:09Z", "createdAtLocal": time, "timezone": zone},
        }
        for type_, time, zone in told
    ]
    events = EventsDecoder(never)(msgspec.json.encode({"events": rows})).rows
    for name, of_all in Event.__columns__.items():
        assert list(of_all(events)) == [getattr(event, name) for event in events]
