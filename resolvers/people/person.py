"""A person: who is linked to a contact, put together for one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from resolvers.batching import Loader, loaded, settled
from resolvers.loaders import Key, Loaders
from resolvers.people.growth import MOST_CONTACTS, Growth, Member, Place
from resolvers.people.holders import ENOUGH, Directory, Holding
from resolvers.people.rules import MOST_HOLDERS, is_shared, traits_of
from upstreams.errors import UpstreamError
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.instants import Instant
from upstreams.records import ContactRecord, Entity, Source
from upstreams.source import Searchable

if TYPE_CHECKING:
    from resolvers.context import Services

MOST_LOADS = MOST_CONTACTS
"""How many contacts that an index names may be looked at for one person; each may be a call of its own."""

_Member = Member[ContactRecord]


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """Why a contact is in a person; see :class:`resolvers.people.growth.Evidence`."""

    contact: ContactRecord
    matched_by: Sequence[MatchKey]
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class PersonRecord:
    """Contacts that are one person.

    Attributes:
        source, source_id: of the first contact, which names the person.
        contacts: in order.
        matches: why each contact but the first belongs.
        incomplete_sources: the sources that could not be asked, in their order.
        truncated: there may be more contacts, but a limit was met.
        as_of: since when changes may be missing from an index that was looked into; None when none was.
        failures: why sources could not be asked.
        pending: the sources whose index is not complete yet, or cannot be read.
    """

    entity: ClassVar[Entity] = Entity.PERSON

    source: Source
    source_id: str
    contacts: Sequence[ContactRecord]
    matches: Sequence[PersonMatch]
    incomplete_sources: Sequence[Source]
    truncated: bool
    as_of: Instant | None
    failures: Sequence[UpstreamError]
    pending: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Who has a key.

    Attributes:
        contacts: in their order; empty when the key is shared.
        failures: why sources could not be asked.
        pending: the sources whose index is not complete yet, or cannot be read.
    """

    contacts: Sequence[ContactRecord]
    failures: Sequence[UpstreamError]
    pending: Sequence[Source]


class _Gaps:
    """What is missing from a person.

    Attributes:
        loads: how many contacts were loaded to look at them.
        cut: some were not looked at, for there were too many.
    """

    def __init__(self) -> None:
        self.loads = 0
        self.cut = False
        self.failed: dict[Source, UpstreamError] = {}
        self.pending: set[Source] = set()
        self.as_of: Instant | None = None

    def add(self, holding: Holding) -> None:
        for source, error in holding.failed.items():
            self.failed.setdefault(source, error)
        self.pending |= holding.pending
        self.as_of = min(filter(None, (self.as_of, holding.as_of)), default=None)

    @property
    def failures(self) -> list[UpstreamError]:
        return [self.failed[source] for source in Source if source in self.failed]

    @property
    def waiting(self) -> list[Source]:
        return [source for source in Source if source in self.pending]


