"""Reading what stands around contacts: companies, attribute definitions, duplicates, blocks, notes, cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.batching import settled
from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.ids import parse_id_of, require_on
from resolvers.writes.pen import Pen
from resolvers.writes.recall import Card, Note, card_of, id_of, note_of
from upstreams.acquire.client import PageOf
from upstreams.acquire.lists import all_attributes, all_blocks, all_notes, all_views
from upstreams.acquire.values import id_text, instant_or_none, is_id
from upstreams.errors import UpstreamError, UpstreamNotFound
from upstreams.instants import Instant
from upstreams.needs import current_needs
from upstreams.rechat.feeds import associations
from upstreams.rechat.values import is_uuid
from upstreams.records import ContactRecord, Entity, Source

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of a list that its source numbers.

    Attributes:
        nodes: the records.
        total_count: how many there are in all, where the source says so.
    """

    nodes: Sequence[Any]
    total_count: int | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Contacts that their source takes for one person.

    Attributes:
        source_id: the source's own number of it, which it may give to another later.
        contacts: its members.
    """

    source: Source
    source_id: str
    contacts: Sequence[ContactRecord]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of contacts, as plain JSON and what is known of it.

    Attributes:
        source_id: the source's own id of it.
        contact_source_ids: whom it blocks, as far as it says.
        until: when it ends.
    """

    source: Source
    source_id: str
    contact_source_ids: Sequence[str]
    until: Instant | None
    payload: Any


def _page(number: int, size: int) -> PageOf:
    if number < 0:
        raise BadUserInput("page must not be negative.")
    if not 1 <= size <= MOST_AT_ONCE:
        raise BadUserInput(f"size must be 1 to {MOST_AT_ONCE}.")
    return PageOf(number, size)


async def companies(context: Context, page: int, size: int) -> Listed:
    """A page of Acquire's companies."""
    asked = _page(page, size)
    if Source.ACQUIRE not in context.services.sources:
        return Listed((), 0)
    found = await Pen(context, {}).acquire.companies(asked, relations=("fields",))
    return Listed(found.good, found.total)


async def company(context: Context, key: str) -> Any:
    """A company by its id; None when it is gone."""
    if not is_id(key):
        return None
    try:
        return await Pen(context, {}).acquire.company(key, relations=("fields",))
    except UpstreamNotFound:
        return None


async def company_of(context: Context, text: str) -> Any:
    """A company by its global id; None when it is gone.

    Raises:
        InvalidId: the text is none.
    """
    id = parse_id_of(text, Entity.COMPANY)
    require_on(id, context.services.sources, text)
    return await company(context, id.key)


async def definitions(context: Context, info: Any, sources: Sequence[Source] | None) -> list[Any]:
    """The definitions of attributes at Rechat and Acquire; a source that fails leaves the other's, and is reported.

    Raises:
        UpstreamError: there is nothing to show.
    """
    pen = Pen(context, {})
    wanted = [source for source in context.services.sources if sources is None or source in sources]
    for source in sources or ():
        pen.require(source)

    async def ask(source: Source) -> Sequence[Any]:
        if source is Source.RECHAT:
            return (await pen.rechat.attribute_defs()).rows
        return await all_attributes(pen.acquire) if source is Source.ACQUIRE else ()

    answers = await settled([ask(source) for source in wanted])
    failures: list[UpstreamError] = []
    found: list[Any] = []
    for answer in answers:
        if isinstance(answer, UpstreamError):
            failures.append(answer)
        elif isinstance(answer, Exception):
            raise answer
        else:
            found += answer
    if failures and not found:
        raise failures[0]
    context.report(failures, info)
    return found


async def definition(context: Context, source: Source, key: str) -> Any:
    """A definition by its id; None when it is gone."""
    pen = Pen(context, {})
    if source is Source.RECHAT:
        return next((row for row in (await pen.rechat.attribute_defs()).rows if row.source_id == key), None)
    if source is not Source.ACQUIRE or not is_id(key):
        return None
    try:
        return await pen.acquire.custom_attribute(key)
    except UpstreamNotFound:
        return None


