"""Traces, against a receiver that speaks OTLP over HTTP: which spans there are, what is in them, and what is off."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sandbox.app import Sandbox
from tests.gateway.test_cli import process, run, sandbox

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
QUERY = "query Mine { contacts(first: 2) { nodes { displayName segments { name } } } }"


class Receiver:
    """What was exported so far."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Span] = []
        self.resources: list[dict[str, Any]] = []
        self._came = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        """One export."""
        assert request.content_type == "application/x-protobuf"
        body = await request.read()
        if body.startswith(b"\x1f\x8b"):
            body = gzip.decompress(body)
        async with self._came:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append(plain(resource.resource.attributes))
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
            self._came.notify_all()
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    async def until(self, name: str) -> Span:
        """The span of this name, as soon as it is here."""
        async with asyncio.timeout(30), self._came:
            while not (found := [span for span in self.spans if span.name == name]):
                await self._came.wait()
        return found[0]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    made = Receiver()
    app = web.Application()
    app.router.add_post("/v1/traces", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()


def plain(attributes: Any) -> dict[str, Any]:
    """Attributes as a mapping."""

    def value(each: AnyValue) -> Any:
        kind = each.WhichOneof("value")
        return [value(item) for item in each.array_value.values] if kind == "array_value" else getattr(each, kind)

    return {pair.key: value(pair.value) for pair in attributes}


@asynccontextmanager
async def traced(**environ: str) -> AsyncIterator[tuple[Sandbox, Receiver, str, asyncio.subprocess.Process]]:
    """A gateway that sends its traces to a receiver, soon."""
    async with sandbox() as (box, credentials), receiver() as made:
        environ = {**credentials, "OTEL_EXPORTER_OTLP_ENDPOINT": made.url, "OTEL_BSP_SCHEDULE_DELAY": "50", **environ}
        async with process("serve", "--port", "0", **environ) as (running, url):
            yield box, made, url, running


async def ask(url: str, query: str, **headers: str) -> dict[str, Any]:
    """One request's answer."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/graphql", json={"query": query}, headers=headers) as answer,
    ):
        found: dict[str, Any] = await answer.json()
    return found


async def test_a_span_for_the_operation_and_one_for_each_call() -> None:
    async with traced() as (box, made, url, _):
        box.reset_calls()
        answer = await ask(
            url, QUERY, traceparent=f"00-{TRACE}-{PARENT}-01", **{"x-request-id": "r-1", "x-contactgraph-trace": "1"}
        )
        root = await made.until("query")
        lines = answer["extensions"]["upstream"]
        calls = [line["operation"] for line in lines if not line["shared"] and not line["cached"]]
        assert root.trace_id.hex() == TRACE
        assert root.parent_span_id.hex() == PARENT
        assert root.kind == Span.SpanKind.SPAN_KIND_SERVER
        assert plain(root.attributes) == {
            "graphql.operation.type": "query",
            "graphql.operation.name": "Mine",
            "http.response.status_code": 200,
            "contactgraph.request_id": "r-1",
            "contactgraph.upstream_calls": len(calls) - calls.count("signIn"),
        }
        below = [span for span in made.spans if span.parent_span_id == root.span_id]
        assert sorted(span.name for span in below) == sorted(f"CLOUD4WI {name}" for name in calls)
        methods = []
        for span in below:
            assert span.trace_id.hex() == TRACE
            assert span.kind == Span.SpanKind.SPAN_KIND_CLIENT
            assert root.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
            told = plain(span.attributes)
            methods.append(told.pop("http.request.method"))
            assert told == {"contactgraph.source": "CLOUD4WI", "http.response.status_code": 200}
        assert sorted(methods) == sorted(call.method for call in box.calls)
        assert made.resources[0]["service.name"] == "contactgraph"


async def test_the_upstream_learns_which_span_it_works_for() -> None:
    async with traced() as (box, made, url, _):
        await ask(url, "{ locations { nodes { name } } }", traceparent=f"00-{TRACE}-{PARENT}-01", tracestate="a=b")
        await made.until("query")
        sent = {call.operation: call.headers for call in box.calls}
        for span in made.spans:
            if span.kind == Span.SpanKind.SPAN_KIND_CLIENT:
                parents = [headers.get("traceparent") for headers in sent.values()]
                assert f"00-{TRACE}-{span.span_id.hex()}-01" in parents
        assert all(headers["tracestate"] == "a=b" for headers in sent.values())


async def test_failures_are_told_and_what_is_left_is_sent_at_the_end() -> None:
    async with traced(OTEL_BSP_SCHEDULE_DELAY="600000", GATEWAY_UPSTREAM_RETRIES="0") as (box, made, url, running):
        box.faults.add("*", "status", status=503)
        await ask(url, "{ contacts { nodes { id } } }")
        await ask(url, "{ nope }")
        assert made.spans == []
        running.terminate()
        assert await running.wait() == 0
        roots = [span for span in made.spans if span.kind == Span.SpanKind.SPAN_KIND_SERVER]
        assert [plain(span.attributes).get("contactgraph.error_codes") for span in roots] == [
            ["UPSTREAM_UNAVAILABLE"],
            ["GRAPHQL_VALIDATION_FAILED"],
        ]
        assert [span.name for span in roots] == ["query", "POST /graphql"], "no valid document, no operation"
        call = next(span for span in made.spans if span.kind == Span.SpanKind.SPAN_KIND_CLIENT)
        assert plain(call.attributes)["error.type"] == "unavailable"
        assert plain(call.attributes)["http.response.status_code"] == 503


async def test_a_trace_that_its_client_does_not_sample_is_passed_on_and_not_sent() -> None:
    async with traced() as (box, made, url, running):
        await ask(url, "{ locations { nodes { name } } }", traceparent=f"00-{TRACE}-{PARENT}-00")
        running.terminate()
        assert await running.wait() == 0
        parents = [call.headers["traceparent"] for call in box.calls if call.operation != "signOut"]
        assert parents
        assert all(parent.startswith(f"00-{TRACE}-") and parent.endswith("-00") for parent in parents)
        assert made.spans == []


async def test_a_receiver_that_is_not_there_disturbs_nobody() -> None:
    async with sandbox() as (_, environ):
        environ |= {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
        async with process("serve", "--port", "0", **environ) as (running, url):
            assert "errors" not in await ask(url, "{ locations { nodes { name } } }")
            running.terminate()
            assert await running.wait() == 0


@pytest.mark.parametrize(
    ("name", "value"), [("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]
)
def test_what_cannot_be_ends_with_2_and_names_the_variable(name: str, value: str) -> None:
    environ = {"CLOUD4WI_CLIENT_KEY": "key", "CLOUD4WI_CLIENT_SECRET": "hunter2"}
    environ |= {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", name: value}
    done = run("serve", "--port", "0", **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr
    assert "Traceback" not in done.stderr
