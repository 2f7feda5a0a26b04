"""What the endpoints' methods of a source have in common: how a call is made, and how what was lost in it is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from upstreams.http.cache import NEVER, Keep
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.wire import Check, Wire

logger = logging.getLogger(__name__)

T = TypeVar("T")

Params = list[tuple[str, str]]


class Endpoints:
    """Makes calls over a wire.

    Args:
        wire: what they travel over.
        refusal: the source's own reading of an answer, for an operation.
        keeping: how long whole lists and single records may be reused.

    Attributes:
        malformed_rows: how many rows were left out since the start because they made no sense.
    """

    def __init__(self, wire: Wire, refusal: Callable[[str], Check], keeping: Keeping = NOTHING) -> None:
        self._wire = wire
        self._refusal = refusal
        self._keep = keeping
        self.malformed_rows = 0

    def _get(
        self,
        operation: str,
        path: str,
        decode: Callable[[bytes], T],
        params: Params | None = None,
        *,
        keep: Keep = NEVER,
    ) -> asyncio.Future[T]:
        return self._wire.call(
            operation, "GET", path, params=params or (), decode=decode, check=self._refusal(operation), keep=keep
        )

    def _search(
        self, operation: str, path: str, decode: Callable[[bytes], T], json: object, params: Params | None = None
    ) -> asyncio.Future[T]:
        """A POST that only reads: it may be sent again, and equal ones in flight are one."""
        return self._wire.call(
            operation,
            "POST",
            path,
            params=params or (),
            json=json,
            decode=decode,
            check=self._refusal(operation),
            idempotent=True,
            shareable=True,
            write=False,
        )

    def _send(
        self,
        operation: str,
        method: str,
        path: str,
        decode: Callable[[bytes], T],
        json: object | None = None,
        params: Params | None = None,
    ) -> asyncio.Future[T]:
        """A call that changes something: sent once, whatever happens to its answer."""
        return self._wire.call(
            operation,
            method,
            path,
            params=params or (),
            json=json,
            decode=decode,
            check=self._refusal(operation),
            idempotent=False,
            shareable=False,
            write=True,
        )

    def _lost(self, operation: str) -> Callable[[int, int], None]:
        """Counts and logs the rows that an answer lost, without what was in them."""
        label = self._wire.source.label

        def lost(malformed: int, received: int) -> None:
            self.malformed_rows += malformed
            logger.warning("%s: %s: %d of %d rows are malformed and left out", label, operation, malformed, received)

        return lost
