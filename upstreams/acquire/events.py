"""What Acquire knows to have happened: page views (visits) and conversations (cases)."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from upstreams.acquire.values import Id, id_text, instant_of, instant_or_none, is_id
from upstreams.instants import Instant, WallTime
from upstreams.liberal import Finite, Whole
from upstreams.records import Entity, EventType, LocationRef, Source


class Visit(Struct, frozen=True, rename="camel", kw_only=True):
    """A page that a contact looked at; without an id or a time it is a malformed row.

    Attributes:
        occurred_at: ``dateCreated``.
        contact_source_id: ``contactId``; of a visit inside a contact, that contact.
        title: the page's.
        url: the page's.
        referrer: ``source``: where the visitor came from, as sent.
    """

    entity: ClassVar[Entity] = Entity.EVENT
    source: ClassVar[Source] = Source.ACQUIRE
    type: ClassVar[EventType] = EventType.PAGE_VIEW
    raw_type: ClassVar[str] = "visit"
    local_time: ClassVar[WallTime | None] = None
    timezone: ClassVar[str | None] = None
    location_ref: ClassVar[LocationRef | None] = None

    source_id: str = field(name="$sourceId", default="")
    occurred_at: Instant = field(name="$occurredAt", default=Instant(""))
    contact_source_id: str | None = field(name="$contactSourceId", default=None)
    title: str | None = None
    url: str | None = None
    referrer: str | None = field(name="source", default=None)
    _id: int | str = field(name="id")
    _contact_id: Id = field(name="contactId", default=None)
    _created: str = field(name="dateCreated")

    def __post_init__(self) -> None:
        _place(self, self._id, self._contact_id, self._created)


class Case(Struct, frozen=True, rename="camel", kw_only=True):
    """A conversation, by chat, e-mail, text message or phone; without an id or a time it is a malformed row.

    Attributes:
        occurred_at: ``dateCreated``: when it began.
        contact_source_id: ``contactId``.
        channel: ``chat``, ``email`` and the like.
        status: ``queue``, ``pending``, ``active``, ``closed``.
        closing_state: ``handled`` and the like.
        queue_order: its place in the queue.
        wait_time: as sent; the documents name no unit.
        meta, users, contact, messages, fields, tags, feedbacks, timeline, parent: as sent, where the answer tells.
    """

    entity: ClassVar[Entity] = Entity.EVENT
    source: ClassVar[Source] = Source.ACQUIRE
    type: ClassVar[EventType] = EventType.CONVERSATION
    raw_type: ClassVar[str] = "case"
    local_time: ClassVar[WallTime | None] = None
    timezone: ClassVar[str | None] = None
    location_ref: ClassVar[LocationRef | None] = None

    source_id: str = field(name="$sourceId", default="")
    occurred_at: Instant = field(name="$occurredAt", default=Instant(""))
    contact_source_id: str | None = field(name="$contactSourceId", default=None)
    title: str | None = None
    description: str | None = None
    channel: str | None = None
    status: str | None = None
    closing_state: str | None = None
    queue_order: Whole | None = None
    wait_time: Finite | None = None
    meta: Any = None
    users: Any = None
    contact: Any = None
    messages: Any = None
    fields: Any = None
    tags: Any = None
    feedbacks: Any = None
    timeline: Any = None
    parent: Any = None
    _id: int | str = field(name="id")
    _contact_id: Id = field(name="contactId", default=None)
    _visit_id: Id = field(name="visitId", default=None)
    _closed_by: Id = field(name="closedBy", default=None)
    _queue_id: Id = field(name="queueId", default=None)
    _parent_id: Id = field(name="parentId", default=None)
    _user_id: Id = field(name="userId", default=None)
    _thread_id: Id = field(name="threadId", default=None)
    _created: str = field(name="dateCreated")
    _updated: str | None = field(name="dateUpdated", default=None)
    _queued: str | None = field(name="dateQueue", default=None)
    _pending: str | None = field(name="datePending", default=None)
    _active: str | None = field(name="dateActive", default=None)
    _closed: str | None = field(name="dateClosed", default=None)

    def __post_init__(self) -> None:
        _place(self, self._id, self._contact_id, self._created)

    @property
    def visit_id(self) -> str | None:
        """``visitId``: the page view that it began on."""
        return id_text(self._visit_id)

    @property
    def closed_by(self) -> str | None:
        """``closedBy``: the agent who closed it."""
        return id_text(self._closed_by)

    @property
    def queue_id(self) -> str | None:
        """``queueId``."""
        return id_text(self._queue_id)

    @property
    def parent_id(self) -> str | None:
        """``parentId``: the case that it belongs to."""
        return id_text(self._parent_id)

    @property
    def user_id(self) -> str | None:
        """``userId``: the agent."""
        return id_text(self._user_id)

    @property
    def thread_id(self) -> str | None:
        """``threadId``: where its messages are."""
        return id_text(self._thread_id)

    @property
    def updated_at(self) -> Instant | None:
        """``dateUpdated``."""
        return instant_or_none(self._updated)

    @property
    def queued_at(self) -> Instant | None:
        """``dateQueue``."""
        return instant_or_none(self._queued)

    @property
    def pending_at(self) -> Instant | None:
        """``datePending``."""
        return instant_or_none(self._pending)

    @property
    def active_at(self) -> Instant | None:
        """``dateActive``."""
        return instant_or_none(self._active)

    @property
    def closed_at(self) -> Instant | None:
        """``dateClosed``."""
        return instant_or_none(self._closed)


def _place(event: Visit | Case, id: Id, contact_id: Id, created: str) -> None:
    """Work out what an event is found by.

    Raises:
        ValueError: it has no id, or no time.
    """
    text = id_text(id)
    if text is None or not is_id(text):
        raise ValueError("an event without an id")
    force_setattr(event, "source_id", text)
    force_setattr(event, "occurred_at", instant_of(created))
    force_setattr(event, "contact_source_id", id_text(contact_id))
