"""Acquire's writing operations: each answer as documented, and the change visible to the readers."""

from __future__ import annotations

import pytest

from sandbox.app import Sandbox
from tests.sandbox.caller import Caller, Json

CONTACT = "/crm/objects/contact"


async def test_create(box: Sandbox, acquire: Caller) -> None:
    latest = box.acquire.contacts()[0]["id"]
    fields = {"name": "API Doe", "email": "doe@example.com", "phone": "9460000000", "countryId": "517", "plan": "pro"}
    body = await acquire.ok("POST", CONTACT, {"fields": fields, "dateCreated": "string", "clientName": "Chrome"})
    row = body["data"]
    assert row["id"] > latest
    assert fields.items() <= row["fields"].items()
    assert (row["fields"]["country"]["cca2"], row["companyId"], row["archive"], row["clientName"]) == (
        "US",
        None,
        "no",
        "Chrome",
    )
    assert box.acquire.contacts()[0]["id"] == row["id"]
    again = await acquire.ok("POST", CONTACT, {"email": "doe@example.com", "dateCreated": "2026-01-02T03:04:05.678Z"})
    assert (again["data"]["fields"], again["data"]["dateCreated"]) == (
        {"email": "doe@example.com"},
        "2026-01-02T03:04:05.678Z",
    )
    box.acquire_behaviour.change(duplicates=True)
    code, refused = await acquire.call("POST", CONTACT, {"email": " DOE@example.com"})
    assert (code, refused["error"]["code"]) == (400, "ERROR_DUPLICATE_RECORD_FOUND")
    assert len(box.acquire.contacts()) == 52


@pytest.mark.parametrize(
    "sent",
    [
        {"fields": []},
        {"fields": {"unheard": "of"}},
        {"fields": {"plan": "gold"}},
        {"name": 7},
        {"fields": {"countryId": "0"}},
    ],
)
async def test_impossible_fields_are_refused(box: Sandbox, acquire: Caller, sent: Json) -> None:
    one = box.acquire.contacts()[0]
    for method, path in (("POST", CONTACT), ("PUT", f"{CONTACT}/{one['id']}")):
        code, body = await acquire.call(method, path, sent)
        assert (code, body["error"]["code"]) == (400, "ERROR_INVALID_INPUT")
    assert box.acquire.contacts()[0] == one


async def test_update_merges_or_replaces(box: Sandbox, acquire: Caller) -> None:
    made = box.acquire.insert_contact(name="Ann", email="a@example.com", created="2026-01-01T00:00:00Z")
    path = f"{CONTACT}/{made['id']}"
    row = (await acquire.ok("PUT", path, {"fields": {"phone": "1"}, "clientName": "Edge"}))["data"]
    assert (row["fields"], row["clientName"]) == ({"name": "Ann", "email": "a@example.com", "phone": "1"}, "Edge")
    assert row["dateUpdated"] > made["dateUpdated"]
    box.acquire_behaviour.change(put="replace")
    assert (await acquire.ok("PUT", path, {"fields": {"phone": "2"}}))["data"]["fields"] == {"phone": "2"}
    assert (await acquire.call("PUT", f"{CONTACT}/1", {"fields": {}}))[0] == 404


async def test_delete_takes_what_belongs_to_it(box: Sandbox, acquire: Caller) -> None:
    owner = box.acquire.cases()[0]["contactId"]
    before = len(box.acquire.cases())
    own = len(box.acquire.cases(owner))
    assert await acquire.ok("DELETE", f"{CONTACT}/{owner}") == {"data": {"deleted": 1}}
    assert (await acquire.call("DELETE", f"{CONTACT}/{owner}"))[0] == 404
    assert len(box.acquire.cases()) == before - own
    assert box.acquire.visits(owner) == []
    latest = box.acquire.contacts()[0]["id"]
    await acquire.ok("DELETE", f"{CONTACT}/{latest}")
    assert (await acquire.ok("POST", CONTACT, {"name": "Next"}))["data"]["id"] == latest + 1  # no id comes back


async def test_merge(box: Sandbox, acquire: Caller) -> None:
    target = box.acquire.insert_contact(name="Ann", email="a@example.com", tags=[1])
    source = box.acquire.insert_contact(name="Anna", email="b@example.com", phone="123", tags=[1, 2])
    case = box.acquire.insert_case(source["id"], "2026-02-01T00:00:00Z")
    visit = box.acquire.insert_visit(source["id"], "2026-02-01T00:00:00Z")
    path = f"/crm/contact/merge/{target['id']}"
    body = await acquire.ok("POST", path, {"sourceIds": [source["id"]]})
    assert body["data"]["id"] == target["id"]
    assert body["data"]["message"] == f"#{source['id']} contact timeline's merged with #{target['id']} successfully."
    row = box.acquire.contact(target["id"])
    assert row is not None
    assert row["fields"] == {"name": "Ann", "email": "a@example.com", "phone": "123"}
    assert row["meta"]["merged"] == {"name": ["Anna"], "email": ["b@example.com"]}
    assert [tag["id"] for tag in row["tags"]] == [1, 2]
    assert [each["id"] for each in box.acquire.cases(target["id"])] == [case["id"]]
    assert [each["id"] for each in box.acquire.visits(target["id"])] == [visit["id"]]
    assert box.acquire.contact(source["id"]) is None
    for sent, code in (
        ({"sourceIds": [source["id"]]}, 404),
        ({"sourceIds": [target["id"]]}, 400),
        ({"mergeId": [1]}, 400),
    ):
        assert (await acquire.call("POST", path, sent))[0] == code


