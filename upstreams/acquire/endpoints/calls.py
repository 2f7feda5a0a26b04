"""What the endpoints' methods have in common: how pages, relations and conditions are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from upstreams.acquire import assumptions
from upstreams.acquire.changes import deleted
from upstreams.acquire.decode import refusal
from upstreams.errors import UpstreamNotFound
from upstreams.http.endpoints import Endpoints, Params
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.wire import Wire


@dataclass(frozen=True, slots=True)
class PageOf:
    """Rows ``number * size`` and on, ``size`` of them."""

    number: int
    size: int


class Calls(Endpoints):
    """Makes calls to Acquire; see :class:`upstreams.http.endpoints.Endpoints`."""

    def __init__(self, wire: Wire, keeping: Keeping = NOTHING) -> None:
        super().__init__(wire, refusal, keeping)

    async def _delete(self, operation: str, path: str, params: Params | None = None) -> int | None:
        """Delete a thing; how many were, where the answer says.

        Raises:
            UpstreamNotFound: there is no such thing, or the answer says that none was deleted.
        """
        count = await self._send(operation, "DELETE", path, deleted, params=params)
        if count == 0:
            raise UpstreamNotFound(self._wire.source, operation, "nothing was deleted")
        return count


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
