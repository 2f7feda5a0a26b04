"""Contact lists and tags: the two kinds of groups that a team keeps."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from upstreams.instants import Instant
from upstreams.liberal import Whole
from upstreams.rechat.values import instant_or_none, text_or_none
from upstreams.records import Entity, SegmentKind, Source


class Tag(Struct, frozen=True, kw_only=True):
    """``crm_tag``; without an id and a name it is a malformed row.

    Attributes:
        tag: the name as sent; ``text`` says the same.
        touch_freq: days between touches of its contacts.
        auto_enroll_in_super_campaigns: its contacts take part in campaigns of the whole company.
    """

    entity: ClassVar[Entity] = Entity.SEGMENT
    source: ClassVar[Source] = Source.RECHAT
    kind: ClassVar[SegmentKind] = SegmentKind.TAG
    description: ClassVar[str | None] = None
    size: ClassVar[int | None] = None
    status: ClassVar[str | None] = None
    last_run_at: ClassVar[Instant | None] = None

    source_id: str = field(name="id")
    tag: str = ""
    text: str | None = None
    touch_freq: Whole | None = None
    auto_enroll_in_super_campaigns: bool | None = None
    created_by: Any = None
    updated_by: Any = None
    type: str | None = None
    _created: float | None = field(name="created_at", default=None)
    _updated: float | None = field(name="updated_at", default=None)

    def __post_init__(self) -> None:
        force_setattr(self, "tag", self.tag or self.text or "")
        if not self.source_id or not self.tag:
            raise ValueError("a tag without an id or a name")

    @property
    def name(self) -> str:
        """What it says."""
        return self.tag

    @property
    def created_at(self) -> Instant | None:
        """When it was made."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """When it was last changed."""
        return instant_or_none(self._updated)


class ListFilter(Struct, frozen=True, kw_only=True):
    """``contact_list_filter``: one condition of a list."""

    id: str | None = None
    attribute_def: Any = None
    operator: str | None = None
    value: Any = None
    invert: bool | None = None
    type: str | None = None


class ListArgs(Struct, frozen=True, kw_only=True):
    """``contact_list_args``: what a list asks beside its conditions."""

    filter_type: str | None = None
    q: Any = None
    crm_tasks: Any = None
    flows: Any = None
    assignees: Any = None
    type: str | None = None


class ContactList(Struct, frozen=True, kw_only=True):
    """``contact_list``: a saved search; the upstream works out its members. Without an id it is a malformed row.

    Attributes:
        size: ``member_count``.
        query: the search as the upstream keeps it, as sent.
        touch_freq: days between touches of its contacts.
    """

    entity: ClassVar[Entity] = Entity.SEGMENT
    source: ClassVar[Source] = Source.RECHAT
    kind: ClassVar[SegmentKind] = SegmentKind.LIST
    description: ClassVar[str | None] = None
    status: ClassVar[str | None] = None
    last_run_at: ClassVar[Instant | None] = None

    source_id: str = field(name="id")
    name: str = ""
    size: Whole | None = field(name="member_count", default=None)
    is_editable: bool | None = None
    touch_freq: Whole | None = None
    query: Any = None
    args: ListArgs | None = None
    brand: Any = None
    created_by: Any = None
    updated_by: Any = None
    type: str | None = None
    _filters: tuple[ListFilter, ...] | None = field(name="filters", default=None)
    _created: float | None = field(name="created_at", default=None)
    _updated: float | None = field(name="updated_at", default=None)
    _deleted: float | None = field(name="deleted_at", default=None)

    def __post_init__(self) -> None:
        if not self.source_id:
            raise ValueError("a list without an id")
        force_setattr(self, "name", text_or_none(self.name) or self.source_id)

    @property
    def filters(self) -> tuple[ListFilter, ...]:
        """Its conditions."""
        return self._filters or ()

    @property
    def created_at(self) -> Instant | None:
        """When it was made."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """When it was last changed."""
        return instant_or_none(self._updated)

    @property
    def deleted_at(self) -> Instant | None:
        """When it was deleted."""
        return instant_or_none(self._deleted)
