"""What agents of Acquire keep about contacts, beyond one answer's rows and one change's fields."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sandbox.app import Sandbox
from tests.schema.harness import Api
from tests.schema.writing import change, contact_id, refusals, segment_id, writer
from upstreams.records import Source

R, A = Source.RECHAT, Source.ACQUIRE
MANY = 130
"""More than one answer holds, whatever is asked for."""


@pytest_asyncio.fixture
async def api(box: Sandbox, tmp_path: Path) -> AsyncIterator[Api]:
    """A gateway over all three services of the small sandbox."""
    async with writer(box, tmp_path) as api:
        yield api


async def test_all_notes_and_cards_of_a_contact_come(api: Api, box: Sandbox) -> None:
    key = box.acquire.insert_contact(name="Ada")["id"]
    for number in range(MANY):
        box.acquire.data.add_note(key, f"note {number}")
        box.acquire.data.add_view(key, f"card {number}", {}, {"type": "ui_block", "config": {}})
    text = "query ($id: ID!) { contactNotes(contactId: $id) { payload } contactCards(contactId: $id) { payload } }"
    answer = await api.query(text, {"id": contact_id(A, key)})
    notes = {row["payload"]["lastMessage"]["message"] for row in answer["contactNotes"]}
    cards = {row["payload"]["title"] for row in answer["contactCards"]}
    assert notes == {f"note {number}" for number in range(MANY)}
    assert cards == {f"card {number}" for number in range(MANY)}
    assert answer.calls == {"notes": 2, "views": 2}


async def test_all_attributes_are_told(api: Api, box: Sandbox) -> None:
    for number in range(MANY):
        box.acquire.data.add_field(f"extra_{number}", f"Extra {number}")
    answer = await api.query("{ attributeDefinitions(sources: [ACQUIRE]) { key } }")
    keys = [row["key"] for row in answer["attributeDefinitions"]]
    assert len(keys) == len(set(keys)) == len(box.acquire.data.fields)
    assert answer.calls == {"customAttributes": 2}


async def test_a_contact_that_is_gone_has_no_notes_and_no_cards(api: Api) -> None:
    text = "query ($id: ID!) { contactNotes(contactId: $id) { sourceId } contactCards(contactId: $id) { sourceId } }"
    answer = await api.query(text, {"id": contact_id(A, 99_999_999)})
    assert (answer["contactNotes"], answer["contactCards"]) == ([], [])
    assert answer.codes == []


async def test_a_note_that_was_written_is_found_again(api: Api, box: Sandbox) -> None:
    key = box.acquire.insert_contact(name="Ada")["id"]
    given = {"contactId": contact_id(A, key), "text": "hello", "clientMutationId": "once"}
    shown = "note { sourceId contactId payload }"
    first = await change(api, "contactNoteAdd", given, shown)
    for number in range(MANY):
        box.acquire.data.add_note(key, f"later {number}")
    again = await change(api, "contactNoteAdd", given, shown)
    assert again["contactNoteAdd.note.sourceId"] == first["contactNoteAdd.note.sourceId"]
    assert again["contactNoteAdd.note.payload"]["lastMessage"]["message"] == "hello"
    assert again.calls == {"note": 1}


async def test_a_card_keeps_what_is_not_given(api: Api, box: Sandbox) -> None:
    key = box.acquire.insert_contact(name="Ada")["id"]
    icons = {"iconImageUrl": "https://icons.example/cart.svg", "iconFont": "cart"}
    card = box.acquire.data.add_view(key, "Order", icons, {"type": "ui_tab", "config": {"total": 3}})
    given: dict[str, Any] = {"cardId": str(card["id"]), "iconFont": "box", "config": {"total": 4}}
    changed = await change(api, "contactCardUpdate", given, "card { payload }")
    payload = changed["contactCardUpdate.card.payload"]
    assert payload["title"] == "Order"
    assert payload["meta"] == {**icons, "iconFont": "box"}
    assert payload["view"] == {"type": "ui_tab", "config": {"total": 4}}


async def test_a_card_that_shows_nothing_is_not_sent(api: Api, box: Sandbox) -> None:
    key = box.acquire.insert_contact(name="Ada")["id"]
    bare = await change(
        api, "contactCardCreate", {"contactId": contact_id(A, key), "title": "Order"}, "card { payload }"
    )
    assert refusals(bare, "contactCardCreate") == [("config", "REQUIRED")]
    assert bare.calls == {}


@pytest.mark.parametrize(
    ("had", "given", "has"),
    [
        (("#FF0000", None), {}, ("#FF0000", ["case", "contact"])),
        (("#FF0000", ["case"]), {}, ("#FF0000", ["case"])),
        (("#FF0000", ["case"]), {"color": None}, (None, ["case"])),
        ((None, ["contact"]), {"color": "#00FF00"}, ("#00FF00", ["contact"])),
    ],
)
async def test_a_tag_that_is_renamed_keeps_what_is_not_given(
    api: Api, box: Sandbox, had: tuple[str | None, list[str] | None], given: dict[str, Any], has: tuple[Any, Any]
) -> None:
    color, kinds = had
    tag = box.acquire.data.add_tag("Loud", color, kinds)
    renamed = await change(
        api, "tagRename", {"id": segment_id(A, tag["id"]), "name": "Quiet", **given}, "segment { name }"
    )
    assert renamed["tagRename.segment"] == {"name": "Quiet"}
    there = next(row for row in box.acquire.tags() if row["id"] == tag["id"])
    assert (there["color"], sorted(there["type"])) == has


async def test_whose_block_is_refused_is_told_by_its_place(api: Api, box: Sandbox) -> None:
    visitor = contact_id(A, box.acquire.contacts()[0]["id"])
    client = contact_id(R, box.rechat.contacts()[0]["id"])
    given = {"ids": [visitor, visitor, client], "until": "2099-01-01T00:00:00Z"}
    wrong = await change(api, "contactsBlock", given, "contacts { id }")
    assert refusals(wrong, "contactsBlock") == [("ids.2", "NOT_SUPPORTED")]
    assert wrong.calls == {}
    mixed = await change(api, "contactsMerge", {"id": visitor, "otherIds": [visitor, visitor, client]}, "deletedIds")
    assert refusals(mixed, "contactsMerge") == [("otherIds.2", "INVALID"), ("id", "INVALID")]
    assert mixed.calls == {}


async def test_what_cannot_be_changed_is_told_before_any_call(api: Api, box: Sandbox) -> None:
    client = contact_id(R, box.rechat.contacts()[0]["id"])
    visitors = [contact_id(A, row["id"]) for row in box.acquire.contacts()[:2]]
    rows = [{"id": client, "firstName": "Ada"}, *({"id": id, "jobTitle": "Engineer"} for id in visitors)]
    wrong = await change(api, "contactsUpdate", {"contacts": rows}, "contacts { id }")
    assert refusals(wrong, "contactsUpdate") == [
        ("contacts.1.jobTitle", "NOT_SUPPORTED"),
        ("contacts.2.jobTitle", "NOT_SUPPORTED"),
    ]
    assert wrong.calls == {}
