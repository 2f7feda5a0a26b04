"""What Acquire sends inside a contact, a case or a company as plain JSON, where its shape is documented.

Every object is read leniently: a key of another type than documented is left out, and one that makes no sense at all is
no object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct, field

from upstreams.acquire.tags import tag_ref
from upstreams.acquire.values import Id, id_text, instant_or_none, json_text
from upstreams.instants import Instant
from upstreams.liberal import salvage
from upstreams.records import CustomField

S = TypeVar("S", bound=Struct)


class Country(Struct, frozen=True, kw_only=True):
    """``fields.country``: expanded by the upstream; nothing can be written to it.

    Attributes:
        cca2, cca3, ccn3: the codes of ISO 3166-1: letters, and a number as text.
        calling_code: ``calling_code1``.
    """

    name: str | None = None
    name_official: str | None = None
    cca2: str | None = None
    cca3: str | None = None
    ccn3: str | None = None
    calling_code: str | None = field(name="calling_code1", default=None)
    region_id: str | None = None
    lat: float | None = None
    lng: float | None = None
    voip_enable: bool | None = None


class ContactFields(Struct, frozen=True, kw_only=True):
    """The keys of a contact's ``fields`` that are Acquire's own."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    city: str | None = None
    state: str | None = None
    ip: str | None = None
    calling_code: str | None = None
    contact_country_flag: str | None = None
    country_id: str | None = field(name="countryId", default=None)
    country: Country | None = None


class CompanyFields(Struct, frozen=True, kw_only=True):
    """The keys of a company's ``fields`` that are Acquire's own."""

    name: str | None = None
    website: str | None = None
    logo: str | None = None
    industry: str | None = None
    description: str | None = None
    source: str | None = None
    revenue: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    employees: str | None = None
    foundation: str | None = None
    country_id: str | None = field(name="countryId", default=None)
    country: Country | None = None


class Engine(Struct, frozen=True, kw_only=True):
    """What draws the pages of a browser."""

    name: str | None = None
    version: str | None = None


class Connection(Struct, frozen=True, kw_only=True):
    """What a browser is connected by; ``speed`` as sent: the documents name no unit."""

    type: str | None = None
    speed: str | None = None


class ClientDetails(Struct, frozen=True, kw_only=True):
    """``clientDetails``.

    Attributes:
        ua: the user agent.
        as_sent: all that was sent.
    """

    ua: str | None = None
    engine: Engine | None = None
    network: Connection | None = None
    as_sent: Any = field(name="$asSent", default=None)


class Agent(Struct, frozen=True, rename="camel", kw_only=True):
    """An element of ``agentList``.

    Attributes:
        departments, roles: as sent; the documents show empty lists.
    """

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    photo: str | None = None
    email: str | None = None
    title: str | None = None
    url: str | None = None
    alt: str | None = None
    departments: Any = None
    roles: Any = None
    _id: Id = field(name="id", default=None)
    _client_id: Id = field(name="clientId", default=None)
    _parent_id: Id = field(name="parentId", default=None)

    @property
    def source_id(self) -> str | None:
        """``id``."""
        return id_text(self._id)

    @property
    def client_id(self) -> str | None:
        """``clientId``."""
        return id_text(self._client_id)

    @property
    def parent_id(self) -> str | None:
        """``parentId``."""
        return id_text(self._parent_id)


class AttachedTag(Struct, frozen=True, rename="camel", kw_only=True):
    """An element of ``tags`` of a contact or a case, whatever its form: see ``assumptions.CONTACT_TAGS``."""

    source_id: str | None = field(name="$sourceId", default=None)
    name: str | None = None
    color: str | None = None
    type: tuple[str, ...] | None = None
    _user_id: Id = field(name="userId", default=None)
    _created: str | None = field(name="dateCreated", default=None)

    @property
    def user_id(self) -> str | None:
        """``userId``."""
        return id_text(self._user_id)

    @property
    def created_at(self) -> Instant | None:
        """``dateCreated``."""
        return instant_or_none(self._created)


class LastView(Struct, frozen=True, rename="camel", kw_only=True):
    """``lastViewObject``: the last card on a contact's timeline."""

    icon_image_url: str | None = None
    icon_font: str | None = None
    _view_id: Id = field(name="viewId", default=None)

    @property
    def view_id(self) -> str | None:
        """``viewId``."""
        return id_text(self._view_id)


def one_of(value: Any, record: type[S]) -> S | None:
    """An object; None when there is none."""
    if not isinstance(value, Mapping):
        return None
    try:
        return salvage(dict(value), record)
    except ValueError:
        return None


def several_of(value: Any, record: type[S]) -> tuple[S, ...]:
    """The objects of a list, or the only one where the upstream sends one without a list."""
    rows = value if isinstance(value, list) else [value]
    return tuple(found for row in rows if (found := one_of(row, record)) is not None)


def client_details_of(value: Any) -> ClientDetails | None:
    """``clientDetails``; None when nothing is in it."""
    return one_of({**value, "$asSent": value}, ClientDetails) if isinstance(value, dict) and value else None


def tags_of(value: Any) -> tuple[AttachedTag, ...]:
    """Tags in order; what names none is left out."""
    found = []
    for element in value if isinstance(value, (list, tuple)) else ():
        ref = tag_ref(element)
        if ref is not None:
            inner = element.get("tag") if isinstance(element, dict) else None
            row = inner if isinstance(inner, dict) else element if isinstance(element, dict) else {}
            found.append(salvage({**row, "$sourceId": ref.id or None, "name": ref.name}, AttachedTag))
    return tuple(found)


def more_fields(fields: Mapping[str, Any], record: type[Struct]) -> tuple[CustomField, ...]:
    """The fields that a record of Acquire's own ones does not have."""
    own = frozenset(record.__struct_encode_fields__)
    return tuple(CustomField(key, json_text(value)) for key, value in fields.items() if key not in own)
