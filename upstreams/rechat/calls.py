"""What the endpoints' methods have in common: how a call is made, and how what was lost in it is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from upstreams.http.wire import Wire
from upstreams.rechat.decode import EventsDecoder, ListDecoder, OneDecoder, refusal
from upstreams.rechat.records import Attribute, AttributeDef, Contact, ContactList, DuplicateCluster, File, Job, Tag

logger = logging.getLogger(__name__)

T = TypeVar("T")

Params = list[tuple[str, str]]


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
        self._contact = OneDecoder(Contact)
        self._attribute = OneDecoder(Attribute)
        self._definition = OneDecoder(AttributeDef)
        self._cluster = OneDecoder(DuplicateCluster)
        self._list = OneDecoder(ContactList)
        self._file = OneDecoder(File)
        self._job = OneDecoder(Job)
        self._contacts = ListDecoder(Contact, self._lost("contacts"))
        self._attributes = ListDecoder(Attribute, self._lost("attributes"))
        self._definitions = ListDecoder(AttributeDef, self._lost("attributeDefs"))
        self._clusters = ListDecoder(DuplicateCluster, self._lost("duplicates"))
        self._lists = ListDecoder(ContactList, self._lost("lists"))
        self._tags = ListDecoder(Tag, self._lost("tags"))
        self._events = EventsDecoder(self._lost("calendar"))

    async def _get(
        self, operation: str, path: str, decode: Callable[[bytes], T], params: Params | None = None, *, ttl: float = 0.0
    ) -> T:
        return await self._wire.call(
            operation, "GET", path, params=params or (), decode=decode, check=refusal(operation), ttl=ttl
        )

    async def _search(self, operation: str, path: str, decode: Callable[[bytes], T], params: Params, json: object) -> T:
        """A POST that only reads: it may be sent again, and equal ones in flight are one."""
        return await self._wire.call(
            operation,
            "POST",
            path,
            params=params,
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
            logger.warning("Rechat: %s: %d of %d rows are malformed and left out", operation, malformed, received)

        return lost


def array(name: str, values: Sequence[str]) -> Params:
    """An array as parameters of the address: ``name[]=a&name[]=b``."""
    return [(f"{name}[]", value) for value in values]


def given(values: Mapping[str, object | None]) -> Params:
    """Parameters without those that say nothing; flags and numbers as the upstream writes them."""
    return [(name, _text(value)) for name, value in values.items() if value is not None]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
