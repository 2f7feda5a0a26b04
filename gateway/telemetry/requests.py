"""What is told of each request: a line of the log, metrics and, where traces are on, a span."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from gateway.telemetry.logs import Lines
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.tracing import RequestSpan, Tracing
from upstreams.http.scope import Call
from upstreams.records import Source

SIGN_IN = "signIn"
"""What signing in is called in the trace; it counts in no number of calls that a request cost."""
OTHER = "other"
"""What metrics call every operation that is not of a trusted document, since clients may name it as they like, and
those of trusted documents that have no name."""

CLIENT_LEFT = 499
"""The status of a request whose client left before there was an answer."""

_NAMES = {source: source.value for source in Source}

_requests = Lines(logging.getLogger("contactgraph.requests"), "request")


@dataclass(slots=True)
class Told:
    """One request, as it is told of when it is over.

    Attributes:
        request_id: its id.
        span: of the request, where traces are on.
        operation: the name of the operation in a valid document; it is a GraphQL name, so safe to log.
        kind: ``query`` or ``mutation``; None: there was no valid document.
        trusted: the document is one of those that the operator trusts.
        status: of the answer, or :data:`CLIENT_LEFT`.
        shared: it was answered with the execution of an equal query.
        codes: the codes of the answer's errors.
        calls: what it asked of upstreams.
    """

    request_id: str
    span: RequestSpan | None = None
    calls: list[Call] = field(default_factory=list)
    operation: str | None = None
    kind: str | None = None
    trusted: bool = False
    status: int = 200
    shared: bool = False
    codes: Sequence[str] = ()
    began: float = field(default_factory=perf_counter)


class Telemetry:
    """Hears of each request and tells of it.

    Args:
        metrics: where they are counted.
        tracing: makes their spans; None: there are none.
    """

    def __init__(self, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self._metrics = metrics
        self._tracing = tracing

    def began(self, request_id: str, traceparent: str | None = None, tracestate: str | None = None) -> Told:
        """A request came in, perhaps as part of a trace."""
        span = None if self._tracing is None else self._tracing.request(traceparent, tracestate)
        return Told(request_id, span)

    def ended(self, told: Told) -> None:
        """A request was answered, or its client left."""
        duration = perf_counter() - told.began
        metrics = self._metrics
        operation = (told.operation or OTHER) if told.trusted else OTHER
        outcome = "left" if told.status == CLIENT_LEFT else "error" if told.codes else "ok"
        metrics.requests.noted[operation, str(told.status), outcome] += 1
        metrics.request_seconds.noted[operation,].append(duration)
        if told.shared:
            metrics.requests_shared.noted[operation,] += 1
        made = 0
        for call in told.calls:
            if not (call.shared or call.cached):
                made += call.operation != SIGN_IN
                if call.duration is not None:
                    metrics.call_seconds.noted[_NAMES[call.source],].append(call.duration)
        fields: dict[str, Any] = {
            "requestId": told.request_id,
            "operation": told.operation,
            "status": told.status,
            "durationMs": round(duration * 1000, 3),
            "upstreamCalls": made,
        }
        if told.codes:
            codes = fields["codes"] = sorted(set(told.codes))
            for code in codes:
                metrics.errors.noted[code,] += 1
        if told.span is not None:
            told.span.end(told.kind, fields)
        _requests.say(fields)
