"""Companies, which contacts belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from upstreams.acquire.values import Id, field_map, id_text, instant_or_none, text_or_none
from upstreams.instants import Instant
from upstreams.records import Entity, Source


class Company(Struct, frozen=True, rename="camel", kw_only=True):
    """A company; without an id it is a malformed row.

    Attributes:
        fields: ``name``, ``website``, ``industry`` and what else is known, by key.
        contacts, companies, parent: as sent, where they were asked for.
    """

    entity: ClassVar[Entity] = Entity.COMPANY
    source: ClassVar[Source] = Source.ACQUIRE

    source_id: str = field(name="$sourceId", default="")
    fields: Mapping[str, Any] = field(name="$fields", default={})
    contacts: Any = None
    companies: Any = None
    parent: Any = None
    meta: Any = None
    _id: int | str = field(name="id")
    _fields: Any = field(name="fields", default=None)
    _created: str | None = field(name="dateCreated", default=None)
    _updated: str | None = field(name="dateUpdated", default=None)

    def __post_init__(self) -> None:
        force_setattr(self, "source_id", required_id(self._id))
        force_setattr(self, "fields", field_map(self._fields))

    @property
    def name(self) -> str | None:
        """``fields.name``."""
        return text_or_none(self.fields.get("name"))

    @property
    def created_at(self) -> Instant | None:
        """``dateCreated``."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """``dateUpdated``."""
        return instant_or_none(self._updated)


def required_id(value: Id) -> str:
    """An id as text.

    Raises:
        ValueError: there is none.
    """
    text = id_text(value)
    if text is None:
        raise ValueError("a record without an id")
    return text
