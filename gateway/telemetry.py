"""What the gateway tells of each request: a log line and metrics. Never a variable, a document or a value of a record.

Log lines are JSON objects on standard error. Metrics are Prometheus's, in a registry of the app's own; with several
workers the client library adds them up through files (see :mod:`gateway.server`).
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from upstreams.http.scope import Call

if TYPE_CHECKING:
    from upstreams.shared.store import RedisStore

METRICS_CONTENT_TYPE = CONTENT_TYPE_LATEST
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that makes prometheus_client share its numbers between the workers of a machine."""

SIGN_IN = "signIn"
"""What signing in is called in the trace; it counts in no number of calls that a request cost."""

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_requests = logging.getLogger("contactgraph.requests")

disable_created_metrics()  # type: ignore[no-untyped-call]


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the mapping ``fields`` of the record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return orjson.dumps(line, default=str).decode()


def configure_logging(level: int = logging.INFO, *, json: bool = True) -> None:
    """Send all logs of the process to standard error, as JSON or as plain lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if json else logging.Formatter("%(levelname)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)


class Telemetry:
    """The numbers of one app and its log of requests."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "contactgraph_requests",
            "GraphQL requests by HTTP status and outcome",
            ["status", "outcome"],
            registry=registry,
        )
        self._duration = Histogram(
            "contactgraph_request_duration_seconds",
            "Time from a GraphQL request's first byte to its answer",
            buckets=_BUCKETS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "contactgraph_requests_in_flight",
            "GraphQL requests that are being answered",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._calls = Counter(
            "contactgraph_upstream_calls",
            "What requests asked of upstreams, by outcome; shared and cached made no call",
            ["source", "outcome"],
            registry=registry,
        )
        self._call_duration = Histogram(
            "contactgraph_upstream_call_duration_seconds",
            "Time of the upstream calls that requests made",
            ["source"],
            buckets=_BUCKETS,
            registry=registry,
        )

    def watch_shared(self, store: RedisStore) -> None:
        """Count what becomes of the shared store."""
        store.observer = _SharedMetrics(self.registry)

    def began(self) -> None:
        """A request came in."""
        self._in_flight.inc()

    def ended(
        self,
        *,
        request_id: str,
        operation: str | None,
        status: int,
        codes: Sequence[str],
        duration: float,
        calls: Sequence[Call],
    ) -> None:
        """A request was answered (or its client left: status 499).

        Args:
            operation: the name of the operation in a valid document; it is a GraphQL name, so safe to log.
            codes: the codes of the answer's errors.
            duration: seconds.
            calls: what it asked of upstreams.
        """
        self._in_flight.dec()
        outcome = "left" if status == 499 else "error" if codes else "ok"
        self._requests.labels(str(status), outcome).inc()
        self._duration.observe(duration)
        made = 0
        for call in calls:
            kind = _outcome(call)
            self._calls.labels(call.source.value, kind).inc()
            if not (call.shared or call.cached):
                made += call.operation != SIGN_IN
                if call.duration is not None:
                    self._call_duration.labels(call.source.value).observe(call.duration)
        fields: dict[str, Any] = {
            "requestId": request_id,
            "operation": operation,
            "status": status,
            "durationMs": round(duration * 1000, 3),
            "upstreamCalls": made,
        }
        if codes:
            fields["codes"] = sorted(set(codes))
        _requests.info("request", extra={"fields": fields})

    def exposition(self) -> bytes:
        """The metrics in Prometheus's text format, summed over the workers of this machine."""
        if not os.environ.get(MULTIPROCESS_DIR):
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class _SharedMetrics:
    """See :class:`upstreams.shared.protocol.Observer`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._up = Gauge(
            "contactgraph_shared_state_up",
            "1 while Redis is in use, 0 while a worker keeps its own state",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._operations = Counter(
            "contactgraph_shared_state_operations",
            "What was asked of Redis, by outcome; skipped was not sent",
            ["operation", "outcome"],
            registry=registry,
        )

    def connected(self, connected: bool) -> None:
        self._up.set(connected)

    def operation(self, name: str, outcome: str) -> None:
        self._operations.labels(name, outcome).inc()


def _outcome(call: Call) -> str:
    if call.cached:
        return "cached"
    if call.shared:
        return "shared"
    if call.status is None:
        return "no_answer"
    return "ok" if call.status < 400 else f"{call.status // 100}xx"
