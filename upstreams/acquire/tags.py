"""Tags, which are segments here, and the custom attributes that an organization adds."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from upstreams.acquire import assumptions
from upstreams.acquire.companies import required_id
from upstreams.acquire.values import Flag, Id, flag_or_none, id_text, instant_or_none, text_or_none
from upstreams.instants import Instant
from upstreams.records import Entity, SegmentKind, SegmentRef, Source


class Tag(Struct, frozen=True, rename="camel", kw_only=True):
    """A tag; without an id it is a malformed row.

    Attributes:
        color: ``#RRGGBB``.
        type: what can have it: ``contact``, ``case``; None: anything.
        user: who made it, as sent, where the answer tells.
    """

    entity: ClassVar[Entity] = Entity.SEGMENT
    source: ClassVar[Source] = Source.ACQUIRE
    kind: ClassVar[SegmentKind] = SegmentKind.TAG
    description: ClassVar[str | None] = None
    size: ClassVar[int | None] = None
    status: ClassVar[str | None] = None
    last_run_at: ClassVar[Instant | None] = None

    source_id: str = field(name="$sourceId", default="")
    name: str = ""
    color: str | None = None
    user: Any = None
    _id: int | str = field(name="id")
    _type: tuple[str, ...] | str | None = field(name="type", default=None)
    _user_id: Id = field(name="userId", default=None)
    _created: str | None = field(name="dateCreated", default=None)
    _updated: str | None = field(name="dateUpdated", default=None)

    def __post_init__(self) -> None:
        force_setattr(self, "source_id", required_id(self._id))
        force_setattr(self, "name", text_or_none(self.name) or self.source_id)

    @property
    def type(self) -> tuple[str, ...] | None:
        """What can have it; None: anything."""
        return (self._type,) if isinstance(self._type, str) else self._type

    @property
    def of_contacts(self) -> bool:
        """Contacts can have it."""
        return not self.type or assumptions.TAG_TYPES.assumed in self.type

    @property
    def user_id(self) -> str | None:
        """``userId``: who made it."""
        return id_text(self._user_id)

    @property
    def created_at(self) -> Instant | None:
        """``dateCreated``."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """``dateUpdated``, which the documents do not show."""
        return instant_or_none(self._updated)


class CustomAttribute(Struct, frozen=True, rename="camel", kw_only=True):
    """``object-field``: a field of contacts, cases or companies; without an id and a key it is a malformed row.

    Attributes:
        object: what has it: ``contact``, ``case``, ``company``.
        key: its key in ``fields``.
        type: ``text`` and the like.
        config: label, input and options, as sent.
    """

    entity: ClassVar[Entity] = Entity.DEFINITION
    source: ClassVar[Source] = Source.ACQUIRE

    source_id: str = field(name="$sourceId", default="")
    key: str
    object: str | None = None
    type: str | None = None
    config: Any = None
    _id: int | str = field(name="id")
    _system: Flag = field(name="system", default=None)

    def __post_init__(self) -> None:
        force_setattr(self, "source_id", required_id(self._id))

    @property
    def system(self) -> bool | None:
        """It is Acquire's own."""
        return flag_or_none(self._system)


def tag_ref(element: Any) -> SegmentRef | None:
    """What an element of a contact's tags names: see ``assumptions.CONTACT_TAGS``. None when it names nothing."""
    if isinstance(element, dict):
        inner = element.get("tag")
        if isinstance(inner, dict):
            return tag_ref(inner)
        id = next((id_text(element[key]) for key in ("tagId", "id") if isinstance(element.get(key), (int, str))), None)
        name = text_or_none(element.get("name")) or (text_or_none(inner) if inner else None)
    else:
        text = text_or_none(element)
        id, name = (text, None) if text is not None and text.isdecimal() else (None, text)
    return SegmentRef(id or "", name, SegmentKind.TAG) if id or name else None
