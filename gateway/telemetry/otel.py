"""Traces by OpenTelemetry, sent by OTLP over HTTP; loaded only where ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set.

The SDK reads the other standard variables itself: headers, time-outs, sampler, resource. A span tells what the log of
requests tells, and of a call its source and operation: no document, variable, path or address of an upstream.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from upstreams.records import Source
from upstreams.settings import SettingsError

_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"
_SERVER_ERROR = 500

_propagator = TraceContextTextMapPropagator()


class OpenTelemetry:
    """See :class:`gateway.telemetry.tracing.Tracing`."""

    def __init__(self) -> None:
        """Nothing is sent before the first span.

        Raises:
            SettingsError: another protocol is asked for than the one that is spoken here.
        """
        for name in _PROTOCOLS:
            if os.environ.get(name, _PROTOCOL) != _PROTOCOL:
                raise SettingsError(f"{name} must be {_PROTOCOL}: traces are sent over HTTP only")
        named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": "contactgraph"}
        # What OTEL_RESOURCE_ATTRIBUTES says is merged in by the SDK; worker processes are told apart by their pid.
        resource = Resource.create({**named, "process.pid": os.getpid()})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("contactgraph", _version())

    def request(self, traceparent: str | None, tracestate: str | None) -> RequestSpan:
        """See :class:`~gateway.telemetry.tracing.Tracing`."""
        carrier = {"traceparent": traceparent, "tracestate": tracestate}
        above = _propagator.extract({name: value for name, value in carrier.items() if value is not None})
        return RequestSpan(self._tracer, self._tracer.start_span("POST /graphql", above, SpanKind.SERVER))

    async def close(self) -> None:
        """See :class:`~gateway.telemetry.tracing.Tracing`. Waits for as long as the exporter may take."""
        await asyncio.to_thread(self._provider.shutdown)


class RequestSpan:
    """See :class:`gateway.telemetry.tracing.RequestSpan`."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._below = set_span_in_context(span)

    def call(self, source: Source, operation: str, method: str) -> CallSpan:
        """See :class:`upstreams.http.scope.Span`."""
        attributes = {"http.request.method": method, "contactgraph.source": source.value}
        span = self._tracer.start_span(f"{source.value} {operation}", self._below, SpanKind.CLIENT, attributes)
        return CallSpan(span)

    def end(self, kind: str | None, fields: Mapping[str, Any]) -> None:
        """See :class:`~gateway.telemetry.tracing.RequestSpan`."""
        span = self._span
        status: int = fields["status"]
        if kind is not None:
            span.update_name(kind)
            span.set_attribute("graphql.operation.type", kind)
        if fields["operation"] is not None:
            span.set_attribute("graphql.operation.name", fields["operation"])
        span.set_attribute("http.response.status_code", status)
        span.set_attribute("contactgraph.request_id", fields["requestId"])
        span.set_attribute("contactgraph.upstream_calls", fields["upstreamCalls"])
        if codes := fields.get("codes"):
            span.set_attribute("contactgraph.error_codes", codes)
        if status >= _SERVER_ERROR:
            span.set_status(Status(StatusCode.ERROR))
        span.end()


class CallSpan:
    """See :class:`upstreams.http.scope.CallSpan`."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.headers: dict[str, str] = {}
        _propagator.inject(self.headers, set_span_in_context(span))

    def end(self, status: int | None, outcome: str) -> None:
        """See :class:`~upstreams.http.scope.CallSpan`."""
        if status is not None:
            self._span.set_attribute("http.response.status_code", status)
        if outcome != "ok":
            self._span.set_attribute("error.type", outcome)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


def _version() -> str | None:
    try:
        return version("contactgraph")
    except PackageNotFoundError:  # run from a checkout without being installed
        return None
