"""Who takes part in a case, and the entries of a contact's timeline, which Acquire sends inside them as plain JSON."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from upstreams.acquire.values import Flag, Id, flag_or_none, id_text, instant_or_none
from upstreams.instants import Instant


class CaseUser(Struct, frozen=True, rename="camel", kw_only=True):
    """An element of a case's ``users``: who takes part.

    Attributes:
        type: ``user`` or ``contact``.
        role: ``owner`` and the like.
        status: ``active``, ``rejected``.
        meta: as sent.
    """

    type: str | None = None
    role: str | None = None
    status: str | None = None
    meta: Any = None
    _id: Id = field(name="id", default=None)
    _case_id: Id = field(name="caseId", default=None)
    _user_id: Id = field(name="userId", default=None)
    _created: str | None = field(name="dateCreated", default=None)
    _assigned: str | None = field(name="dateLastAssigned", default=None)
    _closed: Flag = field(name="closed", default=None)

    @property
    def source_id(self) -> str | None:
        """``id``."""
        return id_text(self._id)

    @property
    def case_id(self) -> str | None:
        """``caseId``."""
        return id_text(self._case_id)

    @property
    def user_id(self) -> str | None:
        """``userId``."""
        return id_text(self._user_id)

    @property
    def created_at(self) -> Instant | None:
        """``dateCreated``."""
        return instant_or_none(self._created)

    @property
    def last_assigned_at(self) -> Instant | None:
        """``dateLastAssigned``."""
        return instant_or_none(self._assigned)

    @property
    def closed(self) -> bool | None:
        """``closed``."""
        return flag_or_none(self._closed)


class TimelineEntry(Struct, frozen=True, rename="camel", kw_only=True):
    """An element of ``timeline``: points at one case, card or note.

    Attributes:
        object_type: ``case``, ``view``, ``note``.
        case, meta: as sent.
    """

    object_type: str | None = None
    case: Any = None
    meta: Any = None
    _id: Id = field(name="id", default=None)
    _case_id: Id = field(name="caseId", default=None)
    _view_id: Id = field(name="viewId", default=None)
    _note_id: Id = field(name="noteId", default=None)
    _thread_id: Id = field(name="threadId", default=None)
    _contact_id: Id = field(name="contactId", default=None)
    _archive: Flag = field(name="archive", default=None)
    _created: str | None = field(name="dateCreated", default=None)
    _updated: str | None = field(name="dateUpdated", default=None)

    @property
    def source_id(self) -> str | None:
        """``id``."""
        return id_text(self._id)

    @property
    def case_id(self) -> str | None:
        """``caseId``."""
        return id_text(self._case_id)

    @property
    def view_id(self) -> str | None:
        """``viewId``."""
        return id_text(self._view_id)

    @property
    def note_id(self) -> str | None:
        """``noteId``."""
        return id_text(self._note_id)

    @property
    def thread_id(self) -> str | None:
        """``threadId``."""
        return id_text(self._thread_id)

    @property
    def contact_id(self) -> str | None:
        """``contactId``."""
        return id_text(self._contact_id)

    @property
    def archive(self) -> bool | None:
        """``archive``: it is hidden."""
        return flag_or_none(self._archive)

    @property
    def created_at(self) -> Instant | None:
        """``dateCreated``."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """``dateUpdated``."""
        return instant_or_none(self._updated)
