"""Tags: put on contacts and taken off, made, renamed, given a touch, deleted."""

from __future__ import annotations

from collections.abc import Sequence

from resolvers.ids import GlobalId
from resolvers.writes.contacts import rechat_only, shown, whole
from resolvers.writes.outcome import Declined, Outcome, UserErrorCode, declined, unsupported
from resolvers.writes.pen import Pen
from resolvers.writes.rechat_values import Definitions
from upstreams.acquire.assumptions import TAG_OF_ANYTHING
from upstreams.rechat import assumptions
from upstreams.rechat.client import AttributeValue
from upstreams.rechat.records import Tag
from upstreams.records import Entity, Source

_NO_TAG = "There is no such tag (any more)."


async def add(pen: Pen) -> Outcome:
    """Put tags on a contact of Rechat; one that it has already is not put on twice."""
    id = rechat_only(pen, "id", "put tags on a contact")
    names = _names(pen)
    definition = (await Definitions.read(pen)).named(assumptions.TAG_ATTRIBUTE.assumed, "tags")
    contact = await whole(pen, id.key)
    missing = [name for name in names if name not in contact.tags]
    if missing:
        values = [AttributeValue(attribute_def=definition.source_id, text=name) for name in missing]
        await pen.write(pen.rechat.add_attributes(id.key, values), "tags")
    return Outcome(contact=await shown(pen, id.source, id.key))


async def remove(pen: Pen) -> Outcome:
    """Take tags off a contact of Rechat; one that it does not have is no error."""
    id = rechat_only(pen, "id", "take tags off a contact")
    names = _names(pen)
    definition = (await Definitions.read(pen)).named(assumptions.TAG_ATTRIBUTE.assumed, "tags")
    contact = await whole(pen, id.key)
    found = [
        row.source_id
        for row in contact.attributes or ()
        if row.attribute_def_id == definition.source_id and row.text in names
    ]
    if found:
        await pen.write(pen.rechat.delete_attributes(found), "tags")
    return Outcome(contact=await shown(pen, id.source, id.key))


def _names(pen: Pen) -> Sequence[str]:
    names = [name.strip() for name in pen.some("tags")]
    if "" in names:
        raise declined(f"tags.{names.index('')}", "It is empty.", UserErrorCode.INVALID)
    return list(dict.fromkeys(names))


async def create(pen: Pen) -> Outcome:
    """Make a tag."""
    given, source = pen.given, pen.require(pen.given["source"])
    name = given["name"].strip()
    if not name:
        raise declined("name", "It is empty.", UserErrorCode.INVALID)
    if source is Source.CLOUD4WI:
        raise Declined(unsupported("source", source, "make tags"))
    if source is Source.ACQUIRE:
        if given.get("touch_days") is not None:
            raise Declined(unsupported("touchDays", source, "plan touches"))
        types = [type.value.lower() for type in given.get("for_") or ()] or ["contact"]
        made = await pen.write(pen.acquire.create_tag(name, color=given.get("color"), type=types), "name")
        return Outcome(segment=await pen.acquire.tag(made.source_id))
    for part, field, what in (("color", "color", "give a tag a color"), ("for_", "for", "say what a tag is for")):
        if given.get(part) is not None:
            raise Declined(unsupported(field, source, what))
    _require_free(name, await _tags(pen))
    await pen.write(pen.rechat.create_tag(name, given.get("touch_days")), "name")
    return Outcome(segment=await _named(pen, name))


async def rename(pen: Pen) -> Outcome:
    """Give a tag another name, on all contacts that have it."""
    id, name = _tag_id(pen), pen.given["name"].strip()
    if not name:
        raise declined("name", "It is empty.", UserErrorCode.INVALID)
    if id.source is Source.ACQUIRE:
        old = await pen.look(pen.acquire.tag(id.key), "id")
        color = pen.given.get("color", old.color)
        types = old.type or TAG_OF_ANYTHING.assumed
        await pen.write(pen.acquire.update_tag(id.key, name, color=color, type=types), "name")
        return Outcome(segment=await pen.acquire.tag(id.key))
    if pen.given.get("color") is not None:
        raise Declined(unsupported("color", id.source, "give a tag a color"))
    tags = await _tags(pen)
    tag = _of(tags, id)
    if name == tag.tag:
        return Outcome(segment=tag)
    _require_free(name, tags)
    await pen.write(pen.rechat.rename_tag(tag.tag, name), "name")
    return Outcome(segment=await _named(pen, name))


async def touch(pen: Pen) -> Outcome:
    """Say how many days may pass between touches of the contacts that have a tag."""
    id = _tag_id(pen)
    if id.source is not Source.RECHAT:
        raise Declined(unsupported("id", id.source, "plan touches"))
    tag = _of(await _tags(pen), id)
    await pen.write(pen.rechat.set_tag_touch(tag.tag, pen.given["days"]), "days")
    return Outcome(segment=await _named(pen, tag.tag))


async def delete(pen: Pen) -> Outcome:
    """Delete a tag, also from all contacts."""
    id = _tag_id(pen)
    if id.source is Source.ACQUIRE:
        await pen.write(pen.acquire.delete_tag(id.key), "id")
    else:
        await pen.write(pen.rechat.delete_tag(_of(await _tags(pen), id).tag), "id")
    return Outcome(deleted_ids=[pen.given["id"]])


def _tag_id(pen: Pen) -> GlobalId:
    id = pen.id("id", Entity.SEGMENT)
    if id.source is Source.CLOUD4WI:
        raise Declined(unsupported("id", id.source, "change a segment"))
    return id


async def _tags(pen: Pen) -> Sequence[Tag]:
    """All tags of Rechat as they are now: its endpoints go by name, and a name that was kept may be another's."""
    return (await pen.look(pen.rechat.tags())).rows


def _of(tags: Sequence[Tag], id: GlobalId) -> Tag:
    found = next((row for row in tags if row.source_id == id.key), None)
    if found is None:
        raise declined("id", _NO_TAG, UserErrorCode.NOT_FOUND)
    return found


def _require_free(name: str, tags: Sequence[Tag]) -> None:
    if any(row.tag == name for row in tags):
        raise declined("name", "Rechat has a tag of this name already.", UserErrorCode.DUPLICATE)


async def _named(pen: Pen, name: str) -> Tag | None:
    return next((row for row in (await pen.rechat.tags()).rows if row.tag == name), None)
