"""What stands on a contact's timeline: cases, notes and cards ("views")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from upstreams.acquire.changes import wrapped_data
from upstreams.acquire.decode import Json, ListDecoder, Listing, OneDecoder, any_data, plain_rows
from upstreams.acquire.endpoints.calls import Calls, PageOf, query
from upstreams.acquire.records import Case
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.wire import Wire, segment


class TimelineCalls(Calls):
    """``/crm/objects/case``, ``/crm/note`` and ``/crm/view``."""

    def __init__(self, wire: Wire, keeping: Keeping = NOTHING) -> None:
        super().__init__(wire, keeping)
        self._case = OneDecoder(Case)
        self._cases = ListDecoder(Case, "data", self._lost("cases"))

    async def cases(
        self, page: PageOf, *, relations: Sequence[str] = (), where: Sequence[tuple[str, str]] = ()
    ) -> Listing[Case]:
        """A page of conversations. ``relations`` are ``contact``, ``messages``, ``users``, ``tags`` and others."""
        params = query(page, relations=relations, where=where)
        return await self._get("cases", "/crm/objects/case", self._cases, params)

    async def case(self, case_id: str, *, relations: Sequence[str] = ()) -> Case:
        """One conversation.

        Raises:
            UpstreamNotFound: there is no such case.
        """
        path = f"/crm/objects/case/{segment(case_id)}"
        params = query(relations=relations)
        return await self._get("case", path, self._case, params, keep=self._keep.entities["ConversationEvent"])

    async def notes(self, contact_id: str, page: PageOf) -> Listing[Json]:
        """A page of a contact's notes, as plain JSON: the text of one is ``lastMessage.message``."""
        return await self._get("notes", "/crm/note", plain_rows, [("contact_id", contact_id), *query(page)])

    async def note(self, note_id: str) -> Any:
        """One note, as plain JSON.

        Raises:
            UpstreamNotFound: there is no such note.
        """
        return await self._get("note", f"/crm/note/get/{segment(note_id)}", any_data)

    async def create_note(self, contact_id: str, message: str) -> Any:
        """Write a note; the answer is the note, as plain JSON.

        Raises:
            UpstreamNotFound: there is no such contact.
        """
        body = {"type": "note", "message": message}
        params = [("contactId", contact_id)]
        return await self._send("noteCreate", "POST", "/crm/note/create", wrapped_data, body, params)

    async def views(self, contact_id: str, page: PageOf) -> Listing[Json]:
        """A page of the cards on a contact's timeline, as plain JSON."""
        return await self._get("views", "/crm/view", plain_rows, [("contact_id", contact_id), *query(page)])

    async def view(self, view_id: str) -> Any:
        """One card, as plain JSON.

        Raises:
            UpstreamNotFound: there is no such card.
        """
        return await self._get("view", f"/crm/view/{segment(view_id)}", any_data)

    async def create_view(self, view: Mapping[str, Any]) -> Any:
        """Put a card on a timeline: ``{title, contact_id, meta, view: {type, config}}``; the answer is the card."""
        return await self._send("viewCreate", "POST", "/crm/view", wrapped_data, dict(view))

    async def update_view(self, view_id: str, view: Mapping[str, Any]) -> Any:
        """Change a card; the answer repeats what was sent, and is not the card.

        Raises:
            UpstreamNotFound: there is no such card.
        """
        return await self._send("viewUpdate", "PUT", f"/crm/view/{segment(view_id)}", wrapped_data, dict(view))

    async def delete_view(self, view_id: str) -> int | None:
        """Take a card off; how many were, where the answer says.

        Raises:
            UpstreamNotFound: there is no such card.
        """
        return await self._delete("viewDelete", f"/crm/view/{segment(view_id)}")
