"""What operators and load balancers ask: is the process alive, does it take requests, what has it done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.lifecycle import Lifecycle
from gateway.telemetry.metrics import METRICS_CONTENT_TYPE
from gateway.telemetry.process import Process
from upstreams.records import Source
from upstreams.shared.protocol import SharedStore
from upstreams.source import CircuitState, SourceApi

_HEADERS = {"cache-control": "no-store"}


def health_routes(
    lifecycle: Lifecycle, process: Process, sources: Mapping[Source, SourceApi], shared: SharedStore | None = None
) -> list[Route]:
    """``/health/live``, ``/health/ready`` and ``/metrics``."""

    async def live(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_HEADERS)

    async def ready(request: Request) -> Response:
        """Ready also while a source or Redis is down: the rest answers, and the body says what does not."""
        status = "draining" if lifecycle.draining else "ready"
        body: dict[str, Any] = {
            "status": status,
            "sources": {source.value: _health(api) for source, api in sources.items()},
        }
        if shared is not None:
            body["sharedState"] = _shared(shared)
        return JSONResponse(body, status_code=503 if lifecycle.draining else 200, headers=_HEADERS)

    async def metrics(request: Request) -> Response:
        return Response(process.exposition(), headers={**_HEADERS, "content-type": METRICS_CONTENT_TYPE})

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]


def _health(api: SourceApi) -> dict[str, Any]:
    health = api.health()
    told = {"state": health.state.value}
    if health.message:
        told["message"] = health.message
    if health.circuit is not CircuitState.CLOSED:
        told["circuit"] = health.circuit.value
    return told


def _shared(store: SharedStore) -> dict[str, str]:
    connected, message = store.health()
    if connected:
        return {"state": "HEALTHY"}
    return {"state": "DEGRADED", "message": f"Redis: {message}; this worker keeps its own state until it is back"}
