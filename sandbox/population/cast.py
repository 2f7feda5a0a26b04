"""Persons first, their records second: who is in which services, with the traps that matching has to pass.

Cloud4Wi's records exist already and stay as they are; those of the other services are made to fit or to mislead. What a
pair is labelled follows from how it was made. Numbers of groups are for 600 and 500 contacts and scale with them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any
from uuid import UUID

from sandbox.cards import Card
from sandbox.people import Person, latin
from sandbox.population import spellings
from sandbox.population.drafts import ACQUIRE, CLOUD4WI, RECHAT, Draft, card, named, of_cloud4wi, whole
from sandbox.population.labels import Pair, People

Json = dict[str, Any]

_JUNK = (("n/a", "000"), ("none@none", "0000000000"), ("N/A", "n/a"), ("none", "00000"), ("-", "0000"), ("no@no", "-"))
_OFFICES = ("Harbour Homes", "Studio Nord", "Casa & Co", "Elm Realty", "Maison Vert", "Delta Lets", "Oak Lane", "Rivo")


@dataclass(frozen=True, slots=True)
class Cast:
    """The records that Rechat and Acquire have, and whose they are."""

    rechat: list[Card]
    acquire: list[Card]
    people: People


class Casting:
    """Makes a cast; :meth:`cast` is the result."""

    def __init__(
        self, seed: int, known: list[tuple[Person, Json]], newcomers: Iterator[Person], rechat: int, acquire: int
    ) -> None:
        self._draw = random.Random(f"{seed}:population")  # noqa: S311 - a data set, no secret
        self._known = list(known)
        self._draw.shuffle(self._known)
        self._newcomers = newcomers
        self._room = {RECHAT: rechat, ACQUIRE: acquire}
        self._drafts: dict[str, list[Draft]] = {RECHAT: [], ACQUIRE: []}
        self._pairs: list[tuple[str, Draft, Draft, bool, bool]] = []
        self._scale = min(rechat / 600, acquire / 500)
        self._owners = {(CLOUD4WI, record["cid"]): person.id for person, record in known}
        self._addresses = 0

    def cast(self) -> Cast:
        """All records: those of the classes first, then others of persons whom one service alone knows."""
        several: tuple[tuple[Callable[[int], None], int], ...] = (
            (self._role_address, 3),
            (self._office, 8),
            (self._junk, 6),
            (self._chain, 36),
            (self._plain, 50),
            (self._email_case, 44),
            (self._phone_spelling, 44),
            (self._missing_name, 40),
            (self._swapped_name, 40),
            (self._initials, 40),
            (self._accents, 40),
            (self._family, 34),
            (self._recycled, 34),
            (self._duplicate, 36),
        )
        for make, count in several:
            for number in range(ceil(count * self._scale)):
                make(number)
        if self._scale > 0.5:
            self._many()
        for source in (RECHAT, ACQUIRE):
            while self._room[source]:
                self._add(self._fresh(source, self._new()))
        return self._finished()

    # -- steps -------------------------------------------------------------------------------------

    def _new(self) -> Person:
        return next(self._newcomers)

    def _fits(self, *sources: str) -> bool:
        return all(self._room[source] >= sources.count(source) for source in sources if source in self._room)

    def _add(self, draft: Draft) -> Draft:
        if draft.source in self._room:
            self._room[draft.source] -= 1
            self._drafts[draft.source].append(draft)
        return draft

    def _pair(self, kind: str, left: Draft, right: Draft, *, same: bool, linkable: bool) -> None:
        self._pairs.append((kind, left, right, same, linkable))

    def _address(self, person: Person) -> str:
        """An address of the person that no other record has."""
        self._addresses += 1
        return f"{latin(person.first_name) or 'me'}.{self._addresses}@private.example.org"

    def _number(self, country: str) -> str:
        """A national number that no other person has: that of somebody whom nobody will hear of."""
        return next(person.phone_number for person in self._newcomers if person.country == country)

    def _fresh(self, source: str, person: Person, **values: Any) -> Draft:
        """A record with what the person is really called, an address and a number, either of which may lack."""
        chance = self._draw.random()
        draft = Draft(
            source,
            person,
            person.first_name,
            person.last_name,
            (person.email,) if chance < 0.85 else (),
            (person.phone,) if chance > 0.2 else (),
            person.country.upper() if self._draw.random() < 0.6 else None,
        )
        if person.other_email and source == RECHAT and draft.emails:
            draft.emails += (person.other_email,)
        return replace(draft, **values)

    def _left(self, number: int, fits: Callable[[Draft], bool]) -> tuple[Draft, str] | None:
        """A record to make others for, and the service of the next one; None when there is no room."""
        target = (RECHAT, ACQUIRE, ACQUIRE, RECHAT)[number % 4]
        if number % 4 != 2:
            if not self._fits(target):
                return None
            for place, (person, record) in enumerate(self._known):
                draft = of_cloud4wi(person, record)
                if fits(draft):
                    del self._known[place]
                    return draft, target
            return None
        if not self._fits(RECHAT, ACQUIRE):
            return None
        while True:
            person = self._new()
            draft = self._fresh(RECHAT, person, emails=(person.email,), phones=(person.phone,))
            if fits(draft):
                return self._add(draft), target

    def _again(self, source: str, left: Draft, **values: Any) -> Draft:
        """Another record of the person of ``left``, with nothing but the names in common."""
        blank = Draft(source, left.person, left.first, left.last, company=left.company)
        return self._add(replace(blank, **values))

    # -- one person in several services --------------------------------------------------------------

    def _plain(self, number: int) -> None:
        found = self._left(number, lambda left: named(left) and bool(left.emails))
        if found:
            left, source = found
            right = self._again(source, left, emails=left.emails[:1], phones=left.phones)
            self._pair("plain", left, right, same=True, linkable=True)

    def _email_case(self, number: int) -> None:
        found = self._left(number, lambda left: bool(left.emails))
        if found:
            left, source = found
            right = self._again(source, left, emails=(spellings.mail(left.emails[0].strip(), self._draw),))
            self._pair("email case and spacing", left, right, same=True, linkable=True)

    def _phone_spelling(self, number: int) -> None:
        found = self._left(number, lambda left: named(left) and bool(left.phones))
        if not found:
            return
        left, source = found
        person, kind = left.person, number % 5
        country = person.country.upper() if kind != 4 else None  # nobody can say whose national number it is
        if kind < 2:
            phone = spellings.international(person.country, person.phone_prefix, person.phone_number, self._draw)
        else:
            phone = spellings.national(person.country, person.phone_number, self._draw)
        emails = (self._address(person),) if number % 2 else ()
        right = self._again(source, left, phones=(phone,), emails=emails, country=country)
        self._pair("phone spelling", left, right, same=True, linkable=kind != 4)

    def _by(self, number: int, left: Draft, linkable_by_phone: bool) -> tuple[Json, bool]:
        """What connects the next record to ``left``: by turns the address, or the number and names alone."""
        if number // 4 % 2 == 0:
            return {"emails": left.emails[:1]}, True
        return {"phones": left.phones, "emails": (self._address(left.person),)}, linkable_by_phone

    def _missing_name(self, number: int) -> None:
        found = self._left(number, whole)
        if found:
            left, source = found
            values, linkable = self._by(number, left, linkable_by_phone=False)
            names: Json = {"last": None, "first": None if number // 8 % 2 else left.first}
            right = self._again(source, left, **values, **names)
            self._pair("missing name", left, right, same=True, linkable=linkable)

    def _swapped_name(self, number: int) -> None:
        found = self._left(number, lambda left: whole(left) and latin(left.first or "") != latin(left.last or ""))
        if found:
            left, source = found
            values, linkable = self._by(number, left, linkable_by_phone=False)
            right = self._again(source, left, **values, first=left.last, last=left.first)
            self._pair("swapped name", left, right, same=True, linkable=linkable)

    def _initials(self, number: int) -> None:
        found = self._left(number, whole)
        if found:
            left, source = found
            short = spellings.initial(left.first or "", self._draw)
            emails = (self._address(left.person),) if number % 3 else ()
            right = self._again(source, left, phones=left.phones, emails=emails, first=short)
            self._pair("initials", left, right, same=True, linkable=True)

    def _accents(self, number: int) -> None:
        two_letters = number % 8 > 5  # "ue" for "ü" is not the same letter

        def other(name: str | None) -> str:
            return spellings.transliterated(name or "") if two_letters else spellings.unaccented(name or "")

        found = self._left(
            number, lambda left: whole(left) and (other(left.first), other(left.last)) != (left.first, left.last)
        )
        if found:
            left, source = found
            emails = (self._address(left.person),) if number % 3 else ()
            names = {"first": other(left.first), "last": other(left.last)}
            right = self._again(source, left, phones=left.phones, emails=emails, **names)
            self._pair("accents", left, right, same=True, linkable=not two_letters)

    def _chain(self, number: int) -> None:
        """Cloud4Wi and Rechat share the address, Rechat and Acquire the number; nothing joins the ends directly."""
        if not self._fits(RECHAT, ACQUIRE):
            return
        found = self._left(4 * number, lambda left: named(left) and bool(left.emails))
        if found:
            first, _ = found
            person = first.person
            digits = self._number(person.country)
            middle = self._again(RECHAT, first, emails=first.emails[:1], phones=(person.phone_prefix + digits,))
            phone = spellings.national(person.country, digits, self._draw)
            emails = (self._address(person),) if number % 2 else ()
            last = self._again(ACQUIRE, middle, phones=(phone,), emails=emails, country=person.country.upper())
            for left, right in ((first, middle), (middle, last), (first, last)):
                self._pair("chain over three sources", left, right, same=True, linkable=True)

    def _duplicate(self, number: int) -> None:
        source = (RECHAT, ACQUIRE)[number % 2]
        if self._fits(source, source):
            person = self._new()
            left = self._add(self._fresh(source, person, emails=(person.email,), phones=(person.phone,)))
            if number % 4 < 2:
                values: Json = {"emails": (spellings.mail(person.email, self._draw),)}
            else:
                values = {"phones": (person.phone,), "emails": (self._address(person),)}
            self._pair("duplicate in one source", left, self._again(source, left, **values), same=True, linkable=True)

    def _many(self) -> None:
        """One person twelve times in one service: many hold the address, but it is not shared."""
        if self._fits(*[RECHAT] * 12):
            person = self._new()
            first = self._add(self._fresh(RECHAT, person, emails=(person.email,), phones=(person.phone,)))
            short = spellings.initial(person.first_name, self._draw)
            names = [short, person.first_name] * 5 + [short]
            drafts = [first] + [self._again(RECHAT, first, emails=(person.email,), first=name) for name in names]
            for place, left in enumerate(drafts):
                for right in drafts[place + 1 :]:
                    self._pair("many records of one person", left, right, same=True, linkable=True)

    # -- several persons who share something -----------------------------------------------------------

    def _strangers(self, count: int) -> list[Person]:
        """New persons whose last names all differ."""
        found: dict[str, Person] = {}
        while len(found) < count:
            person = self._new()
            found.setdefault(latin(person.last_name) or person.last_name, person)
        return list(found.values())

    def _all_pairs(self, kind: str, drafts: list[Draft]) -> None:
        for place, left in enumerate(drafts):
            for right in drafts[place + 1 :]:
                self._pair(kind, left, right, same=False, linkable=False)

    def _office(self, number: int) -> None:
        sources = (RECHAT, ACQUIRE, RECHAT, ACQUIRE, RECHAT)
        if self._fits(*sources):
            persons = self._strangers(5)
            phone = persons[0].phone_prefix + self._number(persons[0].country)
            company = _OFFICES[number % len(_OFFICES)]
            drafts = [
                self._fresh(source, person, emails=(person.email,), phones=(phone,), company=company, country=None)
                for source, person in zip(sources, persons, strict=True)
            ]
            self._all_pairs("shared office phone", [self._add(draft) for draft in drafts])

    def _role_address(self, number: int) -> None:
        sources = (RECHAT, ACQUIRE) * 6 + (RECHAT,)
        if self._fits(*sources):
            address = f"info@agency{number}.example.com"
            drafts = [
                self._fresh(source, person, emails=(address,), phones=(person.phone,))
                for source, person in zip(sources, self._strangers(len(sources)), strict=True)
            ]
            self._all_pairs("shared role address", [self._add(draft) for draft in drafts])

    def _junk(self, number: int) -> None:
        """Several persons with the same junk, two of whom are namesakes."""
        sources = (RECHAT, ACQUIRE, RECHAT, ACQUIRE, RECHAT, ACQUIRE)
        if self._fits(*sources):
            email, phone = _JUNK[number % len(_JUNK)]
            persons = self._strangers(len(sources))
            persons[1] = replace(persons[1], first_name=persons[0].first_name, last_name=persons[0].last_name)
            drafts = [
                self._fresh(source, person, emails=(email,), phones=(phone,))
                for source, person in zip(sources, persons, strict=True)
            ]
            self._all_pairs("junk", [self._add(draft) for draft in drafts])

    def _stranger_at(self, number: int, kind: str, same_family: bool) -> None:
        found = self._left(number, whole)
        if not found:
            return
        left, source = found
        other = self._new()
        while latin(other.first_name)[:1] == latin(left.first or "")[:1] or other.last_name == left.last:
            other = self._new()
        if same_family:
            other = replace(other, last_name=left.last or "", country=left.person.country)
        right = self._fresh(source, other, emails=(other.email,), phones=left.phones, country=None)
        self._pair(kind, left, self._add(right), same=False, linkable=False)

    def _family(self, number: int) -> None:
        self._stranger_at(number, "family phone", same_family=True)

    def _recycled(self, number: int) -> None:
        self._stranger_at(number, "recycled number", same_family=False)

    # -- the end -----------------------------------------------------------------------------------

    def _finished(self) -> Cast:
        """Gives ids in an order that says nothing about the classes."""
        serial = 1000
        for source, drafts in self._drafts.items():
            self._draw.shuffle(drafts)
            for draft in drafts:
                serial += self._draw.choice((1, 1, 1, 2, 5))
                uuid = UUID(int=self._draw.getrandbits(128), version=4)
                draft.id = str(uuid) if source == RECHAT else str(serial)
                self._owners[draft.key] = draft.person.id
        pairs = [Pair(kind, left.key, right.key, same, link) for kind, left, right, same, link in self._pairs]
        rechat, acquire = ([card(draft) for draft in self._drafts[source]] for source in (RECHAT, ACQUIRE))
        return Cast(rechat, acquire, People(self._owners, pairs))
