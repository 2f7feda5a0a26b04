"""What a call to an upstream must know of the client request that it serves.

A context variable, so that no signature between a resolver and the wire carries it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from upstreams.records import Source


class Call(Struct):
    """One line of the trace: a call made, joined or answered from a cache.

    Attributes:
        source: the upstream.
        operation: the name of the endpoint's method (``organizationEvents``).
        status: the HTTP status; None while it runs and when no answer came.
        duration: seconds; None while it runs.
        shared: it joined a call that another began.
        cached: it was answered without a call.
        age: seconds since what it was answered with was read, where the source itself was down.
    """

    source: Source
    operation: str
    status: int | None = None
    duration: float | None = None
    shared: bool = False
    cached: bool = False
    age: float | None = None


class CallSpan(Protocol):
    """The span of one attempt of a call."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What tells the upstream which trace and span it works for."""
        ...

    def end(self, status: int | None, outcome: str) -> None:
        """The attempt is over: the HTTP status, if an answer came, and the outcome as in the metrics."""
        ...


class Span(Protocol):
    """The span of a client request, which the spans of its calls are put below."""

    def call(self, source: Source, operation: str, method: str) -> CallSpan:
        """An attempt of a call begins."""
        ...


@dataclass(slots=True, eq=False)
class RequestScope:
    """One client request.

    Attributes:
        deadline: when the request must have answered, on the event loop's clock.
        calls: the trace, in order of start.
        caller: who asks; calls that must queue are let out fairly by caller. Work in the background is nobody's.
        span: of the request, where traces are on.
    """

    deadline: float
    calls: list[Call] = field(default_factory=list)
    caller: str = ""
    span: Span | None = None

    def answer_by(self) -> float:
        """The deadline as it stands now; that of a flight moves when a more patient request joins it."""
        return self.deadline

    def can_wait(self, until: float, excuse: Callable[[], Exception]) -> bool:
        """Whether anything that happens at ``until`` is still of use; ``excuse`` makes the failure if not.

        A request looks at its deadline. A flight (:mod:`upstreams.http.flights`) asks those who wait for it.
        """
        return until <= self.deadline


current_scope: ContextVar[RequestScope | None] = ContextVar("current_scope", default=None)

reads_anew: ContextVar[bool] = ContextVar("reads_anew", default=False)
"""What is read will be written back with a change in it: nothing that was kept will do, nor stand in for it."""
