"""The endpoints of the REST API that change something, one method an endpoint.

None of them is ever sent twice: when the answer is lost, nobody knows whether it was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from upstreams.http.wire import segment
from upstreams.rechat.calls import Calls, array, given, key
from upstreams.rechat.decode import Listing, nothing, refusal
from upstreams.rechat.files import multipart
from upstreams.rechat.reads import Condition
from upstreams.rechat.records import Attribute, AttributeDef, Contact, ContactList, File, Job


class AttributeValue(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An attribute as it is written: with ``id`` it is changed, without it is added.

    Attributes:
        attribute_def: the id of its definition, or
        attribute_type: the name of a global one.
        text, number, date, address: one of them is the value; a date in unix seconds.
    """

    id: str | None = None
    attribute_def: str | None = None
    attribute_type: str | None = None
    text: str | None = None
    number: float | None = None
    date: int | None = None
    address: Mapping[str, str] | None = None
    label: str | None = None
    is_primary: bool | None = None
    is_partner: bool | None = None
    index: int | None = None


class NewContact(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A contact to create or import.

    Attributes:
        user: the owner's id.
    """

    attributes: Sequence[AttributeValue]
    user: str | None = None
    ios_address_book_id: str | None = None
    android_address_book_id: str | None = None


class ChangedContact(Struct, frozen=True, kw_only=True):
    """A contact to change; attributes that are not named stay."""

    id: str
    attributes: Sequence[AttributeValue]


class Cluster(Struct, frozen=True, kw_only=True):
    """Contacts to merge into ``parent``."""

    parent: str
    sub_contacts: Sequence[str]


class NewAttributeDef(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An attribute definition to create."""

    name: str
    data_type: str
    label: str | None = None
    section: str | None = None
    required: bool | None = None
    singular: bool | None = None
    searchable: bool | None = None
    has_label: bool | None = None
    labels: Sequence[str] | None = None
    enum_values: Sequence[str] | None = None


class Column(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a column of an imported file becomes; parts of an address are ``address.city`` and share an index."""

    attribute_type: str | None = None
    attribute_def: str | None = None
    label: str | None = None
    index: int | None = None


class ListChange(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A contact list as it is written."""

    name: str
    filters: Sequence[Condition] = ()
    args: Mapping[str, Any] | None = None


class Writes(Calls):
    """What can be changed."""

    async def create_contacts(
        self,
        contacts: Sequence[NewContact],
        *,
        get: bool = True,
        relax: bool = False,
        activity: bool = True,
        associations: Sequence[str] = (),
    ) -> Listing[Contact]:
        """Create contacts. No duplicate is looked for."""
        params = [*given({"get": get, "relax": relax, "activity": activity}), *array("associations", associations)]
        json = {"contacts": contacts}
        return await self._send("createContacts", "POST", "/contacts", self._contacts, json, params)

    async def update_contacts(self, contacts: Sequence[ChangedContact]) -> None:
        """Change several contacts; the answer holds none of them, whatever is asked."""
        await self._send("updateContacts", "PATCH", "/contacts", nothing, {"contacts": contacts}, given({"get": False}))

    async def update_contact(
        self, contact_id: str, attributes: Sequence[AttributeValue], *, associations: Sequence[str] = ()
    ) -> Contact:
        """Change one contact."""
        path, json = f"/contacts/{key('updateContact', contact_id)}", {"attributes": attributes}
        return await self._send(
            "updateContact", "PATCH", path, self._contact, json, array("associations", associations)
        )

    async def set_owner(self, contact_id: str, user_id: str) -> Contact:
        """Give a contact to a user."""
        path = f"/contacts/{key('setOwner', contact_id)}/owner"
        return await self._send("setOwner", "PUT", path, self._contact, {"user": user_id})

    async def set_touch(self, contact_id: str, days: int | None) -> Contact:
        """How many days may pass between touches of a contact; ``next_touch`` follows later."""
        path = f"/contacts/{key('setTouch', contact_id)}/touch"
        return await self._send("setTouch", "PATCH", path, self._contact, {"touch_freq": days})

    async def delete_contact(self, contact_id: str) -> None:
        """Delete a contact."""
        await self._send("deleteContact", "DELETE", f"/contacts/{key('deleteContact', contact_id)}", nothing)

    async def delete_contacts(self, ids: Sequence[str]) -> None:
        """Delete contacts.

        Raises:
            ValueError: there are none; what an empty selection matches is undocumented and could be all.
        """
        await self._send("deleteContacts", "DELETE", "/contacts", nothing, {"ids": _some(ids)})

    async def upload(self, name: str, content: bytes, mime: str) -> File:
        """Upload a file for an import."""
        form, body = multipart(name, content, mime)
        return await self._wire.call(
            "upload",
            "POST",
            "/contacts/upload",
            content=body,
            headers={"Content-Type": form},
            decode=self._file,
            check=refusal("upload"),
            idempotent=False,
            shareable=False,
            write=True,
        )

    async def import_json(self, contacts: Sequence[NewContact]) -> Job:
        """Import contacts."""
        return await self._send("importJson", "POST", "/contacts/import.json", self._job, {"contacts": contacts})

    async def import_csv(self, file_id: str, owner: str, mappings: Mapping[str, Column]) -> Job:
        """Import contacts from an uploaded CSV file."""
        json = {"file_id": file_id, "owner": owner, "mappings": mappings}
        return await self._send("importCsv", "POST", "/contacts/import.csv", self._job, json)

    async def import_xls(self, file_id: str, owner: str, mappings: Mapping[str, Column]) -> Job:
        """Import contacts from an uploaded XLS file."""
        json = {"file_id": file_id, "owner": owner, "mappings": mappings}
        return await self._send("importXls", "POST", "/contacts/import.xls", self._job, json)

    async def import_xlsx(self, file_id: str, owner: str, mappings: Mapping[str, Column]) -> Job:
        """Import contacts from an uploaded XLSX file."""
        json = {"file_id": file_id, "owner": owner, "mappings": mappings}
        return await self._send("importXlsx", "POST", "/contacts/import.xlsx", self._job, json)

    async def add_attributes(
        self, contact_id: str, attributes: Sequence[AttributeValue], *, associations: Sequence[str] = ()
    ) -> Listing[Attribute]:
        """Add attributes to a contact."""
        path, json = f"/contacts/{key('addAttributes', contact_id)}/attributes", {"attributes": attributes}
        params = array("associations", associations)
        return await self._send("addAttributes", "POST", path, self._attributes, json, params)

    async def replace_attribute(self, contact_id: str, attribute_id: str, attribute: AttributeValue) -> Attribute:
        """Replace one attribute of a contact."""
        path = f"/contacts/{key('replaceAttribute', contact_id)}/attributes/{key('replaceAttribute', attribute_id)}"
        return await self._send("replaceAttribute", "PUT", path, self._attribute, attribute)

    async def delete_attribute(
        self, contact_id: str, attribute_id: str, *, associations: Sequence[str] = ()
    ) -> Contact:
        """Delete one attribute of a contact; the answer is the contact."""
        path = f"/contacts/{key('deleteAttribute', contact_id)}/attributes/{key('deleteAttribute', attribute_id)}"
        params = array("associations", associations)
        return await self._send("deleteAttribute", "DELETE", path, self._contact, None, params)

    async def add_attributes_to_all(
        self,
        filters: Sequence[Condition],
        attributes: Sequence[AttributeValue],
        *,
        get: bool = True,
        users: Sequence[str] = (),
        associations: Sequence[str] = (),
    ) -> Listing[Contact]:
        """Add attributes to every contact that the conditions hold for.

        Raises:
            ValueError: there is no condition.
        """
        params = [*given({"get": get}), *array("users", users), *array("associations", associations)]
        json = {"filters": _some(filters), "attributes": attributes}
        return await self._send("addAttributesToAll", "POST", "/contacts/attributes", self._contacts, json, params)

    async def delete_attributes(self, ids: Sequence[str]) -> None:
        """Delete attributes of any contacts, by their own ids.

        Raises:
            ValueError: there are none.
        """
        await self._send("deleteAttributes", "DELETE", "/contacts/attributes", nothing, {"ids": _some(ids)})

    async def create_attribute_def(self, definition: NewAttributeDef) -> AttributeDef:
        """Create an attribute definition."""
        path = "/contacts/attribute_defs"
        return await self._send("createAttributeDef", "POST", path, self._definition, definition)

    async def delete_attribute_def(self, definition_id: str) -> None:
        """Delete an attribute definition of the team."""
        path = f"/contacts/attribute_defs/{segment(definition_id)}"
        await self._send("deleteAttributeDef", "DELETE", path, nothing)

    async def merge_contacts(
        self, contact_id: str, sub_contacts: Sequence[str], *, associations: Sequence[str] = ()
    ) -> Contact:
        """Merge contacts into one, which survives.

        Raises:
            ValueError: there is nothing to merge.
        """
        path, json = f"/contacts/{key('mergeContacts', contact_id)}/merge", {"sub_contacts": _some(sub_contacts)}
        return await self._send("mergeContacts", "POST", path, self._contact, json, array("associations", associations))

    async def merge_clusters(self, clusters: Sequence[Cluster]) -> Job:
        """Merge several clusters of contacts.

        Raises:
            ValueError: there is nothing to merge.
        """
        return await self._send("mergeClusters", "POST", "/contacts/merge", self._job, {"clusters": _some(clusters)})

    async def create_tag(self, tag: str, touch_freq: int | None = None) -> None:
        """Create a tag; ``touch_freq`` in days."""
        json = {"tag": tag} if touch_freq is None else {"tag": tag, "touch_freq": touch_freq}
        await self._send("createTag", "POST", "/contacts/tags", nothing, json)

    async def rename_tag(self, tag: str, name: str) -> None:
        """Rename a tag, with all contacts that have it."""
        await self._send("renameTag", "PATCH", f"/contacts/tags/{segment(tag)}", nothing, {"tag": name})

    async def set_tag_touch(self, tag: str, days: int | None) -> None:
        """How many days may pass between touches of the contacts that have a tag."""
        path = f"/contacts/tags/{segment(tag)}/touch"
        await self._send("setTagTouch", "PATCH", path, nothing, {"touch_freq": days})

    async def delete_tag(self, tag: str) -> None:
        """Delete a tag, also from all contacts."""
        await self._send("deleteTag", "DELETE", f"/contacts/tags/{segment(tag)}", nothing)

    async def create_list(self, change: ListChange) -> ContactList:
        """Create a contact list."""
        return await self._send("createList", "POST", "/contacts/lists", self._list, change)

    async def update_list(self, list_id: str, change: ListChange) -> ContactList:
        """Change a contact list."""
        return await self._send("updateList", "PUT", f"/contacts/lists/{segment(list_id)}", self._list, change)

    async def delete_list(self, list_id: str) -> None:
        """Delete a contact list; its contacts stay."""
        await self._send("deleteList", "DELETE", f"/contacts/lists/{segment(list_id)}", nothing)


def _some(items: Sequence[Any]) -> Sequence[Any]:
    if not items:
        raise ValueError("an empty selection")
    return items
