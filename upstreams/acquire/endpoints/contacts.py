"""Contacts: reading, searching, changing, merging and blocking them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from upstreams.acquire import assumptions
from upstreams.acquire.changes import deleted, wrapped_data, written_id
from upstreams.acquire.decode import Json, ListDecoder, Listing, OneDecoder, any_data, plain_rows
from upstreams.acquire.endpoints.calls import Calls, PageOf, query
from upstreams.acquire.records import Contact
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.wire import Wire, segment
from upstreams.instants import Instant, utc_text


class ContactCalls(Calls):
    """``/crm/objects/contact``, ``/crm/contact`` and ``/crm/block-visitor``."""

    def __init__(self, wire: Wire, keeping: Keeping = NOTHING) -> None:
        super().__init__(wire, keeping)
        self._contact = OneDecoder(Contact)
        self._contacts = ListDecoder(Contact, "list", self._lost("contacts"))
        self._found = ListDecoder(Contact, "list", self._lost("contactSearch"))

    async def contacts(
        self,
        page: PageOf,
        *,
        relations: Sequence[str] = (),
        select: Sequence[str] = (),
        where: Sequence[tuple[str, str]] = (),
    ) -> Listing[Contact]:
        """A page of all contacts. ``relations`` are ``fields``, ``company``, ``tags``, ``visits``, ``cases``,
        ``timeline``; ``where`` holds columns and what they equal."""
        params = query(page, relations=relations, select=select, where=where)
        return await self._get("contacts", "/crm/objects/contact", self._contacts, params)

    async def search_contacts(self, text: str, page: PageOf) -> Listing[Contact]:
        """A page of the contacts that a text is found in: a row for every field that matched, so one may come again.

        What the upstream compares, and how, is not documented: see ``assumptions.SEARCH_CONTAINS``.
        """
        number, size = assumptions.PAGING.assumed
        body = {"payload": {}, number: page.number, size: page.size, "search": text}
        return await self._search("contactSearch", "/crm/contact/list", self._found, body)

    async def contact(self, contact_id: str, *, relations: Sequence[str] = (), select: Sequence[str] = ()) -> Contact:
        """One contact.

        Raises:
            UpstreamNotFound: there is no such contact.
        """
        params = query(relations=relations, select=select)
        path = f"/crm/objects/contact/{segment(contact_id)}"
        return await self._get("contact", path, self._contact, params, keep=self._keep.entities["Contact"])

    async def create_contact(self, fields: Mapping[str, Any], **client: Any) -> str:
        """Make a contact of ``fields`` and tell its id; ``client`` is what is known of its device (``clientType`` and
        the like).

        Raises:
            Refused: ``code`` says whether it exists already or a field makes no sense.
        """
        body = {**client, "fields": fields}
        return await self._send("contactCreate", "POST", "/crm/objects/contact", written_id, body)

    async def update_contact(self, contact_id: str, fields: Mapping[str, Any], **client: Any) -> str:
        """Change a contact and tell its id. Whether fields that are not named stay is not documented: see
        ``assumptions.UPDATE_KEEPS``.

        Raises:
            UpstreamNotFound: there is no such contact.
            Refused: as for a new one.
        """
        path = f"/crm/objects/contact/{segment(contact_id)}"
        return await self._send("contactUpdate", "PUT", path, written_id, {**client, "fields": fields})

    async def delete_contact(self, contact_id: str) -> int | None:
        """Delete a contact for good; how many were, where the answer says.

        Raises:
            UpstreamNotFound: there is no such contact.
        """
        path = f"/crm/objects/contact/{segment(contact_id)}"
        return await self._delete("contactDelete", path)

    async def merge_contacts(self, contact_id: str, source_ids: Sequence[int]) -> Any:
        """Merge others into a contact, for good; the answer is ``{id, message}``.

        Raises:
            ValueError: there are no others.
        """
        if not source_ids:
            raise ValueError("nothing to merge")
        path = f"/crm/contact/merge/{segment(contact_id)}"
        body = {assumptions.MERGE_FIELD.assumed: list(source_ids)}
        return await self._send("contactMerge", "POST", path, wrapped_data, body)

    async def block_contacts(self, contact_ids: Sequence[int], until: Instant) -> Any:
        """Block contacts until a time; the answer is true, or the blocks.

        Raises:
            ValueError: there are no contacts.
        """
        if not contact_ids:
            raise ValueError("nobody to block")
        body = {"data": list(contact_ids), "type": "contact", "blockTill": utc_text(until)}
        return await self._send("contactBlock", "POST", "/crm/block-visitor", wrapped_data, body)

    async def blocks(self, page: PageOf) -> Listing[Json]:
        """Who is blocked, as plain JSON: ``{id, data, type, blockTill, blockBy, dateCreated}``."""
        return await self._get("blocks", "/crm/block-visitor", plain_rows, query(page))

    async def block(self, block_id: str) -> Any:
        """One block, as plain JSON.

        Raises:
            UpstreamNotFound: there is no such block.
        """
        return await self._get("block", f"/crm/block-visitor/{segment(block_id)}", any_data)

    async def unblock(self, block_id: str) -> int | None:
        """Lift a block; how many were, where the answer says (a good answer may say 0)."""
        return await self._send("unblock", "DELETE", "/crm/block-visitor", deleted, params=[("id", block_id)])
