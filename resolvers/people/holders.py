"""Who has a key: sources that can be searched are asked, for the others the identity index is looked into."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from resolvers.loaders import Key
from resolvers.people.growth import MOST_CONTACTS
from resolvers.people.indexer import Indexer
from upstreams.errors import UpstreamError
from upstreams.identity.index import IdentityIndexFailed
from upstreams.identity.keys import IdentityKey
from upstreams.instants import Instant
from upstreams.records import ContactRecord, Source
from upstreams.source import Searchable, SourceApi

logger = logging.getLogger("contactgraph.people")

ENOUGH = MOST_CONTACTS + 1
"""How many holders of one key a source is asked for."""


@dataclass(slots=True)
class Holding:
    """Who may have a key; whoever reads it looks at each.

    Attributes:
        records: contacts that a search brought.
        ids: contacts that an index names.
        failed: the sources that could not be asked.
        pending: the sources whose index is not complete yet, or cannot be read.
        as_of: of the index that is furthest behind; None where none was looked into.
    """

    records: list[ContactRecord] = field(default_factory=list)
    ids: list[Key] = field(default_factory=list)
    failed: dict[Source, UpstreamError] = field(default_factory=dict)
    pending: set[Source] = field(default_factory=set)
    as_of: Instant | None = None


class Directory:
    """Asks all sources at once."""

    def __init__(self, sources: Mapping[Source, SourceApi], indexer: Indexer | None) -> None:
        self._sources = sources
        self._indexer = indexer

    async def holders(self, keys: list[IdentityKey]) -> list[Holding]:
        """Who may have each of the keys, in their order."""
        found = {key: Holding() for key in keys}
        await asyncio.gather(*(self._ask(source, api, found) for source, api in self._sources.items()))
        return [found[key] for key in keys]

    async def _ask(self, source: Source, api: SourceApi, found: Mapping[IdentityKey, Holding]) -> None:
        keys = list(found)
        if not isinstance(api, Searchable):
            await self._look_up(source, keys, found)
            return
        open_kinds = [key for key in keys if key.kind not in api.finds_all]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._search(source, api, keys, found))
            if open_kinds:
                group.create_task(self._look_up(source, open_kinds, found))

    async def _search(
        self, source: Source, api: Searchable, keys: Sequence[IdentityKey], found: Mapping[IdentityKey, Holding]
    ) -> None:
        for key, answer in zip(keys, await api.find_contacts(keys, ENOUGH), strict=True):
            if isinstance(answer, UpstreamError):
                found[key].failed[source] = answer
            else:
                found[key].records += answer

    async def _look_up(self, source: Source, keys: Sequence[IdentityKey], found: Mapping[IdentityKey, Holding]) -> None:
        index = None
        if self._indexer is not None:
            self._indexer.want(source)
            index = self._indexer.indexes.get(source)
        try:
            answer = None if index is None else await index.holders(keys, ENOUGH)
        except IdentityIndexFailed as error:
            logger.error("%s: %s", source.label, error)
            answer = None
        for key in keys:
            holding = found[key]
            if answer is None or answer.as_of is None:
                holding.pending.add(source)
            else:
                holding.as_of = min(filter(None, (holding.as_of, answer.as_of)))
            if answer is not None:
                holding.ids += (Key(source, id) for id in answer.ids[key])
