"""A page as the schema shows it: edges, flags, cursors that are made only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from msgspec import Struct

from resolvers.paging.cursors import Sealer
from resolvers.paging.positions import NO_HINTS, NOWHERE, Cut, Hint
from upstreams.errors import UpstreamError
from upstreams.feeds import Key
from upstreams.records import Source

R = TypeVar("R")


def _cursors(edges: Sequence[Edge[Any]]) -> list[str]:
    (seal,) = {edge.seal for edge in edges}
    return seal.all(edges)


class Edge(Struct, Generic[R], frozen=True, gc=False):
    """A record and its place in the connection: see :class:`~resolvers.paging.positions.Place`.

    Attributes:
        node: the record.
        seal: writes the cursors of the connection.
    """

    __columns__: ClassVar[Mapping[str, Callable[[Sequence[Edge[Any]]], list[str]]]] = {"cursor": _cursors}

    node: R
    seal: Sealer
    key: Key
    stands: Mapping[str, Cut] = NOWHERE
    hints: Mapping[str, Hint] = NO_HINTS

    @property
    def cursor(self) -> str:
        """The place as text; computed when asked for."""
        return self.seal.one(self)


@dataclass(slots=True, kw_only=True)
class Page(Generic[R]):
    """One page of a connection.

    Attributes:
        edges: the records, in the connection's order, also of a backward page.
        has_next_page: there is more after the page; True also when a source is missing or the scan budget ran out.
        has_previous_page: the same before it; where it would cost a call, as the Relay specification allows.
        start_cursor, end_cursor: where the page begins and ends. Present without edges when a scan budget ran out:
            the walk goes on from there.
        incomplete: the sources whose records are missing from this page, in their order.
        failures: why, one error a source at least.
        late: how many records of the page stand out of order, because their upstream gave them too late.
    """

    edges: list[Edge[R]]
    has_next_page: bool
    has_previous_page: bool
    incomplete: list[Source] = field(default_factory=list)
    failures: list[UpstreamError] = field(default_factory=list)
    late: int = 0
    _start: Callable[[], str | None]
    _end: Callable[[], str | None]

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first edge; computed when asked for."""
        return self._start()

    @property
    def end_cursor(self) -> str | None:
        """The cursor of the last edge, or the place that a scan came to."""
        return self._end()
