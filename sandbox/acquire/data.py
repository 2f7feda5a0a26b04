"""Acquire's data: contacts, companies, tags, cases, visits, notes, cards and blocks by their numbers; kept in memory.

Instants are stored as microseconds since 1970 and written when sent. What tests compare with
(:meth:`sandbox.acquire.oracle.Oracle.contacts` and its like) is put together by the same code that answers calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.acquire.fields import attribute
from sandbox.acquire.table import Table
from sandbox.clock import Clock

Json = dict[str, Any]

_SYSTEM = ("name", "email", "phone", "city", "state", "countryId", "ip")
_CLIENT = (
    *("clientType", "clientName", "clientVersion", "clientOsName", "clientOsVersion"),
    *("clientDeviceType", "clientDeviceVendor", "clientDeviceModel"),
)


class Refused(Exception):
    """A call that is answered with an error: one of the documented types, which has its own status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def invalid(message: str) -> Refused:
    """A request that makes no sense."""
    return Refused("ERROR_INVALID_INPUT", message)


class AcquireData:
    """Everything the service knows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.contacts = Table()
        self.companies = Table()
        self.tags = Table()
        self.fields = Table()
        self.cases = Table()
        self.visits = Table()
        self.notes = Table()
        self.views = Table()
        self.messages = Table()
        self.blocks = Table()
        for key in _SYSTEM:
            self.add_field(key, key.capitalize(), system=True)

    def now(self) -> int:
        """Microseconds since 1970, whole milliseconds."""
        return int(self._clock.now() * 1000) * 1000

    def find(self, table: Table, identifier: object, what: str) -> Json:
        """One row by the id in a request.

        Raises:
            Refused: there is none.
        """
        text = str(identifier)
        row = table.get(int(text)) if text.isascii() and text.isdigit() else None
        if row is None:
            raise Refused("ERROR_RECORD_NOT_FOUND", f"no such {what}")
        return row

    # -- contacts ----------------------------------------------------------------------------------

    def _belongings(self) -> tuple[Table, ...]:
        return self.cases, self.visits, self.notes, self.views

    def add_contact(self, fields: Json, *, at: int | None = None, identifier: int | None = None, **values: Any) -> Json:
        """Adds a contact; ``values`` are other columns of it, ``at`` its ``dateCreated``."""
        at = self.now() if at is None else at
        row: Json = {
            **dict.fromkeys(_CLIENT),
            "clientDetails": {},
            "archive": "no",
            "companyId": None,
            "meta": {},
            "fields": fields,
            "tags": [],
            "dateCreated": at,
            "dateUpdated": at,
        }
        return self.contacts.add(row | values, identifier)

    def delete_contact(self, number: int) -> bool:
        """Deletes a contact with what belongs to it; False when there is none."""
        for table in self._belongings():
            for row in table.of(number):
                table.delete(row["id"])
        return self.contacts.delete(number)

    def merge(self, target: Json, sources: Iterable[Json]) -> None:
        """Moves all that belongs to ``sources`` to ``target``, and deletes them; differing details stay in ``meta``."""
        for source in sources:
            for table in self._belongings():
                table.move(source["id"], target["id"])
            for key, value in source["fields"].items():
                if value and not target["fields"].get(key):
                    target["fields"][key] = value
                elif value and target["fields"][key] != value:
                    target["meta"].setdefault("merged", {}).setdefault(key, []).append(value)
            target["tags"] = sorted({*target["tags"], *source["tags"]})
            target["companyId"] = target["companyId"] or source["companyId"]
            self.contacts.delete(source["id"])
        target["dateUpdated"] = self.now()

    # -- the rest ----------------------------------------------------------------------------------

    def add_field(self, key: str, label: str, *, system: bool = False, **config: Any) -> Json:
        """Adds a custom attribute."""
        return self.fields.add(attribute(key, label, system=system, **config))

    def add_company(self, fields: Json, at: int | None = None, parent: int | None = None) -> Json:
        """Adds a company."""
        empty = dict.fromkeys(("name", "website", "logo", "industry", "description", "source", "revenue"))
        empty |= dict.fromkeys(("city", "state", "countryId", "address", "employees", "foundation"))
        made = {"dateCreated": self.now() if at is None else at, "dateUpdated": None, "parent": parent}
        return self.companies.add({**made, "fields": {**empty, **fields}})

    def add_tag(self, name: str, color: str | None = None, kinds: list[str] | None = None) -> Json:
        """Adds a tag.

        Raises:
            Refused: another has the name.
        """
        if any(tag["name"] == name for tag in self.tags):
            raise Refused("ERROR_DUPLICATE_RECORD_FOUND", "a tag of this name exists")
        return self.tags.add({"name": name, "color": color, "userId": 1, "type": kinds, "dateCreated": self.now()})

    def add_case(self, contact: int, at: int, **values: Any) -> Json:
        """Adds a case of a contact, opened at ``at``."""
        empty = ("closedBy", "visitId", "description", "closingState", "datePending", "dateActive", "dateClosed")
        row = {"contactId": contact, **dict.fromkeys((*empty, "queueId", "queueOrder", "parentId", "userId"))}
        row |= {"title": "", "channel": "chat", "status": "queue", "dateQueue": at, "waitTime": 0, "meta": {}}
        made = self.cases.add(row | {"tags": [], "dateCreated": at, "dateUpdated": at} | values)
        made["threadId"] = made["id"] + 1000
        return made

    def add_visit(self, contact: int, at: int, title: str, url: str, source: str = "") -> Json:
        """Adds a page that a contact looked at."""
        row = {"contactId": contact, "title": title, "url": url, "source": source, "dateCreated": at}
        return self.visits.add(row)

    def add_note(self, contact: int, message: str | None, at: int | None = None, **texts: Any) -> Json:
        """Adds a note about a contact with its first message; ``texts`` are its ``title`` and ``description``."""
        at = self.now() if at is None else at
        row = {"contactId": contact, "userId": 1, "type": "note", "title": None, "description": None} | texts
        made = self.notes.add(row | {"message": message, "dateCreated": at, "dateUpdated": at})
        made["threadId"] = made["id"] + 500_000
        return made

    def add_view(self, contact: int, title: str, meta: Json, view: Json, at: int | None = None) -> Json:
        """Adds a card to a contact's timeline."""
        at = self.now() if at is None else at
        row = {"contactId": contact, "userId": 1, "title": title, "meta": meta, "view": view}
        return self.views.add(row | {"dateCreated": at, "dateUpdated": at})

    def add_message(self, case: Json, text: str, sender: str, at: int | None = None) -> Json:
        """Adds a message to a case; ``sender`` is ``contact`` or ``user``."""
        at = self.now() if at is None else at
        row = {"threadId": case["threadId"], "caseId": case["id"], "channel": case["channel"], "senderType": sender}
        row |= {"type": "message", "message": text, "seen": "yes", "dateCreated": at}
        return self.messages.add(row | {"senderId": case["contactId"] if sender == "contact" else 1})