async def test_block_and_unblock(box: Sandbox, acquire: Caller) -> None:
    ids = [row["id"] for row in box.acquire.contacts()[:2]]
    sent = {"data": ids, "type": "contact", "blockTill": "2030-01-01T00:00:00.000Z"}
    assert await acquire.ok("POST", "/crm/block-visitor", sent) == {"data": True}
    rows = (await acquire.get(CONTACT, ("limit", 3)))["data"]["list"]
    assert [row["isBlocked"] for row in rows] == ["YES", "YES", "NO"]
    blocks = (await acquire.get("/crm/block-visitor"))["data"]["data"]
    assert [(row["data"]["id"], row["blockTill"]) for row in blocks] == [
        (each, sent["blockTill"]) for each in ids[::-1]
    ]
    assert (await acquire.get(f"/crm/block-visitor/{blocks[0]['id']}"))["data"] == blocks[0]
    gone = await acquire.ok("DELETE", "/crm/block-visitor", query=[("id", blocks[0]["id"])])
    assert gone["data"]["deleted"]["affected"] == 1
    assert len((await acquire.get("/crm/block-visitor"))["data"]["data"]) == 1
    for wrong in ({**sent, "data": []}, {**sent, "type": "ip"}, {**sent, "blockTill": "soon"}):
        assert (await acquire.call("POST", "/crm/block-visitor", wrong))[0] == 400
    assert (await acquire.call("POST", "/crm/block-visitor", {**sent, "data": [1]}))[0] == 404


async def test_companies(box: Sandbox, acquire: Caller) -> None:
    path = "/crm/objects/company"
    made = (await acquire.ok("POST", path, {"fields": {"name": "New", "website": "new.example.com"}}))["data"]
    assert (made["fields"]["logo"], made["dateUpdated"]) == ("https://logos.example.com/new.example.com", None)
    changed = (await acquire.ok("PUT", f"{path}/{made['id']}", {"fields": {"city": "Rome"}}))["data"]
    assert (changed["fields"]["name"], changed["fields"]["city"]) == ("New", "Rome")
    assert changed["dateUpdated"] is not None
    assert await acquire.ok("DELETE", f"{path}/1") == {"data": {"deleted": 1}}
    assert len(box.acquire.contacts()) == 50
    assert all(row["company"] is None or row["company"]["id"] != 1 for row in box.acquire.contacts())
    assert (await acquire.call("POST", path, {"name": "New"}))[0] == 400
    assert (await acquire.call("DELETE", f"{path}/1"))[0] == 404


async def test_tags(box: Sandbox, acquire: Caller) -> None:
    made = (await acquire.ok("POST", "/crm/tag", {"name": "fresh", "color": "#010203", "type": ["contact"]}))["data"]
    assert box.acquire.tags()[-1] == made
    code, body = await acquire.call("POST", "/crm/tag", {"name": "fresh"})
    assert (code, body["error"]["code"]) == (400, "ERROR_DUPLICATE_RECORD_FOUND")
    assert (await acquire.call("PUT", "/crm/tag/1", {"name": "fresh"}))[0] == 400
    assert (await acquire.ok("PUT", f"/crm/tag/{made['id']}", {"name": "fresher"}))["data"]["name"] == "fresher"
    member = box.acquire.tagged(2)[0]
    await acquire.ok("DELETE", "/crm/tag", query=[("id", 2)])
    row = box.acquire.contact(member)
    assert row is not None
    assert 2 not in [tag["id"] for tag in row["tags"]]
    assert (await acquire.call("DELETE", "/crm/tag", query=[("id", 2)]))[0] == 404
    assert (await acquire.call("POST", "/crm/tag", {"name": ""}))[0] == 400


async def test_custom_attributes(box: Sandbox, acquire: Caller) -> None:
    path = "/crm/objects/object-field"
    sent = {
        "object": "contact",
        "key": "shoe",
        "config": {"label": "Shoe size", "input": {"type": "text", "label": "Size"}},
    }
    made = (await acquire.ok("POST", path, sent))["data"]
    assert (made["system"], made["config"]["label"]) == ("no", "Shoe size")
    one = (await acquire.ok("POST", CONTACT, {"fields": {"shoe": "44"}}))["data"]
    assert one["fields"] == {"shoe": "44"}
    assert (await acquire.call("POST", path, sent))[0] == 400
    changed = (await acquire.ok("PUT", f"{path}/{made['id']}", {"config": {"label": "Shoe"}}))["data"]
    assert changed["config"]["label"] == "Shoe"
    await acquire.ok("DELETE", f"{path}/{made['id']}")
    row = box.acquire.contact(one["id"])
    assert row is not None
    assert row["fields"] == {}
    code, body = await acquire.call("DELETE", f"{path}/1")
    assert (code, body["error"]["code"]) == (403, "ERROR_UNAUTHORIZED_ACCESS")


