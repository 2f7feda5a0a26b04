"""What Acquire shows: envelopes that differ, order by id, pages from 0, columns, relations, conditions, search."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.app import Sandbox
from tests.conftest import StartSandbox
from tests.sandbox.caller import Caller

CONTACT = "/crm/objects/contact"
CASE = "/crm/objects/case"
FULL = [("relations", name) for name in ("fields", "company", "tags")]


async def test_contacts_come_by_id_latest_first_in_pages_from_0(box: Sandbox, acquire: Caller) -> None:
    every = [row["id"] for row in box.acquire.contacts()]
    assert every == sorted(every, reverse=True)
    body = await acquire.get(CONTACT)
    assert [row["id"] for row in body["data"]["list"]] == every[:20]
    assert body["data"]["counts"].keys() == {"total", "records", "pending", "active"}
    assert body["data"]["counts"]["total"] == 50
    for page, expected in ((0, every[:7]), (1, every[7:14]), (7, every[49:]), (8, [])):
        body = await acquire.get(CONTACT, ("limit", 7), ("page", page))
        assert [row["id"] for row in body["data"]["list"]] == expected
    box.acquire_behaviour.change(max_limit=4)
    assert len((await acquire.get(CONTACT, ("limit", 50)))["data"]["list"]) == 4


async def test_relations_are_absent_unless_asked_for(box: Sandbox, acquire: Caller) -> None:
    rows = (await acquire.get(CONTACT, ("limit", 50)))["data"]["list"]
    assert all(not {"fields", "company", "tags", "cases", "visits", "timeline"} & row.keys() for row in rows)
    assert all("companyId" in row for row in rows)
    rows = (await acquire.get(CONTACT, ("limit", 50), *FULL))["data"]["list"]
    for row, expected in zip(rows, box.acquire.contacts(), strict=True):
        assert expected.items() <= row.items()
    assert any(row["company"] is None for row in rows)
    assert any(row["company"] and row["company"]["fields"]["name"] for row in rows)
    everything = [("relations", name) for name in ("cases", "visits", "timeline")]
    rows = (await acquire.get(CONTACT, ("limit", 50), *everything))["data"]["list"]
    for row in rows:
        assert row["cases"] == box.acquire.cases(row["id"])
        assert row["visits"] == box.acquire.visits(row["id"])
        assert row["totalTimeline"] == len(row["timeline"])
        assert all(
            sum(entry[f"{kind}Id"] is not None for kind in ("case", "view", "note")) == 1 for entry in row["timeline"]
        )
    assert (await acquire.call("GET", CONTACT, query=[("relations", "friends")]))[0] == 400


async def test_the_list_knows_what_happened_last(box: Sandbox, acquire: Caller) -> None:
    rows = (await acquire.get(CONTACT, ("limit", 50)))["data"]["list"]
    cases = [row for row in rows if row["latestObjectType"] == "case"]
    assert cases
    for row in cases:
        last = box.acquire.cases(row["id"])[0]
        assert (row["caseId"], row["status"], row["channel"]) == (str(last["id"]), last["status"], last["channel"])
        assert isinstance(row["latestTimelineId"], str)
    assert {row["isBlocked"] for row in rows} == {"NO"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["lastDateUpdated"]) for row in rows)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["dateCreated"]) for row in rows)
    assert {row["archive"] for row in rows} == {"no"}


async def test_columns(box: Sandbox, acquire: Caller) -> None:
    row = (await acquire.get(CONTACT, ("limit", 1), ("select", "dateCreate"), ("select", "clientName")))["data"][
        "list"
    ][0]
    assert row.keys() == {"id", "dateCreated", "clientName"}
    row = (await acquire.get(f"{CONTACT}/{row['id']}", ("select", "id"), ("relations", "fields")))["data"]
    assert row.keys() == {"id", "fields"}


async def test_conditions(box: Sandbox, acquire: Caller) -> None:
    every = box.acquire.contacts(["fields"])

    async def ids(*conditions: str) -> list[int]:
        body = await acquire.get(CONTACT, ("limit", 50), *[("where", each) for each in conditions])
        found = [row["id"] for row in body["data"]["list"]]
        assert body["data"]["counts"]["total"] == len(found)
        return found

    one = every[7]
    assert await ids(f"id|eq|{one['id']}") == [one["id"]]
    web = [row["id"] for row in every if row["clientType"] == "web"]
    assert await ids("clientType|eq|web") == web
    assert await ids("clientType|eq|web", f"id|eq|{web[0]}") == [web[0]]
    assert await ids("clientType|eq|web", "id|eq|1") == []
    together = [row["id"] for row in every if row["dateCreated"] == one["dateCreated"]]
    assert await ids(f"dateCreated|eq|{one['dateCreated']}") == together
    made = box.acquire.insert_contact(name="X", email="X.Y@example.com")
    assert await ids("email|eq|x.y@example.com") == [made["id"]]
    assert (await acquire.call("GET", CONTACT, query=[("where", "id|in|1,2")]))[0] == 400
    assert (await acquire.call("GET", CONTACT, query=[("where", "id=1")]))[0] == 400
    box.acquire_behaviour.change(where_fields=False)
    assert (await acquire.call("GET", CONTACT, query=[("where", "email|eq|x.y@example.com")]))[0] == 400


async def test_one_contact(box: Sandbox, acquire: Caller) -> None:
    expected = box.acquire.contacts()[3]
    assert (await acquire.get(f"{CONTACT}/{expected['id']}", *FULL))["data"] == expected
    for wanted in ("1", "x", "99999"):
        code, body = await acquire.call("GET", f"{CONTACT}/{wanted}")
        assert (code, body["error"]["code"], body["error"]["data"]) == (404, "ERROR_RECORD_NOT_FOUND", None)


async def test_fields_lack_what_is_unknown(box: Sandbox) -> None:
    fields = [row["fields"] for row in box.acquire.contacts()]
    assert any("email" not in each for each in fields)
    assert any(each.get("phone", 0) is None for each in fields)
    assert any(each.get("email") == "" or each.get("phone") == "" for each in fields)
    expanded = next(each for each in fields if "countryId" in each)
    assert isinstance(expanded["countryId"], str)
    assert expanded["country"]["calling_code1"] == int(expanded["calling_code"])
    assert all("country" not in each for each in fields if "countryId" not in each)
    row = box.acquire.insert_contact()
    assert (row["fields"], row["company"], row["tags"]) == ({}, None, [])


async def test_search_finds_a_row_a_field(box: Sandbox, acquire: Caller) -> None:
    one = box.acquire.insert_contact(
        name="Zebedee Quux", email="Zebedee@example.com", phone="+14155550123", countryId="517"
    )
    two = box.acquire.insert_contact(name="Other", email="zebedee@example.com")

    async def search(text: str, **more: Any) -> dict[str, Any]:
        body = await acquire.ok(
            "POST", "/crm/contact/list", {"payload": {}, "page": 0, "limit": 0, "search": text, **more}
        )
        data: dict[str, Any] = body["data"]
        return data

    found = await search("zebedee")
    assert [(row["contactId"], row["key"]) for row in found["list"]] == [
        (two["id"], "email"),
        (one["id"], "name"),
        (one["id"], "email"),
    ]
    assert found["counts"] == {"filteredCount": 3}
    row = found["list"][2]
    assert (row["id"], row["value"], row["system"]) == (one["id"], "Zebedee@example.com", "yes")
    assert isinstance(row["config"], str)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["dateCreated"])
    assert (row["fields"]["country"]["cca2"], row["company"]) == ("US", {"fields": {}})
    assert [each["contactId"] for each in (await search("zebedee", limit=1, page=1))["list"]] == [one["id"]]
    assert [each["contactId"] for each in (await search("4155550123"))["list"]] == [one["id"]]
    spelt = box.acquire.insert_contact(phone="(212) 555-0199")
    assert (await search("2125550199"))["list"] == []
    box.acquire_behaviour.change(search_digits=True)
    assert [each["contactId"] for each in (await search("2125550199"))["list"]] == [spelt["id"]]
    assert (await search("nobody at all"))["list"] == []
    assert len((await search(""))["list"]) == 20
    assert (await acquire.call("POST", "/crm/contact/list", {"search": 7}))[0] == 400
    assert (await acquire.call("POST", "/crm/contact/list"))[0] == 400


async def test_companies(box: Sandbox, acquire: Caller) -> None:
    body = await acquire.get("/crm/objects/company", ("limit", 3), ("page", 1), ("relations", "fields"))
    head = {name: value for name, value in body["data"].items() if name != "data"}
    assert head == {"page": 1, "offset": 3, "limit": 3, "count": 8}
    assert body["data"]["data"] == box.acquire.companies()[3:6]
    relations = [("relations", name) for name in ("contacts", "companies", "parent", "fields")]
    first = (await acquire.get("/crm/objects/company/1", *relations))["data"]
    workers = [row["id"] for row in box.acquire.contacts() if row["company"] and row["company"]["id"] == 1]
    assert [row["id"] for row in first["contacts"]] == workers
    assert [row["id"] for row in first["companies"]] == [4]
    assert first["contacts"][0]["objectCounts"].keys() == {"totalCases", "totalNotes", "totalViews"}
    fourth = (await acquire.get("/crm/objects/company/4", *relations))["data"]
    assert (fourth["parent"]["id"], first["parent"]) == (1, None)
    assert (await acquire.get("/crm/objects/company/4"))["data"].keys() == {"id", "dateCreated", "dateUpdated"}
    narrow = (await acquire.get("/crm/objects/company/4", ("select", "dateCreated"), ("relations", "fields")))["data"]
    assert narrow.keys() == {"id", "dateCreated", "fields"}
    body = await acquire.get("/crm/objects/company", ("where", "id|eq|2"))
    assert [row["id"] for row in body["data"]["data"]] == [2]


async def test_tags(box: Sandbox, acquire: Caller) -> None:
    body = await acquire.get("/crm/tag")
    assert body["data"] == {"count": 7, "data": box.acquire.tags()}
    ordered = await acquire.get("/crm/tag", ("order", '{"id":"DESC"}'))
    assert [row["id"] for row in ordered["data"]["data"]] == [7, 6, 5, 4, 3, 2, 1]
    assert [row["name"] for row in (await acquire.get("/crm/tag", ("search", "LEA")))["data"]["data"]] == ["lead"]
    with_contacts = (await acquire.get("/crm/tag", ("relations", "contact")))["data"]["data"]
    members = {row["name"]: [each["id"] for each in row["contact"]] for row in with_contacts}
    assert members == {row["name"]: box.acquire.tagged(row["id"]) for row in box.acquire.tags()}
    assert members["lead"]
    assert members["Nobody"] == []
    one = (await acquire.get("/crm/tag/4", ("relations", "case")))["data"]
    refunds = [row["id"] for row in box.acquire.cases() if row["title"] == "Refund"]
    assert [row["id"] for row in one["case"]] == refunds
    assert (await acquire.call("GET", "/crm/tag/99"))[0] == 404


async def test_cases(box: Sandbox, acquire: Caller) -> None:
    every = box.acquire.cases()
    body = await acquire.get(CASE)
    assert body["data"] == {"page": 0, "offset": 0, "limit": 20, "count": 40, "data": every[:20]}
    assert [row["id"] for row in every] == list(range(40, 0, -1))
    times = [row["dateCreated"] for row in every]
    assert times == sorted(times, reverse=True)
    owner = every[0]["contactId"]
    body = await acquire.get(CASE, ("where", f"contactId|eq|{owner}"), ("limit", 40))
    assert body["data"]["data"] == box.acquire.cases(owner)
    closed = await acquire.get(CASE, ("where", "status|eq|closed"), ("where", f"contactId|eq|{owner}"))
    assert [row["id"] for row in closed["data"]["data"]] == [
        row["id"] for row in every if (row["status"], row["contactId"]) == ("closed", owner)
    ]
    relations = [
        ("relations", name) for name in ("contact", "messages", "users", "tags", "timeline", "fields", "feedbacks")
    ]
    one = (await acquire.get(f"{CASE}/{every[0]['id']}", *relations))["data"]
    assert one["contact"]["id"] == owner
    assert one["messages"][0]["senderType"] == "contact"
    assert [entry["caseId"] for entry in one["timeline"]] == [one["id"]]
    messages = await acquire.get("/crm/messenger/chat/messages", ("threadId", one["threadId"]), ("contactId", owner))
    assert messages["data"]["data"] == one["messages"]
    assert (await acquire.get(f"{CASE}/1", ("select", "status")))["data"].keys() == {"id", "status"}
    assert (await acquire.call("GET", f"{CASE}/999"))[0] == 404


async def test_notes_cards_attributes_and_departments(box: Sandbox, acquire: Caller) -> None:
    notes = (await acquire.get("/crm/note", ("limit", 100)))["data"]
    assert notes.keys() == {"count", "rows"}
    owner = notes["rows"][0]["contactId"]
    assert (await acquire.get("/crm/note", ("contact_id", owner)))["data"]["rows"][0] == notes["rows"][0]
    cards = (await acquire.get("/crm/view"))["data"]
    assert cards.keys() == {"offset", "count", "data"}
    assert (await acquire.get(f"/crm/view/{cards['data'][0]['id']}"))["data"] == cards["data"][0]
    fields = (await acquire.get("/crm/objects/object-field"))["data"]
    assert (fields["page"], fields["offset"], fields["limit"], fields["count"]) == (0, 0, 20, 9)
    assert {row["key"]: row["system"] for row in fields["data"]}.items() >= {("email", "yes"), ("plan", "no")}
    plan = next(row for row in fields["data"] if row["key"] == "plan")
    assert (await acquire.get(f"/crm/objects/object-field/{plan['id']}"))["data"] == plan
    assert plan["config"]["input"]["options"] == ["free", "pro", "enterprise"]
    assert (await acquire.get("/account/department"))["data"]["count"] == 1
    assert (await acquire.get("/crm/block-visitor"))["data"] == {"offset": 0, "count": 0, "data": []}


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0, 0), (0.03, 3, 40), (0.4, 100, 450)])
async def test_created_is_nearly_in_the_order_of_ids(
    start_sandbox: StartSandbox, share: float, low: int, high: int
) -> None:
    box = await start_sandbox(contacts=10, events=0, acquire_contacts=500, acquire={"disorder": share})
    times = [row["dateCreated"] for row in reversed(box.acquire.contacts())]
    moved = [abs(place - sorted(times).index(at)) for place, at in enumerate(times) if at != sorted(times)[place]]
    assert low <= len(moved) <= high
    if share:
        assert max(moved) > 50
        assert sum(distance <= 12 for distance in moved) > len(moved) / 2
    assert len(set(times)) < len(times)  # some stand at one instant


@pytest.mark.parametrize("query", [("limit", "x"), ("page", "-1")])
async def test_nonsense_is_refused(acquire: Caller, query: tuple[str, str | int | float]) -> None:
    code, body = await acquire.call("GET", CONTACT, query=[query])
    assert (code, body["error"]["code"]) == (400, "ERROR_INVALID_INPUT")
