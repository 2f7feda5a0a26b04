"""Classes of pairs that are one person, spelled in ways that the rules see through and in ways that they do not."""

from __future__ import annotations

from typing import Any

from sandbox.people import latin
from sandbox.population import spellings
from sandbox.population.casting import Casting
from sandbox.population.drafts import ACQUIRE, RECHAT, Draft, named, whole

Json = dict[str, Any]


class OnePerson(Casting):
    """One person in several services, or several times in one."""

    def _plain(self, number: int) -> None:
        found = self.left(number, lambda left: named(left) and bool(left.emails))
        if found:
            left, source = found
            right = self.again(source, left, emails=left.emails[:1], phones=left.phones)
            self.pair("plain", left, right, same=True, linkable=True)

    def _email_case(self, number: int) -> None:
        found = self.left(number, lambda left: bool(left.emails))
        if found:
            left, source = found
            right = self.again(source, left, emails=(spellings.mail(left.emails[0].strip(), self.draw),))
            self.pair("email case and spacing", left, right, same=True, linkable=True)

    def _phone_spelling(self, number: int) -> None:
        found = self.left(number, lambda left: named(left) and bool(left.phones))
        if not found:
            return
        left, source = found
        person, kind = left.person, number % 5
        country = person.country.upper() if kind != 4 else None  # nobody can say whose national number it is
        if kind < 2:
            phone = spellings.international(person.country, person.phone_prefix, person.phone_number, self.draw)
        else:
            phone = spellings.national(person.country, person.phone_number, self.draw)
        emails = (self.address(person),) if number % 2 else ()
        right = self.again(source, left, phones=(phone,), emails=emails, country=country)
        self.pair("phone spelling", left, right, same=True, linkable=kind != 4)

    def _by(self, number: int, left: Draft, linkable_by_phone: bool) -> tuple[Json, bool]:
        """What connects the next record to ``left``: by turns the address, or the number and names alone."""
        if number // 4 % 2 == 0:
            return {"emails": left.emails[:1]}, True
        return {"phones": left.phones, "emails": (self.address(left.person),)}, linkable_by_phone

    def _missing_name(self, number: int) -> None:
        found = self.left(number, whole)
        if found:
            left, source = found
            values, linkable = self._by(number, left, linkable_by_phone=False)
            names: Json = {"last": None, "first": None if number // 8 % 2 else left.first}
            right = self.again(source, left, **values, **names)
            self.pair("missing name", left, right, same=True, linkable=linkable)

    def _swapped_name(self, number: int) -> None:
        found = self.left(number, lambda left: whole(left) and latin(left.first or "") != latin(left.last or ""))
        if found:
            left, source = found
            values, linkable = self._by(number, left, linkable_by_phone=False)
            right = self.again(source, left, **values, first=left.last, last=left.first)
            self.pair("swapped name", left, right, same=True, linkable=linkable)

    def _initials(self, number: int) -> None:
        found = self.left(number, whole)
        if found:
            left, source = found
            short = spellings.initial(left.first or "", self.draw)
            emails = (self.address(left.person),) if number % 3 else ()
            right = self.again(source, left, phones=left.phones, emails=emails, first=short)
            self.pair("initials", left, right, same=True, linkable=True)

    def _accents(self, number: int) -> None:
        two_letters = number % 8 > 5  # "ue" for "ü" is not the same letter

        def other(name: str | None) -> str:
            return spellings.transliterated(name or "") if two_letters else spellings.unaccented(name or "")

        found = self.left(
            number, lambda left: whole(left) and (other(left.first), other(left.last)) != (left.first, left.last)
        )
        if found:
            left, source = found
            emails = (self.address(left.person),) if number % 3 else ()
            names = {"first": other(left.first), "last": other(left.last)}
            right = self.again(source, left, phones=left.phones, emails=emails, **names)
            self.pair("accents", left, right, same=True, linkable=not two_letters)

    def _chain(self, number: int) -> None:
        """Cloud4Wi and Rechat share the address, Rechat and Acquire the number; nothing joins the ends directly."""
        if not self.fits(RECHAT, ACQUIRE):
            return
        found = self.left(4 * number, lambda left: named(left) and bool(left.emails))
        if found:
            first, _ = found
            person = first.person
            digits = self.number(person.country)
            middle = self.again(RECHAT, first, emails=first.emails[:1], phones=(person.phone_prefix + digits,))
            phone = spellings.national(person.country, digits, self.draw)
            emails = (self.address(person),) if number % 2 else ()
            last = self.again(ACQUIRE, middle, phones=(phone,), emails=emails, country=person.country.upper())
            for left, right in ((first, middle), (middle, last), (first, last)):
                self.pair("chain over three sources", left, right, same=True, linkable=True)

    def _duplicate(self, number: int) -> None:
        source = (RECHAT, ACQUIRE)[number % 2]
        if self.fits(source, source):
            person = self.new()
            left = self.add(self.fresh(source, person, emails=(person.email,), phones=(person.phone,)))
            if number % 4 < 2:
                values: Json = {"emails": (spellings.mail(person.email, self.draw),)}
            else:
                values = {"phones": (person.phone,), "emails": (self.address(person),)}
            self.pair("duplicate in one source", left, self.again(source, left, **values), same=True, linkable=True)

    def _many(self) -> None:
        """One person twelve times in one service: many hold the address, but it is not shared."""
        if self.fits(*[RECHAT] * 12):
            person = self.new()
            first = self.add(self.fresh(RECHAT, person, emails=(person.email,), phones=(person.phone,)))
            short = spellings.initial(person.first_name, self.draw)
            names = [short, person.first_name] * 5 + [short]
            drafts = [first] + [self.again(RECHAT, first, emails=(person.email,), first=name) for name in names]
            for place, left in enumerate(drafts):
                for right in drafts[place + 1 :]:
                    self.pair("many records of one person", left, right, same=True, linkable=True)
