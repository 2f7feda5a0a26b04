"""What the workers share of the way to a source, as it is seen from there: see :mod:`upstreams.shared.commons`."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple, Protocol

from upstreams.http.budget import Budget
from upstreams.records import Source


class Found(NamedTuple):
    """What was found of an answer.

    Attributes:
        mark: what an answer that is read now may be kept under; None: nothing can be kept.
        status: the HTTP status that it came with.
        body: as it was read by another worker; None: nobody did, or not lately.
        seconds: that it may still be used.
    """

    mark: bytes | None
    status: int = 200
    body: bytes | None = None
    seconds: float = 0.0


class Lists(Protocol):
    """Of one source, with one set of credentials."""

    def listen(self, changed: Callable[[], None]) -> None:
        """Have something done when another worker has written, or may have."""
        ...

    async def look(self, key: Hashable) -> Found:
        """What another worker read, and the mark to keep one's own answer under."""
        ...

    async def keep(self, key: Hashable, mark: bytes, status: int, body: bytes, seconds: float) -> None:
        """Keep an answer for others, if nothing was written since :meth:`look`."""
        ...

    async def changed(self) -> None:
        """A write has ended: nothing that was read before holds, on any worker."""
        ...


class Commons(Protocol):
    """What the workers share of the way to each source."""

    def budget(self, source: Source, concurrency: int) -> Budget:
        """This worker's part of what a source can bear."""
        ...

    def lists(self, source: Source) -> Lists:
        """What workers keep for each other."""
        ...

    async def close(self) -> None:
        """Hear no more of the others."""
        ...
