"""Classes of pairs that are different persons who share an address or a number."""

from __future__ import annotations

from dataclasses import replace

from sandbox.people import Person, latin
from sandbox.population.casting import Casting
from sandbox.population.drafts import ACQUIRE, RECHAT, Draft, whole

_JUNK = (("n/a", "000"), ("none@none", "0000000000"), ("N/A", "n/a"), ("none", "00000"), ("-", "0000"), ("no@no", "-"))
_OFFICES = ("Harbour Homes", "Studio Nord", "Casa & Co", "Elm Realty", "Maison Vert", "Delta Lets", "Oak Lane", "Rivo")


class Strangers(Casting):
    """Persons whom the rules must not link."""

    def _strangers(self, count: int) -> list[Person]:
        """New persons whose last names all differ."""
        found: dict[str, Person] = {}
        while len(found) < count:
            person = self.new()
            found.setdefault(latin(person.last_name) or person.last_name, person)
        return list(found.values())

    def _all_pairs(self, kind: str, drafts: list[Draft]) -> None:
        for place, left in enumerate(drafts):
            for right in drafts[place + 1 :]:
                self.pair(kind, left, right, same=False, linkable=False)

    def _office(self, number: int) -> None:
        sources = (RECHAT, ACQUIRE, RECHAT, ACQUIRE, RECHAT)
        if self.fits(*sources):
            persons = self._strangers(5)
            phone = persons[0].phone_prefix + self.number(persons[0].country)
            company = _OFFICES[number % len(_OFFICES)]
            drafts = [
                self.fresh(source, person, emails=(person.email,), phones=(phone,), company=company, country=None)
                for source, person in zip(sources, persons, strict=True)
            ]
            self._all_pairs("shared office phone", [self.add(draft) for draft in drafts])

    def _role_address(self, number: int) -> None:
        sources = (RECHAT, ACQUIRE) * 6 + (RECHAT,)
        if self.fits(*sources):
            address = f"info@agency{number}.example.com"
            drafts = [
                self.fresh(source, person, emails=(address,), phones=(person.phone,))
                for source, person in zip(sources, self._strangers(len(sources)), strict=True)
            ]
            self._all_pairs("shared role address", [self.add(draft) for draft in drafts])

    def _junk(self, number: int) -> None:
        """Several persons with the same junk, two of whom are namesakes."""
        sources = (RECHAT, ACQUIRE, RECHAT, ACQUIRE, RECHAT, ACQUIRE)
        if self.fits(*sources):
            email, phone = _JUNK[number % len(_JUNK)]
            persons = self._strangers(len(sources))
            persons[1] = replace(persons[1], first_name=persons[0].first_name, last_name=persons[0].last_name)
            drafts = [
                self.fresh(source, person, emails=(email,), phones=(phone,))
                for source, person in zip(sources, persons, strict=True)
            ]
            self._all_pairs("junk", [self.add(draft) for draft in drafts])

    def _stranger_at(self, number: int, kind: str, same_family: bool) -> None:
        found = self.left(number, whole)
        if not found:
            return
        left, source = found
        other = self.new()
        while latin(other.first_name)[:1] == latin(left.first or "")[:1] or other.last_name == left.last:
            other = self.new()
        if same_family:
            other = replace(other, last_name=left.last or "", country=left.person.country)
        right = self.fresh(source, other, emails=(other.email,), phones=left.phones, country=None)
        self.pair(kind, left, self.add(right), same=False, linkable=False)

    def _family(self, number: int) -> None:
        self._stranger_at(number, "family phone", same_family=True)

    def _recycled(self, number: int) -> None:
        self._stranger_at(number, "recycled number", same_family=False)
