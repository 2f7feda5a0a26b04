"""Who and what a contact is related to: users, the team and flows, which Rechat sends where they are asked for.

The documents name users and teams without showing one, so of those only what every service calls the same is read
into fields, and the rest is passed on as it was sent.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from upstreams.instants import Instant
from upstreams.liberal import salvage
from upstreams.rechat.values import instant_or_none


class User(Struct, frozen=True, kw_only=True):
    """``user``: a member of the team, or an agent who is also a contact.

    Attributes:
        as_sent: all that was sent.
    """

    source_id: str = field(name="id")
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    profile_image_url: str | None = None
    timezone: str | None = None
    as_sent: Any = field(name="$as_sent", default=None)


class Brand(Struct, frozen=True, kw_only=True):
    """``brand``: a team.

    Attributes:
        as_sent: all that was sent.
    """

    source_id: str = field(name="id")
    name: str | None = None
    brand_type: str | None = None
    as_sent: Any = field(name="$as_sent", default=None)


class Flow(Struct, frozen=True, kw_only=True):
    """``flow``: a contact's enrolment in a series of steps.

    Attributes:
        origin: what it was made from, as sent: an id, or the thing itself; ``origin_id`` is the id.
        contact: the contact's id, or the contact.
        steps: as sent; the documents show none.
    """

    source_id: str = field(name="id")
    name: str | None = None
    description: str | None = None
    origin: Any = None
    contact: Any = None
    brand: Any = None
    steps: Any = None
    created_by: Any = None
    updated_by: Any = None
    _origin_id: str | None = field(name="origin_id", default=None)
    _starts: float | None = field(name="starts_at", default=None)
    _created: float | None = field(name="created_at", default=None)
    _updated: float | None = field(name="updated_at", default=None)
    _deleted: float | None = field(name="deleted_at", default=None)

    @property
    def origin_id(self) -> str | None:
        """``origin_id``, else the id of ``origin``."""
        return self._origin_id or id_of(self.origin)

    @property
    def starts_at(self) -> Instant | None:
        """When its first step is due."""
        return instant_or_none(self._starts)

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
        """When it was stopped."""
        return instant_or_none(self._deleted)


def id_of(value: Any) -> str | None:
    """The id of what may stand as an id or as the whole thing."""
    if isinstance(value, dict):
        value = value.get("id")
    return (str(value) or None) if isinstance(value, (str, int)) and not isinstance(value, bool) else None


def user_of(value: Any) -> User | None:
    """A user, who may stand as an id alone; None when there is none."""
    id = id_of(value)
    if id is None:
        return None
    row = value if isinstance(value, dict) else {}
    return salvage({**row, "id": id, "$as_sent": row or None}, User)


def brand_of(value: Any) -> Brand | None:
    """A team, which may stand as an id alone; None when there is none."""
    id = id_of(value)
    if id is None:
        return None
    row = value if isinstance(value, dict) else {}
    return salvage({**row, "id": id, "$as_sent": row or None}, Brand)


def users_of(value: Any) -> tuple[User, ...]:
    """Users in order; what is none is left out."""
    return tuple(user for row in _rows(value) if (user := user_of(row)) is not None)


def flows_of(value: Any) -> tuple[Flow, ...]:
    """Flows in order; one without an id is left out."""
    return tuple(
        salvage({**row, "id": id}, Flow) for row in _rows(value) if (id := id_of(row)) and isinstance(row, dict)
    )


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
