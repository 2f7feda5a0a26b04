"""The numbers of one app, for Prometheus: every metric there is, by name, meaning and labels.

With several workers each writes its numbers into files of its own (``PROMETHEUS_MULTIPROC_DIR``, set by
:mod:`gateway.server`), and whichever worker is asked adds them up: counters of dead workers too, gauges of living ones.
A label holds only what is one of a known few: nothing that a client made up.

What each request or call adds to is noted in plain numbers, and published once a second and before metrics are shown
(:mod:`gateway.telemetry.process`): the library takes 2 µs for each step of a counter or histogram, more with several
workers.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter as Count
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Generic, TypeVar, cast

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

METRICS_CONTENT_TYPE = CONTENT_TYPE_LATEST
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that makes prometheus_client share its numbers between the workers of a machine."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

M = TypeVar("M", bound=MetricWrapperBase)

disable_created_metrics()  # type: ignore[no-untyped-call]


class Labelled(dict[tuple[str, ...], M], Generic[M]):
    """A metric's children by the values of its labels; each is looked up in the library once.

    Attributes:
        names: of the labels.
    """

    def __init__(self, metric: M, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self._metric = metric

    def __missing__(self, labels: tuple[str, ...]) -> M:
        child = self[labels] = self._metric.labels(*labels)
        return child


class Tally(Labelled[Counter]):
    """Counters that are noted first.

    Attributes:
        noted: by the values of labels, what is to be added.
    """

    def __init__(self, metric: Counter, names: Sequence[str]) -> None:
        super().__init__(metric, names)
        self.noted: defaultdict[tuple[str, ...], int] = defaultdict(int)

    def publish(self) -> None:
        """Add what was noted."""
        for labels, count in self.noted.items():
            self[labels].inc(count)
        self.noted.clear()


class _Histogram(Histogram):
    """A histogram that takes many values at once."""

    def observe_all(self, values: Sequence[float]) -> None:
        """Do what :meth:`observe` does with each, in a step for each bucket."""
        self._sum.inc(sum(values))
        for place, count in Count(bisect_left(self._upper_bounds, value) for value in values).items():
            self._buckets[place].inc(count)


class Durations(Labelled[_Histogram]):
    """Histograms whose values are noted first.

    Attributes:
        noted: by the values of labels, the seconds that are to be added.
    """

    def __init__(self, metric: _Histogram, names: Sequence[str]) -> None:
        super().__init__(metric, names)
        self.noted: defaultdict[tuple[str, ...], list[float]] = defaultdict(list)

    def publish(self) -> None:
        """Add what was noted."""
        for labels, seconds in self.noted.items():
            self[labels].observe_all(seconds)
        self.noted.clear()


class Metrics:
    """All metrics of an app, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._noted: list[Tally | Durations] = []
        self.requests = self._tally(
            "requests",
            "GraphQL requests by operation of a trusted document, HTTP status and outcome",
            "operation",
            "status",
            "outcome",
        )
        self.request_seconds = self._durations(
            "request_duration_seconds", "Time from a GraphQL request's first byte to its answer", "operation"
        )
        self.requests_shared = self._tally(
            "requests_shared", "GraphQL requests answered with the execution of an equal query in flight", "operation"
        )
        self.errors = self._tally("errors", "GraphQL requests whose answer holds an error of this code", "code")
        self.operations = self._tally(
            "operations", "Operations by what ran them; the reason is why one was not compiled", "executor", "reason"
        )
        self.in_flight = self._gauge("requests_in_flight", "GraphQL requests that are being answered")
        self.workers = self._gauge("workers", "Worker processes")
        self.memory = self._gauge("resident_memory_bytes", "Memory of all workers")
        self.loop_lag = Histogram(
            "contactgraph_event_loop_lag_seconds",
            "How late a worker's event loop was for an alarm that it sets once a second",
            buckets=_LAG,
            registry=self.registry,
        )
        self.calls = self._counters(
            "upstream_calls",
            "Attempts of calls to upstreams by what became of them, sign-ins and background work included",
            "source",
            "operation",
            "outcome",
        )
        self.spared = self._counters(
            "upstream_calls_spared",
            "Calls not made: one in flight was shared, or an answer was kept",
            "source",
            "operation",
            "how",
        )
        self.stale = self._counters(
            "upstream_calls_stale",
            "Calls that failed and were answered with what was read before",
            "source",
            "operation",
        )
        self.retries = self._counters("upstream_retries", "Attempts made because an earlier one failed", "source")
        self.retries_denied = self._counters(
            "upstream_retries_denied", "Attempts not made again, since the source could not bear it", "source"
        )
        self.call_seconds = self._durations(
            "upstream_call_duration_seconds", "Time of the upstream calls that requests made", "source"
        )
        self.calls_in_flight = self._gauges("upstream_calls_in_flight", "Attempts of calls in the air", "source")
        self.sources = self._gauges("source_workers", "Workers by how they see a source", "source", "state")
        self.circuits = self._gauges(
            "circuit_workers", "Workers by the state of their circuit breaker of a source", "source", "state"
        )
        self.leases = self._gauge("leases", "Walks whose next rows or scroll a worker of this machine keeps")
        self.lease_rows = self._gauge("lease_rows", "Rows in the memory of workers that were read and not yet given")
        self.lease_takes = self._counters(
            "lease_takes", "Streams that went on with a lease (found) or by position alone (missing)", "outcome"
        )

    def _counters(self, name: str, meaning: str, *labels: str) -> Labelled[Counter]:
        return Labelled(Counter(f"contactgraph_{name}", meaning, labels, registry=self.registry), labels)

    def _tally(self, name: str, meaning: str, *labels: str) -> Tally:
        tally = Tally(Counter(f"contactgraph_{name}", meaning, labels, registry=self.registry), labels)
        self._noted.append(tally)
        return tally

    def _durations(self, name: str, meaning: str, *labels: str) -> Durations:
        histogram = _Histogram(f"contactgraph_{name}", meaning, labels, buckets=_SECONDS, registry=self.registry)
        durations = Durations(histogram, labels)
        self._noted.append(durations)
        return durations

    def _gauges(self, name: str, meaning: str, *labels: str) -> Labelled[Gauge]:
        return Labelled(self._gauge(name, meaning, *labels), labels)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"contactgraph_{name}", meaning, labels, registry=self.registry, multiprocess_mode="livesum")

    def publish(self) -> None:
        """Add what was noted to the metrics."""
        for noted in self._noted:
            noted.publish()

    def exposition(self) -> bytes:
        """The metrics in Prometheus's text format, summed over the workers of this machine."""
        if not os.environ.get(MULTIPROCESS_DIR):
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        _Workers(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class _Workers(MultiProcessCollector):
    """The sum over the workers' files; one that a worker is just making is empty still and has nothing to tell."""

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for file in sorted(Path(os.environ[MULTIPROCESS_DIR]).glob("*.db")) if _has_content(file)]
        return cast(Iterable[Metric], self.merge(files, accumulate=True))  # type: ignore[no-untyped-call]


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:  # of a worker that is gone
        return False


class SharedStateMetrics:
    """What becomes of the shared store, where there is one; see :class:`upstreams.shared.protocol.Observer`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._up = Gauge(
            "contactgraph_shared_state_up",
            "1 while Redis is in use, 0 while a worker keeps its own state",
            registry=registry,
            multiprocess_mode="livemin",
        )
        labels = ("operation", "outcome")
        meaning = "What was asked of Redis, by outcome; skipped was not sent"
        counter = Counter("contactgraph_shared_state_operations", meaning, labels, registry=registry)
        self._operations = Labelled(counter, labels)

    def connected(self, connected: bool) -> None:
        """See :class:`~upstreams.shared.protocol.Observer`."""
        self._up.set(connected)

    def operation(self, name: str, outcome: str) -> None:
        """See :class:`~upstreams.shared.protocol.Observer`."""
        self._operations[name, outcome].inc()
