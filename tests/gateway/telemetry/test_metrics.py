"""What is counted of a gateway over real upstreams, and over several workers of which one dies."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import build_app
from gateway.settings import read_settings
from gateway.telemetry.metrics import MULTIPROCESS_DIR, Metrics
from gateway.trusted import Operation as Trusted
from gateway.trusted import hash_of, write_manifest
from sandbox.app import Sandbox
from tests.gateway.support import served
from tests.gateway.test_cli import children, process, sandbox

EVENTS = "query ($after: String) { events(first: 20, after: $after) { nodes { id } pageInfo { endCursor } } }"


async def numbers(url: str) -> dict[str, float]:
    """The metrics, each sample under ``name{label=value,...}``."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
        return {
            sample.name.removeprefix("contactgraph_")
            + "{"
            + ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            + "}": sample.value
            for family in families
            for sample in family.samples
        }


async def ask(url: str, query: str | None = None, **body: Any) -> dict[str, Any]:
    """One request over a connection of its own."""
    body = {"query": query, **body} if query else body
    async with aiohttp.ClientSession() as session, session.post(f"{url}/graphql", json=body) as answer:
        found: dict[str, Any] = await answer.json()
    return found


@asynccontextmanager
async def gateway(tmp_path: Path, **environ: str) -> AsyncIterator[tuple[Sandbox, str]]:
    """A gateway in this process."""
    async with sandbox() as (box, credentials):
        settings = read_settings({**credentials, "GATEWAY_STATE_DIR": str(tmp_path), **environ})
        async with served(build_app(settings)) as url:
            yield box, url


def part(found: Mapping[str, float], name: str) -> dict[str, float]:
    """The samples of one name, by their labels."""
    return {key[len(name) :]: value for key, value in found.items() if key.startswith(f"{name}{{")}


async def test_operations_by_what_ran_them(tmp_path: Path) -> None:
    async with gateway(tmp_path) as (_, url):
        await ask(url, "{ sources { state } }")
        await ask(url, "{ __schema { queryType { name } } }")
        found = await numbers(url)
    async with gateway(tmp_path, GATEWAY_EXECUTOR="graphql-core") as (_, url):
        await ask(url, "{ sources { state } }")
        other = await numbers(url)
    assert part(found, "operations_total") == {
        "{executor=compiled,reason=}": 1,
        "{executor=graphql-core,reason=introspection}": 1,
    }
    assert part(other, "operations_total") == {"{executor=graphql-core,reason=}": 1}


async def test_calls_to_upstreams_by_source_operation_and_outcome(tmp_path: Path) -> None:
    async with gateway(tmp_path, GATEWAY_UPSTREAM_RETRIES="1") as (box, url):
        for _ in range(2):
            await ask(url, "{ locations { nodes { name } } }")
        box.faults.add("segments", "status", status=503)
        await ask(url, "{ segments { nodes { name } } }")
        found = await numbers(url)
    calls = part(found, "upstream_calls_total")
    assert calls["{operation=signIn,outcome=ok,source=CLOUD4WI}"] == 2, "with its credentials, then for a user"
    list_calls = calls["{operation=locations,outcome=ok,source=CLOUD4WI}"]
    assert list_calls == sum(call.path.endswith("/locations") for call in box.calls)
    assert calls["{operation=segments,outcome=unavailable,source=CLOUD4WI}"] == 2
    assert found["upstream_calls_spared_total{how=cached,operation=locations,source=CLOUD4WI}"] == list_calls, (
        "the second request was answered without a call"
    )
    assert found["upstream_retries_total{source=CLOUD4WI}"] == 1
    assert found["upstream_call_duration_seconds_count{source=CLOUD4WI}"] == sum(calls.values())
    assert found["source_workers{source=CLOUD4WI,state=DEGRADED}"] == 1
    assert found["circuit_workers{source=CLOUD4WI,state=CLOSED}"] == 1
    assert found["errors_total{code=UPSTREAM_UNAVAILABLE}"] == 1
    assert found["workers{}"] == 1
    assert found["resident_memory_bytes{}"] > 10_000_000


async def test_leases_that_pages_find(tmp_path: Path) -> None:
    async with gateway(tmp_path) as (_, url):
        cursor = (await ask(url, EVENTS))["data"]["events"]["pageInfo"]["endCursor"]
        assert (await numbers(url))["leases{}"] == 1
        for _ in range(2):
            await ask(url, EVENTS, variables={"after": cursor})
        assert part(await numbers(url), "lease_takes_total") == {"{outcome=found}": 1, "{outcome=missing}": 1}


