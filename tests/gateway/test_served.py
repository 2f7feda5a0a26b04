"""Over a real connection: clients that leave, keep-alive, and a process on its way out."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from gateway.app import compose
from gateway.lifecycle import Lifecycle
from tests.gateway.support import SCHEMA, FakeServices, make_app, served, settings
from upstreams.source import SourceHealth, SourceState


async def test_a_client_that_leaves_ends_its_execution() -> None:
    services = FakeServices()
    async with served(make_app(services)) as url, aiohttp.ClientSession() as session:
        request = asyncio.create_task(session.post(f"{url}/graphql", json={"query": "{ hang }"}))
        await services.hanging.wait()
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        await services.over.wait()
        async with session.get(f"{url}/metrics") as answer:
            sample = 'contactgraph_requests_total{operation="other",outcome="left",status="499"} 1.0'
            assert sample in await answer.text()
    assert (services.cancelled, services.closed) == (1, 1)


async def test_a_connection_serves_many_requests_also_pipelined() -> None:
    """Watching for a disconnect must not eat the next request of the connection."""
    body = json.dumps({"query": "{ item { name } }"}).encode()
    request = (
        b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        + f"content-length: {len(body)}\r\n\r\n".encode()
        + body
    )
    async with served(make_app()) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        for requests in (1, 1, 5):
            writer.write(request * requests)
            for _ in range(requests):
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 ")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                assert json.loads(await reader.readexactly(length))["data"] == {"item": {"name": "item"}}
        writer.close()
        await writer.wait_closed()


async def test_health_and_readiness() -> None:
    services = FakeServices()
    async with served(make_app(services)) as url, aiohttp.ClientSession(url) as session:
        async with session.get("/health/live") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ok"})
        async with session.get("/health/ready") as answer:
            expected = {"status": "ready", "sources": {"CLOUD4WI": {"state": "HEALTHY"}}}
            assert (answer.status, await answer.json()) == (200, expected)
        services.source.state = SourceHealth(SourceState.DOWN, "it does not answer")
        async with session.get("/health/ready") as answer:
            assert answer.status == 200
            body = await answer.json()
        assert body["sources"] == {"CLOUD4WI": {"state": "DOWN", "message": "it does not answer"}}
        assert services.source.log == ["start"]
    assert services.source.log == ["start", "close"]


async def test_draining_is_red_until_the_last_request_is_answered() -> None:
    services = FakeServices()
    lifecycle = Lifecycle()
    app = compose(settings(), SCHEMA, services, lifecycle=lifecycle)
    async with served(app) as url, aiohttp.ClientSession(url) as session:
        request = asyncio.create_task(session.post("/graphql", json={"query": "{ hang }"}))
        await services.hanging.wait()
        drain = asyncio.create_task(lifecycle.drain(60))
        await asyncio.sleep(0)
        async with session.get("/health/ready") as answer:
            assert (answer.status, (await answer.json())["status"]) == (503, "draining")
        async with session.get("/health/live") as answer:
            assert answer.status == 200
        assert not drain.done()
        services.release.set()
        answer = await request
        assert (await answer.json())["data"] == {"hang": "released"}
        await drain


async def test_a_drain_is_not_put_off_by_requests_that_come_after_it_began() -> None:
    lifecycle = Lifecycle()
    early = lifecycle.begin()
    drain = asyncio.create_task(lifecycle.drain(60))
    await asyncio.sleep(0)
    late = lifecycle.begin()
    lifecycle.end(early)
    await drain
    assert lifecycle.in_flight == 1
    lifecycle.end(late)
    assert lifecycle.in_flight == 0


async def test_a_drain_does_not_wait_for_ever() -> None:
    lifecycle = Lifecycle()
    lifecycle.begin()
    await lifecycle.drain(0.01)
    assert lifecycle.draining


@pytest.mark.parametrize(("query", "outcome"), [("{ called }", "ok"), ("{ nope }", "error")])
async def test_metrics_count_requests(query: str, outcome: str) -> None:
    async with served(make_app()) as url, aiohttp.ClientSession(url) as session:
        async with session.post("/graphql", json={"query": query}) as answer:
            await answer.read()
        async with session.get("/metrics") as answer:
            assert answer.headers["content-type"].startswith("text/plain")
            lines = (await answer.text()).splitlines()
    assert f'contactgraph_requests_total{{operation="other",outcome="{outcome}",status="200"}} 1.0' in lines
    assert 'contactgraph_request_duration_seconds_count{operation="other"} 1.0' in lines
    assert "contactgraph_requests_in_flight 0.0" in lines
    codes = [line for line in lines if line.startswith("contactgraph_errors_total")]
    assert codes == ([] if outcome == "ok" else ['contactgraph_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1.0'])
