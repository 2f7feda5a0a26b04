"""Persons first, their records second: who is in which services, with the traps that matching has to pass.

Cloud4Wi's records exist already and stay as they are; those of the other services are made to fit or to mislead. What a
pair is labelled follows from how it was made. Numbers of groups are for 600 and 500 contacts and scale with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil

from sandbox.population.casting import Cast
from sandbox.population.drafts import ACQUIRE, RECHAT, Draft
from sandbox.population.one_person import OnePerson
from sandbox.population.strangers import Strangers


class Director(OnePerson, Strangers):
    """Makes a cast; :meth:`cast` is the result."""

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
            for number in range(ceil(count * self.scale)):
                make(number)
        if self.scale > 0.5:
            self._many()
        for source in (RECHAT, ACQUIRE):
            while self.room[source]:
                self.add(self._alone(source))
        return self.finished()

    def _alone(self, source: str) -> Draft:
        """A record of somebody new; some lack a name, some are junk, and many of Acquire's visitors said nothing."""
        draft = self.fresh(source, self.new())
        shares = (15, 4, 3, 78) if source == ACQUIRE else (1, 5, 3, 91)
        match self.draw.choices(("nothing", "no name", "junk", "all"), shares)[0]:
            case "nothing":
                return replace(draft, first=None, last=None, emails=(), phones=())
            case "no name":
                company = f"{draft.last} & Co" if source == RECHAT else None
                return replace(draft, first=None, last=None, company=company)
            case "junk":
                return replace(draft, emails=(self.draw.choice(("n/a", "none@none")),))
            case _:
                return draft