class People:
    """The people of one request.

    Attributes:
        person_by_contact: the person that a contact belongs to; None when the contact is gone.
    """

    def __init__(self, services: Services, loaders: Loaders) -> None:
        self._loaders = loaders
        self._region = services.default_region
        self._directory = Directory(services.sources, services.indexer)
        self._members: dict[Key, _Member] = {}
        self._partly = {
            source for source, api in services.sources.items() if isinstance(api, Searchable) and not api.finds_whole
        }
        self._parts: set[Key] = set()
        self._told: set[int] = set()
        self._said: set[Source] = set()
        self._holders: Loader[IdentityKey, Holding] = loaders.make(self._directory.holders)
        self.person_by_contact: Loader[Key, PersonRecord | None] = loaders.make(self._persons)

    def learn(self, record: ContactRecord) -> Key:
        """Remember a record that is at hand, so that it need not be loaded; its key."""
        return self._member(record).key

    def untold(self, person: PersonRecord) -> Sequence[UpstreamError]:
        """Why sources could not be asked; once for each person, so that an answer says it at one place."""
        known = id(person) in self._told
        self._told.add(id(person))
        return () if known else person.failures

    def unsaid(self, person: PersonRecord) -> Sequence[Source]:
        """The sources whose index is not complete yet; each once in an answer."""
        fresh = [source for source in person.pending if source not in self._said]
        self._said.update(fresh)
        return fresh

    async def having(self, key: IdentityKey) -> Lookup:
        """Who has a key."""
        gaps = _Gaps()
        found = (await self._round([key], gaps))[key]
        if is_shared([member.traits.name for member in found]):
            found = []
        found.sort(key=lambda member: member.place)
        return Lookup([member.record for member in found], gaps.failures, gaps.waiting)

    async def _persons(self, keys: list[Key]) -> Sequence[PersonRecord | Exception | None]:
        return await settled([self._person(key) for key in keys])

    async def _person(self, key: Key) -> PersonRecord | None:
        seed = self._members.get(key)
        if seed is None:
            record = await self._loaders.contact_by_id.load(key)
            if record is None:
                return None
            seed = self._member(record)
        growth, gaps = Growth(seed), _Gaps()
        while growth.growing:
            growth.answer(await self._round(growth.questions(), gaps))
        return _record(growth, await self._whole(growth, gaps), gaps)

    async def _whole(self, growth: Growth[ContactRecord], gaps: _Gaps) -> dict[Place, ContactRecord]:
        """The records of a person's contacts, read again where a search told only a part of them."""
        records = {place: member.record for place, member in growth.members.items()}
        parts = [member for member in growth.members.values() if member.key in self._parts]
        answers = await loaded([self._loaders.contact_by_id.load(member.key) for member in parts])
        for member, answer in zip(parts, answers, strict=True):
            if isinstance(answer, UpstreamError):
                gaps.failed.setdefault(member.source, answer)
            elif isinstance(answer, Exception):
                raise answer
            elif answer is not None:
                records[member.place] = answer
        return records

    async def _round(self, keys: Sequence[IdentityKey], gaps: _Gaps) -> dict[IdentityKey, list[_Member]]:
        """Who has the keys, all asked at once. Of a key that too many have only so many are looked at as tell that."""
        if not keys:
            return {}
        holders = [self._holders.load(key) for key in keys]
        held = {key: await load for key, load in zip(keys, holders, strict=True)}
        for holding in held.values():
            gaps.add(holding)
        found = {
            key: _having(key, [self._found(record) for record in holding.records]) for key, holding in held.items()
        }
        named = {
            key: [id for id in holding.ids if id not in found[key]] for key, holding in held.items() if holding.ids
        }
        first = {key: ids[: max(0, MOST_HOLDERS + 1 - len(found[key]))] for key, ids in named.items()}
        await self._load(first, found, gaps)
        rest = {
            key: ids[len(first[key]) : ENOUGH]
            for key, ids in named.items()
            if not is_shared([member.traits.name for member in found[key].values()])
        }
        await self._load(rest, found, gaps)
        return {key: list(members.values()) for key, members in found.items()}

    async def _load(
        self,
        ids: Mapping[IdentityKey, Sequence[Key]],
        found: Mapping[IdentityKey, dict[Key, _Member]],
        gaps: _Gaps,
    ) -> None:
        """Load contacts that an index named, and keep those that still have the key."""
        wanted = list(dict.fromkeys(id for some in ids.values() for id in some if id not in self._members))
        gaps.cut |= gaps.loads + len(wanted) > MOST_LOADS
        wanted = wanted[: MOST_LOADS - gaps.loads]
        gaps.loads += len(wanted)
        answers = await loaded([self._loaders.contact_by_id.load(id) for id in wanted])
        for id, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, UpstreamError):
                gaps.failed.setdefault(id.source, answer)
            elif isinstance(answer, Exception):
                raise answer
            elif answer is not None:
                self._member(answer)
        for key, some in ids.items():
            found[key].update(_having(key, [self._members[id] for id in some if id in self._members]))

    def _found(self, record: ContactRecord) -> _Member:
        """A member that a search brought; one that is at hand from elsewhere says as much or more."""
        key = Key(record.source, record.source_id)
        if key not in self._members and record.source in self._partly:
            self._parts.add(key)
        return self._member(record)

    def _member(self, record: ContactRecord) -> _Member:
        key = Key(record.source, record.source_id)
        member = self._members.get(key)
        if member is None:
            traits = traits_of(record, self._region)
            member = self._members[key] = Member(record.source, record.source_id, traits, record)
        return member


def _having(key: IdentityKey, members: Iterable[_Member]) -> dict[Key, _Member]:
    return {member.key: member for member in members if key in member.traits.keys}


def _record(growth: Growth[ContactRecord], records: Mapping[Place, ContactRecord], gaps: _Gaps) -> PersonRecord:
    first = growth.contacts()[0]
    missing = gaps.pending | gaps.failed.keys()
    return PersonRecord(
        source=first.source,
        source_id=first.id,
        contacts=[records[member.place] for member in growth.contacts()],
        matches=[PersonMatch(records[place], keys, sure) for place, keys, sure in growth.evidence()],
        incomplete_sources=[source for source in Source if source in missing],
        truncated=growth.truncated or gaps.cut,
        as_of=gaps.as_of,
        failures=gaps.failures,
        pending=gaps.waiting,
    )
