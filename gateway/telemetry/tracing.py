"""Spans: one a request, one an attempt of an upstream call. What makes them is loaded only where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gateway.settings import Settings
from upstreams.http.scope import Span


class RequestSpan(Span, Protocol):
    """The span of a request; spans of upstream calls are below it."""

    def end(self, kind: str | None, fields: Mapping[str, Any]) -> None:
        """The request is over: the operation's kind, and what the log says of it."""
        ...


class Tracing(Protocol):
    """Makes spans and sends them away."""

    def request(self, traceparent: str | None, tracestate: str | None) -> RequestSpan:
        """A request came in; the headers of W3C Trace Context say which trace it is part of."""
        ...

    async def close(self) -> None:
        """Send what was not sent yet."""
        ...


def build_tracing(settings: Settings) -> Tracing | None:
    """What ``OTEL_EXPORTER_OTLP_ENDPOINT`` asks for; None: no traces.

    Raises:
        SettingsError: it asks for what cannot be.
    """
    if settings.otlp_endpoint is None:
        return None
    from gateway.telemetry.otel import OpenTelemetry

    return OpenTelemetry()
