"""A record before it is one: what it will say of its person, while the cast is being made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.cards import Card
from sandbox.people import Person, latin
from sandbox.population.labels import Key

Json = dict[str, Any]

CLOUD4WI, RECHAT, ACQUIRE = "cloud4wi", "rechat", "acquire"


@dataclass(slots=True)
class Draft:
    """A record before it has an id; one of Cloud4Wi has one."""

    source: str
    person: Person
    first: str | None
    last: str | None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    country: str | None = None
    company: str | None = None
    id: str = ""

    @property
    def key(self) -> Key:
        """Service and id."""
        return self.source, self.id


def card(draft: Draft) -> Card:
    """The draft, which has its id by now, as its service gets it."""
    person = draft.person
    return Card(
        draft.id,
        person.id,
        draft.first,
        draft.last,
        draft.emails,
        draft.phones,
        draft.country,
        draft.company,
        person.born,
    )


def of_cloud4wi(person: Person, record: Json) -> Draft:
    """What Cloud4Wi's record says; its address only when it is one."""
    email = record["email"] or ""
    return Draft(
        CLOUD4WI,
        person,
        record["firstName"],
        record["lastName"],
        (email.strip(),) if "@example" in email or ".example." in email else (),
        (record["phone"],) if record["phone"] else (),
        id=record["cid"],
    )


def named(draft: Draft) -> bool:
    """Has both names."""
    return bool(draft.first and draft.last)


def whole(draft: Draft) -> bool:
    """Has names in Latin letters, an address and a number."""
    named = draft.first and draft.last and latin(draft.first) and latin(draft.last)
    return bool(named and draft.emails and draft.phones)
