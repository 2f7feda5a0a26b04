"""What only Acquire can be told: companies, attributes, tags, merges, blocks, notes, cards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from sandbox.app import Sandbox
from tests.schema.harness import Api
from tests.schema.writing import change, contact_id, refusals, segment_id, writer
from upstreams.records import Source

R, A = Source.RECHAT, Source.ACQUIRE


@pytest_asyncio.fixture
async def api(box: Sandbox, tmp_path: Path) -> AsyncIterator[Api]:
    """A gateway over all three services of the small sandbox."""
    async with writer(box, tmp_path) as api:
        yield api


async def test_a_company_is_made_changed_and_deleted(api: Api, box: Sandbox) -> None:
    shown = "company { id sourceId name fields { key value } }"
    made = await change(api, "companyCreate", {"name": "Engines", "website": "engines.example"}, shown)
    company = made["companyCreate.company"]
    assert {"key": "website", "value": "engines.example"} in company["fields"]
    assert made.calls == {"companyCreate": 1}
    given = {"id": company["id"], "industry": "Computing", "website": None}
    changed = await change(api, "companyUpdate", given, shown)
    assert changed.calls == {"company": 1, "companyUpdate": 1}
    there = next(row for row in box.acquire.companies() if str(row["id"]) == company["sourceId"])
    assert (there["fields"]["name"], there["fields"]["industry"]) == ("Engines", "Computing")
    assert not there["fields"].get("website")
    found = await api.query(
        "query ($id: ID!) { company(id: $id) { name } node(id: $id) { __typename id } }", {"id": company["id"]}
    )
    assert found["company"] == {"name": "Engines"}
    assert found["node"] == {"__typename": "Company", "id": company["id"]}
    deleted = await change(api, "companyDelete", {"id": company["id"]}, "deletedIds")
    assert deleted["companyDelete.deletedIds"] == [company["id"]]
    again = await change(api, "companyDelete", {"id": company["id"]}, "deletedIds")
    assert refusals(again, "companyDelete") == [("id", "NOT_FOUND")]
    gone = await api.query("query ($id: ID!) { company(id: $id) { name } }", {"id": company["id"]})
    assert gone["company"] is None
    nameless = await change(api, "companyCreate", {"name": " "}, shown)
    assert refusals(nameless, "companyCreate") == [("name", "REQUIRED")]


async def test_companies_are_listed_in_parts(api: Api, box: Sandbox) -> None:
    ids = [str(row["id"]) for row in box.acquire.companies()]
    answer = await api.query("{ companies(page: 1, size: 3) { nodes { sourceId } totalCount } }")
    assert [row["sourceId"] for row in answer["companies.nodes"]] == ids[3:6]
    assert answer["companies.totalCount"] == len(ids)
    assert answer.calls == {"companies": 1}
    for arguments in ("page: -1", "size: 0", "size: 101"):
        wrong = await api.query(f"{{ companies({arguments}) {{ totalCount }} }}")
        assert wrong.codes == ["BAD_USER_INPUT"]
        assert wrong.calls == {}


async def test_an_attribute_is_defined_changed_and_deleted(api: Api, box: Sandbox) -> None:
    shown = "definition { id key label options source acquire { object system } }"
    given = {"source": "ACQUIRE", "key": "kind_of_plan", "label": "Plan", "options": ["free", "paid"]}
    made = await change(api, "attributeDefinitionCreate", given, shown)
    definition = made["attributeDefinitionCreate.definition"]
    assert (definition["key"], definition["label"], definition["options"]) == ("kind_of_plan", "Plan", ["free", "paid"])
    assert definition["acquire"] == {"object": "contact", "system": False}
    assert made.calls == {"customAttributeCreate": 1}
    twice = await change(api, "attributeDefinitionCreate", given, shown)
    assert refusals(twice, "attributeDefinitionCreate") == [("key", "DUPLICATE")]
    contact = {"source": "ACQUIRE", "firstName": "Ada", "customFields": [{"key": "kind_of_plan", "value": "paid"}]}
    created = await change(api, "contactCreate", contact, "contact { customFields { key value } }")
    assert created["contactCreate.contact.customFields"] == [{"key": "kind_of_plan", "value": "paid"}]
    contact["customFields"] = [{"key": "kind_of_plan", "value": "stolen"}]
    assert refusals(await change(api, "contactCreate", contact, "contact { id }"), "contactCreate") == [
        (None, "INVALID")
    ]
    given = {"id": definition["id"], "label": "Contract", "options": ["free", "paid", "trial"]}
    changed = await change(api, "attributeDefinitionUpdate", given, shown)
    assert changed["attributeDefinitionUpdate.definition"]["options"] == ["free", "paid", "trial"]
    assert changed["attributeDefinitionUpdate.definition"]["label"] == "Contract"
    assert changed.calls == {"customAttribute": 1, "customAttributeUpdate": 1}
    listed = await api.query("{ attributeDefinitions(sources: [ACQUIRE, RECHAT]) { id source key } }")
    assert definition["id"] in [row["id"] for row in listed["attributeDefinitions"]]
    assert {row["source"] for row in listed["attributeDefinitions"]} == {"ACQUIRE", "RECHAT"}
    assert listed.calls == {"customAttributes": 1, "attributeDefs": 1}
    node = await api.query("query ($id: ID!) { node(id: $id) { __typename id } }", {"id": definition["id"]})
    assert node["node"] == {"__typename": "AttributeDefinition", "id": definition["id"]}
    gone = await change(api, "attributeDefinitionDelete", {"id": definition["id"]}, "deletedIds")
    assert gone["attributeDefinitionDelete.deletedIds"] == [definition["id"]]
    again = await change(api, "attributeDefinitionUpdate", given, shown)
    assert refusals(again, "attributeDefinitionUpdate") == [("id", "NOT_FOUND")]
    dated = {"source": "ACQUIRE", "key": "since", "dataType": "DATE"}
    assert refusals(await change(api, "attributeDefinitionCreate", dated, shown), "attributeDefinitionCreate") == [
        ("dataType", "NOT_SUPPORTED")
    ]


async def test_a_tag_is_made_renamed_and_deleted(api: Api, box: Sandbox) -> None:
    shown = "segment { id name kind }"
    given = {"source": "ACQUIRE", "name": "Loud", "color": "#FF0000", "for": ["CONTACT", "CASE"]}
    made = await change(api, "tagCreate", given, shown)
    tag = made["tagCreate.segment"]
    assert (tag["name"], tag["kind"]) == ("Loud", "TAG")
    renamed = await change(api, "tagRename", {"id": tag["id"], "name": "Quiet"}, shown)
    assert renamed["tagRename.segment"] == {**tag, "name": "Quiet"}
    assert renamed.calls == {"tag": 2, "tagUpdate": 1}
    there = next(row for row in box.acquire.tags() if row["name"] == "Quiet")
    assert (there["color"], sorted(there["type"])) == ("#FF0000", ["case", "contact"])
    other = next(row["name"] for row in box.acquire.tags() if row["name"] != "Quiet")
    taken = await change(api, "tagRename", {"id": tag["id"], "name": other}, shown)
    assert refusals(taken, "tagRename") == [("name", "DUPLICATE")]
    deleted = await change(api, "tagDelete", {"id": tag["id"]}, "deletedIds")
    assert deleted["tagDelete.deletedIds"] == [tag["id"]]
    assert deleted.calls == {"tagDelete": 1}
    untouched = await change(api, "tagTouch", {"id": segment_id(A, 1), "days": 3}, shown)
    assert refusals(untouched, "tagTouch") == [("id", "NOT_SUPPORTED")]


async def test_contacts_are_merged(api: Api, box: Sandbox) -> None:
    first = box.acquire.insert_contact(name="Ada Byron", email="ada@example.com")["id"]
    second = box.acquire.insert_contact(name="Ada B", phone="+442079460958")["id"]
    box.acquire.insert_case(second, "2026-01-02T10:00:00Z", title="Hello")
    given = {"id": contact_id(A, first), "otherIds": [contact_id(A, second)]}
    shown = "contact { lastName events(first: 5) { nodes { __typename } } } deletedIds"
    merged = await change(api, "contactsMerge", given, shown)
    assert merged["contactsMerge.deletedIds"] == given["otherIds"]
    assert merged["contactsMerge.contact.lastName"] == "Byron"
    assert [row["__typename"] for row in merged["contactsMerge.contact.events.nodes"]] == ["ConversationEvent"]
    assert merged.calls["contactMerge"] == 1
    assert box.acquire.contact(second) is None


async def test_contacts_are_blocked_and_let_in_again(api: Api, box: Sandbox) -> None:
    key = box.acquire.contacts()[0]["id"]
    id = contact_id(A, key)
    answer = await change(api, "contactsBlock", {"ids": [id], "until": "2099-01-01T00:00:00Z"}, "contacts { id }")
    assert answer["contactsBlock.contacts"] == [{"id": id}]
    assert answer.calls == {"contactBlock": 1, "contact": 1}
    listed = await api.query("{ contactBlocks { sourceId until contactIds } }")
    block = listed["contactBlocks.0"]
    assert (block["until"], block["contactIds"]) == ("2099-01-01T00:00:00Z", [id])
    one = await api.query("query ($id: String!) { contactBlock(sourceId: $id) { until } }", {"id": block["sourceId"]})
    assert one["contactBlock"] == {"until": block["until"]}
    assert one.calls == {"block": 1}
    nobody = await api.query('{ contactBlock(sourceId: "999999") { until } }')
    assert nobody["contactBlock"] is None
    lifted = await change(api, "contactUnblock", {"blockId": block["sourceId"]}, "deletedIds")
    assert lifted["contactUnblock.deletedIds"] == [block["sourceId"]]
    assert lifted.calls == {"block": 1, "unblock": 1}
    again = await change(api, "contactUnblock", {"blockId": block["sourceId"]}, "deletedIds")
    assert refusals(again, "contactUnblock") == [("blockId", "NOT_FOUND")]
    assert (await api.query("{ contactBlocks { sourceId } }"))["contactBlocks"] == []
    client = contact_id(R, box.rechat.contacts()[0]["id"])
    wrong = await change(api, "contactsBlock", {"ids": [client], "until": "2020-01-01T00:00:00Z"}, "contacts { id }")
    assert refusals(wrong, "contactsBlock") == [("ids.0", "NOT_SUPPORTED"), ("until", "INVALID")]
    assert wrong.calls == {}


async def test_a_note_is_written(api: Api, box: Sandbox) -> None:
    id = contact_id(A, box.acquire.insert_contact(name="Ada")["id"])
    shown = "note { sourceId contactId payload }"
    answer = await change(api, "contactNoteAdd", {"contactId": id, "text": "hello"}, shown)
    note = answer["contactNoteAdd.note"]
    assert (note["contactId"], note["payload"]["lastMessage"]["message"]) == (id, "hello")
    listed = await api.query("query ($id: ID!) { contactNotes(contactId: $id) { sourceId } }", {"id": id})
    assert listed["contactNotes"] == [{"sourceId": note["sourceId"]}]
    assert listed.calls == {"notes": 1}
    nobody = await change(api, "contactNoteAdd", {"contactId": contact_id(A, 99_999_999), "text": "x"}, shown)
    assert refusals(nobody, "contactNoteAdd") == [("contactId", "NOT_FOUND")]
    client = contact_id(R, box.rechat.contacts()[0]["id"])
    wrong = await change(api, "contactNoteAdd", {"contactId": client, "text": "x"}, shown)
    assert refusals(wrong, "contactNoteAdd") == [("contactId", "NOT_SUPPORTED")]


async def test_a_card_is_put_on_changed_and_taken_off(api: Api, box: Sandbox) -> None:
    key = box.acquire.insert_contact(name="Ada")["id"]
    id = contact_id(A, key)
    given: dict[str, Any] = {"contactId": id, "title": "Order", "config": {"total": 3}, "iconFont": "x"}
    shown = "card { sourceId payload }"
    made = await change(api, "contactCardCreate", given, shown)
    card = made["contactCardCreate.card"]
    assert card["payload"]["title"] == "Order"
    assert made.calls == {"viewCreate": 1}
    changed = await change(api, "contactCardUpdate", {"cardId": card["sourceId"], "title": "Sent"}, shown)
    payload = changed["contactCardUpdate.card.payload"]
    assert payload["title"] == "Sent"
    assert payload["view"] == {"type": "ui_block", "config": {"total": 3}}
    assert (payload["contactId"], payload["dateCreated"]) == (int(key), card["payload"]["dateCreated"])
    assert changed.calls == {"view": 2, "viewUpdate": 1}
    listed = await api.query("query ($id: ID!) { contactCards(contactId: $id) { sourceId } }", {"id": id})
    assert listed["contactCards"] == [{"sourceId": card["sourceId"]}]
    gone = await change(api, "contactCardDelete", {"cardId": card["sourceId"]}, "deletedIds")
    assert gone["contactCardDelete.deletedIds"] == [card["sourceId"]]
    again = await change(api, "contactCardUpdate", {"cardId": card["sourceId"], "title": "x"}, shown)
    assert refusals(again, "contactCardUpdate") == [("cardId", "NOT_FOUND")]
    odd = await change(api, "contactCardDelete", {"cardId": "../contact"}, "deletedIds")
    assert refusals(odd, "contactCardDelete") == [("cardId", "NOT_FOUND")]
    assert odd.calls == {}


async def test_duplicates_of_rechat_are_told(api: Api, box: Sandbox) -> None:
    keys = {box.rechat.insert_contact(first_name="Ada", emails=["same.one@example.com"])["id"] for _ in range(2)}
    id = contact_id(R, sorted(keys)[0])
    answer = await api.query(
        "query ($id: ID!) { contactDuplicates(contactId: $id) { contacts { sourceId } }"
        " duplicates(size: 100) { nodes { contacts { sourceId } } totalCount } segmentOptions }",
        {"id": id},
    )
    assert {row["sourceId"] for row in answer["contactDuplicates.contacts"]} == keys
    clusters = [{row["sourceId"] for row in cluster["contacts"]} for cluster in answer["duplicates.nodes"]]
    assert keys in clusters
    assert answer["duplicates.totalCount"] >= 1
    assert "tag" in answer["segmentOptions"]
    assert answer.calls == {"contactDuplicates": 1, "duplicates": 1, "listOptions": 1}
    alone = contact_id(R, box.rechat.insert_contact(first_name="Nobody else")["id"])
    for other in (alone, contact_id(A, box.acquire.contacts()[0]["id"])):
        answer = await api.query("query ($id: ID!) { contactDuplicates(contactId: $id) { sourceId } }", {"id": other})
        assert answer["contactDuplicates"] is None
