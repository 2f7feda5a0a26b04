"""Rechat's data as tests see it: read whole, compared with, and changed while it runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sandbox.rechat import calendar, views
from sandbox.rechat.contacts import Contact
from sandbox.rechat.data import RechatData
from sandbox.rechat.selection import list_members

Json = dict[str, Any]

_TEXTS = ("first_name", "last_name", "nickname", "company", "job_title", "title", "source_type")
_SEVERAL = {"emails": "email", "phone_numbers": "phone_number", "tags": "tag", "notes": "note"}


class RechatOracle:
    """What is in ``data`` now, as the service would send it."""

    def __init__(self, data: RechatData) -> None:
        self.data = data

    def contacts(self, associations: Collection[str] = ()) -> list[Json]:
        """All contacts in the order of their creation, which is that of the lists without another one."""
        return views.contacts(self.data, self.data.all(), associations)

    def contact(self, identifier: str, associations: Collection[str] = ()) -> Json | None:
        """One contact, or None."""
        found = self.data.find(identifier)
        return None if found is None else views.contact(self.data, found, associations)

    def tags(self) -> list[Json]:
        """All tags, by name."""
        return views.tags(self.data)

    def lists(self) -> list[Json]:
        """All contact lists with the number of their members, oldest first."""
        return [views.contact_list(self.data, key) for key in self.data.lists]

    def members(self, identifier: str) -> list[str]:
        """Ids of the contacts in a list."""
        return [each.id for each in list_members(self.data, identifier)]

    def events(self, contact: str | None = None, dual: bool = True) -> list[Json]:
        """The calendar's rows by time and id.

        Args:
            contact: those of one contact.
            dual: of events about several contacts the rows for each (True) or the one for all (False).
        """
        left_out = set(calendar.DUALS) if dual else set(calendar.DUALS.values())
        window = calendar.Window(contacts=None if contact is None else frozenset((contact,)))
        return [row for row in calendar.rows(self.data, window) if row["object_type"] not in left_out]

    def calendar(self) -> list[Json]:
        """The calendar's rows as it shows them for all contacts: of events about several, one row."""
        return self.events(dual=False)

    # -- changing while it runs --------------------------------------------------------------------

    def insert_contact(self, *, created_at: float | None = None, **values: Any) -> Json:
        """Adds a contact; returns it as it is sent.

        Args:
            created_at: seconds since 1970; default: now.
            values: ``first_name``, ``last_name``, ``emails``, ``phone_numbers``, ``tags``, ``notes``, ``birthday``
                (seconds), ``address`` (its parts) and the like.

        Raises:
            ValueError: a value of another name.
        """
        made = self.data.create(_attributes(values), at=created_at)
        return views.contact(self.data, made)

    def replace_contact(self, identifier: str, **values: Any) -> Json:
        """Puts these values in the place of the contact's own of the same kinds; its ``updated_at`` becomes now.

        Raises:
            KeyError: no such contact.
        """
        found = self._known(identifier)
        rows = _attributes(values)
        kinds = {row["attribute_type"] for row in rows} | {_SEVERAL.get(name, name) for name in values}
        found.attributes = [row for row in found.attributes if row["attribute_type"] not in kinds]
        self.data.write(found, rows)
        self.data.touched(found)
        return views.contact(self.data, found)

    def delete_contact(self, *identifiers: str) -> int:
        """Deletes contacts; says how many there were."""
        return self.data.delete(identifiers)

    def insert_event(self, at: float, *contacts: str, object_type: str = "crm_task", **values: Any) -> str:
        """Adds an event of the calendar about ``contacts`` at ``at`` (seconds since 1970); its id."""
        identifier = self.data.new_id()
        event = {"event_type": "Call", "title": "Call", "next_occurance": at, "id": identifier} | values
        self.data.events[identifier] = event | {"about": list(contacts), "object_type": object_type, "timestamp": at}
        return identifier

    def delete_event(self, *identifiers: str) -> int:
        """Deletes stored events; says how many there were."""
        return sum(self.data.events.pop(each, None) is not None for each in identifiers)

    def _known(self, identifier: str) -> Contact:
        found = self.data.find(identifier)
        if found is None:
            raise KeyError(identifier)
        return found


def _attributes(values: Json) -> list[Json]:
    rows: list[Json] = []
    for name, value in values.items():
        if name in _TEXTS:
            rows += [{"attribute_type": name, "text": value}] if value else []
        elif name in _SEVERAL:
            rows += [{"attribute_type": _SEVERAL[name], "text": text} for text in value or ()]
        elif name in ("birthday", "address"):
            key = "date" if name == "birthday" else "address"
            rows += [{"attribute_type": name, key: value}] if value is not None else []
        else:
            raise ValueError(f"no such value: {name}")
    return rows
