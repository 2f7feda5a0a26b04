"""What the gateway asks of a source: the one face that every source package implements.

A source that has no such thing as, say, locations answers None where a feed is asked for; the unified schema then
leaves it out of that connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from enum import Enum
from typing import NamedTuple, Protocol, runtime_checkable

from msgspec import Struct

from upstreams.errors import UpstreamError
from upstreams.feeds import Feed, ListFeed
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.instants import Instant
from upstreams.records import (
    ContactRecord,
    EventRecord,
    EventType,
    HotspotRecord,
    LocationRecord,
    SegmentRecord,
    Source,
)


class ContactQuery(Struct, frozen=True, kw_only=True):
    """Which contacts; ids are the source's own, lower bounds inclusive, upper bounds exclusive, None is no filter."""

    segment_ids: tuple[str, ...] | None = None
    location_ids: tuple[str, ...] | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_from: Instant | None = None
    updated_to: Instant | None = None
    has_email: bool | None = None
    has_phone: bool | None = None
    search: str | None = None


class EventQuery(Struct, frozen=True, kw_only=True):
    """Which events; ids are the source's own, ``since`` inclusive, ``until`` exclusive, None is no filter.

    Attributes:
        placed: their locations are looked at, whatever the operation reads.
    """

    contact_id: str | None = None
    location_id: str | None = None
    types: frozenset[EventType] | None = None
    since: Instant | None = None
    until: Instant | None = None
    placed: bool = False


class SourceState(Enum):
    """How a source has been doing lately."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


class CircuitState(Enum):
    """Whether calls go out to a source: all, none, or one now and then that tries."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class SourceHealth(NamedTuple):
    """The state of a source and, when it is not healthy, why; and whether it is asked."""

    state: SourceState
    message: str | None = None
    circuit: CircuitState = CircuitState.CLOSED


class SourceApi(Protocol):
    """One upstream service.

    A filter that the upstream cannot apply may be ignored by the feed: the gateway checks every record again.
    """

    @property
    def source(self) -> Source: ...

    def health(self) -> SourceHealth:
        """How the source has been doing; makes no call."""
        ...

    async def start(self) -> None:
        """Make ready; makes no call."""
        ...

    async def close(self) -> None:
        """Give back what is held: sign out, close connections."""
        ...

    async def contacts_by_id(self, ids: Sequence[str]) -> Sequence[ContactRecord | UpstreamError | None]:
        """A contact, a failure or None (gone) for each id, in order, in as few calls as the source allows."""
        ...

    async def event(self, contact_id: str | None, at: Instant, id: str) -> EventRecord | None:
        """One event, found again by what its global id carries."""
        ...

    def contacts(self, query: ContactQuery) -> Feed[ContactRecord] | None: ...

    def events(self, query: EventQuery) -> Feed[EventRecord] | None: ...

    def segments(self) -> ListFeed[SegmentRecord] | None: ...

    def locations(self) -> ListFeed[LocationRecord] | None: ...

    async def hotspots(self) -> Sequence[HotspotRecord]: ...


@runtime_checkable
class Searchable(Protocol):
    """A source that can be asked who has an e-mail or a telephone number."""

    @property
    def finds_all(self) -> frozenset[MatchKey]:
        """The kinds of keys that its search finds however they are spelled; for others an index is looked into too."""
        ...

    @property
    def finds_whole(self) -> bool:
        """What it finds says as much as a contact's own answer; if not, a contact that is shown is read again."""
        ...

    async def find_contacts(
        self, keys: Sequence[IdentityKey], limit: int
    ) -> Sequence[Sequence[ContactRecord] | UpstreamError]:
        """Contacts that may have a key, or a failure, for each key in order; of each at most ``limit`` or so.

        The gateway looks at every contact whether it has the key.
        """
        ...


class Finding(NamedTuple):
    """One thing that the doctor looked at: what, whether it works, and what was found."""

    check: str
    ok: bool
    detail: str


@runtime_checkable
class Examinable(Protocol):
    """A source that can be examined by ``contactgraph doctor``."""

    def examine(self) -> AsyncIterator[Finding]:
        """Sign in, make one cheap read of each kind, say which assumption held; a failure is a finding too."""
        ...
