"""Global ids: opaque to clients, readable here, and checked before any call is made.

An id is url-safe text over ``[entity, source, parts…]`` with two bytes of checksum, so that a mangled id is refused
instead of being looked up. An event's parts say where to find it again (contact, time, upstream id), since no upstream
reads one event by id. Ids name, they do not authorize: they carry nothing that their holder did not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from struct import Struct
from typing import Any, NamedTuple, TypeVar
from zlib import crc32

import msgspec

from resolvers.errors import InvalidId
from resolvers.opaque import from_text, to_text, to_texts
from upstreams.instants import Instant, to_unix
from upstreams.records import Entity, Source

T = TypeVar("T")

_NAMES = {
    Entity.CONTACT: "Contact",
    Entity.EVENT: "Event",
    Entity.SEGMENT: "Segment",
    Entity.LOCATION: "Location",
    Entity.PERSON: "Person",
    Entity.COMPANY: "Company",
    Entity.DEFINITION: "AttributeDefinition",
    Entity.JOB: "Job",
}
_COUNTS = {entity: 3 if entity is Entity.EVENT else 1 for entity in Entity}

_EVENT = Entity.EVENT  # the member of an enumeration is slow to find

_encode = msgspec.msgpack.Encoder().encode
_check = Struct(">H").pack
_decode = msgspec.msgpack.Decoder(tuple[Entity, Source, list[str | None]]).decode


class GlobalId(NamedTuple):
    """What an id says.

    Attributes:
        entity: the type of the object.
        source: the upstream that knows it.
        key: the upstream's id of it.
        contact: an event's contact, by the upstream's id; None where the event names none.
        at: an event's time.
    """

    entity: Entity
    source: Source
    key: str
    contact: str | None = None
    at: Instant | None = None


_HEADS = {entity: {source: _encode((entity, source, ()))[:-1] for source in Source} for entity in Entity}
"""How the ids of each type and source begin: all but the parts."""

_BEGINNING = to_text(_HEADS[Entity.CONTACT][Source.CLOUD4WI][:2])[:2]
"""The first characters of every id: an array of three, and a text of one character as its first."""


def _parts(entity: Entity, records: Sequence[Any]) -> list[bytes]:
    """What the ids of records of one type say beyond type and source."""
    if entity is _EVENT:
        return [_encode((record.source_id, record.contact_source_id, record.occurred_at)) for record in records]
    return [_encode((record.source_id,)) for record in records]


def _sealed(entity: Entity, source: Source, parts: bytes) -> str:
    body = _HEADS[entity][source] + parts
    return to_text(body + _check(crc32(body) & 0xFFFF))


def _simple_id(entity: Entity, source: Source, key: str) -> str:
    return _sealed(entity, source, _encode((key,)))


_LONGEST_KEPT = 200
"""Characters of an id or key; a client may make up ids of any length."""

_lately_written = lru_cache(maxsize=4096)(_simple_id)
"""Many events are of one contact and at one location, many contacts in one segment."""


def simple_id(entity: Entity, source: Source, key: str) -> str:
    """The global id of a contact, segment or location; of a person, that of its first contact."""
    return (_lately_written if len(key) <= _LONGEST_KEPT else _simple_id)(entity, source, key)


def node_id(record: Any) -> str:
    """The global id of any record."""
    entity, source = record.entity, record.source
    if entity is _EVENT:
        (parts,) = _parts(entity, (record,))
        return _sealed(entity, source, parts)
    return simple_id(entity, source, record.source_id)


def node_ids(records: Sequence[Any]) -> list[str]:
    """The global ids of a page of records; those of one type and source, as most are, column by column."""
    entities, sources = [record.entity for record in records], [record.source for record in records]
    if not records or entities.count(entities[0]) + sources.count(sources[0]) < 2 * len(records):
        return [node_id(record) for record in records]
    head = _HEADS[entities[0]][sources[0]]
    parts = _parts(entities[0], records)
    checks = [_check(check & 0xFFFF) for check in map(crc32, parts, repeat(crc32(head)))]
    return to_texts(head, parts, checks)


def parse_id(text: str) -> GlobalId:
    """What an id says.

    Raises:
        InvalidId: the text is no id of ours.
    """
    parsed = id_or_none(text)
    if parsed is None:
        raise InvalidId(f"{shown(text)} is not an id of this API. Pass an `id` as an answer gave it.")
    return parsed


def id_or_none(text: str) -> GlobalId | None:
    """What an id says; None when the text is no id of ours, which mostly its beginning tells."""
    if not text.startswith(_BEGINNING):
        return None
    return (_lately_read if len(text) <= _LONGEST_KEPT else _parsed)(text)


def _parsed(text: str) -> GlobalId | None:
    try:
        raw = from_text(text)
        body, check = raw[:-2], raw[-2:]
        if _check(crc32(body) & 0xFFFF) != check:
            return None
        entity, source, parts = _decode(body)
        key = parts[0]
        if len(parts) != _COUNTS[entity] or not key:
            return None
        if entity is not Entity.EVENT:
            return GlobalId(entity, source, key)
        at = Instant(parts[2] or "")
        to_unix(at)
        return GlobalId(entity, source, key, parts[1], at)
    except (ValueError, msgspec.DecodeError, IndexError):
        return None


_lately_read = lru_cache(maxsize=512)(_parsed)
"""A request reads its ids twice at least: for what it costs and to find what they name."""


def parse_id_of(text: str, entity: Entity) -> GlobalId:
    """What an id says, which must be of the given type.

    Raises:
        InvalidId: the text is no id of ours, or names another type.
    """
    parsed = parse_id(text)
    if parsed.entity is not entity:
        raise InvalidId(
            f"{shown(text)} names type {_NAMES[parsed.entity]}; an id of type {_NAMES[entity]} is needed here."
        )
    return parsed


def require_on(parsed: GlobalId, sources: Iterable[Source], text: str) -> None:
    """Refuse an id whose source is not configured.

    Raises:
        InvalidId: the source is off.
    """
    if parsed.source not in sources:
        raise InvalidId(f"{shown(text)} belongs to {parsed.source.value}, which this gateway is not connected to.")


def shown(text: str) -> str:
    """An id in an error message: quoted and never long."""
    return repr(text if len(text) <= 24 else text[:21] + "…")
