"""Contacts as Acquire tells them: every key of the published attributes and examples under its own name.

Two names are taken by what every contact has: the upstream's ``company`` is ``company_record`` here (``company`` is its
name), and what must be asked for (relations) is None when the answer did not hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import force_setattr

from upstreams.acquire import assumptions
from upstreams.acquire.companies import Company
from upstreams.acquire.events import Case, Visit
from upstreams.acquire.tags import tag_ref
from upstreams.acquire.values import (
    Flag,
    Id,
    field_map,
    flag_or_none,
    id_text,
    instant_of,
    instant_or_none,
    is_id,
    json_text,
    split_name,
    text_or_none,
    with_calling_code,
)
from upstreams.cached import cached_property
from upstreams.instants import Instant
from upstreams.liberal import Whole, salvage
from upstreams.records import Birthday, Consent, CustomField, Entity, LocationRef, SegmentKind, SegmentRef, Source


class Contact(Struct, frozen=True, rename="camel", kw_only=True, dict=True):
    """A contact; one without an id or a time of creation is a malformed row.

    Attributes:
        created_at: ``dateCreated``.
        fields: the contact's own data by key: name, e-mail, phone, city, …, and custom attributes.
        tag_ids: the ids of tags by name, where a filter needs them and the contact does not tell them.
        client_type: ``web``, ``client``, ``sdk``.
        client_name, client_version: the browser.
        client_device_type: ``desktop``, ``mobile`` and the like.
        client_details: user agent, engine, network, as sent.
        title, description, channel, status: of the contact's last conversation.
        matched_key, matched_value: of a row of a search, the field that matched.
        agent_list, department_list, last_view_object, interaction, meta: as sent.
    """

    entity: ClassVar[Entity] = Entity.CONTACT
    source: ClassVar[Source] = Source.ACQUIRE
    given_display_name: ClassVar[str | None] = None
    language: ClassVar[str | None] = None
    birthday: ClassVar[Birthday | None] = None
    job_title: ClassVar[str | None] = None
    location_ref: ClassVar[LocationRef | None] = None
    last_visited_location_ref: ClassVar[LocationRef | None] = None
    consents: ClassVar[tuple[Consent, ...]] = ()
    metrics: ClassVar[Any] = None

    source_id: str = field(name="$sourceId", default="")
    created_at: Instant = field(name="$createdAt", default=Instant(""))
    fields: Mapping[str, Any] = field(name="$fields", default={})
    tag_ids: Mapping[str, str] = field(name="$tagIds", default={})
    client_type: str | None = None
    client_name: str | None = None
    client_version: str | None = None
    client_os_name: str | None = None
    client_os_version: str | None = None
    client_device_type: str | None = None
    client_device_vendor: str | None = None
    client_device_model: str | None = None
    client_details: Any = None
    meta: Any = None
    latest_object_type: str | None = None
    title: str | None = None
    description: str | None = None
    channel: str | None = None
    status: str | None = None
    agent_list: Any = None
    department_list: Any = None
    last_view_object: Any = None
    contact_company_count: Whole | None = None
    total_timeline: Whole | None = None
    total_notes: Whole | None = None
    total_views: Whole | None = None
    total_case: Whole | None = None
    msg_unread: Whole | None = None
    first_interaction_type: str | None = None
    last_interaction_type: str | None = None
    last_visit: Visit | None = None
    first_visit: Visit | None = None
    interaction: Any = None
    matched_key: str | None = field(name="key", default=None)
    matched_value: Any = field(name="value", default=None)
    _id: int | str = field(name="id")
    _main_contact_id: Id = field(name="mainContactId", default=None)
    _contact_id: Id = field(name="contactId", default=None)
    _company_id: Id = field(name="companyId", default=None)
    _latest_timeline_id: Id = field(name="latestTimelineId", default=None)
    _case_id: Id = field(name="caseId", default=None)
    _view_id: Id = field(name="viewId", default=None)
    _client_user_id: Id = field(name="clientUserId", default=None)
    _created: str = field(name="dateCreated")
    _updated: str | None = field(name="dateUpdated", default=None)
    _last_updated: str | None = field(name="lastDateUpdated", default=None)
    _case_updated: str | None = field(name="caseDateUpdated", default=None)
    _archive: Flag = field(name="archive", default=None)
    _is_blocked: Flag = field(name="isBlocked", default=None)
    _snoozed: Flag = field(name="snoozeInContact", default=None)
    _channels: tuple[str, ...] | None = field(name="channels", default=None)
    _fields: Any = field(name="fields", default=UNSET)
    _company: Any = field(name="company", default=UNSET)
    _tags: Any = field(name="tags", default=UNSET)
    _timeline: Any = field(name="timeline", default=UNSET)
    _cases: tuple[Case, ...] | UnsetType | None = field(name="cases", default=UNSET)
    _visits: tuple[Visit, ...] | UnsetType | None = field(name="visits", default=UNSET)

    def __post_init__(self) -> None:
        # A row of a search has an id of its own: assumptions.SEARCH_ROW_ID.
        id = id_text(self._main_contact_id) or id_text(self._contact_id) or id_text(self._id)
        if id is None or not is_id(id):
            raise ValueError("a contact without an id")
        force_setattr(self, "source_id", id)
        force_setattr(self, "created_at", instant_of(self._created))
        force_setattr(self, "fields", field_map(self._fields))

    @property
    def acquire(self) -> Contact:
        """What only Acquire knows of a contact."""
        return self

    @property
    def name(self) -> str | None:
        """``fields.name``."""
        return text_or_none(self.fields.get("name"))

    @property
    def whole_name(self) -> str | None:
        """The name: see :class:`upstreams.records.WholeNamed`."""
        return self.name

    @property
    def first_name(self) -> str | None:
        """The name without its last word."""
        return split_name(self.name)[0]

    @property
    def last_name(self) -> str | None:
        """The last word of the name, if it has several."""
        return split_name(self.name)[1]

    @property
    def emails_as_sent(self) -> tuple[str, ...]:
        """``fields.email``."""
        return _texts(self.fields.get("email"))

    @cached_property
    def phones_as_sent(self) -> tuple[str, ...]:
        """``fields.phone``, with the calling code beside it."""
        code = self.fields.get("calling_code")
        return tuple(with_calling_code(phone, code) for phone in _texts(self.fields.get("phone")))

    @property
    def country_as_sent(self) -> str | None:
        """``fields.country``: its code of two letters, else of three, else its name."""
        country = self.fields.get("country")
        if isinstance(country, dict):
            return next((text for key in ("cca2", "cca3", "name") if (text := text_or_none(country.get(key)))), None)
        return text_or_none(country)

    @property
    def updated_at(self) -> Instant | None:
        """``dateUpdated``."""
        return instant_or_none(self._updated)

    @property
    def last_updated_at(self) -> Instant | None:
        """``lastDateUpdated``: of the contact or its conversations."""
        return instant_or_none(self._last_updated)

    @property
    def case_updated_at(self) -> Instant | None:
        """``caseDateUpdated``."""
        return instant_or_none(self._case_updated)

    @property
    def archive(self) -> bool | None:
        """``archive``: it is hidden."""
        return flag_or_none(self._archive)

    @property
    def is_blocked(self) -> bool | None:
        """``isBlocked``."""
        return flag_or_none(self._is_blocked)

    @property
    def snooze_in_contact(self) -> bool | None:
        """``snoozeInContact``."""
        return flag_or_none(self._snoozed)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels of its conversations."""
        return self._channels or ()

    @property
    def latest_timeline_id(self) -> str | None:
        """``latestTimelineId``."""
        return id_text(self._latest_timeline_id)

    @property
    def case_id(self) -> str | None:
        """``caseId``: the last conversation."""
        return id_text(self._case_id)

    @property
    def view_id(self) -> str | None:
        """``viewId``: the last card of the timeline."""
        return id_text(self._view_id)

    @property
    def client_user_id(self) -> str | None:
        """``clientUserId``."""
        return id_text(self._client_user_id)

    @property
    def company_id(self) -> str | None:
        """``companyId``, else the id of the company."""
        return id_text(self._company_id) or (self.company_record.source_id if self.company_record else None)

    @property
    def company(self) -> str | None:
        """The name of the company, where it was asked for."""
        return text_or_none(field_map(_first(self._company).get("fields")).get("name"))

    @cached_property
    def company_record(self) -> Company | None:
        """``company``; None when there is none, or it was not asked for."""
        try:
            return salvage(_first(self._company), Company)
        except ValueError:
            return None

    @property
    def cases(self) -> tuple[Case, ...] | None:
        """``cases``; None when they were not asked for."""
        return None if self._cases is UNSET else self._cases or ()

    @property
    def visits(self) -> tuple[Visit, ...] | None:
        """``visits``; None when they were not asked for."""
        return None if self._visits is UNSET else self._visits or ()

    @property
    def timeline(self) -> Any:
        """``timeline`` as sent; None when it was not asked for."""
        return None if self._timeline is UNSET else self._timeline

    def tells(self, name: str) -> bool:
        """Whether this answer was asked for a relation, by the name that the upstream gives it."""
        return getattr(self, f"_{name}") is not UNSET

    @property
    def tags(self) -> tuple[Any, ...] | None:
        """``tags`` as sent; None when they were not asked for."""
        return None if self._tags is UNSET else tuple(self._tags) if isinstance(self._tags, list) else ()

    @property
    def segment_refs(self) -> tuple[SegmentRef, ...] | None:
        """The tags; None when they were not asked for. The id of a tag that is only named is known where a filter
        needed it."""
        if self.tags is None:
            return None
        found = {}
        for element in self.tags:
            if (ref := tag_ref(element)) is not None:
                id = ref.id or self.tag_ids.get(ref.name or "", "")
                found[id or ref.name] = SegmentRef(id, ref.name, SegmentKind.TAG)
        return tuple(found.values())

    @cached_property
    def custom_fields(self) -> tuple[CustomField, ...] | None:
        """The keys of ``fields`` that are not Acquire's own; None when they were not asked for."""
        if self._fields is UNSET:
            return None
        system = assumptions.SYSTEM_FIELDS.assumed
        return tuple(CustomField(key, json_text(value)) for key, value in self.fields.items() if key not in system)


def _first(company: Any) -> dict[str, Any]:
    """The documents call it an array, the examples show an object; without a company both may be empty."""
    row = next(iter(company), None) if isinstance(company, list) else company
    return row if isinstance(row, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    """One text or, as it may be after a merge, several; no empty ones."""
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(text for one in values if (text := text_or_none(one)) is not None))


def names_unknown_tags(contacts: list[Contact]) -> bool:
    """Whether a contact has a tag of which only the name is known."""
    return any(not ref.id for contact in contacts for ref in contact.segment_refs or ())
