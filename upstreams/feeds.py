"""The ways in which an upstream gives out a long list.

A source describes each of its lists as one of four kinds of feed; the paging engine (``resolvers.paging``) makes an
ordered, resumable stream of any of them. A feed only reads: it does not sort, remember or retry.

======================  ==============================================  =============================================
kind                    what the upstream offers                         examples
======================  ==============================================  =============================================
:class:`ScrollFeed`     time bounds, a direction, and a scroll id that   Cloud4Wi organization events, contacts
                        leads forward until it expires
:class:`WindowFeed`     time bounds, a direction, a size, nothing more   Cloud4Wi events of one contact
:class:`OffsetFeed`     rows by number in an order of its own            Rechat ``start``/``limit``, Acquire ``page``
:class:`ListFeed`       everything at once                               segments, locations, tags
======================  ==============================================  =============================================
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from msgspec import Struct

from upstreams.codecs import RowCodec
from upstreams.instants import Instant
from upstreams.records import Fixed, Source

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Key = tuple[str, int, str]
"""Where a record stands in the total order: an instant (or a folded name), the rank of the source, the source id."""


class Direction(Fixed):
    """Which end of the order comes first."""

    ASC = "ASC"
    DESC = "DESC"

    @property
    def flipped(self) -> Direction:
        """The other direction."""
        return Direction.DESC if self is Direction.ASC else Direction.ASC


class Bounds(Struct, frozen=True, gc=False):
    """Whole seconds, both inclusive; None is open. What upstreams call dateStart and dateEnd."""

    start: Instant | None = None
    end: Instant | None = None


SPENT = "spent"
"""Stands for the id of a scroll that another walk goes on from: to advance it is to find it expired, without a call."""


class Rows(Struct, Generic[R_co], frozen=True):
    """One answer of an upstream.

    Attributes:
        rows: the records, in the upstream's order; malformed ones are left out.
        received: how many rows the answer held, malformed ones included.
        scroll: the id that leads to the next answer; None when the upstream gave none (which is an end).
        total: how many records match in all, where the upstream says so.
    """

    rows: Sequence[R_co]
    received: int
    scroll: str | None = None
    total: int | None = None


class Orientation:
    """Which value of an endpoint's "reverse" flag means descending: assumed first, then learned from the data.

    One object per endpoint for the life of the process, so that the price of a wrong assumption is paid once.

    Attributes:
        reverse_is_descending: what the flag means, as far as is known.
        confirmed: rows have come in the direction that was asked for.
    """

    __slots__ = ("confirmed", "reverse_is_descending")

    def __init__(self, *, reverse_is_descending: bool) -> None:
        self.reverse_is_descending = reverse_is_descending
        self.confirmed = False

    def flag(self, direction: Direction) -> bool:
        """The value of the flag that asks for a direction."""
        return (direction is Direction.DESC) == self.reverse_is_descending

    def confirms(self, reverse_is_descending: bool) -> bool:
        """Whether the flag is known to mean this."""
        return self.confirmed and self.reverse_is_descending == reverse_is_descending

    def turn(self) -> None:
        """The data contradicted the assumption."""
        self.confirmed = False
        self.reverse_is_descending = not self.reverse_is_descending


@dataclass(kw_only=True)
class Feed(ABC, Generic[R]):
    """What all kinds share.

    Attributes:
        source: whose list it is.
        name: the operation, as the trace names it (``organizationEvents``).
        part: tells two feeds of one source apart where a connection joins them (the contact's id); stable, since
            cursors remember it while the source is down.
        carries: what each record says only because this read asked for it; rows that an earlier read left are of use
            only if it asked for the same.
        codec: writes the records for a store that several workers share; None: they stay in this process.
    """

    codec: ClassVar[RowCodec[Any] | None] = None

    source: Source
    name: str
    part: str = ""
    carries: str = ""

    @abstractmethod
    def key(self, row: R) -> Key:
        """The place of a record in the total order of this feed's connection."""

    async def total(self) -> int | None:
        """How many records match, if the upstream says so; called only when ``totalCount`` is selected."""
        return None


@dataclass(kw_only=True)
class TimedFeed(Feed[R]):
    """A feed that the upstream sorts by time.

    Attributes:
        since: the filter's lower bound, inclusive, at full precision.
        until: the filter's upper bound, exclusive, at full precision.
        max_size: the most rows that one call may ask for.
        orientation: what is known of the endpoint's sort flag.
    """

    since: Instant | None = None
    until: Instant | None = None
    max_size: int = 10_000
    orientation: Orientation = field(default_factory=lambda: Orientation(reverse_is_descending=True))


@dataclass(kw_only=True)
class ScrollFeed(TimedFeed[R]):
    """Forward only, and only as long as the upstream remembers."""

    @abstractmethod
    async def open(self, bounds: Bounds, direction: Direction, size: int) -> Rows[R]:
        """Start a scroll."""

    @abstractmethod
    async def advance(self, scroll: str, bounds: Bounds, direction: Direction, size: int) -> Rows[R]:
        """The next answer of a scroll: same bounds, direction and size as it was opened with. Never retried.

        Raises:
            ScrollExpired: the id is no longer good.
        """


@dataclass(kw_only=True)
class WindowFeed(TimedFeed[R]):
    """The first rows within the bounds; fewer than asked for means that there are no more."""

    @abstractmethod
    async def read(self, bounds: Bounds, direction: Direction, size: int) -> Rows[R]:
        """The first ``size`` rows within the bounds."""


@dataclass(kw_only=True)
class OffsetFeed(Feed[R]):
    """Rows by number, in an order that the upstream fixes.

    Attributes:
        max_size: the most rows that one call may ask for.
        ordered: the upstream sorts by the connection's own time, ties in any order; False: only nearly so (by id).
        window: for feeds that are only nearly ordered, how many rows are held back to bring them in order; at most a
            third of ``max_size`` is used.
        unfiltered: the upstream takes no filter, so that every feed of this list reads the same rows.
    """

    max_size: int = 100
    ordered: bool = True
    window: int = 50
    unfiltered: bool = False

    def serial(self, row: R) -> int:
        """The record's place in the upstream's own order (its number), growing under ``ASC``.

        Asked of feeds that are only nearly ordered.
        """
        raise NotImplementedError

    def alone(self) -> OffsetFeed[R]:
        """What goes on reading when nobody reads with it any more."""
        return self

    @abstractmethod
    async def read(self, direction: Direction, start: int, limit: int) -> Rows[R]:
        """Rows ``start`` to ``start + limit`` (0-based)."""


@dataclass(kw_only=True)
class ListFeed(Feed[R]):
    """Everything at once."""

    @abstractmethod
    async def read(self) -> Sequence[R]:
        """The whole list."""