async def duplicates(context: Context, page: int, size: int) -> Listed:
    """A page of the clusters of contacts that Rechat takes for one person each."""
    asked = _page(page, size)
    if Source.RECHAT not in context.services.sources:
        return Listed((), 0)
    found = await Pen(context, {}).rechat.duplicates(
        start=asked.number * asked.size, limit=asked.size, associations=associations(current_needs.get())
    )
    return Listed([_cluster(row) for row in found.rows], found.total)


async def duplicates_of(context: Context, text: str) -> Cluster | None:
    """The cluster that a contact of Rechat is in; None when it is in none, or another source's."""
    id = parse_id_of(text, Entity.CONTACT)
    require_on(id, context.services.sources, text)
    if id.source is not Source.RECHAT or not is_uuid(id.key):
        return None
    needed = associations(current_needs.get())
    row = await Pen(context, {}).rechat.contact_duplicates(id.key, associations=needed)
    return None if row is None else _cluster(row)


def _cluster(row: Any) -> Cluster:
    return Cluster(Source.RECHAT, str(row.source_id), row.contacts)


async def list_options(context: Context) -> Any:
    """What the saved searches of Rechat may ask for, as plain JSON; None without Rechat."""
    return await Pen(context, {}).rechat.list_options() if Source.RECHAT in context.services.sources else None


async def blocks(context: Context) -> list[Block]:
    """Who is blocked at Acquire."""
    if Source.ACQUIRE not in context.services.sources:
        return []
    found = await all_blocks(Pen(context, {}).acquire)
    return [made for row in found if (made := _block(row)) is not None]


async def block(context: Context, key: str) -> Block | None:
    """One block by Acquire's own id; None when there is none."""
    if Source.ACQUIRE not in context.services.sources or not is_id(key):
        return None
    try:
        row = await Pen(context, {}).acquire.block(key)
    except UpstreamNotFound:
        return None
    return _block(row)


def _block(row: Any) -> Block | None:
    id = id_of(row)
    if id is None:
        return None
    who = row.get("data")
    whom = who if isinstance(who, list) else [who]
    ids = [id_text(one.get("id") if isinstance(one, dict) else one) for one in whom]
    until = row.get("blockTill")
    return Block(
        Source.ACQUIRE,
        id,
        [id for id in ids if id is not None and is_id(id)] if row.get("type") in (None, "contact") else [],
        instant_or_none(until) if isinstance(until, str) else None,
        row,
    )


async def notes(context: Context, text: str) -> list[Note]:
    """The notes on a contact of Acquire."""
    key = _of_acquire(context, text)
    if key is None:
        return []
    found = await all_notes(Pen(context, {}).acquire, key)
    return [note for row in found if (note := note_of(row, key)) is not None]


async def cards(context: Context, text: str) -> list[Card]:
    """The cards on the timeline of a contact of Acquire."""
    key = _of_acquire(context, text)
    if key is None:
        return []
    found = await all_views(Pen(context, {}).acquire, key)
    return [card for row in found if (card := card_of(row)) is not None]


def _of_acquire(context: Context, text: str) -> str | None:
    id = parse_id_of(text, Entity.CONTACT)
    require_on(id, context.services.sources, text)
    return id.key if id.source is Source.ACQUIRE and is_id(id.key) else None


def definition_label(record: Any) -> str | None:
    """What people call an attribute."""
    if record.source is Source.RECHAT:
        return str(record.label) if record.label else None
    label = record.config.get("label") if isinstance(record.config, dict) else None
    return label if isinstance(label, str) and label else None


def definition_type(record: Any) -> str | None:
    """What the values of an attribute are, in the source's word."""
    kind = record.data_type if record.source is Source.RECHAT else record.type
    return str(kind) if kind else None


def definition_options(record: Any) -> Sequence[str] | None:
    """The values that an attribute may have; None when it is free."""
    if record.source is Source.RECHAT:
        return tuple(record.enum_values) if record.enum_values else None
    shown = record.config.get("input") if isinstance(record.config, dict) else None
    options = shown.get("options") if isinstance(shown, dict) else None
    return [str(option) for option in options] if isinstance(options, list) and options else None
