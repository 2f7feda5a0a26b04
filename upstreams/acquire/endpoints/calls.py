"""What the endpoints' methods have in common: how a call is made, and how what was lost in it is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from upstreams.acquire import assumptions
from upstreams.acquire.decode import refusal
from upstreams.http.wire import Wire

logger = logging.getLogger(__name__)

T = TypeVar("T")

Params = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PageOf:
    """Rows ``number * size`` and on, ``size`` of them."""

    number: int
    size: int


class Calls:
    """Makes calls over a wire.

    Args:
        wire: what they travel over.
        list_ttl: seconds that whole lists may be reused.
        entity_ttl: seconds that a single record may be reused.

    Attributes:
        malformed_rows: how many rows were left out since the start because they made no sense.
    """

    def __init__(self, wire: Wire, *, list_ttl: float = 0.0, entity_ttl: float = 0.0) -> None:
        self._wire = wire
        self._list_ttl = list_ttl
        self._entity_ttl = entity_ttl
        self.malformed_rows = 0

    async def _get(
        self, operation: str, path: str, decode: Callable[[bytes], T], params: Params | None = None, *, ttl: float = 0.0
    ) -> T:
        return await self._wire.call(
            operation, "GET", path, params=params or (), decode=decode, check=refusal(operation), ttl=ttl
        )

    async def _search(self, operation: str, path: str, decode: Callable[[bytes], T], json: object) -> T:
        """A POST that only reads: it may be sent again, and equal ones in flight are one."""
        return await self._wire.call(
            operation,
            "POST",
            path,
            json=json,
            decode=decode,
            check=refusal(operation),
            idempotent=True,
            shareable=True,
            write=False,
        )

    async def _send(
        self,
        operation: str,
        method: str,
        path: str,
        decode: Callable[[bytes], T],
        json: object | None = None,
        params: Params | None = None,
    ) -> T:
        """A call that changes something: sent once, whatever happens to its answer."""
        return await self._wire.call(
            operation,
            method,
            path,
            params=params or (),
            json=json,
            decode=decode,
            check=refusal(operation),
            idempotent=False,
            shareable=False,
            write=True,
        )

    def _lost(self, operation: str) -> Callable[[int, int], None]:
        """Counts and logs the rows that an answer lost, without what was in them."""

        def lost(malformed: int, received: int) -> None:
            self.malformed_rows += malformed
            logger.warning("Acquire: %s: %d of %d rows are malformed and left out", operation, malformed, received)

        return lost


def query(
    page: PageOf | None = None,
    *,
    relations: Sequence[str] = (),
    select: Sequence[str] = (),
    where: Sequence[tuple[str, str]] = (),
) -> Params:
    """The parameters of ``/crm/objects/*``: an array is its key once a value, a condition is ``column|eq|value``."""
    params: Params = []
    if page is not None:
        number, size = assumptions.PAGING.assumed
        params += [(number, str(page.number)), (size, str(page.size))]
    params += [("relations", name) for name in relations]
    params += [("select", name) for name in select]
    condition = assumptions.WHERE.assumed
    return params + [("where", condition.format(column=column, value=value)) for column, value in where]