async def test_operations_have_their_name_where_the_operator_knows_them(tmp_path: Path) -> None:
    """What a client calls its own is no label, or one client could make any number of them."""
    mine, nameless = "query Mine { __typename }", "{ again: __typename }"
    manifest = tmp_path / "documents.json"
    manifest.write_text(write_manifest([Trusted("a", "Mine", mine), Trusted("b", None, nameless)]))
    async with gateway(tmp_path, GATEWAY_DOCUMENTS=str(manifest)) as (_, url):
        for text in (mine, nameless):
            await ask(url, documentId=f"sha256:{hash_of(text)}")
        await ask(url, "query Theirs { __typename }")
        await ask(url, mine)
        await ask(url, "{ nope }")
        found = await numbers(url)
    assert part(found, "requests_total") == {
        "{operation=Mine,outcome=ok,status=200}": 1,
        "{operation=other,outcome=ok,status=200}": 3,
        "{operation=other,outcome=error,status=200}": 1,
    }
    assert part(found, "request_duration_seconds_count") == {"{operation=Mine}": 1, "{operation=other}": 4}


@given(st.lists(st.floats(0, 100) | st.sampled_from([0.0, 0.001, 0.5, 30.0, 30.000001])), st.lists(st.floats(0, 100)))
def test_what_is_noted_first_is_what_the_library_counts(first: list[float], then: list[float]) -> None:
    noted, counted = Metrics(), Metrics()
    for seconds in (first, then):
        for value in seconds:
            noted.requests.noted["other", "200", "ok"] += 1
            noted.request_seconds.noted["other",].append(value)
            counted.requests["other", "200", "ok"].inc()
            counted.request_seconds["other",].observe(value)
        noted.publish()
    for told, right in zip(samples(noted), samples(counted), strict=True):
        assert told[:2] == right[:2]
        assert told[2] == pytest.approx(right[2])


def samples(metrics: Metrics) -> list[tuple[str, dict[str, str], float]]:
    """All that a gateway of one process shows."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]


def test_a_file_that_a_worker_is_just_making_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MULTIPROCESS_DIR, str(tmp_path))
    (tmp_path / "counter_1.db").touch()
    assert Metrics().exposition() == b""


async def test_a_worker_that_dies_is_replaced_while_the_others_answer() -> None:
    """What it counted stays counted; what it was, such as a worker with memory, is gone with it."""
    async with (
        sandbox() as (_, environ),
        process("serve", "--port", "0", "--workers", "2", **environ) as (running, url),
    ):
        first = set(children(running))
        stop = asyncio.Event()
        answers = 0
        wanted = 0
        enough = asyncio.Event()

        async def answered(number: int) -> None:
            """So many more requests were answered."""
            nonlocal wanted
            wanted = answers + number
            enough.clear()
            await enough.wait()

        async def load() -> None:
            """The only failures are those of connections to the worker that is killed."""
            nonlocal answers
            while not stop.is_set():
                try:
                    assert await ask(url, "{ __typename }") == {
                        "data": {"__typename": "Query"},
                        "extensions": {"cost": {"requested": 0, "actual": 0, "upstreamCalls": {"cloud4wi": 0}}},
                    }
                except aiohttp.ClientConnectionError:
                    continue
                answers += 1
                if answers >= wanted:
                    enough.set()

        async def until(workers: int, beside: set[int]) -> None:
            """So many workers count, and the dead one is not among the processes."""
            async with asyncio.timeout(60):
                while (await numbers(url)).get("workers{}") != workers or set(children(running)) & beside:
                    pass

        await until(2, set())
        clients = [asyncio.create_task(load()) for _ in range(4)]
        await answered(20)
        counted = part(await numbers(url), "requests_total")["{operation=other,outcome=ok,status=200}"]
        # One child is the helper of multiprocessing; killing the youngest kills a worker.
        killed = max(first)
        os.kill(killed, signal.SIGKILL)
        await answered(20)
        await until(1, {killed})  # for the second or so that a worker takes to start
        await until(2, {killed})
        stop.set()
        await asyncio.gather(*clients)
        async with asyncio.timeout(60):  # what the worker that is not asked has noted, it publishes within a second
            while part(after := await numbers(url), "requests_total")["{operation=other,outcome=ok,status=200}"] < (
                counted + 20
            ):
                pass
        assert len(set(children(running)) - first) == 1
        assert after["workers{}"] == 2
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0


async def test_a_worker_that_dies_while_it_starts_is_noticed_as_soon_as_any_other() -> None:
    """Not only when its health check, which may take a minute, has waited in vain."""
    async with (
        sandbox() as (_, environ),
        process("serve", "--port", "0", "--workers", "2", **environ) as (running, url),
    ):
        known = set(children(running))
        for _ in range(2):
            os.kill(max(known), signal.SIGKILL)
            while not (new := set(children(running)) - known):
                pass
            known |= new
        async with asyncio.timeout(45):
            while (await numbers(url)).get("workers{}") != 2:
                pass
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0
