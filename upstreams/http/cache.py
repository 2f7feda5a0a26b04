"""Good answers kept for a while: bounded, the least recently used goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple


class Kept(NamedTuple):
    """An answer, decoded.

    Attributes:
        value: the record.
        status: the HTTP status that it came with.
        expires: on the event loop's clock.
    """

    value: object
    status: int | None
    expires: float


class Cache:
    """Answers by call."""

    __slots__ = ("_kept", "_limit")

    def __init__(self, limit: int = 256) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._limit = limit

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, now: float) -> Kept | None:
        """What is kept and still good."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.expires <= now:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer, in the place of an older one."""
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """A write has ended: nothing that was read before holds."""
        self._kept.clear()
