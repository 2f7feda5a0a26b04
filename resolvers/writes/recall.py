"""What was changed, as ids that may be kept, and the objects of such ids as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from resolvers.writes.outcome import Job, JobState, Outcome
from resolvers.writes.pen import Pen
from upstreams.acquire.values import id_text
from upstreams.errors import UpstreamNotFound
from upstreams.needs import Need
from upstreams.rechat.feeds import associations
from upstreams.records import ContactRecord, SegmentRecord, Source

WITH_ATTRIBUTES = associations(frozenset({Need.CUSTOM_FIELDS}))
"""What a Rechat contact must be asked for to tell its attributes and what they are."""


class Thing(msgspec.Struct, frozen=True, array_like=True):
    """An object: the source that has it, and its id there."""

    source: Source
    id: str


class Things(msgspec.Struct, frozen=True, omit_defaults=True):
    """The objects of an outcome. ``note_of`` is the contact of a note."""

    contact: Thing | None = None
    contacts: Sequence[Thing] = ()
    segment: Thing | None = None
    company: Thing | None = None
    definition: Thing | None = None
    attributes: Sequence[str] = ()
    job: Thing | None = None
    note: Thing | None = None
    note_of: str | None = None
    card: Thing | None = None
    deleted_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a contact, as plain JSON."""

    source: Source
    source_id: str
    contact_id: str
    payload: Any


@dataclass(frozen=True, slots=True)
class Card:
    """A card on a contact's timeline, as plain JSON."""

    source: Source
    source_id: str
    payload: Any


def things_of(outcome: Outcome) -> Things:
    """What may be kept of an outcome."""
    return Things(
        contact=_thing(outcome.contact),
        contacts=[Thing(contact.source, contact.source_id) for contact in outcome.contacts],
        segment=_thing(outcome.segment),
        company=_thing(outcome.company),
        definition=_thing(outcome.definition),
        attributes=[attribute.source_id for attribute in outcome.attributes],
        job=_thing(outcome.job),
        note=_thing(outcome.note),
        note_of=outcome.note.contact_id if outcome.note else None,
        card=_thing(outcome.card),
        deleted_ids=list(outcome.deleted_ids),
    )


def _thing(record: Any) -> Thing | None:
    return None if record is None else Thing(record.source, record.source_id)


async def recall(pen: Pen, things: Things) -> Outcome:
    """The outcome of a change that was made before; objects that are gone by now are left out.

    Raises:
        UpstreamError: a source failed.
    """
    outcome = Outcome(deleted_ids=things.deleted_ids)
    outcome.contacts = await contacts(pen, things.contacts)
    if things.contact is not None:
        outcome.contact = next(iter(await contacts(pen, [things.contact])), None)
        if things.attributes:
            outcome.attributes = await attributes(pen, things.contact.id, things.attributes)
    if things.segment is not None:
        outcome.segment = await segment(pen, things.segment.source, things.segment.id)
    if things.company is not None:
        outcome.company = await company(pen, things.company.id)
    if things.definition is not None:
        outcome.definition = await definition(pen, things.definition.source, things.definition.id)
    if things.job is not None:
        outcome.job = Job(things.job.source, things.job.id, JobState.UNKNOWN)
    if things.note is not None and things.note_of is not None:
        outcome.note = await note(pen, things.note_of, things.note.id)
    if things.card is not None:
        outcome.card = await card(pen, things.card.id)
    return outcome


async def contacts(pen: Pen, things: Sequence[Thing]) -> list[ContactRecord]:
    """Contacts as they are now, in their order."""
    found: dict[Thing, ContactRecord] = {}
    for source in dict.fromkeys(thing.source for thing in things):
        ids = [thing.id for thing in things if thing.source is source]
        found.update((Thing(row.source, row.source_id), row) for row in await pen.read_back(source, ids))
    return [found[thing] for thing in things if thing in found]


async def attributes(pen: Pen, contact_id: str, ids: Sequence[str]) -> list[Any]:
    """Attributes of a Rechat contact, with their definitions."""
    contact = await pen.rechat.contact(contact_id, associations=WITH_ATTRIBUTES)
    known = {row.source_id: row for row in (contact.attributes if contact is not None else None) or ()}
    return [known[id] for id in ids if id in known]


async def segment(pen: Pen, source: Source, id: str) -> SegmentRecord | None:
    """A segment out of its source's list, read after the change."""
    pen.context.forget()
    return await pen.context.loaders.segment_by_id.of(source, id)


async def company(pen: Pen, id: str) -> Any:
    """A company of Acquire; None when it is gone."""
    try:
        return await pen.acquire.company(id, relations=("fields",))
    except UpstreamNotFound:
        return None


async def definition(pen: Pen, source: Source, id: str) -> Any:
    """A definition of an attribute; None when it is gone."""
    if source is Source.RECHAT:
        rows = (await pen.rechat.attribute_defs()).rows
        return next((row for row in rows if row.source_id == id), None)
    try:
        return await pen.acquire.custom_attribute(id)
    except UpstreamNotFound:
        return None


async def note(pen: Pen, contact_id: str, id: str) -> Note | None:
    """A note; None when it is gone."""
    try:
        return note_of(await pen.acquire.note(id), contact_id)
    except UpstreamNotFound:
        return None


def note_of(row: Any, contact_id: str) -> Note | None:
    """A note as it is sent; None when it is none."""
    id = id_of(row)
    return None if id is None else Note(Source.ACQUIRE, id, contact_id, row)


async def card(pen: Pen, id: str) -> Card | None:
    """A card; None when it is gone."""
    try:
        return card_of(await pen.acquire.view(id))
    except UpstreamNotFound:
        return None


def card_of(row: Any) -> Card | None:
    """A card as it is sent; None when it is none."""
    id = id_of(row)
    return None if id is None else Card(Source.ACQUIRE, id, row)


def id_of(row: Any) -> str | None:
    """The id of a note, a card or a block as it is sent; None when it is none of them."""
    id = row.get("id") if isinstance(row, dict) else None
    return id_text(id) if isinstance(id, int | str) else None