async def test_cases_and_messages(box: Sandbox, acquire: Caller) -> None:
    one = box.acquire.insert_contact(name="Ann")
    case = (await acquire.ok("POST", "/crm/messenger/chat/create", {}, [("contactId", one["id"])]))["data"]
    assert (case["status"], case["contactId"]) == ("active", one["id"])
    text = {"threadId": case["threadId"], "message": "hello"}
    message = (await acquire.ok("POST", "/crm/messenger/chat/add-message", text, [("x-user-type", "contact")]))["data"]
    assert (message["senderType"], message["senderId"]) == ("contact", one["id"])
    closed = (await acquire.ok("POST", "/crm/messenger/chat/close", {"caseId": case["id"]}))["data"]
    assert (closed["status"], closed["closingState"]) == ("closed", "handled")
    again = (await acquire.ok("POST", "/crm/messenger/chat/create", {}, [("contactId", one["id"])]))["data"]
    assert (again["id"], again["status"], again["dateClosed"]) == (case["id"], "active", None)
    assert [row["id"] for row in box.acquire.cases(one["id"])] == [case["id"]]
    assert box.acquire.delete_case(case["id"], 9999) == 1
    assert (await acquire.call("POST", "/crm/messenger/chat/close", {"caseId": case["id"]}))[0] == 404
    assert (await acquire.call("POST", "/crm/messenger/chat/add-message", {"threadId": 1, "message": "x"}))[0] == 400


async def test_notes_and_cards(box: Sandbox, acquire: Caller) -> None:
    one = box.acquire.insert_contact(name="Ann")
    text = {"type": "note", "message": "Hi", "title": "Call"}
    note = (await acquire.ok("POST", "/crm/note/create", text, [("contactId", one["id"])]))["data"]
    assert (note["contactId"], note["title"], note["lastMessage"]["message"]) == (str(one["id"]), "Call", "Hi")
    listed = (await acquire.get("/crm/note", ("contact_id", one["id"])))["data"]
    assert listed["rows"] == [{**note, "contactId": one["id"]}]
    assert (await acquire.get(f"/crm/note/get/{note['id']}"))["data"] == listed["rows"][0]
    sent = {"title": "Bought", "contact_id": one["id"], "meta": {}, "view": {"type": "ui_block", "config": {"a": 1}}}
    made = (await acquire.ok("POST", "/crm/view", sent))["data"]
    assert (made["success"], made["message"]) == (True, "View added successfully.")
    card = made["data"]
    assert (await acquire.get("/crm/view", ("contact_id", one["id"])))["data"]["data"] == [card]
    changed = (await acquire.ok("PUT", f"/crm/view/{card['id']}", {"title": "Sold", "view": sent["view"]}))["data"]
    assert changed["data"].items() >= {"title": "Sold", "userId": None, "dateCreated": None}.items()
    assert (await acquire.call("PUT", f"/crm/view/{card['id']}", {"title": "Sold"}))[0] == 400
    row = (await acquire.get(f"{CONTACT}/{one['id']}", ("relations", "timeline")))["data"]
    assert {entry["objectType"] for entry in row["timeline"]} == {"note", "view"}
    assert (await acquire.ok("DELETE", f"/crm/view/{card['id']}"))["data"]["success"] is True
    assert (await acquire.call("GET", f"/crm/view/{card['id']}"))[0] == 404
    assert (await acquire.call("POST", "/crm/view", {"contact_id": one["id"]}))[0] == 400
    assert (await acquire.call("POST", "/crm/note/create", {"message": "Hi"}, [("contactId", one["id"])]))[0] == 400
    assert (await acquire.call("POST", "/crm/note/create", {"type": "note", "message": 1}, [("contactId", one["id"])]))[
        0
    ] == 400


async def test_the_oracle_changes_the_data(box: Sandbox, acquire: Caller) -> None:
    made = box.acquire.insert_contact(identifier=9000, created="2025-06-01T00:00:00Z", name="Late", tags=[3])
    assert (await acquire.get(CONTACT, ("limit", 1)))["data"]["list"][0]["id"] == 9000
    assert box.acquire.replace_contact(9000, phone="1")["fields"] == {"name": "Late", "phone": "1"}
    assert made["dateCreated"] == "2025-06-01T00:00:00.000Z"
    assert box.acquire.delete_contact(9000, 9001) == 1
    with pytest.raises(KeyError):
        box.acquire.replace_contact(9000)
    with pytest.raises(ValueError, match="soon"):
        box.acquire.insert_contact(created="soon")
