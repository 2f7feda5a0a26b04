"""Acquire's records, from the published examples and from everything that they may be instead."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.upstreams.acquire.conftest import contact
from upstreams.acquire.decode import ListDecoder, Listing, OneDecoder
from upstreams.acquire.records import Case, Company, Contact, CustomAttribute, Tag, Visit
from upstreams.records import CustomField, EventType, SegmentKind, SegmentRef, Source

LISTED: dict[str, Any] = {
    "dateCreated": "2020-09-09T10:01:36.000Z",
    "dateUpdated": "2020-09-09T10:02:04.000Z",
    "id": 82,
    "clientType": "web",
    "clientName": "Chrome",
    "clientVersion": "85.0",
    "clientOsName": "Windows",
    "clientOsVersion": "10",
    "clientDeviceType": "Desktop",
    "clientDeviceVendor": "Apple",
    "clientDeviceModel": None,
    "clientDetails": {
        "ua": "Mozilla/5.0",
        "engine": {"name": "Blink", "version": "85.0"},
        "network": {"type": "4g", "speed": "18"},
    },
    "archive": "no",
    "fields": {
        "name": "Test User",
        "email": "test@example.com",
        "phone": "98765 43210",
        "city": "Kanpur",
        "state": "Uttar Pradesh",
        "country": {"name": "India", "cca2": "IN", "cca3": "IND", "calling_code1": 91},
        "countryId": "387",
        "ip": "112.0.0.1",
        "calling_code": "91",
        "contact_country_flag": "in",
        "plan": "gold",
        "seats": 5,
    },
    "company": {
        "dateCreated": "2020-09-09T10:02:01.000Z",
        "dateUpdated": None,
        "id": 3,
        "fields": {"name": "Gmail", "website": "gmail.com", "logo": None},
    },
    "tags": [{"id": 4, "name": "VIP", "color": "#FF0000"}],
    "latestTimelineId": "12",
    "caseId": "6",
    "viewId": None,
    "latestObjectType": "case",
    "title": "test : ",
    "description": "hi",
    "channel": "chat",
    "status": "active",
    "agentList": [{"id": 1, "name": "Agent"}],
    "departmentList": [],
    "lastViewObject": None,
    "clientUserId": None,
    "contactCompanyCount": 1,
    "companyId": 3,
    "totalTimeline": 1,
    "lastDateUpdated": "2020-09-09 10:02:04",
    "totalNotes": 0,
    "totalViews": 0,
    "totalCase": 1,
    "caseDateUpdated": "2020-09-09T10:02:04.000Z",
    "msgUnread": 0,
    "channels": ["chat"],
    "firstInteractionType": None,
    "lastInteractionType": "chat",
    "isBlocked": "NO",
    "lastVisit": {
        "id": 23,
        "contactId": 82,
        "title": "Page",
        "url": "https://example.com/",
        "source": "",
        "dateCreated": "2020-09-09T10:01:36.000Z",
    },
    "firstVisit": {"id": 24, "contactId": 82, "title": "Page", "dateCreated": "2020-09-10T03:33:38.000Z"},
    "interaction": [],
    "snoozeInContact": False,
    "meta": {"a": 1},
}
"""A row of the published list, e-mail and phone replaced, custom attributes added."""

CASE: dict[str, Any] = {
    "id": 6,
    "contactId": 82,
    "closedBy": 1,
    "visitId": 23,
    "title": "test : ",
    "description": "hi",
    "channel": "chat",
    "status": "closed",
    "closingState": "handled",
    "dateQueue": "2020-09-09T10:01:36.000Z",
    "datePending": None,
    "dateActive": "2020-09-09T10:01:40.000Z",
    "dateClosed": "2020-09-09T10:05:00.500Z",
    "queueId": 2,
    "queueOrder": 3,
    "parentId": None,
    "userId": "1",
    "waitTime": 4,
    "threadId": 9,
    "meta": {},
    "dateCreated": "2020-09-09T10:01:36.000Z",
    "dateUpdated": "2020-09-09T10:05:00.000Z",
    "users": [{"id": 7, "caseId": 6, "type": "user", "userId": 1, "role": "owner", "status": "active"}],
}


def read(row: Any) -> Contact:
    return OneDecoder(Contact)(json.dumps({"data": row}).encode())


def test_every_key_of_a_listed_contact_is_reachable() -> None:
    record = read(LISTED)
    assert (record.source, record.source_id) == (Source.ACQUIRE, "82")
    assert (record.created_at, record.updated_at) == ("2020-09-09T10:01:36", "2020-09-09T10:02:04")
    assert (record.last_updated_at, record.case_updated_at) == ("2020-09-09T10:02:04", "2020-09-09T10:02:04")
    client = {
        "client_type": "web",
        "client_name": "Chrome",
        "client_version": "85.0",
        "client_os_name": "Windows",
        "client_os_version": "10",
        "client_device_type": "Desktop",
        "client_device_vendor": "Apple",
        "client_device_model": None,
        "client_details": LISTED["clientDetails"],
    }
    last = {
        "latest_timeline_id": "12",
        "case_id": "6",
        "view_id": None,
        "latest_object_type": "case",
        "title": "test : ",
        "description": "hi",
        "channel": "chat",
        "status": "active",
        "agent_list": LISTED["agentList"],
        "department_list": [],
        "last_view_object": None,
        "client_user_id": None,
        "contact_company_count": 1,
        "company_id": "3",
        "total_timeline": 1,
        "total_notes": 0,
        "total_views": 0,
        "total_case": 1,
        "msg_unread": 0,
        "channels": ("chat",),
        "first_interaction_type": None,
        "last_interaction_type": "chat",
        "is_blocked": False,
        "interaction": [],
        "snooze_in_contact": False,
        "meta": {"a": 1},
        "archive": False,
        "fields": LISTED["fields"],
    }
    for name, value in (client | last).items():
        assert getattr(record, name) == value, name
    assert record.acquire is record
    assert record.last_visit is not None
    assert (record.last_visit.url, record.last_visit.referrer) == ("https://example.com/", "")
    assert record.first_visit is not None
    assert record.first_visit.occurred_at == "2020-09-10T03:33:38"


def test_a_contact_as_all_sources_tell_it() -> None:
    record = read(LISTED)
    assert (record.first_name, record.last_name, record.given_display_name) == ("Test", "User", None)
    assert (record.emails_as_sent, record.phones_as_sent) == (("test@example.com",), ("+919876543210",))
    assert (record.country_as_sent, record.company) == ("IN", "Gmail")
    assert record.company_record is not None
    assert (record.company_record.source_id, record.company_record.created_at) == ("3", "2020-09-09T10:02:01")
    assert record.company_record.fields["website"] == "gmail.com"
    assert record.segment_refs == (SegmentRef("4", "VIP", SegmentKind.TAG),)
    assert record.custom_fields == (CustomField("plan", "gold"), CustomField("seats", "5"))
    assert (record.language, record.birthday, record.job_title, record.metrics) == (None, None, None, None)
    assert (record.location_ref, record.last_visited_location_ref, record.consents) == (None, None, ())


def test_what_was_not_asked_for_is_not_told() -> None:
    record = read({"id": 1, "dateCreated": "2020-09-09T10:01:36.000Z"})
    assert (record.segment_refs, record.tags, record.cases, record.visits, record.custom_fields) == (None,) * 5
    assert (record.company, record.company_record, record.company_id) == (None, None, None)
    asked = read({"id": 1, "dateCreated": "2020-09-09T10:01:36.000Z", "tags": None, "cases": None, "visits": []})
    assert (asked.segment_refs, asked.tags, asked.cases, asked.visits) == ((), (), (), ())
    assert read(contact(1, fields={})).custom_fields == ()


@pytest.mark.parametrize(
    ("company", "name", "id"),
    [
        (None, None, None),
        ({}, None, None),
        ({"fields": {}}, None, None),
        ([], None, None),
        ({"id": 3, "fields": {"name": "Acme"}}, "Acme", "3"),
        ([{"id": "3", "fields": {"name": "Acme"}}], "Acme", "3"),
        ({"fields": {"name": "Acme"}}, "Acme", None),
        ({"id": 3, "fields": [{"value": "Acme", "field": {"key": "name"}}]}, "Acme", "3"),
        ({"id": 3}, None, "3"),
        ("Acme", None, None),
    ],
)
def test_companies_in_any_shape(company: Any, name: str | None, id: str | None) -> None:
    record = read(contact(1, company=company))
    assert (record.company, record.company_id) == (name, id)
    assert (record.company_record.source_id if record.company_record else None) == id


@pytest.mark.parametrize(
    ("tags", "refs"),
    [
        ([], []),
        ({}, []),
        ([{"id": 4, "name": "VIP"}], [("4", "VIP")]),
        ([{"id": "4", "name": "VIP"}], [("4", "VIP")]),
        (["VIP"], [("", "VIP")]),
        ([4, "5"], [("4", None), ("5", None)]),
        ([{"id": 99, "tagId": 4, "tag": {"id": 4, "name": "VIP"}}], [("4", "VIP")]),
        ([{"id": 99, "tagId": 4}], [("4", None)]),
        ([{"id": 4, "name": "VIP"}, {"id": 4, "name": "VIP"}, "new", "new"], [("4", "VIP"), ("", "new")]),
        ([None, {}, "", True, {"name": ""}], []),
    ],
)
def test_tags_in_any_shape(tags: Any, refs: list[tuple[str, str | None]]) -> None:
    found = read(contact(1, tags=tags)).segment_refs
    assert found == tuple(SegmentRef(id, name, SegmentKind.TAG) for id, name in refs)


@pytest.mark.parametrize(
    ("country", "told"),
    [
        ({"cca2": "IN", "name": "India"}, "IN"),
        ({"cca3": "IND"}, "IND"),
        ({"name": "India"}, "India"),
        ({}, None),
        ("India", "India"),
        ("", None),
        (None, None),
    ],
)
def test_countries(country: Any, told: str | None) -> None:
    assert read(contact(1, fields={"country": country})).country_as_sent == told


def test_several_emails_after_a_merge() -> None:
    record = read(contact(1, fields={"email": ["a@example.com", "", "b@example.com", "a@example.com"], "phone": None}))
    assert record.emails_as_sent == ("a@example.com", "b@example.com")
    assert record.phones_as_sent == ()


def test_loose_types_cost_no_row_and_nonsense_costs_its_field() -> None:
    record = read(
        {
            "id": "82",
            "dateCreated": "2020-09-09 10:01:36",
            "dateUpdated": "string",
            "clientVersion": 85,
            "totalCase": "3",
            "msgUnread": {},
            "firstVisit": {},
            "lastVisit": [],
            "isBlocked": "YES",
            "archive": True,
            "snoozeInContact": "no",
            "fields": [{"value": "Ada Lovelace", "field": {"key": "name"}}],
            "visits": [{"id": 1, "dateCreated": "2020-09-09 10:01:36"}, {"id": 2}],
        }
    )
    assert (record.source_id, record.client_version, record.total_case, record.msg_unread) == ("82", "85", 3, None)
    assert (record.first_visit, record.last_visit, record.updated_at) == (None, None, None)
    assert (record.is_blocked, record.archive, record.snooze_in_contact) == (True, True, False)
    assert (record.first_name, record.last_name) == ("Ada", "Lovelace")
    assert [visit.source_id for visit in record.visits or ()] == ["1"]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"id": 1},
        {"id": None, "dateCreated": "2020-09-09T10:01:36.000Z"},
        {"id": "x", "dateCreated": "2020-09-09T10:01:36.000Z"},
        {"id": 1, "dateCreated": None},
        {"id": 1, "dateCreated": "string"},
        "contact",
        None,
    ],
)
def test_a_contact_without_an_id_or_a_time_is_malformed(row: Any) -> None:
    with pytest.raises(ValueError, match="malformed"):
        read(row)
    lost: list[tuple[int, int]] = []
    decode = ListDecoder(Contact, "list", lambda *counts: lost.append(counts))
    found: Listing[Contact] = decode(json.dumps({"data": {"list": [contact(2), row, contact(1)]}}).encode())
    assert [row and row.source_id for row in found.rows] == ["2", None, "1"]
    assert (found.received, [row.source_id for row in found.good], lost) == (3, ["2", "1"], [(1, 3)])


def test_a_row_of_a_search_is_its_contact() -> None:
    row = {"id": 5001, "mainContactId": 82, "contactId": 81, "key": "email", "value": "a@example.com", "field_id": 2}
    record = read({**row, "dateCreated": "2020-09-09 10:01:36", "company": {"fields": {}}, "tags": []})
    assert (record.source_id, record.matched_key, record.matched_value) == ("82", "email", "a@example.com")
    assert read({**contact(5001), "contactId": "81"}).source_id == "81"


def test_a_case() -> None:
    record = OneDecoder(Case)(json.dumps({"data": CASE}).encode())
    assert (record.type, record.raw_type, record.source_id) == (EventType.CONVERSATION, "case", "6")
    assert (record.occurred_at, record.contact_source_id) == ("2020-09-09T10:01:36", "82")
    assert (record.queued_at, record.pending_at, record.active_at) == (
        "2020-09-09T10:01:36",
        None,
        "2020-09-09T10:01:40",
    )
    assert (record.closed_at, record.updated_at) == ("2020-09-09T10:05:00.5", "2020-09-09T10:05:00")
    ids = (record.visit_id, record.closed_by, record.queue_id, record.parent_id, record.user_id, record.thread_id)
    assert ids == ("23", "1", "2", None, "1", "9")
    told = (record.title, record.description, record.channel, record.status, record.closing_state)
    assert told == ("test : ", "hi", "chat", "closed", "handled")
    assert (record.queue_order, record.wait_time, record.users, record.meta) == (3, 4, CASE["users"], {})
    assert (record.local_time, record.timezone, record.location_ref) == (None, None, None)


def test_a_visit() -> None:
    record = OneDecoder(Visit)(json.dumps({"data": LISTED["lastVisit"]}).encode())
    assert (record.type, record.raw_type, record.source_id) == (EventType.PAGE_VIEW, "visit", "23")
    assert (record.occurred_at, record.contact_source_id) == ("2020-09-09T10:01:36", "82")
    assert (record.title, record.url, record.referrer) == ("Page", "https://example.com/", "")


def test_a_tag_and_a_custom_attribute() -> None:
    sent = {"id": 4, "name": " VIP ", "color": "#FF0000", "userId": 1, "type": ["contact", "case"]}
    tag = OneDecoder(Tag)(json.dumps({"data": {**sent, "dateCreated": "2020-09-09T10:01:36.000Z"}}).encode())
    assert (tag.source_id, tag.kind, tag.name, tag.color) == ("4", SegmentKind.TAG, "VIP", "#FF0000")
    assert (tag.user_id, tag.type, tag.created_at) == ("1", ("contact", "case"), "2020-09-09T10:01:36")
    for type, of_contacts in ((None, True), (["contact"], True), ("contact", True), (["case"], False), ([], True)):
        row = OneDecoder(Tag)(json.dumps({"data": {"id": 1, "type": type}}).encode())
        assert (row.of_contacts, row.name) == (of_contacts, "1")
    attribute = OneDecoder(CustomAttribute)(
        json.dumps({"data": {"id": 9, "object": "contact", "key": "plan", "type": "text", "system": "no"}}).encode()
    )
    assert (attribute.source_id, attribute.key, attribute.object, attribute.system) == ("9", "plan", "contact", False)


def test_a_company() -> None:
    sent = {"id": 3, "dateCreated": "2020-09-09T10:02:01.000Z", "fields": {"name": "Acme"}, "contacts": [{"id": 1}]}
    company = OneDecoder(Company)(json.dumps({"data": sent}).encode())
    assert (company.source_id, company.name, company.created_at) == ("3", "Acme", "2020-09-09T10:02:01")
    assert (company.updated_at, company.contacts, company.companies, company.parent) == (None, [{"id": 1}], None, None)
    with pytest.raises(ValueError, match="malformed"):
        OneDecoder(Company)(b'{"data":{"fields":{"name":"Acme"}}}')
