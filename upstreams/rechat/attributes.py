"""Attributes of contacts, their definitions, and addresses: the rows that a contact is made of."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import replace

from upstreams.instants import Instant
from upstreams.liberal import Finite, Whole
from upstreams.rechat import assumptions
from upstreams.rechat.values import instant_or_none, text_or_none
from upstreams.records import Entity, Source


class Address(Struct, frozen=True, kw_only=True):
    """``stdaddr``: a postal address; parts that are unknown are left out by the upstream.

    Attributes:
        full: one line.
        name: the name of the street.
        suftype: the kind of street: ``Avenue``.
        house_num: the number of the house.
        extra: what the label or the second line said: ``Office``.
    """

    type: str | None = None
    full: str | None = None
    line1: str | None = None
    line2: str | None = None
    name: str | None = None
    suftype: str | None = None
    house_num: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    postcode: str | None = None
    extra: str | None = None


class AttributeDef(Struct, frozen=True, kw_only=True):
    """``contact_attribute_def``: what kind of attribute there can be; without an id it is a malformed row.

    Attributes:
        source_id: ``id``.
        data_type: ``text``, ``date``, ``address`` or ``number``.
        is_global: ``global``: defined by Rechat for everybody; otherwise the team added it.
        singular: a contact has one at most.
        labels: the labels that a value may carry.
        enum_values: the values that it may have; None when it is free.
        user: the user who owns it; undocumented.
        brand: the team that added it.
    """

    entity: ClassVar[Entity] = Entity.DEFINITION
    source: ClassVar[Source] = Source.RECHAT

    source_id: str = field(name="id")
    name: str | None = None
    data_type: str | None = None
    label: str | None = None
    section: str | None = None
    required: bool | None = None
    is_global: bool | None = field(name="global", default=None)
    singular: bool | None = None
    show: bool | None = None
    filterable: bool | None = None
    editable: bool | None = None
    searchable: bool | None = None
    has_label: bool | None = None
    labels: tuple[str, ...] | None = None
    enum_values: tuple[str, ...] | None = None
    user: Any = None
    brand: Any = None
    created_by: Any = None
    updated_by: Any = None
    type: str | None = None
    _created: float | None = field(name="created_at", default=None)
    _updated: float | None = field(name="updated_at", default=None)
    _deleted: float | None = field(name="deleted_at", default=None)

    def __post_init__(self) -> None:
        if not self.source_id:
            raise ValueError("an attribute definition without an id")

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

    @property
    def key(self) -> str:
        """What to call a field that the team added."""
        names = (text_or_none({"name": self.name, "label": self.label, "id": self.source_id}[part]) for part in _KEY)
        return next((name for name in names if name), self.source_id)


_KEY = assumptions.CUSTOM_FIELD_KEY.assumed


class Attribute(Struct, frozen=True, kw_only=True):
    """``contact_attribute``: one value of a contact; without an id it is a malformed row.

    Attributes:
        source_id: ``id``.
        contact: the contact's id.
        attribute_type: the name of its definition, if that is global.
        text, number, date, address: one of them holds the value.
        index: joins attributes that belong together.
        is_partner: the value of the contact's partner.
        created_by, updated_by: a user's id, or the user where it was asked for.
    """

    source_id: str = field(name="id")
    contact: str | None = None
    attribute_type: str | None = None
    text: str | None = None
    number: Finite | None = None
    address: Address | None = None
    label: str | None = None
    is_primary: bool | None = None
    is_partner: bool | None = None
    index: Whole | None = None
    created_by: Any = None
    updated_by: Any = None
    type: str | None = None
    _date: float | None = field(name="date", default=None)
    _definition: AttributeDef | str | None = field(name="attribute_def", default=None)
    _created: float | None = field(name="created_at", default=None)
    _updated: float | None = field(name="updated_at", default=None)
    _deleted: float | None = field(name="deleted_at", default=None)

    def __post_init__(self) -> None:
        if not self.source_id:
            raise ValueError("an attribute without an id")

    @property
    def attribute_def(self) -> AttributeDef | None:
        """Its definition, where it was asked for."""
        return self._definition if isinstance(self._definition, AttributeDef) else None

    @property
    def attribute_def_id(self) -> str | None:
        """The id of its definition, where the answer tells."""
        return self._definition.source_id if isinstance(self._definition, AttributeDef) else self._definition

    def defined_as(self, other: Attribute) -> Attribute:
        """The same value with the definition that another answer told, where this one does not."""
        return self if self.attribute_def is not None else replace(self, _definition=other._definition)

    @property
    def date(self) -> Instant | None:
        """The value of a date: midnight, UTC."""
        return instant_or_none(self._date)

    @property
    def created_at(self) -> Instant | None:
        """When it was added."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """When it was last changed."""
        return instant_or_none(self._updated)

    @property
    def deleted_at(self) -> Instant | None:
        """When it was removed."""
        return instant_or_none(self._deleted)

    @property
    def value(self) -> str | None:
        """The value as text; a date without its midnight."""
        if self.text is not None:
            return self.text
        if (date := self.date) is not None:
            return date.removesuffix("T00:00:00")
        if self.number is not None:
            return str(int(self.number)) if self.number.is_integer() else str(self.number)
        return text_or_none(self.address.full) if self.address else None
