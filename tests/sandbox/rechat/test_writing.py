"""Rechat's writing operations: each answer as documented, and the change visible to the readers."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.app import Sandbox
from tests.sandbox.caller import Caller, Json

EMAIL = "d5b21d60-d87a-4eec-ad11-7e50252f57d0"
FIRST = "36fd9fd2-b672-41c0-966f-2c7673421a4e"
TAG = "5b3c994e-7569-4df8-b8db-f37421a684f7"
PHONE = "7c6b51bc-ee90-4f34-972f-d85f7d7c7f44"
ASSOCIATED = [("associations[]", "contact.attributes")]


async def shown(rechat: Caller, identifier: str) -> Json:
    """The contact as it is read now, with its attributes."""
    body = await rechat.ok("GET", f"/contacts/{identifier}", query=ASSOCIATED)
    data: Json = body["data"]
    return data


async def test_create_several(box: Sandbox, rechat: Caller) -> None:
    owner = box.rechat.data.users[2]["id"]
    john: Json = {
        "user": owner,
        "attributes": [
            {"attribute_def": EMAIL, "text": "john@example.com", "label": "Work", "is_primary": True},
            {"attribute_def": EMAIL, "text": "jane@example.com", "is_primary": True, "is_partner": True},
            {"attribute_def": FIRST, "text": "John"},
            {"attribute_def": FIRST, "text": "Jane", "is_partner": True},
            {"attribute_type": "tag", "text": "Brand new"},
            {"attribute_type": "birthday", "date": 1_000_000},
            {"attribute_type": "address", "address": {"city": "Dallas", "name": "Street", "postcode": ""}, "index": 1},
        ],
    }
    body = await rechat.ok(
        "POST",
        "/contacts",
        {"contacts": [john, {"attributes": [{"attribute_def": FIRST, "text": "Two"}]}]},
        [("get", "true")],
    )
    assert body["info"] == {"count": 2, "total": 0}
    first, second = body["data"]
    assert (first["user_id"], first["emails"], first["partner_email"]) == (
        owner,
        ["john@example.com"],
        "jane@example.com",
    )
    assert "postcode" not in first["address"][0]
    assert second["display_name"] == "Two"
    assert "Brand new" in [row["tag"] for row in box.rechat.tags()]
    row = await shown(rechat, first["id"])
    assert [each["is_primary"] for each in row["attributes"] if each["attribute_type"] == "email"] == [False, False]
    assert [each["label"] for each in row["attributes"] if each["attribute_type"] == "address"] == ["Home"]
    assert [each["id"] for each in box.rechat.contacts()[-2:]] == [first["id"], second["id"]]
    quiet = await rechat.ok(
        "POST", "/contacts", {"contacts": [{"attributes": [{"attribute_def": FIRST, "text": "3"}]}]}
    )
    assert quiet["data"] == []
    assert len(box.rechat.contacts()) == 63


async def test_an_impossible_create_makes_none(box: Sandbox, rechat: Caller) -> None:
    good = {"attributes": [{"attribute_def": FIRST, "text": "Good"}]}
    for bad in ({"attributes": [{"attribute_def": FIRST, "date": 3}]}, {"attributes": [{"text": "x"}]}, {}, 7):
        assert (await rechat.call("POST", "/contacts", {"contacts": [good, bad]}))[0] == 400
    assert (await rechat.call("POST", "/contacts", {"contacts": []}))[0] == 400
    assert len(box.rechat.contacts()) == 60


async def test_update_adds_without_and_changes_with_an_id(box: Sandbox, rechat: Caller) -> None:
    made = box.rechat.insert_contact(first_name="Ann", emails=["a@example.com"], created_at=1_750_000_000.25)
    row = await shown(rechat, made["id"])
    mail = next(each for each in row["attributes"] if each["attribute_type"] == "email")
    sent = {"attributes": [{**mail, "text": "b@example.com"}, {"attribute_def": EMAIL, "text": "c@example.com"}]}
    body = await rechat.ok("PATCH", f"/contacts/{made['id']}", sent, ASSOCIATED)
    assert body["data"]["emails"] == ["b@example.com", "c@example.com"]
    changed = next(each for each in body["data"]["attributes"] if each["id"] == mail["id"])
    assert (changed["created_at"], changed["updated_by"]) == (mail["created_at"], box.rechat.data.users[0]["id"])
    assert body["data"]["updated_at"] > made["updated_at"]
    await rechat.ok("PATCH", f"/contacts/{made['id']}", {"attributes": [{"attribute_def": FIRST, "text": "Anna"}]})
    assert (await shown(rechat, made["id"]))["first_name"] == "Anna"
    assert (await rechat.call("PATCH", "/contacts/none", {"attributes": []}))[0] == 404
    assert (await rechat.call("PATCH", f"/contacts/{made['id']}", {"attributes": [{"id": "none", "text": "x"}]}))[
        0
    ] == 404
    assert (await rechat.call("PATCH", f"/contacts/{made['id']}", {}))[0] == 400


async def test_bulk_update_and_delete_answer_nothing(box: Sandbox, rechat: Caller) -> None:
    ids = [row["id"] for row in box.rechat.contacts()[:3]]
    tagged = [{"id": each, "attributes": [{"attribute_def": TAG, "text": "Many"}]} for each in ids]
    await rechat.done("PATCH", "/contacts", {"contacts": tagged}, [("get", "true")])
    assert [row["id"] for row in box.rechat.contacts() if "Many" in (row["tags"] or [])] == ids
    unknown = {"id": "none", "attributes": [{"attribute_def": TAG, "text": "Never"}]}
    assert (await rechat.call("PATCH", "/contacts", {"contacts": [*tagged, unknown]}))[0] == 404
    await rechat.done("DELETE", "/contacts", {"ids": ids[:2]})
    await rechat.done("DELETE", f"/contacts/{ids[2]}")
    assert (await rechat.call("DELETE", f"/contacts/{ids[2]}"))[0] == 404
    assert len(box.rechat.contacts()) == 57


@pytest.mark.parametrize("body", [None, {}, {"ids": []}])
async def test_a_bulk_delete_without_a_selection_deletes_all(box: Sandbox, rechat: Caller, body: Json | None) -> None:
    await rechat.done("DELETE", "/contacts", body)
    assert box.rechat.contacts() == []


async def test_owner_and_touch(box: Sandbox, rechat: Caller) -> None:
    made = box.rechat.insert_contact(first_name="Ann")
    path, owner = f"/contacts/{made['id']}", box.rechat.data.users[1]["id"]
    assert (await rechat.ok("PUT", f"{path}/owner", {"user": owner}))["data"]["user_id"] == owner
    assert (await rechat.call("PUT", f"{path}/owner", {"user": "nobody"}))[0] == 400
    row = (await rechat.ok("PATCH", f"{path}/touch", {"touch_freq": 43}))["data"]
    assert (row["touch_freq"], row["next_touch"]) == (43, None)  # computed with the next change
    row = (await rechat.ok("PATCH", path, {"attributes": [{"attribute_def": FIRST, "text": "Bea"}]}))["data"]
    assert row["next_touch"] - row["updated_at"] == pytest.approx(43 * 86_400)
    row = (await rechat.ok("PATCH", f"{path}/touch", {"touch_freq": 7}))["data"]
    assert row["next_touch"] - row["updated_at"] == pytest.approx(43 * 86_400)
    for bad in (0, "7", None, True):
        assert (await rechat.call("PATCH", f"{path}/touch", {"touch_freq": bad}))[0] == 400


async def test_attributes_one_by_one(box: Sandbox, rechat: Caller) -> None:
    made = box.rechat.insert_contact(phone_numbers=["1111"])
    path = f"/contacts/{made['id']}/attributes"
    sent = {"attributes": [{"attribute_def": PHONE, "text": "2222", "is_primary": True}]}
    body = await rechat.ok("POST", path, sent, [("associations[]", "contact_attribute.attribute_def")])
    (added,) = body["data"]
    assert body["info"] == {"count": 1, "total": 0}
    assert (added["text"], added["attribute_def"]["name"], added["contact"]) == ("2222", "phone_number", made["id"])
    assert (await shown(rechat, made["id"]))["phone_numbers"] == ["2222", "1111"]
    old = next(each for each in (await shown(rechat, made["id"]))["attributes"] if each["text"] == "1111")
    body = await rechat.ok(
        "PUT", f"{path}/{old['id']}", {**old, "label": "Home-Line2", "text": "3333", "is_primary": True}
    )
    assert "attribute_def" not in body["data"]
    assert (body["data"]["label"], body["data"]["is_primary"]) == ("Home-Line2", True)
    row = await shown(rechat, made["id"])
    assert (row["phone_number"], [each["is_primary"] for each in row["attributes"]]) == ("3333", [True, False])
    body = await rechat.ok("DELETE", f"{path}/{old['id']}", query=ASSOCIATED)
    assert (body["data"]["id"], body["data"]["phone_numbers"]) == (made["id"], ["2222"])
    assert (await rechat.call("DELETE", f"{path}/{old['id']}"))[0] == 404
    await rechat.done("DELETE", "/contacts/attributes", {"ids": []})
    assert (await shown(rechat, made["id"]))["phone_numbers"] == ["2222"]
    await rechat.done("DELETE", "/contacts/attributes", {"ids": [added["id"]]})
    row = await shown(rechat, made["id"])
    assert (row["phone_numbers"], row["attributes"]) == (None, None)


async def test_attributes_for_all_that_match(box: Sandbox, rechat: Caller) -> None:
    expected = [row["id"] for row in box.rechat.contacts() if "Buyer" in (row["tags"] or [])]
    sent = {
        "filters": [{"attribute_type": "tag", "value": "Buyer"}],
        "attributes": [{"attribute_def": TAG, "text": "Bulk"}],
    }
    body = await rechat.ok(
        "POST", "/contacts/attributes", sent, [("get", "true"), ("associations[]", "contact.summary")]
    )
    assert [row["id"] for row in body["data"]] == expected
    assert body["info"] == {"count": len(expected), "total": 0}
    assert all(row["summary"]["tags"][-1] == "Bulk" for row in body["data"])
    assert [row["id"] for row in box.rechat.contacts() if "Bulk" in (row["tags"] or [])] == expected
    assert (await rechat.call("POST", "/contacts/attributes", {"filter": [], "attributes": []}))[0] == 400


async def test_tags(box: Sandbox, rechat: Caller) -> None:
    def tags() -> dict[str, Any]:
        return {row["tag"]: row for row in box.rechat.tags()}

    await rechat.done("POST", "/contacts/tags", {"tag": "baz", "touch_freq": 60})
    assert tags()["baz"]["touch_freq"] == 60
    one = box.rechat.insert_contact(first_name="One", tags=["Über 500k/year", "Buyer"])
    both = box.rechat.insert_contact(first_name="Both", tags=["baz", "Über 500k/year"])
    identifier = tags()["Über 500k/year"]["id"]
    await rechat.done("PATCH", "/contacts/tags/%C3%9Cber%20500k%2Fyear", {"tag": "rich"})
    assert tags()["rich"]["id"] == identifier
    assert (await shown(rechat, one["id"]))["tags"] == ["Buyer", "rich"]
    await rechat.done("PATCH", "/contacts/tags/rich", {"tag": "baz"})
    assert (await shown(rechat, both["id"]))["tags"] == ["baz"]
    assert "rich" not in tags()
    await rechat.done("PATCH", "/contacts/tags/baz/touch", {"touch_freq": 10})
    row = await shown(rechat, both["id"])
    assert (row["touch_freq"], tags()["baz"]["touch_freq"]) == (10, 10)
    assert row["next_touch"] - box.rechat.data.now() == pytest.approx(10 * 86_400, abs=60)
    await rechat.done("DELETE", "/contacts/tags/baz")
    assert (await shown(rechat, both["id"]))["tags"] is None
    for method, body in (("PATCH", {"tag": "x"}), ("DELETE", None)):
        assert (await rechat.call(method, "/contacts/tags/baz", body))[0] == 404
    assert (await rechat.call("POST", "/contacts/tags", {"tag": " "}))[0] == 400


async def test_definitions(box: Sandbox, rechat: Caller) -> None:
    sent = {"name": "favorite_drinks", "data_type": "text", "label": "Favorite Drinks", "section": "Details"}
    made = (await rechat.ok("POST", "/contacts/attribute_defs", {**sent, "enum_values": ["Tea"]}))["data"]
    assert sent.items() <= made.items()
    assert (made["global"], made["show"], made["filterable"], made["editable"]) == (False, True, True, True)
    one = box.rechat.insert_contact(first_name="One")
    sent = {"attributes": [{"attribute_def": made["id"], "text": "Tea"}]}
    (row,) = (await rechat.ok("POST", f"/contacts/{one['id']}/attributes", sent))["data"]
    assert (row["attribute_type"], row["text"]) == (None, "Tea")
    await rechat.done("DELETE", f"/contacts/attribute_defs/{made['id']}")
    assert [each["attribute_type"] for each in (await shown(rechat, one["id"]))["attributes"]] == ["first_name"]
    assert (await rechat.call("DELETE", f"/contacts/attribute_defs/{made['id']}"))[0] == 404
    assert (await rechat.call("DELETE", f"/contacts/attribute_defs/{EMAIL}"))[0] == 400
    assert (await rechat.call("POST", "/contacts/attribute_defs", {"name": "x", "data_type": "colour"}))[0] == 400


async def test_lists(box: Sandbox, rechat: Caller) -> None:
    sent: Json = {"name": "Buyers", "filters": [{"attribute_def": TAG, "value": "Buyer"}], "args": {"q": "e"}}
    made = (await rechat.ok("POST", "/contacts/lists", sent))["data"]
    assert made["member_count"] == len(box.rechat.members(made["id"])) > 0
    changed = await rechat.ok("PUT", f"/contacts/lists/{made['id']}", {**sent, "name": "None", "args": {"q": "qqqq"}})
    assert (changed["data"]["id"], changed["data"]["member_count"]) == (made["id"], 0)
    assert [row["name"] for row in box.rechat.lists()][-1] == "None"
    await rechat.done("DELETE", f"/contacts/lists/{made['id']}")
    assert len(box.rechat.lists()) == 6
    assert (await rechat.call("DELETE", f"/contacts/lists/{made['id']}"))[0] == 404
    assert (await rechat.call("PUT", f"/contacts/lists/{made['id']}", sent))[0] == 404
    assert (await rechat.call("POST", "/contacts/lists", {"filters": []}))[0] == 400


async def test_flows(box: Sandbox, rechat: Caller) -> None:
    origin = next(iter(box.rechat.data.brand_flows))
    ids = [box.rechat.insert_contact(first_name=name)["id"] for name in "ab"]
    sent = {"origin": origin, "starts_at": 1_800_000_000, "steps": [], "contacts": {"ids": ids[:1]}}
    (flow,) = (await rechat.ok("POST", "/crm/flows", sent))["data"]
    assert (flow["contact"], flow["origin"], flow["starts_at"]) == (ids[0], origin, 1_800_000_000)
    again = await rechat.ok("POST", "/crm/flows", {**sent, "contacts": {"ids": ids}})
    assert [row["contact"] for row in again["data"]] == ids[1:]
    row = (await rechat.ok("GET", f"/contacts/{ids[0]}", query=[("associations[]", "contact.flows")]))["data"]
    assert [each["id"] for each in row["flows"]] == [flow["id"]]
    await rechat.done("DELETE", f"/crm/flows/{flow['id']}")
    row = (await rechat.ok("GET", f"/contacts/{ids[0]}", query=[("associations[]", "contact.flows")]))["data"]
    assert row["flows"] is None
    assert (await rechat.call("DELETE", f"/crm/flows/{flow['id']}"))[0] == 404


async def test_merge_keeps_the_parents_single_values(box: Sandbox, rechat: Caller) -> None:
    parent = box.rechat.insert_contact(
        first_name="John", last_name="Appleseed", emails=["a@example.com"], tags=["x"], address={"city": "A"}
    )
    subs = [
        box.rechat.insert_contact(first_name=name, emails=["a@example.com", f"{name}@example.com"], tags=["x", "y"])[
            "id"
        ]
        for name in ("kate", "dan")
    ]
    box.rechat.replace_contact(subs[0], address={"city": "B"}, company="Co")
    body = await rechat.ok("POST", f"/contacts/{parent['id']}/merge", {"sub_contacts": subs}, ASSOCIATED)
    row = body["data"]
    assert (row["id"], row["display_name"], row["updated_for"]) == (parent["id"], "John Appleseed", "merge")
    assert row["emails"] == ["a@example.com", "kate@example.com", "dan@example.com"]
    assert (row["tags"], row["company"]) == (["y", "x"], "Co")
    assert [(each["index"], each["address"]["city"]) for each in row["attributes"] if each["address"]] == [
        (0, "A"),
        (1, "B"),
    ]
    assert all(each["contact"] == parent["id"] for each in row["attributes"])
    assert [box.rechat.contact(each) for each in subs] == [None, None]
    assert (await rechat.call("POST", f"/contacts/{parent['id']}/merge", {"sub_contacts": subs}))[0] == 404
    assert (await rechat.call("POST", f"/contacts/{parent['id']}/merge", {"sub_contacts": [parent["id"]]}))[0] == 400


async def test_clusters_are_merged_when_the_job_is_done(box: Sandbox, rechat: Caller) -> None:
    box.rechat_behaviour.change(job_seconds=30)
    parent, sub = (box.rechat.insert_contact(first_name=name)["id"] for name in "ab")
    sent = {"clusters": [{"parent": parent, "sub_contacts": [sub]}]}
    assert (await rechat.ok("POST", "/contacts/merge", sent))["data"].keys() == {"job_id"}
    assert (await rechat.call("GET", f"/contacts/{sub}"))[0] == 200
    box.clock.advance(31)
    assert (await rechat.call("GET", f"/contacts/{sub}"))[0] == 404
    assert (await rechat.call("POST", "/contacts/merge", {"clusters": [{"parent": "x", "sub_contacts": []}]}))[0] == 404


def test_oracle_refuses_what_it_does_not_know(box: Sandbox) -> None:
    with pytest.raises(ValueError, match="no such value"):
        box.rechat.insert_contact(colour="red")
    with pytest.raises(KeyError):
        box.rechat.replace_contact("none", first_name="x")
