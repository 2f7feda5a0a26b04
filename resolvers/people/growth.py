"""How a person grows from one contact, round by round. Pure: the driver asks, this decides.

A round asks who has the keys of the contacts that the round before brought, then takes in those that are linked to
them. What was asked once is not asked again, but whoever has a key is looked at anew when another contact with it
joins: ``J. Rossi`` may link two contacts that are not linked to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from resolvers.loaders import Key
from resolvers.people.rules import Traits, confidence, is_shared, links, matched_by
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.records import Source

MOST_ROUNDS = 4
"""How many times in a row links are followed."""

MOST_CONTACTS = 50
"""How many contacts a person may have."""

MOST_KEYS = 50
"""About how many keys may be asked for one person; a search each, so that what a person costs has a bound."""

R = TypeVar("R")


class Place(NamedTuple):
    """Where a contact stands among all: by source, then by the source's id."""

    rank: int
    id: str


@dataclass(frozen=True, slots=True)
class Member(Generic[R]):
    """A contact and what it is recognised by."""

    source: Source
    id: str
    traits: Traits
    record: R

    @property
    def place(self) -> Place:
        """Where it stands among all."""
        return Place(self.source.rank, self.id)

    @property
    def key(self) -> Key:
        """What it is loaded by."""
        return Key(self.source, self.id)


class Evidence(NamedTuple):
    """Why a contact is in a person.

    Attributes:
        place: which contact.
        matched_by: what it has in common with contacts that were in the person before it, in the order of the enum.
        confidence: of the best of these links.
    """

    place: Place
    matched_by: tuple[MatchKey, ...]
    confidence: float


@dataclass
class Growth(Generic[R]):
    """A person that grows.

    Attributes:
        members: the contacts so far.
        truncated: there may be more, but a limit was met.
    """

    seed: Member[R]
    members: dict[Place, Member[R]] = field(init=False)
    truncated: bool = field(init=False, default=False)
    _rounds: int = field(init=False, default=0)
    _fresh: list[Member[R]] = field(init=False)
    _known: dict[IdentityKey, dict[Place, Member[R]]] = field(init=False, default_factory=dict)
    _shared: set[IdentityKey] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.members = {self.seed.place: self.seed}
        self._fresh = [self.seed]

    @property
    def growing(self) -> bool:
        """Another round may bring more."""
        return bool(self._fresh) and not self.truncated and self._rounds < MOST_ROUNDS

    def questions(self) -> list[IdentityKey]:
        """The keys that this round must ask about; none when all are known."""
        return self._unasked()[: MOST_KEYS - len(self._known)]

    def answer(self, holders: Mapping[IdentityKey, Iterable[Member[R]]]) -> None:
        """Take in those who are linked, now that it is known who has the keys that were asked about.

        Args:
            holders: for each key, the contacts that may have it; who has not is left out here.
        """
        self._rounds += 1
        if any(key not in holders for key in self._unasked()):
            self.truncated = True
        for key, found in holders.items():
            has = {member.place: member for member in found if key in member.traits.keys}
            has.update((place, member) for place, member in self.members.items() if key in member.traits.keys)
            self._known[key] = has
            if is_shared([member.traits.name for member in has.values()]):
                self._shared.add(key)
        joining = self._linked()
        for place in sorted(joining):
            if len(self.members) == MOST_CONTACTS:
                self.truncated = True
                break
            self.members[place] = joining[place]
        self._fresh = [member for place, member in sorted(joining.items()) if place in self.members]
        if self._rounds == MOST_ROUNDS and (self._unasked() or self._linked()):
            self.truncated = True

    def contacts(self) -> list[Member[R]]:
        """The contacts, in order; the first names the person."""
        return [member for _, member in sorted(self.members.items())]

    def evidence(self) -> list[Evidence]:
        """Why each contact but the first belongs: the person as it grows from its first contact.

        It is the same whichever contact the person was asked for by.
        """
        usable = frozenset(self._known) - self._shared
        waiting = self.contacts()
        joined, found = [waiting.pop(0)], list[Evidence]()
        near: Sequence[Member[R]] = joined
        while near:
            near = [member for member in waiting if any(matched_by(member.traits, one.traits, usable) for one in near)]
            for member in near:
                waiting.remove(member)
                found.append(_evidence(member, joined, usable))
                joined = [*joined, member]
        return found

    def _unasked(self) -> list[IdentityKey]:
        keys = {key for member in self._fresh for key in member.traits.keys if key not in self._known}
        return sorted(keys, key=lambda key: (key.kind.value, key.value))

    def _linked(self) -> dict[Place, Member[R]]:
        """Who is no member yet and is linked to a fresh one."""
        return {
            place: other
            for member in self._fresh
            for key in member.traits.keys
            if key not in self._shared
            for place, other in self._known.get(key, {}).items()
            if place not in self.members and links(key, member.traits.name, other.traits.name)
        }


def _evidence(member: Member[R], before: Sequence[Member[R]], usable: frozenset[IdentityKey]) -> Evidence:
    found = [(one, matched_by(member.traits, one.traits, usable)) for one in before]
    kinds = frozenset[MatchKey]().union(*(keys for _, keys in found))
    sure = max(confidence(member.traits, one.traits, keys) for one, keys in found)
    return Evidence(member.place, tuple(kind for kind in MatchKey if kind in kinds), sure)
