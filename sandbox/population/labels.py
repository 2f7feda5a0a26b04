"""What belongs together: for tests alone, and known from how the records were made, not from looking at them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

Key = tuple[str, str]
"""A record: the name of its service and its id there."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records and what is true of them.

    Attributes:
        kind: the class of the pair.
        same: whether they are records of one person.
        linkable: whether the published rules connect them, directly or over further records of the same person.
    """

    kind: str
    left: Key
    right: Key
    same: bool
    linkable: bool


class People:
    """Whose record is whose, and the pairs that were made on purpose.

    Attributes:
        pairs: the labelled pairs of each class.
    """

    def __init__(self, owners: dict[Key, str], pairs: list[Pair]) -> None:
        self._owners = owners
        self.pairs: dict[str, list[Pair]] = defaultdict(list)
        for pair in pairs:
            self.pairs[pair.kind].append(pair)
        self.pairs = dict(sorted(self.pairs.items()))

    def person(self, source: str, identifier: str | int) -> str | None:
        """The person behind a record as it was when the data was made; None for a record that is nobody's."""
        return self._owners.get((source, str(identifier)))

    def records(self, person: str) -> list[Key]:
        """All records of a person, by service and id."""
        return sorted(key for key, owner in self._owners.items() if owner == person)

    def by_person(self) -> dict[str, list[Key]]:
        """The records of every person."""
        found: dict[str, list[Key]] = defaultdict(list)
        for key, owner in sorted(self._owners.items()):
            found[owner].append(key)
        return dict(found)

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each class how many pairs there are, and how many of them the rules can link."""
        return {kind: (len(pairs), sum(pair.linkable for pair in pairs)) for kind, pairs in self.pairs.items()}
