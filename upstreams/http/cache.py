"""Good answers kept for a while: bounded, the least recently used goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keep:
    """How long good answers of a kind may be used again.

    Attributes:
        fresh: seconds that one answers without a call.
        stale: seconds that one answers when the call fails, since the source is down.
        shared: a fresh one may come from another worker.
    """

    fresh: float = 0.0
    stale: float = 0.0
    shared: bool = False

    @property
    def longest(self) -> float:
        """Seconds after which an answer is of no more use."""
        return max(self.fresh, self.stale)


NEVER = Keep()
"""Pages, and whatever else must be read anew each time."""


class Kept(NamedTuple, Generic[T]):
    """An answer, decoded.

    Attributes:
        value: the record.
        status: the HTTP status that it came with.
        at: when it was read, on the event loop's clock.
        until: when it is dropped.
    """

    value: T
    status: int | None
    at: float
    until: float


MOST_KEPT = 2_000
"""Answers of a source: the contacts of two of the largest pages, some 9 MB, so that they do not push out its lists."""


class Cache:
    """Answers by call."""

    __slots__ = ("_kept", "_limit")

    def __init__(self, limit: int = MOST_KEPT) -> None:
        self._kept: OrderedDict[Hashable, Kept[Any]] = OrderedDict()
        self._limit = limit

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, now: float, age: float) -> Kept[Any] | None:
        """What was read less than ``age`` seconds ago."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until <= now:
            del self._kept[key]
            return None
        if now - kept.at >= age:
            return None
        self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept[Any]) -> None:
        """Keep an answer, in the place of an older one."""
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        """What was answered so is so no longer."""
        self._kept.pop(key, None)

    def clear(self) -> None:
        """A write has ended: nothing that was read before holds."""
        self._kept.clear()
