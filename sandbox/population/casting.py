"""The steps in which a cast is made: taking persons, adding records, labelling pairs, giving ids."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sandbox.cards import Card
from sandbox.people import Person, latin
from sandbox.population.drafts import ACQUIRE, CLOUD4WI, RECHAT, Draft, card, of_cloud4wi
from sandbox.population.labels import Pair, People

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cast:
    """The records that Rechat and Acquire have, and whose they are."""

    rechat: list[Card]
    acquire: list[Card]
    people: People


class Casting:
    """What is made so far; the classes of pairs are made by those who extend it."""

    def __init__(
        self, seed: int, known: list[tuple[Person, Json]], newcomers: Iterator[Person], rechat: int, acquire: int
    ) -> None:
        self.draw = random.Random(f"{seed}:population")  # noqa: S311 - a data set, no secret
        self._known = list(known)
        self.draw.shuffle(self._known)
        self._newcomers = newcomers
        self.room = {RECHAT: rechat, ACQUIRE: acquire}
        self._drafts: dict[str, list[Draft]] = {RECHAT: [], ACQUIRE: []}
        self._pairs: list[tuple[str, Draft, Draft, bool, bool]] = []
        self.scale = min(rechat / 600, acquire / 500)
        self._owners = {(CLOUD4WI, record["cid"]): person.id for person, record in known}
        self._addresses = 0

    def new(self) -> Person:
        """A person whom no service knows yet."""
        return next(self._newcomers)

    def fits(self, *sources: str) -> bool:
        """Whether these services have room, each for as many records as it is named."""
        return all(self.room[source] >= sources.count(source) for source in sources if source in self.room)

    def add(self, draft: Draft) -> Draft:
        """Gives a service the record."""
        if draft.source in self.room:
            self.room[draft.source] -= 1
            self._drafts[draft.source].append(draft)
        return draft

    def pair(self, kind: str, left: Draft, right: Draft, *, same: bool, linkable: bool) -> None:
        """Labels two records."""
        self._pairs.append((kind, left, right, same, linkable))

    def address(self, person: Person) -> str:
        """An address of the person that no other record has."""
        self._addresses += 1
        return f"{latin(person.first_name) or 'me'}.{self._addresses}@private.example.org"

    def number(self, country: str) -> str:
        """A national number that no other person has: that of somebody whom nobody will hear of."""
        return next(person.phone_number for person in self._newcomers if person.country == country)

    def fresh(self, source: str, person: Person, **values: Any) -> Draft:
        """A record with what the person is really called, an address and a number, either of which may lack."""
        chance = self.draw.random()
        draft = Draft(
            source,
            person,
            person.first_name,
            person.last_name,
            (person.email,) if chance < 0.85 else (),
            (person.phone,) if chance > 0.2 else (),
            person.country.upper() if self.draw.random() < 0.6 else None,
        )
        if person.other_email and source == RECHAT and draft.emails:
            draft.emails += (person.other_email,)
        return replace(draft, **values)

    def left(self, number: int, fits: Callable[[Draft], bool]) -> tuple[Draft, str] | None:
        """A record to make others for, and the service of the next one; None when there is no room."""
        target = (RECHAT, ACQUIRE, ACQUIRE, RECHAT)[number % 4]
        if number % 4 != 2:
            if not self.fits(target):
                return None
            for place, (person, record) in enumerate(self._known):
                draft = of_cloud4wi(person, record)
                if fits(draft):
                    del self._known[place]
                    return draft, target
            return None
        if not self.fits(RECHAT, ACQUIRE):
            return None
        while True:
            person = self.new()
            draft = self.fresh(RECHAT, person, emails=(person.email,), phones=(person.phone,))
            if fits(draft):
                return self.add(draft), target

    def again(self, source: str, left: Draft, **values: Any) -> Draft:
        """Another record of the person of ``left``, with nothing but the names in common."""
        blank = Draft(source, left.person, left.first, left.last, company=left.company)
        return self.add(replace(blank, **values))

    def finished(self) -> Cast:
        """Gives ids in an order that says nothing about the classes."""
        serial = 1000
        for source, drafts in self._drafts.items():
            self.draw.shuffle(drafts)
            for draft in drafts:
                serial += self.draw.choice((1, 1, 1, 2, 5))
                uuid = UUID(int=self.draw.getrandbits(128), version=4)
                draft.id = str(uuid) if source == RECHAT else str(serial)
                self._owners[draft.key] = draft.person.id
        pairs = [Pair(kind, left.key, right.key, same, link) for kind, left, right, same, link in self._pairs]
        rechat, acquire = ([card(draft) for draft in self._drafts[source]] for source in (RECHAT, ACQUIRE))
        return Cast(rechat, acquire, People(self._owners, pairs))
