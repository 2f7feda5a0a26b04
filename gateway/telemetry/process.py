"""What a worker looks at by itself: its event loop, its memory, its upstreams and its leases.

All of it is counted in plain numbers where it happens and published once a second, and whenever metrics are asked of
this worker, so that no request pays for it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

from prometheus_client import Counter

from gateway.lifecycle import Lifecycle
from gateway.telemetry.metrics import Labelled, Metrics
from resolvers.paging import Pager
from upstreams.http.health import WireStats
from upstreams.records import Source
from upstreams.source import CircuitState, SourceApi, SourceState

_PERIOD = 1.0
"""Seconds between two looks."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process:
    """Publishes what there is to see of this worker.

    Args:
        metrics: where it is published.
        lifecycle: knows the requests in flight.
        sources: asked for their health.
        wires: what happened on the wire of each source.
        pager: knows the leases.
    """

    def __init__(
        self,
        metrics: Metrics,
        lifecycle: Lifecycle,
        sources: Mapping[Source, SourceApi],
        wires: Mapping[Source, WireStats],
        pager: Pager | None,
    ) -> None:
        self._metrics = metrics
        self._lifecycle = lifecycle
        self._sources = sources
        self._wires = wires
        self._pager = pager
        self._published: dict[Counter, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Look from now on."""
        self._metrics.workers.set(1)
        self._task = asyncio.create_task(self._watch(), name="telemetry")

    async def close(self) -> None:
        """End that; what was counted until now is published."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.look()

    def exposition(self) -> bytes:
        """All metrics, in Prometheus's text format."""
        self.look()
        return self._metrics.exposition()

    def look(self) -> None:
        """Publish what there is to see now."""
        metrics = self._metrics
        metrics.publish()
        metrics.in_flight.set(self._lifecycle.in_flight)
        if (memory := resident_memory()) is not None:
            metrics.memory.set(memory)
        for source, api in self._sources.items():
            state = api.health().state
            for each in SourceState:
                metrics.sources[source.value, each.value].set(each is state)
        for source, stats in self._wires.items():
            self._look_at_wire(source.value, stats)
        if self._pager is not None:
            metrics.leases.set(len(self._pager.leases))
            metrics.lease_rows.set(self._pager.leases.rows)
            taken = self._pager.stats
            self._publish(metrics.lease_takes, taken.found, "found")
            self._publish(metrics.lease_takes, taken.missing, "missing")

    def _look_at_wire(self, source: str, stats: WireStats) -> None:
        metrics = self._metrics
        for (operation, outcome), count in stats.calls.items():
            self._publish(metrics.calls, count, source, operation, outcome)
        for how, spared in (("shared", stats.shared), ("cached", stats.cached)):
            for operation, count in spared.items():
                self._publish(metrics.spared, count, source, operation, how)
        for operation, count in stats.stale.items():
            self._publish(metrics.stale, count, source, operation)
        self._publish(metrics.retries, stats.retries, source)
        self._publish(metrics.retries_denied, stats.retries_denied, source)
        for each in CircuitState:
            metrics.circuits[source, each.value].set(each is stats.circuit)
        metrics.calls_in_flight[source,].set(stats.in_flight)

    def _publish(self, counter: Labelled[Counter], count: int, *labels: str) -> None:
        """Bring a counter, which can only be added to, up to what was counted."""
        child = counter[labels]
        child.inc(count - self._published.get(child, 0))
        self._published[child] = count

    async def _watch(self) -> None:
        while True:
            due = perf_counter() + _PERIOD
            await asyncio.sleep(_PERIOD)
            # What is looked at takes time, too: it is not the loop that is late for that.
            self._metrics.loop_lag.observe(max(0.0, perf_counter() - due))
            self.look()


def resident_memory() -> int | None:
    """Bytes of memory that this process holds; None where the system does not tell in ``/proc``."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return None
