"""What agents of Acquire do with contacts: block them, write notes, put cards on their timelines."""

from __future__ import annotations

from typing import Any

from resolvers.ids import GlobalId
from resolvers.writes.outcome import Declined, Outcome, UserError, UserErrorCode, declined, unsupported
from resolvers.writes.pen import Given, Pen
from resolvers.writes.recall import Thing, card_of, contacts, note_of
from upstreams.acquire.values import is_id
from upstreams.errors import UpstreamMalformed
from upstreams.instants import now
from upstreams.records import Source


async def block(pen: Pen) -> Outcome:
    """Block contacts until a time."""
    ids = pen.ids("ids")
    errors = [
        unsupported(f"ids.{place}", id.source, "block contacts")
        for place, id in enumerate(ids.values())
        if id.source is not Source.ACQUIRE
    ]
    if pen.given["until"] <= now():
        errors.append(UserError("until", "It must lie in the future.", UserErrorCode.INVALID))
    errors += [
        UserError(f"ids.{place}", "There is no such contact (any more).", UserErrorCode.NOT_FOUND)
        for place, id in enumerate(ids.values())
        if id.source is Source.ACQUIRE and not is_id(id.key)
    ]
    if errors:
        raise Declined(*errors)
    keys = [id.key for id in ids.values()]
    await pen.write(pen.acquire.block_contacts([int(key) for key in keys], pen.given["until"]), "ids")
    return Outcome(contacts=await contacts(pen, [Thing(Source.ACQUIRE, key) for key in keys]))


async def unblock(pen: Pen) -> Outcome:
    """Lift a block. A good answer may say that none was, so the block is looked for first."""
    id = pen.given["block_id"]
    if not is_id(id):
        raise declined("blockId", "There is no such block (any more).", UserErrorCode.NOT_FOUND)
    found = await pen.look(pen.acquire.blocks(), "blockId")
    if not any(str(row.get("id")) == id for row in rows(found, "data")):
        raise declined("blockId", "There is no such block (any more).", UserErrorCode.NOT_FOUND)
    await pen.write(pen.acquire.unblock(id), "blockId")
    return Outcome(deleted_ids=[id])


async def add_note(pen: Pen) -> Outcome:
    """Write a note on a contact."""
    id = _contact(pen, "write notes; at Rechat a note is an attribute: see contactAttributesAdd")
    if not pen.given["text"].strip():
        raise declined("text", "It is empty.", UserErrorCode.INVALID)
    row = await pen.write(pen.acquire.create_note(id.key, {"note": pen.given["text"]}), "contactId")
    note = note_of(row, id.key)
    if note is None:
        raise UpstreamMalformed(Source.ACQUIRE, "noteCreate", "the answer holds no note")
    return Outcome(note=note)


async def create_card(pen: Pen) -> Outcome:
    """Put a card on a contact's timeline."""
    id = _contact(pen, "put cards on a timeline")
    body = {"contact_id": int(id.key), **_card(pen.given)}
    return _carded(await pen.write(pen.acquire.create_view(body), "contactId"), "viewCreate")


async def update_card(pen: Pen) -> Outcome:
    """Change a card; what is not given is sent as it was."""
    id = _card_id(pen)
    old = await pen.look(pen.acquire.view(id), "cardId")
    known = old if isinstance(old, dict) else {}
    kept = {name: known[name] for name in ("title", "meta", "view") if known.get(name) is not None}
    return _carded(await pen.write(pen.acquire.update_view(id, {**kept, **_card(pen.given)}), "cardId"), "viewUpdate")


async def delete_card(pen: Pen) -> Outcome:
    """Take a card off."""
    id = _card_id(pen)
    await pen.write(pen.acquire.delete_view(id), "cardId")
    return Outcome(deleted_ids=[id])


def rows(found: Any, name: str) -> list[dict[str, Any]]:
    """The objects in a list that comes as plain JSON."""
    listed = found.get(name) if isinstance(found, dict) else found
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def _contact(pen: Pen, what: str) -> GlobalId:
    id = pen.id("contact_id")
    if id.source is not Source.ACQUIRE:
        raise Declined(unsupported("contactId", id.source, what))
    if not is_id(id.key):
        raise declined("contactId", "There is no such contact (any more).", UserErrorCode.NOT_FOUND)
    return id


def _card_id(pen: Pen) -> str:
    id: str = pen.given["card_id"]
    pen.require(Source.ACQUIRE)
    if not is_id(id):
        raise declined("cardId", "There is no such card (any more).", UserErrorCode.NOT_FOUND)
    return id


def _card(given: Given) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if given.get("title") is not None:
        made["title"] = given["title"]
    meta = {key: given[name] for name, key in _META.items() if given.get(name) is not None}
    if meta:
        made["meta"] = meta
    if given.get("config") is not None:
        made["view"] = {"type": given.get("type") or "ui_block", "config": given["config"]}
    return made


_META = {"icon_image_url": "iconImageUrl", "icon_font": "iconFont"}


def _carded(row: Any, operation: str) -> Outcome:
    card = card_of(row)
    if card is None:
        raise UpstreamMalformed(Source.ACQUIRE, operation, "the answer holds no card")
    return Outcome(card=card)
