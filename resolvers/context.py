"""What a resolver works with: the process's services and the request's own context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

from graphql import FieldNode, GraphQLResolveInfo

from resolvers.callers import ANYBODY, READS, Caller
from resolvers.connections import Connection, PageRequest
from resolvers.denials import Denials
from resolvers.errors import Forbidden
from resolvers.families import Siblings
from resolvers.filters.checks import Limits
from resolvers.loaders import Loaders
from resolvers.paging import Pager
from resolvers.people.indexer import Indexer
from resolvers.people.person import People
from resolvers.selection import selected
from upstreams.errors import UpstreamError
from upstreams.ledger import Ledger, MemoryLedger
from upstreams.records import Entity, Source
from upstreams.source import SourceApi


@dataclass(frozen=True, kw_only=True)
class Services:
    """What lives as long as the process.

    Attributes:
        sources: the configured sources, in their order.
        pager: makes pages of connections.
        max_ids: how many ids one argument may hold.
        default_region: country of national telephone numbers whose record names none; ISO 3166-1 alpha-2.
        indexer: keeps the indexes that people are found by; without one, only searches find them.
        ledger: remembers which changes were made under which key of a client.
        ledger_secret: keys what the ledger keeps; the same on all workers that share it.
    """

    sources: Mapping[Source, SourceApi]
    pager: Pager
    max_ids: int = 500
    default_region: str | None = None
    indexer: Indexer | None = None
    ledger: Ledger = field(default_factory=MemoryLedger)
    ledger_secret: bytes = field(default_factory=lambda: token_bytes(32), repr=False)

    def request(self, caller: Caller = ANYBODY) -> Context:
        """The context of one client request."""
        return Context(self, caller)


@dataclass(frozen=True, slots=True)
class Reported:
    """A failure that stands beside data.

    Attributes:
        error: what went wrong.
        path: the response path of the field that the data belongs to.
        nodes: where the field stands in the document.
    """

    error: Exception
    path: Sequence[str | int]
    nodes: Sequence[FieldNode]


@dataclass(slots=True)
class Context:
    """What lives as long as one client request.

    Attributes:
        services: the process's.
        caller: who asks, and what it may.
        loaders: made anew, so that nothing is remembered between callers.
        reported: failures beside data, which the gateway adds to the answer's errors.
        denials: what the caller was denied, added to them too.
    """

    services: Services
    caller: Caller = ANYBODY
    loaders: Loaders = field(init=False)
    reported: list[Reported] = field(default_factory=list)
    denials: Denials = field(default_factory=Denials)
    _people: People | None = field(init=False)
    _selections: dict[int | tuple[int, ...], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.services.sources, self._page)
        self._people = None

    @property
    def people(self) -> People:
        """The people of the request; made anew with the loaders."""
        if self._people is None:
            self._people = People(self.services, self.loaders)
        return self._people

    @property
    def limits(self) -> Limits:
        """What filters are checked against."""
        return Limits(self.services.sources, self.services.max_ids)

    async def _page(self, request: PageRequest[Any], siblings: Siblings[Any] | None) -> Connection[Any]:
        return await request.load(self, siblings)

    def selected(self, info: GraphQLResolveInfo[Any]) -> frozenset[str]:
        """The names of the fields asked for below a field; worked out once for all items of a list."""
        nodes = info.field_nodes
        key = id(nodes[0]) if len(nodes) == 1 else tuple(map(id, nodes))
        names = self._selections.get(key)
        if names is None:
            names = self._selections[key] = selected(info)
        return names

    def require(self, entity: Entity) -> None:
        """Refuse to read an object that only its id told the type of.

        Raises:
            Forbidden: the caller lacks the scope that its type takes.
        """
        if (scope := READS[entity]) not in self.caller.scopes:
            raise Forbidden([scope])

    def report(self, failures: Sequence[UpstreamError], info: GraphQLResolveInfo[Any]) -> None:
        """Note failures that leave the field its data."""
        for failure in failures:
            self.reported.append(Reported(failure, info.path.as_list(), info.field_nodes))

    def forget(self) -> None:
        """Something was changed: what the request has read no longer holds."""
        self.loaders.abandon()
        self.__post_init__()

    def close(self) -> None:
        """The request is over."""
        self.loaders.abandon()
