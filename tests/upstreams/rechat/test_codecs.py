"""What is written for other workers is read again exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from sandbox.app import Sandbox
from tests.upstreams.cloud4wi.test_codecs import check
from tests.upstreams.rechat.conftest import FIXTURES, example
from upstreams.needs import ALL
from upstreams.rechat.codecs import CONTACTS, EVENTS
from upstreams.rechat.decode import EventsDecoder, ListDecoder
from upstreams.rechat.feeds import associations
from upstreams.rechat.records import CalendarEvent, Contact


def body(rows: Sequence[Any]) -> bytes:
    return json.dumps({"code": "OK", "data": rows}).encode()


def contacts(*rows: Any) -> Sequence[Contact]:
    """Contacts as the upstream sends them, malformed ones left out."""
    return ListDecoder(Contact, lambda lost, of: None)(body(rows)).rows


def events(*rows: Any) -> Sequence[CalendarEvent]:
    """Events as the upstream sends them, malformed ones left out."""
    return EventsDecoder(lambda lost, of: None)(body(rows)).rows


@pytest.mark.parametrize("related", [False, True])
async def test_every_row_of_the_sandbox(related: bool) -> None:
    async with Sandbox.start(contacts=200, events=10) as box:
        rows = box.rechat.contacts(associations(ALL) if related else ())
        calendar = box.rechat.events()
    found = contacts(*rows)
    assert len(found) == len(rows) > 50
    assert all(row.tells("summary") is related for row in found)
    check(CONTACTS, found)
    happened = events(*calendar)
    assert len(happened) == len(calendar) > 100
    check(EVENTS, happened)


@pytest.mark.parametrize("name", [path.stem for path in FIXTURES.glob("*contact*.json") if ".request" not in path.stem])
def test_the_published_contacts(name: str) -> None:
    data = example(name)["data"]
    rows = [data] if isinstance(data, dict) else data
    check(CONTACTS, contacts(*(row for row in rows if "created_at" in row)))


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a", "created_at": 1778872035.913689},
        {"id": "a", "created_at": "1778872035.5", "emails": None, "tags": [], "website": "https://a.example"},
        {"id": "a", "created_at": 1, "lists": None, "attributes": None, "summary": None},
        {"id": "a", "created_at": 1, "attributes": [{"id": "b", "attribute_def": "c", "number": 3, "date": 950400}]},
        {"id": "a", "created_at": 1, "brand": {"id": "b"}, "deals": [{"a": 1.0}], "summary": [], "touch_freq": "7"},
    ],
)
def test_contacts(row: Any) -> None:
    rows = contacts(row)
    assert len(rows) == 1
    check(CONTACTS, rows)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "e", "object_type": "activity", "timestamp": 1_700_000_000.25, "contact": ""},
        {"id": "e", "object_type": "contact_attribute", "timestamp": 950400, "recurring": True, "next_occurance": 1e9},
        {
            "id": "e",
            "object_type": "x",
            "timestamp": 1,
            "metadata": {"a": [1, 1.0, None]},
            "$payload": 3,
            "end_date": 9,
        },
    ],
)
def test_events(row: Any) -> None:
    rows = events(row)
    assert len(rows) == 1
    check(EVENTS, rows)


def test_what_is_known_of_tags_and_of_whose_calendar_it_is_stays() -> None:
    from msgspec.structs import force_setattr

    [contact] = contacts({"id": "a", "created_at": 1, "tags": ["New"], "lists": []})
    force_setattr(contact, "tag_ids", {"New": "t"})
    [event] = events({"id": "e", "object_type": "activity", "timestamp": 1})
    force_setattr(event, "contact_source_id", "c")
    check(CONTACTS, [contact])
    check(EVENTS, [event])
