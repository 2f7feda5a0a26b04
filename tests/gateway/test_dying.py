"""How a gateway ends: several workers, and upstreams that do not answer."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import aiohttp

from tests.gateway.test_cli import children, is_running, process, sandbox

SEGMENTS = "{ segments { nodes { name } } }"


async def ask(url: str, query: str = SEGMENTS) -> Any:
    """One request over a connection of its own."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/graphql", json={"query": query}) as answer,
    ):
        assert answer.status == 200
        return await answer.json()


async def test_each_worker_finishes_what_it_has_and_gives_its_token_back() -> None:
    async with (
        sandbox() as (box, environ),
        process("serve", "--port", "0", "--workers", "2", **environ) as (running, url),
    ):
        box.faults.add("segments", "hang")
        requests = []
        # Each worker makes an equal call once for all its requests: two hang when both workers are at it.
        while box.faults.hanging < 2:
            requests.append(asyncio.create_task(ask(url)))
            await ask(url, "{ __typename }")
        running.send_signal(signal.SIGTERM)
        draining = False
        while not draining:
            async with aiohttp.ClientSession() as session, session.get(f"{url}/health/ready") as ready:
                draining = ready.status == 503
        box.faults.clear()
        answers = await asyncio.gather(*requests)
        assert all(answer["data"]["segments"]["nodes"] for answer in answers)
        assert await running.wait() == 0
        operations = [call.operation for call in box.calls]
        assert operations.count("signOut") == operations.count("signIn") == 2


async def test_a_request_whose_upstream_hangs_is_still_answered_by_its_deadline() -> None:
    async with (
        sandbox() as (box, environ),
        process("serve", "--port", "0", GATEWAY_REQUEST_TIMEOUT="2s", **environ) as (running, url),
    ):
        box.faults.add("segments", "hang")
        request = asyncio.create_task(ask(url))
        await box.faults.until_hanging()
        running.send_signal(signal.SIGTERM)
        answer = await request
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_TIMEOUT"]
        assert await running.wait() == 0
        assert box.calls[-1].operation == "signOut"


async def test_what_cannot_give_its_token_back_ends_all_the_same() -> None:
    async with (
        sandbox() as (box, environ),
        process("serve", "--port", "0", GATEWAY_UPSTREAM_TIMEOUT="1s", **environ) as (running, url),
    ):
        await ask(url)
        box.faults.add("*", "hang")
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0


async def test_workers_end_with_their_supervisor_however_it_ends() -> None:
    async with (
        sandbox() as (box, environ),
        process("serve", "--port", "0", "--workers", "2", **environ) as (running, url),
    ):
        await ask(url)
        workers = children(running)
        running.kill()
        await running.wait()
        async with asyncio.timeout(60):
            while any(is_running(pid) for pid in workers):
                await asyncio.to_thread(os.sched_yield)
        assert box.calls[-1].operation == "signOut"
