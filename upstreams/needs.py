"""What a request will read beyond what is always read, so that a source asks its upstream for just that.

A context variable, as the scope of the wire is one: a source whose upstream sends relations only when asked (Rechat's
associations), or that need not decode all it is sent, looks at it when it makes a call; every other source need not
know of it. Unset means all that comes anyway, and nothing more.
"""

from __future__ import annotations

from contextvars import ContextVar
from enum import Enum
from typing import Protocol, runtime_checkable


class Need(Enum):
    """A part of a contact that costs the upstream something, or a part of an event that costs us something."""

    SEGMENTS = "segments"
    CUSTOM_FIELDS = "customFields"
    COMPANY = "company"
    """The company's name, which a display name may fall back on; some upstreams keep it in a record of its own."""
    RELATIONS = "relations"
    """What only the source knows and sends on demand: attributes, flows, users, owner and their like."""
    EVENT_PARTS = "eventParts"
    """Of an event, all but its ids, type and times: where it happened and what its type brings."""


ALL = frozenset(Need)

current_needs: ContextVar[frozenset[Need]] = ContextVar("current_needs", default=frozenset({Need.EVENT_PARTS}))


@runtime_checkable
class Selective(Protocol):
    """A source whose records say only what was asked for."""

    @property
    def selective(self) -> frozenset[Need]:
        """The needs that it must be told of."""
        ...
