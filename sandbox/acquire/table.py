"""A table of rows keyed by growing numbers, some of which belong to a contact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


class Table:
    """Rows by ``id``; those with a ``contactId`` are found by it too."""

    def __init__(self) -> None:
        self._rows: dict[int, Json] = {}
        self._owned: dict[int, dict[int, Json]] = defaultdict(dict)
        self._last = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Json]:
        """The rows, oldest first."""
        return iter(list(self._rows.values()))

    def add(self, row: Json, identifier: int | None = None) -> Json:
        """Adds ``row`` under ``identifier``, or under a number that none ever had."""
        number = identifier if identifier is not None else self._last + 1
        self._last = max(self._last, number)
        made = {"id": number, **row}
        self._rows[number] = made
        if "contactId" in made:
            self._owned[made["contactId"]][number] = made
        return made

    def get(self, number: int) -> Json | None:
        """One row, or None."""
        return self._rows.get(number)

    def delete(self, number: int) -> bool:
        """Deletes a row; False when there is none."""
        row = self._rows.pop(number, None)
        if row is not None and "contactId" in row:
            self._owned[row["contactId"]].pop(number, None)
        return row is not None

    def descending(self) -> list[Json]:
        """All rows, latest id first."""
        return sorted(self._rows.values(), key=lambda row: -row["id"])

    def of(self, contact: int) -> list[Json]:
        """The rows of a contact, latest id first."""
        return sorted(self._owned.get(contact, {}).values(), key=lambda row: -row["id"])

    def move(self, source: int, target: int) -> None:
        """Gives the rows of one contact to another."""
        for number, row in self._owned.pop(source, {}).items():
            row["contactId"] = target
            self._owned[target][number] = row
