"""The endpoints of the REST API that only read, one method an endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from upstreams.errors import UpstreamNotFound
from upstreams.rechat import assumptions
from upstreams.rechat.calls import Calls, array, given, key
from upstreams.rechat.decode import Listing, any_data
from upstreams.rechat.records import AttributeDef, CalendarEvent, Contact, ContactList, DuplicateCluster, Tag


class Condition(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One condition of a filter; several must all hold.

    Attributes:
        attribute_def: the id of a definition, or
        attribute_type: the name of a global one.
        value: what the attribute must be.
        operator: documented for lists: ``eq``, ``gte``, ``lte``, ``like``, ``any``, ``all``.
        invert: the contact must not have it.
    """

    attribute_def: str | None = None
    attribute_type: str | None = None
    value: Any = None
    operator: str | None = None
    invert: bool = False


class Selection(Struct, frozen=True, kw_only=True):
    """Which contacts; what is None says nothing, several things must all hold.

    Attributes:
        filter: conditions on attributes (tags among them).
        q: text to search for.
        alphabet: the first letters of ``sort_field``.
        users: owners.
        ids, excludes: contacts that may be, or must not be, among them.
        created_by, updated_by: users.
        lists, flows: what they are in.
        crm_task: a task that they take part in.
        created_gte … next_touch_lte: unix seconds, inclusive.
    """

    filter: Sequence[Condition] | None = None
    q: str | None = None
    alphabet: str | None = None
    users: Sequence[str] | None = None
    crm_task: str | None = None
    ids: Sequence[str] | None = None
    excludes: Sequence[str] | None = None
    created_by: str | None = None
    updated_by: str | None = None
    lists: Sequence[str] | None = None
    flows: Sequence[str] | None = None
    created_gte: float | None = None
    created_lte: float | None = None
    updated_gte: float | None = None
    updated_lte: float | None = None
    last_touch_gte: float | None = None
    last_touch_lte: float | None = None
    next_touch_gte: float | None = None
    next_touch_lte: float | None = None

    def split(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """What travels in the address, and what in the body: the arrays."""
        told = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        body = {name: told.pop(name) for name in _IN_BODY if name in told}
        return told, body


_IN_BODY = ("filter", "users", "ids", "excludes", "lists", "flows")


class Reads(Calls):
    """What can be asked."""

    async def contacts(
        self, *, start: int, limit: int, order: str | None = None, associations: Sequence[str] = ()
    ) -> Listing[Contact]:
        """All contacts."""
        params = [*given({"start": start, "limit": limit, "order": order}), *array("associations", associations)]
        return await self._get("contacts", "/contacts", self._contacts, params)

    async def contacts_filter(
        self,
        selection: Selection,
        *,
        start: int,
        limit: int,
        order: str | None = None,
        associations: Sequence[str] = (),
    ) -> Listing[Contact]:
        """Contacts by text, attributes, tags, ids, lists, times."""
        scalars, body = selection.split()
        paging = {"start": start, "limit": limit, "order": order}
        params = [*given({**scalars, **paging}), *array("associations", associations)]
        return await self._search("contactsFilter", "/contacts/filter", self._contacts, body, params)

    async def contact(self, contact_id: str, *, associations: Sequence[str] = ()) -> Contact | None:
        """One contact; None when it is gone."""
        params = array("associations", associations)
        try:
            path = f"/contacts/{key('contact', contact_id)}"
            return await self._get("contact", path, self._contact, params, keep=self._keep.entities["Contact"])
        except UpstreamNotFound:
            return None

    async def tags(self) -> Listing[Tag]:
        """All tags."""
        return await self._get("tags", "/contacts/tags", self._tags, keep=self._keep.lists["Segment"])

    async def lists(self) -> Listing[ContactList]:
        """All contact lists."""
        return await self._get("lists", "/contacts/lists", self._lists, keep=self._keep.lists["Segment"])

    async def list_options(self) -> Any:
        """What lists may ask for, as plain JSON."""
        return await self._get("listOptions", "/contacts/lists/options", any_data, keep=self._keep.lists["Segment"])

    async def attribute_defs(self) -> Listing[AttributeDef]:
        """All attribute definitions: Rechat's own and the team's."""
        return await self._get(
            "attributeDefs", "/contacts/attribute_defs", self._definitions, keep=self._keep.lists["AttributeDefinition"]
        )

    async def duplicates(
        self, *, start: int | None = None, limit: int | None = None, associations: Sequence[str] = ()
    ) -> Listing[DuplicateCluster]:
        """All clusters of contacts that may be one person."""
        params = [*given({"start": start, "limit": limit}), *array("associations", associations)]
        return await self._get("duplicates", assumptions.DUPLICATES_PATH.assumed, self._clusters, params)

    async def contact_duplicates(self, contact_id: str, *, associations: Sequence[str] = ()) -> DuplicateCluster | None:
        """The cluster that a contact is in; None when it is in none."""
        params = array("associations", associations)
        try:
            path = f"/contacts/{key('contactDuplicates', contact_id)}/duplicates"
            return await self._get("contactDuplicates", path, self._own_cluster, params)
        except UpstreamNotFound:
            return None

    async def calendar(
        self,
        low: int,
        high: int,
        *,
        limit: int | None = None,
        contact: str | None = None,
        object_types: Sequence[str] = (),
        event_types: Sequence[str] = (),
        users: Sequence[str] = (),
        associations: Sequence[str] = (),
    ) -> Listing[CalendarEvent]:
        """Calendar events between two times (unix seconds), of the team or of one contact."""
        params = [
            *given({"low": low, "high": high, "limit": limit, "contact": contact}),
            *array("object_types", object_types),
            *array("event_types", event_types),
            *array("users", users),
            *array("associations", associations),
        ]
        return await self._get("calendar", "/calendar", self._events, params)

    def _own_cluster(self, body: bytes) -> DuplicateCluster | None:
        """One cluster, alone or in a list: the documents print the two examples the wrong way round."""
        data = msgspec.json.decode(body, type=dict[str, msgspec.Raw]).get("data", msgspec.Raw(b"null"))
        if bytes(data).lstrip()[:1] == b"[":
            return next(iter(self._clusters(body).rows), None)
        return None if bytes(data) == b"null" else self._cluster(body)
