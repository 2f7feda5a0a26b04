"""How long what the services said may be used again, for each type of what they said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from upstreams.http.cache import NEVER, Keep

CacheableType = Literal[
    "AttributeDefinition", "Company", "Contact", "ConversationEvent", "Hotspot", "Location", "Segment"
]
"""The GraphQL types that endpoints answer with whole lists or single entities of. Pages are no answers to keep: a walk
promises every record once."""
CACHEABLE: tuple[CacheableType, ...] = get_args(CacheableType)
"""All of them, in the order of the alphabet."""


class CacheControl(NamedTuple):
    """What is said of one type, in the sense of HTTP's ``Cache-Control``; None: what holds for all types.

    Attributes:
        max_age: seconds that an answer may be used again.
        stale_if_error: seconds that it may be used again while its source is down.
    """

    max_age: float | None = None
    stale_if_error: float | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long good answers may be used again.

    Attributes:
        lists: whole lists, by the type of their rows.
        entities: single entities, by their type.
    """

    lists: Mapping[CacheableType, Keep]
    entities: Mapping[CacheableType, Keep]

    @classmethod
    def of(
        cls,
        lists: float,
        entities: float,
        stale_if_error: float = 0.0,
        types: Mapping[CacheableType, CacheControl] = {},
    ) -> Keeping:
        """What the settings say.

        Args:
            lists: seconds that a whole list may be used again.
            entities: seconds that a single entity may be used again.
            stale_if_error: seconds that either may be used again while its source is down.
            types: what is said of a type goes before what holds for all.
        """

        def keeps(max_age: float, *, shared: bool) -> Mapping[CacheableType, Keep]:
            return {name: _keep(types.get(name, CacheControl()), max_age, stale_if_error, shared) for name in CACHEABLE}

        # Only lists go where other workers find them: they hold no personal data.
        return cls(keeps(lists, shared=True), keeps(entities, shared=False))


def _keep(said: CacheControl, max_age: float, stale_if_error: float, shared: bool) -> Keep:
    fresh = max_age if said.max_age is None else said.max_age
    stale = stale_if_error if said.stale_if_error is None else said.stale_if_error
    return Keep(fresh, stale, shared=shared and fresh > 0.0) if fresh or stale else NEVER


NOTHING = Keeping.of(0.0, 0.0)
"""Every answer is read anew."""
