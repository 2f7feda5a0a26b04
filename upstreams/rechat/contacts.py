"""Contacts as Rechat tells them: every key of the published examples under its own name.

Two names are taken by what every contact has: the upstream's ``source`` is ``lead_source`` here. What must be asked for
(associations) is None when it was not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import force_setattr

from upstreams.instants import Instant
from upstreams.liberal import Whole
from upstreams.rechat.attributes import Address, Attribute
from upstreams.rechat.segments import ContactList
from upstreams.rechat.values import birthday_of, distinct, instant_of, instant_or_none, text_or_none
from upstreams.records import (
    Birthday,
    Consent,
    CustomField,
    Entity,
    LocationRef,
    SegmentKind,
    SegmentRef,
    Source,
)


class Summary(Struct, frozen=True, kw_only=True):
    """``contact_summary``: the values of a contact's global attributes in one plain object."""

    id: str | None = None
    is_partner: bool | None = None
    title: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    marketing_name: str | None = None
    nickname: str | None = None
    email: str | None = None
    phone_number: str | None = None
    company: str | None = None
    profile_image_url: str | None = None
    cover_image_url: str | None = None
    job_title: str | None = None
    source_type: str | None = None
    lead_source: str | None = field(name="source", default=None)
    display_name: str | None = None
    abbreviated_display_name: str | None = None
    type: str | None = None
    _tags: tuple[str, ...] | None = field(name="tags", default=None)
    _birthday: float | None = field(name="birthday", default=None)

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of the contact's tags."""
        return self._tags or ()

    @property
    def birthday(self) -> Instant | None:
        """Midnight, UTC; here the upstream writes unix seconds."""
        return instant_or_none(self._birthday)


