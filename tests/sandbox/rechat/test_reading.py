"""What Rechat shows of contacts, tags, lists, definitions and duplicates."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.app import Sandbox
from sandbox.rechat.definitions import global_definitions
from tests.sandbox.caller import Caller, Json

TAG = "5b3c994e-7569-4df8-b8db-f37421a684f7"
ALL = (
    *("contact.attributes", "contact.flows", "contact.summary", "contact.lists", "contact.users", "contact.deals"),
    *("contact.brand", "contact.user", "contact.created_by", "contact.updated_by"),
)


def ids(body: Json) -> list[str]:
    """The ids of a collection."""
    return [row["id"] for row in body["data"]]


async def test_pages_in_the_order_of_creation(box: Sandbox, rechat: Caller) -> None:
    every = [row["id"] for row in box.rechat.contacts()]
    body = await rechat.get("/contacts")
    assert ids(body) == every[:10]
    assert body["code"] == "OK"
    assert body["info"] == {"count": 10, "total": 60}
    assert ids(await rechat.get("/contacts", ("start", 55), ("limit", 50))) == every[55:]
    assert ids(await rechat.get("/contacts", ("start", 60))) == []
    box.rechat_behaviour.change(max_limit=7)
    assert ids(await rechat.get("/contacts", ("limit", 50))) == every[:7]
    assert (await rechat.get("/contacts"))["data"] == box.rechat.contacts()[:7]


@pytest.mark.parametrize(
    "order", ["created_at", "updated_at", "last_touch", "next_touch", "display_name", "sort_field"]
)
async def test_orders(box: Sandbox, rechat: Caller, order: str) -> None:
    up = (await rechat.get("/contacts", ("limit", 100), ("order", order)))["data"]
    down = (await rechat.get("/contacts", ("limit", 100), ("order", f"-{order}")))["data"]
    keys = [str(row[order] or "").casefold() if "_name" in order or "sort" in order else row[order] or 0 for row in up]
    assert keys == sorted(keys)
    assert [row[order] for row in down] == [row[order] for row in reversed(up)]
    assert (await rechat.call("GET", "/contacts", query=[("order", "name")]))[0] == 400


async def test_one_import_shares_an_instant_in_another_order_than_ids(box: Sandbox) -> None:
    contacts = box.rechat.contacts()
    imported = [row["id"] for row in contacts if row["created_for"] == "import_json"]
    together = [row["created_at"] for row in contacts if row["id"] in imported]
    assert len(imported) == 6
    assert len(set(together)) == 1
    assert imported != sorted(imported)


async def test_a_contact_has_every_key_and_null_for_empty_lists(box: Sandbox, rechat: Caller) -> None:
    made = box.rechat.insert_contact(company="ACME Corporation")
    body = await rechat.get(f"/contacts/{made['id']}")
    row = body["data"]
    assert row == made
    assert [name for name in ("emails", "phone_numbers", "tags", "address", "website") if row[name] is not None] == []
    assert (row["display_name"], row["sort_field"]) == ("ACME Corporation", "ACME Corporation")
    assert not {"attributes", "summary", "lists", "user", "created_by"} & row.keys()
    assert (row["brand"], row["brand_id"], row["type"]) == (box.rechat_brand, box.rechat_brand, "contact")
    assert isinstance(row["created_at"], float)
    assert any(round(each["created_at"] % 1, 3) != each["created_at"] % 1 for each in box.rechat.contacts())


@pytest.mark.parametrize(
    ("values", "display", "sort", "plain"),
    [
        ({"first_name": "John", "last_name": "Doe", "nickname": "Johnny"}, "Johnny", "Johnny", "John Doe"),
        ({"first_name": "Kate", "last_name": "Bell", "company": "X"}, "Kate Bell", "Bell Kate", "Kate Bell"),
        ({"last_name": "Zakroff"}, "Zakroff", "Zakroff", "Zakroff"),
        ({"company": "ACME", "emails": ["a@example.com"]}, "ACME", "ACME", "ACME"),
        ({"emails": ["a@example.com"], "phone_numbers": ["1"]}, "a@example.com", "a@example.com", "a@example.com"),
        ({"phone_numbers": ["+1 415"]}, "+1 415", "+1 415", "+1 415"),
    ],
)
async def test_names(box: Sandbox, values: dict[str, Any], display: str, sort: str, plain: str) -> None:
    row = box.rechat.insert_contact(**values)
    found = box.rechat.contact(row["id"], ["contact.summary"])
    assert found is not None
    assert (found["display_name"], found["sort_field"], found["summary"]["display_name"]) == (display, sort, plain)


async def test_relations_come_when_asked_for(box: Sandbox, rechat: Caller) -> None:
    made = box.rechat.insert_contact(
        first_name="Ann", emails=["a@example.com", "b@example.com"], tags=["Buyer", "Hot"], birthday=1_000_000
    )
    body = await rechat.get(f"/contacts/{made['id']}", *[("associations[]", name) for name in ALL])
    row = body["data"]
    assert [each["text"] for each in row["attributes"] if each["attribute_type"] == "tag"] == ["Buyer", "Hot"]
    assert all("attribute_def" not in each for each in row["attributes"])
    assert (row["tags"], row["summary"]["tags"]) == (["Hot", "Buyer"], ["Buyer", "Hot"])
    assert (row["birthday"], row["summary"]["birthday"]) == ("1970-01-12T00:00:00.000Z", 950_400)
    assert [each["date"] for each in row["attributes"] if each["attribute_type"] == "birthday"] == [950_400]
    assert [each["name"] for each in row["lists"]] == ["Hot buyers", "Warm or hot"]
    assert (row["flows"], row["deals"], row["users"]) == (None, None, None)
    assert row["user"]["id"] == row["user_id"]
    assert row["brand"]["id"] == row["brand_id"]
    expanded = [("associations", "contact.attributes"), ("associations", "contact_attribute.attribute_def")]
    row = (await rechat.get(f"/contacts/{made['id']}", *expanded))["data"]
    assert {each["attribute_def"]["name"] for each in row["attributes"]} == {"first_name", "email", "tag", "birthday"}


async def test_a_number_is_kept_and_never_sent(box: Sandbox, rechat: Caller) -> None:
    budget = next(row["id"] for row in box.rechat.data.definitions.values() if row["name"] == "budget")
    rows = box.rechat.contacts(["contact.attributes", "contact_attribute.attribute_def"])
    numbers = [each for row in rows for each in row["attributes"] if each["attribute_def"]["id"] == budget]
    assert numbers
    assert all("number" not in each and each["attribute_type"] is None for each in numbers)
    rich = {"filter": [{"attribute_def": budget, "operator": "gte", "value": 1}]}
    assert (await rechat.ok("POST", "/contacts/filter", rich))["info"]["total"] == len(numbers)


async def test_addresses_omit_what_is_unknown(box: Sandbox) -> None:
    address = {"name": "Davis", "suftype": "Street", "house_num": "165", "city": "Hillsborough", "state": "CA"}
    row = box.rechat.insert_contact(address={**address, "postcode": "94010", "country": ""})
    assert row["address"] == [
        {
            **address,
            "type": "stdaddr",
            "postcode": "94010",
            "line1": "165 Davis Street",
            "line2": "Hillsborough CA 94010",
            "full": "165 Davis Street, Hillsborough CA 94010",
        }
    ]


async def test_a_partners_values_stay_apart(box: Sandbox) -> None:
    rows = [row for row in box.rechat.contacts() if row["partner_email"]]
    assert rows
    assert all(row["partner_email"] not in (row["emails"] or []) and row["partner_name"] for row in rows)


async def test_tags_come_by_name_and_all_at_once(box: Sandbox, rechat: Caller) -> None:
    body = await rechat.get("/contacts/tags", ("limit", 1))
    names = [row["tag"] for row in body["data"]]
    assert names == sorted(names)
    assert names.index("Warm") < names.index("foo")
    assert body["info"] == {"count": len(names), "total": 0}
    assert body["data"] == box.rechat.tags()
    assert {row["tag"]: row["touch_freq"] for row in body["data"] if row["touch_freq"]} == {
        "Hot": 7,
        "Past Client": 60,
        "Warm": 30,
    }


async def test_definitions(box: Sandbox, rechat: Caller) -> None:
    body = await rechat.get("/contacts/attribute_defs")
    assert body["info"] == {"count": 30, "total": 0}
    assert body["data"][:29] == global_definitions()
    assert (body["data"][29]["global"], body["data"][29]["brand"]) == (False, box.rechat_brand)
    title = next(row for row in body["data"] if row["name"] == "title")
    assert (len(title["enum_values"]), title["labels"]) == (12, [])


async def test_lists_count_their_computed_members(box: Sandbox, rechat: Caller) -> None:
    body = await rechat.get("/contacts/lists")
    assert body["data"] == box.rechat.lists()
    names = {row["name"]: row for row in body["data"]}
    contacts = box.rechat.contacts()

    def having(*tags: str, every: bool) -> set[str]:
        test = all if every else any
        return {row["id"] for row in contacts if test(tag in (row["tags"] or []) for tag in tags)}

    expected = {
        "Hot buyers": having("Hot", "Buyer", every=True),
        "agents and sellers": having("Agent", "Seller", every=False),
        "Not buying": {row["id"] for row in contacts} - having("Buyer", every=True),
        "Warm or hot": having("Warm", "Hot", every=False),
        "Work addresses": {row["id"] for row in contacts if any("@work." in each for each in row["emails"] or [])},
        "Nobody yet": set(),
    }
    assert names.keys() == expected.keys()
    for name, members in expected.items():
        assert names[name]["member_count"] == len(members), name
        for body in ({"lists": [names[name]["id"]]}, {}):
            query = [("limit", 100)] if body else [("limit", 100), ("lists[]", names[name]["id"])]
            found = await rechat.ok("POST", "/contacts/filter", body, query)
            assert set(ids(found)) == members
            assert found["info"]["total"] == len(members)
    options = await rechat.get("/contacts/lists/options")
    assert options["data"]["tag"]["values"] == [row["tag"] for row in box.rechat.tags()]


async def test_duplicates(box: Sandbox, rechat: Caller) -> None:
    body = await rechat.get("/contacts/duplicates", ("limit", 100))
    assert body["info"] == {"count": len(body["data"]), "total": str(len(body["data"]))}
    assert [row["id"] for row in body["data"]] == list(range(1, len(body["data"]) + 1))
    pair = next(
        each for each in box.people.pairs["duplicate in one source"] if each.left[0] == each.right[0] == "rechat"
    )
    one = await rechat.get(f"/contacts/{pair.left[1]}/duplicates")
    assert {pair.left[1], pair.right[1]} <= {row["id"] for row in one["data"]["contacts"]}
    assert one["data"] in body["data"]
    alone = box.rechat.insert_contact(first_name="Alone")
    assert (await rechat.call("GET", f"/contacts/{alone['id']}/duplicates"))[0] == 404


async def test_flows_of_the_brand(box: Sandbox, rechat: Caller) -> None:
    body = await rechat.get(f"/brands/{box.rechat_brand}/flows")
    assert [row["name"] for row in body["data"]] == ["Welcome"]


async def test_ids_are_uuids(box: Sandbox) -> None:
    uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(uuid.fullmatch(row["id"]) for row in box.rechat.contacts())
