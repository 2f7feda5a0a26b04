"""What only Rechat can be told: attributes, definitions, tags, saved searches, merges, imports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.schema.harness import Api
from tests.schema.writing import change, contact_id, refusals, segment_id, writer
from upstreams.records import Entity, Source

R, A = Source.RECHAT, Source.ACQUIRE
ATTRIBUTES = "contact { sourceId } attributes { sourceId text attributeType definition { name } } deletedIds"


@pytest_asyncio.fixture
async def api(box: Sandbox, tmp_path: Path) -> AsyncIterator[Api]:
    """A gateway over all three services of the small sandbox."""
    async with writer(box, tmp_path) as api:
        yield api


def rows(box: Sandbox, key: str, kind: str) -> list[dict[str, Any]]:
    contact = box.rechat.contact(key, ["contact.attributes"])
    assert contact is not None
    return [row for row in contact["attributes"] if row["attribute_type"] == kind]


async def test_attributes_are_added_replaced_and_deleted_one_by_one(api: Api, box: Sandbox) -> None:
    key = box.rechat.insert_contact(first_name="Ada")["id"]
    id = contact_id(R, key)
    given = {
        "id": id,
        "attributes": [{"name": "note", "text": "one"}, {"name": "website", "text": "https://x.example"}],
    }
    added = await change(api, "contactAttributesAdd", given, ATTRIBUTES)
    assert refusals(added, "contactAttributesAdd") == []
    made = added["contactAttributesAdd.attributes"]
    assert [(row["text"], row["definition"]["name"]) for row in made] == [
        ("one", "note"),
        ("https://x.example", "website"),
    ]
    assert added.calls == {"attributeDefs": 1, "addAttributes": 1, "contactsFilter": 1}
    note = made[0]["sourceId"]
    given = {"id": id, "attributeId": note, "attribute": {"text": "two"}}
    replaced = await change(api, "contactAttributeReplace", given, ATTRIBUTES)
    (now,) = replaced["contactAttributeReplace.attributes"]
    assert (now["text"], now["definition"]["name"]) == ("two", "note")
    assert [row["text"] for row in rows(box, key, "note")] == ["two"]
    assert replaced.calls == {"contact": 1, "attributeDefs": 1, "replaceAttribute": 1, "contactsFilter": 1}
    deleted = await change(api, "contactAttributeDelete", {"id": id, "attributeId": note}, ATTRIBUTES)
    assert deleted["contactAttributeDelete.deletedIds"] == [note]
    assert deleted["contactAttributeDelete.contact.sourceId"] == key
    assert rows(box, key, "note") == []
    assert deleted.calls == {"deleteAttribute": 1}
    for field, input in (
        ("contactAttributeDelete", {"id": id, "attributeId": note}),
        ("contactAttributeReplace", {"id": id, "attributeId": note, "attribute": {"text": "x"}}),
    ):
        assert refusals(await change(api, field, input, ATTRIBUTES), field) == [("attributeId", "NOT_FOUND")]


@pytest.mark.parametrize("key", ["attributes", "tags", ".."])
async def test_an_id_that_is_none_of_rechat_s_reaches_no_other_endpoint(api: Api, key: str) -> None:
    id = contact_id(R, key)
    for field, more, selection in (
        ("contactDelete", {}, "deletedIds"),
        ("contactsDelete", {"ids": [id]}, "deletedIds"),
        ("contactUpdate", {"firstName": "Ada"}, "contact { id }"),
        ("contactAttributeDelete", {"attributeId": "attributes"}, "deletedIds"),
    ):
        given = more if "ids" in more else {"id": id, **more}
        answer = await change(api, field, given, selection)
        assert [code for _, code in refusals(answer, field)] == ["NOT_FOUND"]
        assert answer.calls.keys() <= {"attributeDefs"}
    own = contact_id(R, "00000001-0000-4000-8000-000000000000")
    answer = await change(api, "contactAttributeDelete", {"id": own, "attributeId": ""}, "deletedIds")
    assert refusals(answer, "contactAttributeDelete") == [("attributeId", "NOT_FOUND")]


async def test_a_page_of_somebody_else_s_is_no_word_that_it_was_done(api: Api, box: Sandbox) -> None:
    key = box.rechat.insert_contact(first_name="Ada")["id"]
    box.faults.add("rechat.deleteContact", "html", times=1)
    answer = await change(api, "contactDelete", {"id": contact_id(R, key)}, "deletedIds")
    assert answer.codes == ["UPSTREAM_MALFORMED"]
    assert answer.errors[0]["extensions"]["retryable"] is False
    assert box.rechat.contact(key) is not None


async def test_attributes_are_added_to_all_and_deleted_in_bulk(api: Api, box: Sandbox) -> None:
    keys = [box.rechat.insert_contact(first_name=name, tags=["Conference"])["id"] for name in ("Ada", "Eve")]
    given = {
        "conditions": [{"name": "tag", "value": "Conference"}],
        "attributes": [{"name": "note", "text": "met there"}],
    }
    added = await change(api, "contactsAttributesAdd", given, "contacts { sourceId }")
    assert sorted(row["sourceId"] for row in added["contactsAttributesAdd.contacts"]) == sorted(keys)
    assert added.calls == {"attributeDefs": 1, "addAttributesToAll": 1}
    notes = [row["id"] for key in keys for row in rows(box, key, "note")]
    assert len(notes) == 2
    deleted = await change(api, "contactsAttributesDelete", {"attributeIds": notes}, "deletedIds")
    assert deleted["contactsAttributesDelete.deletedIds"] == notes
    assert deleted.calls == {"deleteAttributes": 1}
    assert [row for key in keys for row in rows(box, key, "note")] == []


async def test_an_attribute_that_the_team_defines_is_a_custom_field(api: Api, box: Sandbox) -> None:
    given = {"source": "RECHAT", "key": "pet", "label": "Pet", "rechat": {"section": "Details", "singular": True}}
    made = await change(
        api, "attributeDefinitionCreate", given, "definition { id key label dataType rechat { section singular } }"
    )
    definition = made["attributeDefinitionCreate.definition"]
    assert (definition["key"], definition["label"], definition["dataType"]) == ("pet", "Pet", "text")
    assert definition["rechat"] == {"section": "Details", "singular": True}
    assert made.calls == {"createAttributeDef": 1}
    given = {"source": "RECHAT", "firstName": "Ada", "customFields": [{"key": "pet", "value": "a cat"}]}
    contact = await change(api, "contactCreate", given, "contact { id customFields { key value } }")
    assert contact["contactCreate.contact.customFields"] == [{"key": "pet", "value": "a cat"}]
    given = {"id": contact["contactCreate.contact.id"], "customFields": [{"key": "pet", "value": None}]}
    cleared = await change(api, "contactUpdate", given, "contact { customFields { key value } }")
    assert cleared["contactUpdate.contact.customFields"] == []
    gone = await change(api, "attributeDefinitionDelete", {"id": definition["id"]}, "deletedIds")
    assert gone["attributeDefinitionDelete.deletedIds"] == [definition["id"]]
    assert gone.calls == {"attributeDefs": 1, "deleteAttributeDef": 1}
    again = await change(api, "attributeDefinitionDelete", {"id": definition["id"]}, "deletedIds")
    assert refusals(again, "attributeDefinitionDelete") == [("id", "NOT_FOUND")]
    own = next(row["id"] for row in box.rechat.data.definitions.values() if row["global"])
    given = {"id": simple_id(Entity.DEFINITION, R, own)}
    answer = await change(api, "attributeDefinitionDelete", given, "deletedIds")
    assert refusals(answer, "attributeDefinitionDelete") == [("id", "INVALID")]
    assert "deleteAttributeDef" not in answer.calls


async def test_two_values_for_one_field_are_declined(api: Api) -> None:
    await change(api, "attributeDefinitionCreate", {"source": "RECHAT", "key": "pet"}, "definition { id }")
    twice = [{"key": "pet", "value": "dog"}, {"key": "pet", "value": "cat"}]
    given = {"source": "RECHAT", "firstName": "Ada", "customFields": twice}
    answer = await change(api, "contactCreate", given, "contact { id }")
    assert refusals(answer, "contactCreate") == [("customFields.1.key", "DUPLICATE")]
    assert "createContacts" not in answer.calls


@pytest.mark.parametrize(
    ("type_", "value", "good"),
    [("DATE", "1982-01-29", True), ("DATE", "soon", False), ("NUMBER", "3", True), ("NUMBER", "x", False)],
)
async def test_custom_fields_are_of_their_type(api: Api, type_: str, value: str, good: bool) -> None:
    given: dict[str, Any] = {"source": "RECHAT", "key": "extra", "dataType": type_}
    assert (
        refusals(
            await change(api, "attributeDefinitionCreate", given, "definition { id }"), "attributeDefinitionCreate"
        )
        == []
    )
    given = {"source": "RECHAT", "firstName": "Ada", "customFields": [{"key": "extra", "value": value}]}
    answer = await change(api, "contactCreate", given, "contact { customFields { value } }")
    assert refusals(answer, "contactCreate") == ([] if good else [("customFields.0.value", "INVALID")])
    if good and type_ == "DATE":
        assert answer["contactCreate.contact.customFields"] == [{"value": value}]


def tags(segments: list[dict[str, Any]]) -> list[str]:
    return sorted(segment["name"] for segment in segments if segment["kind"] == "TAG")


async def test_tags_are_put_on_and_taken_off(api: Api, box: Sandbox) -> None:
    key = box.rechat.insert_contact(first_name="Ada", tags=["Hot"])["id"]
    id = contact_id(R, key)
    shown = "contact { segments { name kind } }"
    added = await change(api, "contactTagAdd", {"id": id, "tags": ["Hot", "Seller", "New one"]}, shown)
    assert tags(added["contactTagAdd.contact.segments"]) == ["Hot", "New one", "Seller"]
    assert added.calls == {"attributeDefs": 1, "contact": 1, "addAttributes": 1, "contactsFilter": 1}
    removed = await change(api, "contactTagRemove", {"id": id, "tags": ["Hot", "Seller", "Unknown"]}, shown)
    assert tags(removed["contactTagRemove.contact.segments"]) == ["New one"]
    assert removed.calls == {"attributeDefs": 1, "contact": 1, "deleteAttributes": 1, "contactsFilter": 1}
    there = box.rechat.contact(key)
    assert there is not None
    assert there["tags"] == ["New one"]
    idle = await change(api, "contactTagAdd", {"id": id, "tags": ["New one"]}, shown)
    assert idle.calls == {"attributeDefs": 1, "contact": 1, "contactsFilter": 1}
    visitor = contact_id(A, box.acquire.contacts()[0]["id"])
    refused = await change(api, "contactTagAdd", {"id": visitor, "tags": ["x"]}, shown)
    assert refusals(refused, "contactTagAdd") == [("id", "NOT_SUPPORTED")]


async def test_a_tag_is_made_renamed_touched_and_deleted(api: Api, box: Sandbox) -> None:
    shown = "segment { id name kind source sourceId }"
    made = await change(api, "tagCreate", {"source": "RECHAT", "name": " A/B test ", "touchDays": 7}, shown)
    tag = made["tagCreate.segment"]
    assert (tag["name"], tag["kind"], tag["source"]) == ("A/B test", "TAG", "RECHAT")
    assert made.calls == {"tags": 2, "createTag": 1}
    twice = await change(api, "tagCreate", {"source": "RECHAT", "name": "A/B test"}, shown)
    assert refusals(twice, "tagCreate") == [("name", "DUPLICATE")]
    assert twice.calls == {"tags": 1}
    key = box.rechat.insert_contact(first_name="Ada", tags=["A/B test"])["id"]
    renamed = await change(api, "tagRename", {"id": tag["id"], "name": "C & D?"}, shown)
    assert renamed["tagRename.segment.name"] == "C & D?"
    there = box.rechat.contact(key)
    assert there is not None
    assert there["tags"] == ["C & D?"]
    id = renamed["tagRename.segment.id"]
    touched = await change(api, "tagTouch", {"id": id, "days": 30}, shown)
    assert touched.calls == {"tags": 2, "setTagTouch": 1}
    assert next(row["touch_freq"] for row in box.rechat.tags() if row["tag"] == "C & D?") == 30
    deleted = await change(api, "tagDelete", {"id": id}, "deletedIds")
    assert deleted["tagDelete.deletedIds"] == [id]
    there = box.rechat.contact(key)
    assert there is not None
    assert not there["tags"]
    for field, more in (("tagDelete", {}), ("tagTouch", {"days": 1}), ("tagRename", {"name": "x"})):
        selection = "deletedIds" if field == "tagDelete" else shown
        assert refusals(await change(api, field, {"id": id, **more}, selection), field) == [("id", "NOT_FOUND")]


@pytest.mark.parametrize(
    ("field", "more", "selection"),
    [
        ("tagDelete", {}, "deletedIds"),
        ("tagTouch", {"days": 3}, "segment { name }"),
        ("tagRename", {"name": "Lukewarm"}, "segment { name }"),
    ],
)
async def test_a_tag_that_took_the_name_of_another_is_left_alone(
    api: Api, box: Sandbox, field: str, more: dict[str, Any], selection: str
) -> None:
    listed = await api.query('{ segments(first: 100, filter: {kinds: [TAG], search: "Warm"}) { nodes { id name } } }')
    (warm,) = (row for row in listed["segments.nodes"] if row["name"] == "Warm")
    tags = box.rechat.data.tags
    other = tags["Warm"] = {**tags.pop("Warm"), "id": "00000009-0000-4000-8000-000000000000"}  # somebody else's
    before = dict(other)
    answer = await change(api, field, {"id": warm["id"], **more}, selection)
    assert refusals(answer, field) == [("id", "NOT_FOUND")]
    assert tags["Warm"] == before
    again = await change(api, "tagCreate", {"source": "RECHAT", "name": "Warm"}, "segment { sourceId }")
    assert refusals(again, "tagCreate") == [("name", "DUPLICATE")]


async def test_a_tag_that_has_its_name_already_is_not_renamed(api: Api, box: Sandbox) -> None:
    id = segment_id(R, box.rechat.data.tags["Warm"]["id"])
    answer = await change(api, "tagRename", {"id": id, "name": " Warm "}, "segment { name }")
    assert answer["tagRename.segment"] == {"name": "Warm"}
    assert answer.calls == {"tags": 1}


async def test_a_saved_search_is_made_changed_and_deleted(api: Api, box: Sandbox) -> None:
    key = box.rechat.insert_contact(first_name="Ada", tags=["Conference", "Speaker"])["id"]
    shown = "segment { id name kind size contacts(first: 5) { nodes { sourceId } } }"
    given = {
        "source": "RECHAT",
        "name": "Speakers",
        "conditions": [{"name": "tag", "value": "Conference"}, {"name": "tag", "value": "Speaker"}],
    }
    made = await change(api, "segmentCreate", given, shown)
    segment = made["segmentCreate.segment"]
    assert (segment["name"], segment["kind"], segment["size"]) == ("Speakers", "LIST", 1)
    assert [row["sourceId"] for row in segment["contacts"]["nodes"]] == [key]
    listed = await api.query("{ segments(first: 100, filter: {kinds: [LIST]}) { nodes { name } } }")
    assert "Speakers" in [row["name"] for row in listed["segments.nodes"]]
    renamed = await change(api, "segmentUpdate", {"id": segment["id"], "name": "Talkers"}, "segment { id name size }")
    assert renamed["segmentUpdate.segment"] == {"id": segment["id"], "name": "Talkers", "size": 1}
    assert renamed.calls.keys() <= {"lists", "updateList"}
    given = {"id": segment["id"], "conditions": [{"name": "tag", "value": "Speaker", "not": True}]}
    other = await change(api, "segmentUpdate", given, "segment { name size }")
    assert other["segmentUpdate.segment.size"] == len(box.rechat.contacts()) - 1
    deleted = await change(api, "segmentDelete", {"id": segment["id"]}, "deletedIds")
    assert deleted["segmentDelete.deletedIds"] == [segment["id"]]
    assert deleted.calls == {"deleteList": 1}
    again = await change(api, "segmentDelete", {"id": segment["id"]}, "deletedIds")
    assert refusals(again, "segmentDelete") == [("id", "NOT_FOUND")]
    dynamic = segment_id(Source.CLOUD4WI, box.cloud4wi.segments()[0]["id"])
    answer = await change(api, "segmentDelete", {"id": dynamic}, "deletedIds")
    assert refusals(answer, "segmentDelete") == [("id", "NOT_SUPPORTED")]
    nameless = await change(api, "segmentCreate", {"source": "RECHAT", "name": " "}, "segment { id }")
    assert refusals(nameless, "segmentCreate") == [("name", "INVALID")]


async def test_what_a_saved_search_asks_beside_its_conditions_stays(api: Api, box: Sandbox) -> None:
    key, saved = next((key, row) for key, row in box.rechat.data.lists.items() if row["filters"])
    saved["args"] |= {"filter_type": "or", "q": "x", "crm_tasks": ["t"], "flows": ["f"], "assignees": ["u"]}
    before = dict(saved["args"])
    answer = await change(api, "segmentUpdate", {"id": segment_id(R, key), "name": "Other"}, "segment { name }")
    assert answer["segmentUpdate.segment"] == {"name": "Other"}
    assert box.rechat.data.lists[key]["args"] == before


@pytest.mark.parametrize("definition", [None, {}, {"id": None}])
async def test_a_condition_that_cannot_be_sent_again_is_not_dropped(
    api: Api, box: Sandbox, monkeypatch: pytest.MonkeyPatch, definition: Any
) -> None:
    key, saved = next((key, row) for key, row in box.rechat.data.lists.items() if len(row["filters"]) > 1)
    first, *others = saved["filters"]
    odd = {**saved, "filters": [{**first, "attribute_def": definition}, *others]}
    monkeypatch.setattr("sandbox.rechat.views.contact_list", lambda data, identifier: odd)
    answer = await change(api, "segmentUpdate", {"id": segment_id(R, key), "name": "Other"}, "segment { name }")
    assert refusals(answer, "segmentUpdate") == [("conditions", "REQUIRED")]
    assert answer.calls == {"lists": 1}
    assert box.rechat.data.lists[key]["name"] != "Other"


async def test_contacts_are_merged(api: Api, box: Sandbox) -> None:
    first = box.rechat.insert_contact(first_name="Ada", emails=["a@example.com"])["id"]
    second = box.rechat.insert_contact(first_name="Adah", emails=["b@example.com"])["id"]
    given = {"id": contact_id(R, first), "otherIds": [contact_id(R, second)]}
    merged = await change(api, "contactsMerge", given, "contact { firstName emails } deletedIds")
    assert merged["contactsMerge.contact"] == {"firstName": "Ada", "emails": ["a@example.com", "b@example.com"]}
    assert merged["contactsMerge.deletedIds"] == given["otherIds"]
    assert merged.calls == {"mergeContacts": 1}
    assert box.rechat.contact(second) is None
    visitor = contact_id(A, box.acquire.contacts()[0]["id"])
    wrong = await change(
        api, "contactsMerge", {"id": given["id"], "otherIds": [visitor, given["id"]]}, "contact { id }"
    )
    assert refusals(wrong, "contactsMerge") == [("otherIds.0", "INVALID"), ("id", "INVALID")]
    assert wrong.calls == {}


async def test_a_merged_contact_tells_its_segments(api: Api, box: Sandbox) -> None:
    first, second = (box.rechat.insert_contact(first_name="Ada", tags=[tag])["id"] for tag in ("Hot", "Seller"))
    given = {"id": contact_id(R, first), "otherIds": [contact_id(R, second)]}
    merged = await change(api, "contactsMerge", given, "contact { segments { name kind } }")
    assert tags(merged["contactsMerge.contact.segments"]) == ["Hot", "Seller"]
    assert merged.calls == {"mergeContacts": 1}


async def test_clusters_are_merged_by_a_job(api: Api, box: Sandbox) -> None:
    keys = [box.rechat.insert_contact(first_name="Ada", emails=["same@example.com"])["id"] for _ in range(3)]
    ids = [contact_id(R, key) for key in keys]
    given = {"clusters": [{"id": ids[0], "otherIds": ids[1:]}]}
    answer = await change(api, "duplicatesMerge", given, "job { id source state }")
    job = answer["duplicatesMerge.job"]
    assert (job["source"], job["state"]) == ("RECHAT", "ACCEPTED")
    assert answer.calls == {"mergeClusters": 1}
    assert [box.rechat.contact(key) is None for key in keys] == [False, True, True]
    again = await api.query("query ($id: ID!) { node(id: $id) { id ... on Job { state } } }", {"id": job["id"]})
    assert again["node"] == {"id": job["id"], "state": "UNKNOWN"}
    assert again.calls == {}
    given = {"clusters": [{"id": ids[0], "otherIds": []}]}
    answer = await change(api, "duplicatesMerge", given, "job { id }")
    assert refusals(answer, "duplicatesMerge") == [("clusters.0.otherIds", "EMPTY_SELECTION")]


async def test_contacts_are_imported(api: Api, box: Sandbox) -> None:
    given = {"contacts": [{"firstName": "Ada", "emails": ["ada.import@example.com"]}, {"lastName": "Byron"}]}
    before = len(box.rechat.contacts())
    answer = await change(api, "contactsImport", given, "job { source state }")
    assert answer["contactsImport.job"] == {"source": "RECHAT", "state": "ACCEPTED"}
    assert answer.calls == {"attributeDefs": 1, "importJson": 1}
    assert len(box.rechat.contacts()) == before + 2
    given = {"contacts": [{"firstName": "Ada"}, {}, {"emails": [""]}]}
    answer = await change(api, "contactsImport", given, "job { id }")
    assert refusals(answer, "contactsImport") == [("contacts.1", "REQUIRED"), ("contacts.2.emails.0", "INVALID")]
    assert "importJson" not in answer.calls


@dataclass(frozen=True)
class File:
    """A file as the endpoint hands it on."""

    filename: str
    content: bytes


async def test_a_file_is_imported(api: Api, box: Sandbox) -> None:
    given: dict[str, Any] = {
        "file": File("new clients.CSV", b"Mail,Given,Town\nada.file@example.com,Ada,London\n"),
        "ownerId": box.rechat.data.users[1]["id"],
        "columns": [
            {"column": "Mail", "name": "email", "index": 0},
            {"column": "Given", "name": "first_name"},
            {"column": "Town", "name": "address.city", "index": 0, "label": "Home"},
        ],
    }
    answer = await change(api, "contactsImportFile", given, "job { state }")
    assert refusals(answer, "contactsImportFile") == []
    assert answer["contactsImportFile.job"] == {"state": "ACCEPTED"}
    assert answer.calls == {"upload": 1, "importCsv": 1}
    there = next(row for row in box.rechat.contacts() if row["email"] == "ada.file@example.com")
    assert (there["first_name"], there["address"][0]["city"]) == ("Ada", "London")


@pytest.mark.parametrize(
    ("name", "content", "operation"), [("a.xls", b"x", "importXls"), ("a.xlsx", b"x", "importXlsx")]
)
async def test_a_file_that_is_no_sheet_is_told(api: Api, name: str, content: bytes, operation: str) -> None:
    given = {"file": File(name, content), "ownerId": "x", "columns": [{"column": "Mail", "name": "email"}]}
    answer = await change(api, "contactsImportFile", given, "job { id }")
    assert refusals(answer, "contactsImportFile") == [("columns", "INVALID")]
    assert answer.calls == {"upload": 1, operation: 1}


@pytest.mark.parametrize(
    ("file", "columns", "errors"),
    [
        (File("a.pdf", b"x"), [{"column": "a", "name": "email"}], [("file", "INVALID")]),
        (File("a.csv", b""), [{"column": "a", "name": "email"}], [("file", "INVALID")]),
        (File("a.csv", b"x"), [], [("columns", "EMPTY_SELECTION")]),
        (
            File("a.csv", b"x"),
            [{"column": "a"}, {"column": "b", "name": "email"}, {"column": "b", "name": "note"}],
            [("columns.0", "REQUIRED"), ("columns.2.column", "DUPLICATE")],
        ),
    ],
)
async def test_a_file_that_cannot_be_imported_is_not_sent(
    api: Api, file: File, columns: list[dict[str, Any]], errors: list[tuple[str, str]]
) -> None:
    given = {"file": file, "ownerId": "x", "columns": columns}
    answer = await change(api, "contactsImportFile", given, "job { id }")
    assert refusals(answer, "contactsImportFile") == errors
    assert answer.calls == {}


async def test_what_is_no_file_is_bad_input(api: Api) -> None:
    given = {"file": "a.csv", "ownerId": "x", "columns": []}
    answer = await change(api, "contactsImportFile", given, "job { id }")
    assert answer.codes == ["BAD_USER_INPUT"]
