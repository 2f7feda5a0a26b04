"""Acquire's data as tests see it: read whole, compared with, and changed while it runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sandbox.acquire import rows
from sandbox.acquire.data import AcquireData
from sandbox.acquire.fields import parse

Json = dict[str, Any]

_EVERYTHING = ("fields", "company", "tags")


class AcquireOracle:
    """What is in ``data`` now, as the service would send it."""

    def __init__(self, data: AcquireData) -> None:
        self.data = data

    def contacts(self, relations: Collection[str] = _EVERYTHING) -> list[Json]:
        """All contacts, latest id first, as the service lists them (without what only its list adds)."""
        return [rows.contact(self.data, row, relations) for row in self.data.contacts.descending()]

    def contact(self, number: int, relations: Collection[str] = _EVERYTHING) -> Json | None:
        """One contact, or None."""
        row = self.data.contacts.get(number)
        return None if row is None else rows.contact(self.data, row, relations)

    def companies(self) -> list[Json]:
        """All companies with their fields, latest id first."""
        return [rows.company(self.data, row, ("fields",)) for row in self.data.companies.descending()]

    def tags(self) -> list[Json]:
        """All tags, oldest first."""
        return [rows.tag(row) for row in self.data.tags]

    def tagged(self, number: int) -> list[int]:
        """Ids of the contacts that have a tag, latest first."""
        return [row["id"] for row in self.data.contacts.descending() if number in row["tags"]]

    def cases(self, contact: int | None = None) -> list[Json]:
        """All cases, or those of one contact, latest id first."""
        found = self.data.cases.descending() if contact is None else self.data.cases.of(contact)
        return [rows.case(self.data, row) for row in found]

    def visits(self, contact: int) -> list[Json]:
        """The pages that a contact looked at, latest id first."""
        return [rows.visit(row) for row in self.data.visits.of(contact)]

    # -- changing while it runs --------------------------------------------------------------------

    def insert_contact(
        self, *, created: str | None = None, identifier: int | None = None, tags: Collection[int] = (), **fields: Any
    ) -> Json:
        """Adds a contact with these fields (``name``, ``email``, ``phone``, ``countryId``, …).

        Args:
            created: ``dateCreated``, ``2026-01-31T10:00:00Z``; default: now.
            identifier: its id; default: the next one.
            tags: ids of tags.
        """
        made = self.data.add_contact(dict(fields), at=_instant(created), identifier=identifier, tags=list(tags))
        return rows.contact(self.data, made, _EVERYTHING)

    def replace_contact(self, number: int, **fields: Any) -> Json:
        """Sets fields of a contact; its ``dateUpdated`` becomes now.

        Raises:
            KeyError: no such contact.
        """
        row = self.data.contacts.get(number)
        if row is None:
            raise KeyError(number)
        row["fields"] |= fields
        row["dateUpdated"] = self.data.now()
        return rows.contact(self.data, row, _EVERYTHING)

    def delete_contact(self, *numbers: int) -> int:
        """Deletes contacts with what belongs to them; says how many there were."""
        return sum(self.data.delete_contact(number) for number in numbers)

    def insert_case(self, contact: int, created: str | None = None, **values: Any) -> Json:
        """Adds a case of a contact, opened at ``created`` (default: now)."""
        at = _instant(created)
        return rows.case(self.data, self.data.add_case(contact, self.data.now() if at is None else at, **values))

    def delete_case(self, *numbers: int) -> int:
        """Deletes cases; says how many there were."""
        return sum(self.data.cases.delete(number) for number in numbers)

    def insert_visit(
        self, contact: int, created: str, title: str = "Home", url: str = "https://shop.example.com/"
    ) -> Json:
        """Adds a page that a contact looked at."""
        at = _instant(created)
        return rows.visit(self.data.add_visit(contact, self.data.now() if at is None else at, title, url))


def _instant(text: str | None) -> int | None:
    if text is None:
        return None
    at = parse(text)
    if at is None:
        raise ValueError(text)
    return at
