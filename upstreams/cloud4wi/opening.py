"""The first answer of a scroll, among several who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec.structs import replace

from upstreams.errors import UpstreamMalformed
from upstreams.feeds import SPENT, Rows
from upstreams.records import Source

R = TypeVar("R")


class Opening(Generic[R]):
    """The first answer of a scroll, which equal calls in flight share.

    A scroll leads one walk only: of two that went on from the same id, each would miss what the other was given. The
    first to take the answer gets the id; the others get a spent one, from which they resume by position. Each gets it
    as it decodes it: who reads more than the one that made the call has it decoded anew.
    """

    __slots__ = ("_body", "_decoded", "_operation", "_taken")

    def __init__(self, operation: str, decode: Callable[[bytes], Rows[R]], body: bytes) -> None:
        self._operation = operation
        self._body = body
        self._decoded = {decode: decode(body)}
        self._taken = False

    def take(self, decode: Callable[[bytes], Rows[R]]) -> Rows[R]:
        """The rows, with the scroll id for the first who asks.

        Raises:
            UpstreamMalformed: what the others do not read makes no sense.
        """
        if decode not in self._decoded:
            try:
                self._decoded[decode] = decode(self._body)
            except ValueError as error:
                reason = "the answer is not what the API promises"
                raise UpstreamMalformed(Source.CLOUD4WI, self._operation, reason) from error
        rows = self._decoded[decode]
        if self._taken and rows.scroll is not None:
            return replace(rows, scroll=SPENT)
        self._taken = True
        return rows
