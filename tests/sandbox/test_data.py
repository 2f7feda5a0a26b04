"""The data set: the same for the same seed, believable, and hard where the real one is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from sandbox.clock import SECOND, instant
from sandbox.cloud4wi.contacts import BEGIN, END
from sandbox.cloud4wi.data import Cloud4WiData, published
from sandbox.people import persons
from sandbox.store import Store

Json = dict[str, Any]
SEEDED = {row["event"]["id"] for row in published("events")}


@pytest.fixture(scope="module")
def data() -> Iterator[Cloud4WiData]:
    store = Store()
    yield Cloud4WiData.make(store, persons(7, 1999), 7, 30_000, 0, examples=True)
    store.close()


@pytest.fixture(scope="module")
def events(data: Cloud4WiData) -> list[Json]:
    return data.events()


@pytest.fixture(scope="module")
def contacts(data: Cloud4WiData) -> list[Json]:
    return data.contacts()


def everything(seed: int, contacts: int = 60, events: int = 400) -> list[list[Json]]:
    store = Store()
    data = Cloud4WiData.make(store, persons(seed, contacts), seed, events, 0, examples=True)
    rows = [data.events(), data.contacts(), data.segments(), data.locations(), data.hotspots()]
    store.close()
    return rows


def test_a_seed_is_a_data_set() -> None:
    assert everything(3) == everything(3)
    assert everything(3)[0] != everything(4)[0]


def test_a_longer_list_of_persons_begins_with_the_shorter() -> None:
    assert persons(5, 300)[:100] == persons(5, 100)


@pytest.mark.parametrize(("contacts", "events"), [(0, 0), (0, 100), (1, 19), (3, 25), (10, 1000), (500, 100)])
def test_numbers_are_kept_in_every_proportion(contacts: int, events: int) -> None:
    store = Store()
    data = Cloud4WiData.make(store, persons(1, contacts), 1, events, 0, examples=False)
    assert len(data.contacts()) == contacts
    assert len(data.events()) == (events if contacts else 0)
    store.close()


def test_published_examples_are_in_it(data: Cloud4WiData, events: list[Json], contacts: list[Json]) -> None:
    assert (len(contacts), len(events)) == (2000, 30_000)
    rows = {row["event"]["id"]: row for row in events}
    assert all(rows[row["event"]["id"]] == row for row in published("events"))
    assert data.contact(published("contacts")[0]["cid"]) == published("contacts")[0]
    assert data.contact("8e62ca2305981e75854dcba1b6491bf5") is None


def test_wall_time_is_that_of_the_zone(events: list[Json]) -> None:
    def check(utc: str, local: str, zone: str) -> None:
        at = datetime.fromisoformat(utc.replace("Z", "+00:00"))
        assert datetime.fromisoformat(local[:-1]) == at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    offsets: dict[str, set[int]] = {}
    for row in events:
        if row["event"]["id"] in SEEDED:
            continue
        when = row["when"]
        check(when["createdAt"], when["createdAtLocal"], when["timezone"])
        difference = instant(when["createdAtLocal"]) - instant(when["createdAt"])
        offsets.setdefault(when["timezone"], set()).add(difference // SECOND)
        if visit := row["event"].get("visit"):
            check(visit["startAt"], visit["startAtLocal"], visit["timezone"])
    assert len(offsets) >= 7
    assert all(len(offsets[zone]) == 2 for zone in ("Europe/Rome", "Europe/London", "America/New_York"))
    assert len(offsets["Asia/Tokyo"]) == 1


def test_visits_last_whole_minutes_rounded_down(events: list[Json]) -> None:
    visits = [row for row in events if "duration" in row["event"].get("visit", {})]
    assert len(visits) > 5000
    for row in visits:
        seconds = (instant(row["when"]["createdAt"]) - instant(row["event"]["visit"]["startAt"])) / SECOND
        assert row["event"]["visit"]["duration"] == int(seconds // 60)


def test_all_kinds_of_events_occur(events: list[Json]) -> None:
    kinds = Counter(row["event"]["type"] for row in events)
    documented = "visit signup login send_email open_email click_email send_sms click_sms survey promo"
    assert {*documented.split(), "arriving", "geo_arriving", "geo_visit", "presence", "dwell", "leave"} == set(kinds)
    assert min(kinds.values()) > 50
    for row in events:
        kind, where = row["event"]["type"], row["where"]
        if kind.startswith("geo_"):
            assert "organizationId" not in row
            assert where["geofenceJSON"]["type"] == "Circle"
            assert row["event"]["id"].endswith("g")
        else:
            assert row["organizationId"]
            assert where["locationName"]
            assert row["event"]["id"].endswith("l")
        if kind == "visit":
            assert "hotspotId" not in where
        if kind == "survey":
            survey = row["event"]["survey"]
            assert len(survey["questions"]) == len(survey["answers"])
        if kind.endswith("_email"):
            assert row["event"]["email"]["campaignName"]
        if kind.endswith("_sms"):
            assert row["event"]["sms"].keys() >= {"phone", "prefix", "campaignId"}


def test_times_span_eighteen_months_with_bursts_and_milliseconds(events: list[Json]) -> None:
    times = [instant(row["when"]["createdAt"]) for row in events if row["event"]["id"] not in SEEDED]
    assert BEGIN <= min(times) < BEGIN + 10 * 86_400 * SECOND
    assert END - 10 * 86_400 * SECOND < max(times) <= END + SECOND
    assert max(Counter(times).values()) >= 250
    assert sum(1 for at in times if at % SECOND) > 100
    assert datetime.fromtimestamp(END // SECOND, UTC).isoformat() == "2026-10-31T23:59:59+00:00"


def test_ids_are_unique(events: list[Json], contacts: list[Json]) -> None:
    assert len({row["event"]["id"] for row in events}) == len(events)
    assert len({row["cid"] for row in contacts}) == len(contacts)


def test_events_belong_to_contacts_after_their_sign_up(events: list[Json], contacts: list[Json]) -> None:
    created = {row["cid"]: instant(row["created"]) for row in contacts}
    for row in events:
        if row["event"]["id"] not in SEEDED:
            assert instant(row["when"]["createdAt"]) >= created[row["customerId"]]


def test_contacts_are_as_mixed_as_real_ones(contacts: list[Json]) -> None:
    total = len(contacts)
    bare = sum(1 for row in contacts if not row["firstName"] and not row["lastName"] and not row["email"])
    assert 0.03 < bare / total < 0.07
    emails = Counter(row["email"] for row in contacts)
    assert emails[None] > 50
    assert {"n/a", "none@none", ""} <= set(emails)
    assert any(name and not name.isascii() for name in (row["lastName"] for row in contacts))
    assert {row["country"] for row in contacts} == {"it", "us", "gb", "de", "fr", "br", "es", "jp", None}
    assert max(Counter(row["created"] for row in contacts).values()) >= 40
    births = {(len(row["birthDate"] or ""), len(row["birthDay"] or "")) for row in contacts}
    assert births == {(0, 0), (4, 5), (10, 0), (0, 5), (4, 0)}
    assert any(row["genericCustomField"] for row in contacts)
    assert any(row["extId"] for row in contacts)
    assert {row["locationCid"] for row in contacts} > {"ff808081803ff92a01820195deb26263"}
    for row in contacts[1:]:
        assert BEGIN <= instant(row["created"]) <= instant(row["modified"]) <= END
        if row["phone"]:
            assert row["phone"] == row["phonePrefix"] + row["phoneNumber"]


def test_persons_have_numbers_that_numbering_plans_know() -> None:
    people = persons(7, 2000)
    for person in people:
        number = phonenumbers.parse(person.phone)
        assert phonenumbers.is_possible_number(number), person
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == person.phone
        national = phonenumbers.parse(person.phone_number, person.country.upper())
        assert phonenumbers.format_number(national, phonenumbers.PhoneNumberFormat.E164) == person.phone
    assert len({person.phone for person in people}) == len({person.email for person in people}) == 2000


def test_a_contact_knows_its_person(data: Cloud4WiData, contacts: list[Json]) -> None:
    people = {person.id: person for person in persons(7, 1999)}
    assert data.person(published("contacts")[0]["cid"]) is None
    for row in contacts[1:200]:
        person = people[data.person(row["cid"]) or ""]
        assert row["firstName"] in (person.first_name, None)
        assert row["phone"] in (person.phone, None)
    assert "person" not in contacts[5]


def test_a_burst_stands_at_one_instant() -> None:
    store = Store()
    data = Cloud4WiData.make(store, persons(7, 20), 7, 100, 500, examples=True)
    times = Counter(row["when"]["createdAt"] for row in data.events())
    assert times.most_common(1) == [("2026-06-05T09:00:00Z", 500)]
    assert len(data.events()) == 519
    store.close()
