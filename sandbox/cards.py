"""What one record of a service says of its person: drawn first, before any service writes it down its own way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Card:
    """The part of a record by which people are known; the rest of the record is drawn by its service.

    Attributes:
        id: the record's id in its service, as text.
        person: the id of the person behind it; None for an office.
        first_name, last_name, emails, phones: as the record spells them, junk included.
        country: ISO 3166-1 alpha-2, upper case, where the record tells it.
    """

    id: str
    person: str | None
    first_name: str | None = None
    last_name: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    country: str | None = None
    company: str | None = None
    born: date | None = None
