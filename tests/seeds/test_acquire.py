"""Everything that Acquire's documents show is reachable: every attribute, every key of the examples, by its value."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest_asyncio

from resolvers.context import Services
from resolvers.paging import Pager
from tests.schema.harness import Api
from tests.seeds.acquire_examples import ATTRIBUTES, CASE, CONTACT, TAG, VISIT
from tests.seeds.walk import Claim, differences, leaves, selection
from tests.upstreams.acquire.conftest import FakeAcquire
from upstreams.acquire import Acquire
from upstreams.acquire.settings import AcquireSettings
from upstreams.http.network import Network
from upstreams.records import Source


def instant(text: str | None) -> str | None:
    """Fractions without their zeros; a time without a zone is UTC."""
    if text is None:
        return None
    head, _, fraction = text.removesuffix("Z").replace(" ", "T").partition(".")
    return f"{head}.{fraction.rstrip('0')}".rstrip(".") + "Z"


def flag(text: str) -> bool:
    return {"yes": True, "no": False}[text.lower()]


def number(text: str | None) -> str | None:
    return None if text is None else str(text)


def plain(*names: str, change: Any = None) -> dict[str, Claim]:
    """Keys that keep their name."""
    return {name: Claim(name, change) if change else Claim(name) for name in names}


def within(prefix: str, claims: Mapping[str, Claim], path: str) -> dict[str, Claim]:
    """Claims of an object inside another."""
    return {f"{prefix}{key}": Claim(f"{path}.{claim.path}", claim.change) for key, claim in claims.items()}


COUNTRY_CLAIMS = {
    **plain("name", "cca2", "ccn3", "cca3", "lat", "lng"),
    "name_official": Claim("nameOfficial"),
    "calling_code1": Claim("callingCode", number),
    "region_id": Claim("regionId", number),
    "voip_enable": Claim("voipEnable"),
}
VISIT_CLAIMS = {
    "id": Claim("sourceId", number),
    "contactId": Claim("contact.sourceId", number),
    **plain("title", "url"),
    "source": Claim("referrer"),
    "dateCreated": Claim("occurredAt", instant),
}
CASE_USER = {
    "id": Claim("sourceId", number),
    **plain("caseId", "userId", change=number),
    **plain("type", "role", "status", "meta"),
    "dateCreated": Claim("createdAt", instant),
    "dateLastAssigned": Claim("lastAssignedAt", instant),
    "closed": Claim("closed", flag),
}
CASE_CLAIMS = {
    "id": Claim("sourceId", number),
    "contactId": Claim("contact.sourceId", number),
    "closedBy": Claim("closedById", number),
    **plain("visitId", "queueId", "parentId", "userId", "threadId", change=number),
    **plain("title", "description", "channel", "status", "closingState", "queueOrder", "waitTime"),
    "dateCreated": Claim("occurredAt", instant),
    "dateUpdated": Claim("updatedAt", instant),
    "dateQueue": Claim("queuedAt", instant),
    "datePending": Claim("pendingAt", instant),
    "dateActive": Claim("activeAt", instant),
    "dateClosed": Claim("closedAt", instant),
    "meta.note": Claim("meta.note"),
    **within("users[].", CASE_USER, "users"),
}
TAG_CLAIMS = {
    "id": Claim("sourceId", number),
    **plain("name", "color"),
    "type[]": Claim("type"),
    "userId": Claim("userId", number),
    "dateCreated": Claim("createdAt", instant),
}
COMPANY_CLAIMS = {
    "id": Claim("sourceId", number),
    "dateCreated": Claim("createdAt", instant),
    "dateUpdated": Claim("updatedAt", instant),
    **within(
        "fields.",
        {
            **plain("name", "website", "logo", "industry", "description", "source", "revenue", "address", "city"),
            **plain("state", "countryId", "employees", "foundation"),
            **within("country.", COUNTRY_CLAIMS, "country"),
        },
        "fields",
    ),
}
TIMELINE_CLAIMS = {
    "id": Claim("sourceId", number),
    "objectType": Claim("objectType"),
    **plain("caseId", "viewId", "noteId", "threadId", change=number),
    "contactId": Claim("contactSourceId", number),
    "archive": Claim("archive", flag),
    "meta.pinned": Claim("meta.pinned"),
    "dateCreated": Claim("createdAt", instant),
    "dateUpdated": Claim("updatedAt", instant),
}
AGENT_CLAIMS = {
    "id": Claim("sourceId", number),
    **plain("name", "firstName", "lastName", "photo", "email", "clientId", "title", "url", "alt"),
    **plain("departments", "roles"),
    "parentId": Claim("parentId", number),
}
FIELDS_CLAIMS = {
    **plain("name", "email", "phone", "city", "state", "countryId", "ip"),
    "calling_code": Claim("callingCode"),
    "contact_country_flag": Claim("contactCountryFlag"),
    **within("country.", COUNTRY_CLAIMS, "country"),
}
OWN = {
    **plain("clientType", "clientName", "clientVersion", "clientOsName", "clientOsVersion", "clientDeviceType"),
    **plain("clientDeviceVendor", "clientDeviceModel", "clientDetails.ua", "clientDetails.engine.name"),
    **plain("clientDetails.engine.version", "clientDetails.network.type", "clientDetails.network.speed"),
    **plain("latestTimelineId", "caseId", "viewId", "latestObjectType", "title", "description", "channel", "status"),
    **plain("lastViewObject.viewId", "lastViewObject.iconImageUrl", "lastViewObject.iconFont", "clientUserId"),
    **plain("contactCompanyCount", "totalTimeline", "totalNotes", "totalViews", "totalCase", "msgUnread"),
    **plain("firstInteractionType", "lastInteractionType", "snoozeInContact", "departmentList", "interaction"),
    "meta": Claim("meta"),
    "channels[]": Claim("channels"),
    "companyId": Claim("companyId", number),
    "archive": Claim("archive", flag),
    "isBlocked": Claim("isBlocked", flag),
    "lastDateUpdated": Claim("lastUpdatedAt", instant),
    "caseDateUpdated": Claim("caseUpdatedAt", instant),
    **within("fields.", FIELDS_CLAIMS, "fields"),
    **within("company.", COMPANY_CLAIMS, "company"),
    **within("tags[].", TAG_CLAIMS, "tags"),
    **within("visits[].", VISIT_CLAIMS, "visits"),
    **within("lastVisit.", VISIT_CLAIMS, "lastVisit"),
    **within("firstVisit.", VISIT_CLAIMS, "firstVisit"),
    **within("cases[].", CASE_CLAIMS, "cases"),
    **within("timeline[].", TIMELINE_CLAIMS, "timeline"),
    **within("agentList[].", AGENT_CLAIMS, "agentList"),
}
CLAIMS = {
    "id": Claim("sourceId", number),
    "dateCreated": Claim("createdAt", instant),
    "dateUpdated": Claim("updatedAt", instant),
    **within("", OWN, "acquire"),
}


def paths(claims: Mapping[str, Claim]) -> str:
    """A selection of all that is claimed; ``meta`` has no documented shape, so it is JSON and has nothing to select."""
    return selection(sorted({re.sub(r"\bmeta\..*", "meta", claim.path) for claim in claims.values()}))


@pytest_asyncio.fixture
async def acquire_api(acquire_fake: FakeAcquire, network: Network) -> AsyncIterator[Api]:
    acquire = Acquire(AcquireSettings(acquire_fake.url, "key-1"), network)
    yield Api(Services(sources={Source.ACQUIRE: acquire}, pager=Pager(secret=b"x" * 32)), network)


def listed(row: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"list": [row], "counts": {"total": 1, "records": 1, "pending": 0, "active": 1}}}


def test_every_published_attribute_is_in_the_example() -> None:
    assert set(ATTRIBUTES) <= set(CONTACT)
    assert {path for path, _ in leaves(CONTACT)} == set(CLAIMS) | {"meta"} - {"acquire.meta"}


async def test_every_key_of_a_listed_contact(acquire_api: Api, acquire_fake: FakeAcquire) -> None:
    acquire_fake.answers["GET /crm/objects/contact"] = listed(CONTACT)
    answer = await acquire_api.query(f"{{ contacts(first: 1) {{ totalCount nodes {{ {paths(CLAIMS)} }} }} }}")
    assert differences(CONTACT, answer["contacts.nodes.0"], CLAIMS, {}) == []
    assert answer.calls == {"contacts": 1}


async def test_what_all_sources_tell_of_it(acquire_api: Api, acquire_fake: FakeAcquire) -> None:
    row = CONTACT | {"fields": CONTACT["fields"] | {"plan": "gold", "seats": 5}}
    acquire_fake.answers["GET /crm/objects/contact"] = listed(row)
    answer = await acquire_api.query(
        "{ contacts(first: 1) { nodes { displayName firstName lastName emails phones country company"
        " segments { source kind sourceId name } customFields { key value } location { id } consents { name } } } }"
    )
    assert answer["contacts.nodes.0"] == {
        "displayName": "Test User",
        "firstName": "Test",
        "lastName": "User",
        "emails": ["test@example.com"],
        "phones": ["+919876543210"],
        "country": "IN",
        "company": "Gmail",
        "segments": [{"source": "ACQUIRE", "kind": "TAG", "sourceId": "4", "name": "VIP"}],
        "customFields": [{"key": "plan", "value": "gold"}, {"key": "seats", "value": "5"}],
        "location": None,
        "consents": [],
    }


async def test_every_key_of_a_case_and_a_visit(acquire_api: Api, acquire_fake: FakeAcquire) -> None:
    acquire_fake.answers["GET /crm/objects/contact"] = listed(CONTACT)
    acquire_fake.answers["GET /crm/objects/contact/82"] = {"data": CONTACT}
    acquire_fake.answers["GET /crm/objects/case"] = {"data": {"page": 0, "limit": 20, "count": 1, "data": [CASE]}}
    selected = f"... on PageViewEvent {{ {paths(VISIT_CLAIMS)} }}"
    answer = await acquire_api.query(
        f"{{ contacts(first: 1) {{ nodes {{ events {{ nodes {{ __typename {selected} }} }} }} }}"
        f" events {{ totalCount nodes {{ type rawType ... on ConversationEvent {{ {paths(CASE_CLAIMS)} }} }} }} }}"
    )
    events = answer["contacts.nodes.0.events.nodes"]
    assert sorted(event["__typename"] for event in events) == ["ConversationEvent", "PageViewEvent", "PageViewEvent"]
    [visit] = [event for event in events if event.get("sourceId") == "23"]
    assert differences(VISIT, visit, VISIT_CLAIMS, {}) == []
    case = answer["events.nodes.0"]
    assert (case.pop("type"), case.pop("rawType")) == ("CONVERSATION", "case")
    assert differences(CASE, case, CASE_CLAIMS, {}) == []
    assert answer["events.totalCount"] == 1


async def test_every_key_of_a_tag(acquire_api: Api, acquire_fake: FakeAcquire) -> None:
    acquire_fake.answers["GET /crm/tag"] = {"data": {"count": 1, "data": [TAG]}}
    claims = {
        "id": Claim("sourceId", number),
        "name": Claim("name"),
        "dateCreated": Claim("createdAt", instant),
        **within("", {**plain("color"), "type[]": Claim("type"), "userId": Claim("userId", number)}, "acquire"),
    }
    answer = await acquire_api.query(f"{{ segments {{ nodes {{ {paths(claims)} }} }} }}")
    assert differences(TAG, answer["segments.nodes.0"], claims, {}) == []


async def test_fields_of_a_company_that_the_organization_added(acquire_api: Api, acquire_fake: FakeAcquire) -> None:
    company = CONTACT["company"] | {"fields": {"name": "Acme", "tier": 1}}
    acquire_fake.answers["GET /crm/objects/contact"] = listed(CONTACT | {"company": company})
    answer = await acquire_api.query(
        "{ contacts(first: 1) { nodes { acquire { company { fields { name } customFields { key value } } } } } }"
    )
    assert answer["contacts.nodes.0.acquire.company"] == {
        "fields": {"name": "Acme"},
        "customFields": [{"key": "tier", "value": "1"}],
    }


async def test_everything_that_may_be_null_is(acquire_api: Api, acquire_fake: FakeAcquire) -> None:
    row = dict.fromkeys(CONTACT) | {"id": 82, "dateCreated": CONTACT["dateCreated"]}
    acquire_fake.answers["GET /crm/objects/contact"] = listed(row)
    answer = await acquire_api.query(f"{{ contacts(first: 1) {{ nodes {{ {paths(CLAIMS)} }} }} }}")
    acquire = answer["contacts.nodes.0"].pop("acquire")
    assert answer["contacts.nodes.0"] == {"sourceId": "82", "createdAt": "2020-09-09T10:01:36Z", "updatedAt": None}
    lists = {"tags", "visits", "cases", "timeline", "agentList", "channels"}
    assert {name for name, value in acquire.items() if value == []} == lists
    assert {name for name, value in acquire.items() if value not in ([], None)} == {"fields"}
    assert {name for name, value in acquire["fields"].items() if value is not None} == set()
