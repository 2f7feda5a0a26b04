"""What a worker takes: time to start, memory, connections, and operations of Redis by what is asked.

    nice .venv/bin/python -m benchmarks.footprint

The sandbox and a redis-server run beside it. Operations are counted by the server itself (``INFO commandstats``).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from redis.asyncio import Redis as Client

from benchmarks.chaos.changes import CREATE
from benchmarks.chaos.client import EVENTS, PERSON
from benchmarks.chaos.machines import Gateway, Redis, sandbox

_OWN = ("info", "config", "client", "hello", "select", "ping")
"""Commands of connections and of this measurement."""
_IDLE = 30.0
_LOAD = 2000
_CARD = "{ contacts(first: 20) { nodes { displayName emails segments { name } } } }"


def memory(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of a process, MiB."""
    numbers = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return tuple(round(int(numbers[name].split()[0]) / 1024, 1) for name in ("Rss", "Pss"))  # type: ignore[return-value]


async def commands(client: Client) -> dict[str, int]:
    """How often each command was carried out so far."""
    found: Mapping[str, Any] = await client.info("commandstats")
    return {
        name.removeprefix("cmdstat_"): int(stats["calls"])
        for name, stats in found.items()
        if not name.removeprefix("cmdstat_").startswith(_OWN)
    }


class Measured:
    """A gateway that is asked, and the Redis that counts."""

    def __init__(self, url: str, session: aiohttp.ClientSession, client: Client) -> None:
        self._url = f"{url}/graphql"
        self._session = session
        self._client = client

    async def answer(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What is answered."""
        async with self._session.post(self._url, json={"query": query, "variables": variables or {}}) as answer:
            body: dict[str, Any] = await answer.json()
        return body

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer without errors."""
        body = await self.answer(query, variables)
        if "errors" in body:
            raise SystemExit(body["errors"])
        data: dict[str, Any] = body["data"]
        return data

    async def during(self, what: str, times: int, work: Any) -> None:
        """Print the operations that some work takes each time."""
        before = await commands(self._client)
        for number in range(times):
            await work(number)
        after = await commands(self._client)
        took = {name: round((count - before.get(name, 0)) / times, 2) for name, count in after.items()}
        print(f"| {what} | {', '.join(f'{name} {count:g}' for name, count in took.items() if count) or 'none'} |")


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="footprint-") as folder:
        redis = Redis(Path(folder))
        await redis.start()
        client = Client(unix_socket_path=f"{folder}/redis.sock")
        try:
            async with sandbox(7, 500, 5000) as box, aiohttp.ClientSession() as session:
                environ = {
                    "CLOUD4WI_URL": box["cloud4wi"]["url"],
                    "CLOUD4WI_CLIENT_KEY": box["cloud4wi"]["clientKey"],
                    "CLOUD4WI_CLIENT_SECRET": box["cloud4wi"]["clientSecret"],
                    "RECHAT_URL": box["rechat"]["url"],
                    "RECHAT_ACCESS_TOKEN": box["rechat"]["accessToken"],
                    "ACQUIRE_URL": box["acquire"]["url"],
                    "ACQUIRE_API_KEY": box["acquire"]["apiKey"],
                    "GATEWAY_REDIS_URL": redis.url,
                    "GATEWAY_STATE_DIR": f"{folder}/state",
                    "GATEWAY_RATE_LIMIT": "1000000",
                }
                began = time.perf_counter()
                async with Gateway.serving(environ, 2, Path(folder) / "log") as gateway:
                    print(f"start of a supervisor and 2 workers: {time.perf_counter() - began:.1f} s")
                    workers = gateway.workers()
                    print("memory idle (RSS, PSS) MiB:", [memory(pid) for pid in workers])
                    await _measure(Measured(gateway.url, session, client), client)
                    print(f"memory after {_LOAD} requests (RSS, PSS) MiB:", [memory(pid) for pid in workers])
                    clients = await client.info("clients")
                    print("connections to Redis, this one included:", clients["connected_clients"])
        finally:
            await client.aclose()
            await redis.kill()


async def _measure(asked: Measured, client: Client) -> None:
    cursor = ""

    async def first(_: int) -> None:
        nonlocal cursor
        cursor = (await asked.ask(EVENTS, {"first": 100}))["page"]["pageInfo"]["endCursor"]

    async def following(_: int) -> None:
        nonlocal cursor
        cursor = (await asked.ask(EVENTS, {"first": 20, "after": cursor}))["page"]["pageInfo"]["endCursor"]

    async def card(_: int) -> None:
        await asked.ask(_CARD)

    async def person(_: int) -> None:
        await asked.ask(PERSON, {"email": "imuccini3@cloud4wi.com"})

    async def change(number: int) -> None:
        given = {"source": "RECHAT", "firstName": f"n{number}", "clientMutationId": f"n{number}"}
        await asked.ask(CREATE, {"input": given})

    await first(0)
    await asked.answer(PERSON, {"email": "imuccini3@cloud4wi.com"})  # from now on the identity indexes are filled
    before = await commands(client)
    for _ in range(24):
        await asyncio.sleep(5)
        last, before = before, await commands(client)
        if before.get("zadd") == last.get("zadd"):
            break
    else:
        raise SystemExit("the identity indexes are not filled in time")
    await asyncio.sleep(_IDLE)
    after = await commands(client)
    idle = {name: round((count - before.get(name, 0)) / _IDLE / 2, 2) for name, count in after.items()}
    told = ", ".join(f"{name} {count:g}" for name, count in idle.items() if count)
    print(f"idle, a second and worker: {sum(idle.values()):.2f}: {told}")
    print("| request | operations |\n| --- | --- |")
    await asked.during("no upstream (`{ __typename }`)", 50, lambda _: asked.ask("{ __typename }"))
    await asked.during("first page of all events", 20, first)
    await asked.during("following page", 20, following)
    await asked.during("20 contacts with segments", 20, card)
    await asked.during("person by e-mail", 20, person)
    await asked.during("change under a key", 20, change)
    for begin in range(0, _LOAD, 20):
        await asyncio.gather(*(card(number) for number in range(begin, begin + 20)))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