class Contact(Struct, frozen=True, kw_only=True, dict=True):
    """A contact; one without an id or a time of creation is a malformed row.

    Attributes:
        source_id: ``id``.
        given_display_name: ``display_name``: nickname, else first and last name, else company.
        sort_field: what the upstream sorts names by: ``Bell Kate``.
        brand: the id of the team, or the team where it was asked for; ``brand_id`` always is the id.
        user_id: the owner.
        touch_freq: days between touches.
        created_for, updated_for, deleted_for: what made the change: ``direct_request``, ``import_json``.
        parked: set aside by the upstream.
        lead_source: ``source``: where the contact came from.
        user, users, deals, flows, created_by, updated_by: as sent, where they were asked for.
    """

    entity: ClassVar[Entity] = Entity.CONTACT
    source: ClassVar[Source] = Source.RECHAT
    language: ClassVar[str | None] = None
    location_ref: ClassVar[LocationRef | None] = None
    last_visited_location_ref: ClassVar[LocationRef | None] = None
    consents: ClassVar[tuple[Consent, ...]] = ()
    metrics: ClassVar[Any] = None

    source_id: str = field(name="id")
    created_at: Instant = field(name="$created_at", default=Instant(""))
    given_display_name: str | None = field(name="display_name", default=None)
    sort_field: str | None = None
    brand: Any = None
    brand_id: str | None = None
    user_id: str | None = None
    last_touch_action: str | None = None
    touch_freq: Whole | None = None
    ios_address_book_id: str | None = None
    android_address_book_id: str | None = None
    created_for: str | None = None
    updated_for: str | None = None
    deleted_for: str | None = None
    title: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    marketing_name: str | None = None
    nickname: str | None = None
    email: str | None = None
    primary_email: str | None = None
    phone_number: str | None = None
    primary_phone_number: str | None = None
    partner_name: str | None = None
    partner_first_name: str | None = None
    partner_last_name: str | None = None
    partner_email: str | None = None
    parked: bool | None = None
    company: str | None = None
    job_title: str | None = None
    source_type: str | None = None
    lead_source: str | None = field(name="source", default=None)
    profile_image_url: str | None = None
    cover_image_url: str | None = None
    type: str | None = None
    user: Any = None
    users: Any = None
    deals: Any = None
    flows: Any = None
    created_by: Any = None
    updated_by: Any = None
    tag_ids: Mapping[str, str] = field(name="$tag_ids", default={})
    _created: float = field(name="created_at")
    _updated: float | None = field(name="updated_at", default=None)
    _deleted: float | None = field(name="deleted_at", default=None)
    _last_touch: float | None = field(name="last_touch", default=None)
    _next_touch: float | None = field(name="next_touch", default=None)
    _birthday: str | None = field(name="birthday", default=None)
    _emails: tuple[str, ...] | None = field(name="emails", default=None)
    _phone_numbers: tuple[str, ...] | None = field(name="phone_numbers", default=None)
    _website: tuple[str, ...] | str | None = field(name="website", default=None)
    _tags: tuple[str, ...] | None = field(name="tags", default=None)
    _address: tuple[Address, ...] | None = field(name="address", default=None)
    _summary: Summary | UnsetType | None = field(name="summary", default=UNSET)
    _attributes: tuple[Attribute, ...] | UnsetType | None = field(name="attributes", default=UNSET)
    _lists: tuple[ContactList, ...] | UnsetType | None = field(name="lists", default=UNSET)

    def __post_init__(self) -> None:
        if not self.source_id:
            raise ValueError("a contact without an id")
        force_setattr(self, "created_at", instant_of(self._created))

    @property
    def rechat(self) -> Contact:
        """What only Rechat knows of a contact."""
        return self

    @property
    def display_name(self) -> str | None:
        """``display_name``."""
        return self.given_display_name

    @property
    def updated_at(self) -> Instant | None:
        """When it was last changed; a bulk change may leave it before ``created_at``, as sent."""
        return instant_or_none(self._updated)

    @property
    def deleted_at(self) -> Instant | None:
        """When it was deleted."""
        return instant_or_none(self._deleted)

    @property
    def last_touch(self) -> Instant | None:
        """When somebody was last in touch with the contact."""
        return instant_or_none(self._last_touch)

    @property
    def next_touch(self) -> Instant | None:
        """When somebody should be."""
        return instant_or_none(self._next_touch)

    @property
    def birthday(self) -> Birthday | None:
        """The date of birth."""
        return birthday_of(self._birthday)

    @property
    def emails(self) -> tuple[str, ...]:
        """All e-mails; the partner's is not among them."""
        return self._emails or ()

    @property
    def phone_numbers(self) -> tuple[str, ...]:
        """All phones."""
        return self._phone_numbers or ()

    @property
    def emails_as_sent(self) -> tuple[str, ...]:
        """The primary e-mail, then the others."""
        return distinct((self.primary_email, self.email, *self.emails))

    @property
    def phones_as_sent(self) -> tuple[str, ...]:
        """The primary phone, then the others."""
        return distinct((self.primary_phone_number, self.phone_number, *self.phone_numbers))

    @property
    def website(self) -> tuple[str, ...]:
        """All websites."""
        return distinct((self._website,)) if isinstance(self._website, str) else self._website or ()

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of the tags."""
        return self._tags or ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """``address``: all of them."""
        return self._address or ()

    @property
    def country_as_sent(self) -> str | None:
        """The country of the first address that names one."""
        return next((name for row in self.addresses if (name := text_or_none(row.country))), None)

    @property
    def summary(self) -> Summary | None:
        """The contact's global attributes in one plain object."""
        return None if self._summary is UNSET else self._summary

    def tells(self, name: str) -> bool:
        """Whether this answer was asked for what the contact is related to: it always is for all, or for none."""
        return self._summary is not UNSET

    @property
    def attributes(self) -> tuple[Attribute, ...] | None:
        """The values that the contact is made of; None when they were not asked for."""
        return None if self._attributes is UNSET else self._attributes or ()

    @property
    def lists(self) -> tuple[ContactList, ...] | None:
        """The lists that the contact is in; None when they were not asked for."""
        return None if self._lists is UNSET else self._lists or ()

    @property
    def segment_refs(self) -> tuple[SegmentRef, ...] | None:
        """Lists and tags; None when the lists were not asked for. The id of a tag is known where a filter needed it."""
        if self._lists is UNSET:
            return None
        lists = (SegmentRef(row.source_id, row.name, SegmentKind.LIST) for row in self._lists or ())
        tags = (SegmentRef(self.tag_ids.get(name, ""), name, SegmentKind.TAG) for name in distinct(self.tags))
        return (*lists, *tags)

    @property
    def custom_fields(self) -> tuple[CustomField, ...] | None:
        """The values of fields that the team added; None when attributes were not asked for with their definitions."""
        if self._attributes is UNSET:
            return None
        found = []
        for attribute in self._attributes or ():
            definition = attribute.attribute_def
            if definition is None:
                if attribute.attribute_type is None:
                    return None
            elif definition.is_global is False and not attribute.is_partner:
                found.append(CustomField(definition.key, attribute.value))
        return tuple(found)


class DuplicateCluster(Struct, frozen=True, kw_only=True):
    """``contact_duplicate``: contacts that may be one person.

    Attributes:
        source_id: ``id``: a number that the upstream may give to another cluster later.
    """

    source_id: str | int = field(name="id")
    type: str | None = None
    _contacts: tuple[Contact, ...] | None = field(name="contacts", default=None)

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Its members."""
        return self._contacts or ()
