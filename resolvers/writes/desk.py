"""What agents of Acquire do with contacts: block them, write notes, put cards on their timelines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolvers.ids import GlobalId
from resolvers.writes.outcome import Declined, Outcome, UserError, UserErrorCode, declined, unsupported
from resolvers.writes.pen import Given, Pen
from resolvers.writes.recall import Thing, card, card_of, contacts, id_of, note_of
from upstreams.acquire.values import is_id
from upstreams.errors import UpstreamMalformed
from upstreams.instants import now
from upstreams.records import Source


async def block(pen: Pen) -> Outcome:
    """Block contacts until a time."""
    ids = pen.ids("ids")
    given = [(f"ids.{place}", ids[text]) for place, text in enumerate(pen.given["ids"])]
    errors = [unsupported(at, id.source, "block contacts") for at, id in given if id.source is not Source.ACQUIRE]
    if pen.given["until"] <= now():
        errors.append(UserError("until", "It must lie in the future.", UserErrorCode.INVALID))
    errors += [
        UserError(at, "There is no such contact (any more).", UserErrorCode.NOT_FOUND)
        for at, id in given
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
    if id_of(await pen.look(pen.acquire.block(id), "blockId")) != id:
        raise declined("blockId", "There is no such block (any more).", UserErrorCode.NOT_FOUND)
    await pen.write(pen.acquire.unblock(id), "blockId")
    return Outcome(deleted_ids=[id])


async def add_note(pen: Pen) -> Outcome:
    """Write a note on a contact."""
    id = _contact(pen, "write notes; at Rechat a note is an attribute: see contactAttributesAdd")
    if not pen.given["text"].strip():
        raise declined("text", "It is empty.", UserErrorCode.INVALID)
    row = await pen.write(pen.acquire.create_note(id.key, pen.given["text"]), "contactId")
    note = note_of(row, id.key)
    if note is None:
        raise UpstreamMalformed(Source.ACQUIRE, "noteCreate", "the answer holds no note")
    return Outcome(note=note)


async def create_card(pen: Pen) -> Outcome:
    """Put a card on a contact's timeline."""
    id = _contact(pen, "put cards on a timeline")
    if pen.given.get("config") is None:
        raise declined("config", "A card shows something.", UserErrorCode.REQUIRED)
    body = {"contact_id": int(id.key), **_card(pen.given, {})}
    made = card_of(await pen.write(pen.acquire.create_view(body), "contactId"))
    if made is None:
        raise UpstreamMalformed(Source.ACQUIRE, "viewCreate", "the answer holds no card")
    return Outcome(card=made)


async def update_card(pen: Pen) -> Outcome:
    """Change a card; what is not given is sent as it was. The answer is no card, so it is read afterwards."""
    id = _card_id(pen)
    found = await pen.look(pen.acquire.view(id), "cardId")
    if id_of(found) != id:
        raise declined("cardId", "There is no such card (any more).", UserErrorCode.NOT_FOUND)
    owner = {"contact_id": found["contactId"]} if found.get("contactId") is not None else {}
    await pen.write(pen.acquire.update_view(id, {**owner, **_card(pen.given, found)}), "cardId")
    return Outcome(card=await card(pen, id))


async def delete_card(pen: Pen) -> Outcome:
    """Take a card off."""
    id = _card_id(pen)
    await pen.write(pen.acquire.delete_view(id), "cardId")
    return Outcome(deleted_ids=[id])


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


_META = {"icon_image_url": "iconImageUrl", "icon_font": "iconFont"}
_VIEW = {"type": "type", "config": "config"}


def _card(given: Given, old: Mapping[str, Any]) -> dict[str, Any]:
    """A card as it is sent: what an input gives, and the rest as it was."""
    made: dict[str, Any] = {
        "title": given.get("title") if given.get("title") is not None else old.get("title"),
        "meta": _part(given, _META, old.get("meta")),
        "view": _part(given, _VIEW, old.get("view")),
    }
    if made["view"]:
        made["view"] = {"type": "ui_block", **made["view"]}
    return {name: value for name, value in made.items() if value not in (None, {})}


def _part(given: Given, names: Mapping[str, str], old: Any) -> dict[str, Any]:
    changes = {key: given[name] for name, key in names.items() if given.get(name) is not None}
    return {**(old if isinstance(old, dict) else {}), **changes}
