"""What is written for other workers is read again exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import force_setattr

from sandbox.app import Sandbox
from tests.seeds.acquire_examples import CASE, CONTACT
from tests.upstreams.cloud4wi.test_codecs import check
from upstreams.acquire.codecs import CASES, CONTACTS
from upstreams.acquire.decode import ListDecoder
from upstreams.acquire.records import Case, Contact

RELATIONS = ("fields", "company", "tags", "visits", "cases", "timeline")


def body(rows: Sequence[Any]) -> bytes:
    return json.dumps({"data": {"list": rows}}).encode()


def contacts(*rows: Any) -> Sequence[Contact]:
    """Contacts as the upstream sends them, malformed ones left out."""
    return ListDecoder(Contact, "list", lambda lost, of: None)(body(rows)).good


def cases(*rows: Any) -> Sequence[Case]:
    """Cases as the upstream sends them, malformed ones left out."""
    return ListDecoder(Case, "list", lambda lost, of: None)(body(rows)).good


@pytest.mark.parametrize("relations", [(), RELATIONS])
async def test_every_row_of_the_sandbox(relations: tuple[str, ...]) -> None:
    async with Sandbox.start(contacts=200, events=10) as box:
        rows, happened = box.acquire.contacts(relations), box.acquire.cases()
    found = contacts(*rows)
    assert len(found) == len(rows) > 40
    assert all(row.tells(name) is bool(relations) for row in found for name in ("company", "tags", "timeline"))
    check(CONTACTS, found)
    talks = cases(*happened)
    assert len(talks) == len(happened) > 30
    check(CASES, talks)


@pytest.mark.parametrize(
    "row",
    [
        CONTACT,
        {"id": 1, "dateCreated": "2020-09-09 10:01:36"},
        {"id": "1", "mainContactId": "2", "dateCreated": "2020-09-09T10:01:36.250Z", "fields": None, "tags": None},
        {"id": 1, "dateCreated": "2020-09-09T10:01:36Z", "fields": [{"value": 1.0, "field": {"key": "a"}}]},
        {"id": 1, "dateCreated": "2020-09-09T10:01:36Z", "company": [], "isBlocked": "YES", "snoozeInContact": 1},
        {"id": 1, "dateCreated": "2020-09-09T10:01:36Z", "visits": None, "cases": [CASE], "totalCase": "7"},
    ],
)
def test_contacts(row: Any) -> None:
    rows = contacts(row)
    assert len(rows) == 1
    check(CONTACTS, rows)


@pytest.mark.parametrize("row", [CASE, {"id": "7", "dateCreated": "2020-09-09 10:01:36", "waitTime": "3", "tags": {}}])
def test_cases(row: Any) -> None:
    rows = cases(row)
    assert len(rows) == 1
    check(CASES, rows)


def test_what_is_known_of_tags_stays() -> None:
    [contact] = contacts({"id": 1, "dateCreated": "2020-09-09 10:01:36", "tags": ["VIP"]})
    force_setattr(contact, "tag_ids", {"VIP": "4"})
    check(CONTACTS, [contact])
