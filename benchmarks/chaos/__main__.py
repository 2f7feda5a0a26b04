"""The trial from its start to its report."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.chaos.changes import Change
from benchmarks.chaos.client import CONTACTS, DEADLINE, EVENTS, PERSON, Client, Node
from benchmarks.chaos.judge import Judge
from benchmarks.chaos.machines import Gateway, Redis, sandbox
from benchmarks.chaos.weather import Weather

HEALTHY_WITHIN = 10.0
"""Seconds from the last fault to full health."""
_PATIENCE = 120.0
"""Seconds that walks and changes which were begun may take to their end when the weather is fine again."""
_PERSONS = 40


class Trial:
    """What is known before the trouble begins, and the client's work during it."""

    def __init__(self, box: str, gateway: Gateway, session: aiohttp.ClientSession, judge: Judge, seed: int) -> None:
        self._box = f"{box}/_sandbox"
        self._gateway = gateway
        self._session = session
        self._judge = judge
        self._seed = seed
        self._over = False
        self._changes: list[Change] = []
        self._events: dict[str, Node] = {}
        self._contacts: dict[str, Node] = {}
        self._persons: dict[str, frozenset[tuple[str, str]]] = {}

    def _client(self, name: str) -> Client:
        return Client(self._gateway.url, self._judge, self._session, f"{name} {self._seed}")

    async def sandbox_data(self, path: str) -> list[dict[str, Any]]:
        """Everything that a service holds, as it says itself."""
        async with self._session.get(f"{self._box}/{path}") as answer:
            found: list[dict[str, Any]] = await answer.json()
        return found

    async def learn(self) -> None:
        """Read everything once in fine weather, and hold it against the services' own data."""
        client = self._client("learner")
        self._events, self._contacts = await client.read(EVENTS), await client.read(CONTACTS)
        events = {("CLOUD4WI", row["event"]["id"]) for row in await self.sandbox_data("events")}
        events |= {("RECHAT", row["id"]) for row in await self.sandbox_data("rechat/calendar")}
        events |= {("ACQUIRE", str(row["id"])) for row in await self.sandbox_data("acquire/cases")}
        contacts = {("CLOUD4WI", row["cid"]) for row in await self.sandbox_data("contacts")}
        contacts |= {("RECHAT", row["id"]) for row in await self.sandbox_data("rechat/contacts")}
        contacts |= {("ACQUIRE", str(row["id"])) for row in await self.sandbox_data("acquire/contacts")}
        for name, read, there in (("events", self._events, events), ("contacts", self._contacts, contacts)):
            ids = {(node["source"], node["sourceId"]) for node in read.values()}
            if ids != there:
                self._judge.breaks(f"{name} differ", lost=sorted(there - ids)[:5], more=sorted(ids - there)[:5])
        emails = sorted({email for node in self._contacts.values() for email in node["emails"]})
        async with asyncio.timeout(_PATIENCE):
            for email in random.Random(self._seed).sample(emails, min(_PERSONS, len(emails))):
                while email not in self._persons:
                    data, _ = await client.ask(PERSON, {"email": email})
                    person = data and data["person"]
                    if person and not person["incompleteSources"]:  # the index is filled in the background
                        found = ((contact["source"], contact["sourceId"]) for contact in person["contacts"])
                        self._persons[email] = frozenset(found)
                    elif data and person is None:
                        break
                    else:
                        await asyncio.sleep(0.2)

    def work(self) -> list[asyncio.Task[None]]:
        """The client's work, until :meth:`stop`."""

        def walking(name: str, query: str, known: dict[str, Node], *, backward: bool) -> Awaitable[None]:
            client = self._client(name)
            return self._again(lambda: client.walk(query, known, backward=backward))

        draw = random.Random(f"persons {self._seed}")
        asker = self._client("asker")

        async def person() -> None:
            email = draw.choice(sorted(self._persons))
            await asker.person(email, self._persons[email])
            await asyncio.sleep(0.2)

        work = [
            walking("events", EVENTS, self._events, backward=False),
            walking("events back", EVENTS, self._events, backward=True),
            walking("contacts", CONTACTS, self._contacts, backward=False),
            walking("contacts back", CONTACTS, self._contacts, backward=True),
            self._again(person),
            self._again(self._change),
        ]
        return [asyncio.ensure_future(each) for each in work]

    def stop(self) -> None:
        """What was begun is brought to its end, and nothing new begun."""
        self._over = True

    async def _again(self, act: Callable[[], Awaitable[None]]) -> None:
        while not self._over:
            await act()

    async def _change(self) -> None:
        number = len(self._changes)
        change = Change(("RECHAT", "ACQUIRE")[number % 2], f"chaos{self._seed}n{number}")
        self._changes.append(change)
        await change.make(self._client(change.mark), self._judge)
        await asyncio.sleep(0.3)

    async def settle(self) -> None:
        """Look at the services whether each change was made once."""
        found: Counter[str] = Counter()
        for service in ("rechat", "acquire"):
            for contact in await self.sandbox_data(f"{service}/contacts"):
                found.update(set(re.findall(r"chaos\d+n\d+(?=@)", json.dumps(contact))))
        for change in self._changes:
            change.settle(found[change.mark], self._judge)

    async def healthy(self, workers: int) -> float:
        """Seconds until every worker is there and finds everything well."""
        began = time.perf_counter()
        while time.perf_counter() - began < _PATIENCE:
            try:
                async with self._session.get(f"{self._gateway.url}/metrics") as answer:
                    lines = (await answer.text()).splitlines()
            except aiohttp.ClientConnectionError:
                lines = []
            numbers = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
            sick = [
                name
                for name, number in numbers.items()
                if name.startswith("contactgraph_source_workers") and float(number) and 'state="HEALTHY"' not in name
            ]
            here = float(numbers.get("contactgraph_workers", 0)) == workers
            if here and not sick and float(numbers.get("contactgraph_shared_state_up", 0)) == 1.0:
                return time.perf_counter() - began
            await asyncio.sleep(0.25)
        return float("inf")


async def trial(seconds: float, seed: int, workers: int, contacts: int, events: int, log: Path) -> int:
    """Run it and print the report; the exit status is 1 when a promise was broken."""
    judge = Judge()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        redis = Redis(Path(folder))
        await redis.start()
        # Each request has a connection of its own, so that every worker is asked.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        try:
            async with (
                sandbox(seed, contacts, events) as box,
                Gateway.serving(_environ(box, redis, Path(folder)), workers, log) as gateway,
                aiohttp.ClientSession(connector=connector) as session,
            ):
                run = Trial(box["url"], gateway, session, judge, seed)
                await run.learn()
                work = run.work()
                await Weather(box["url"], session, redis, gateway, judge, seed).blow(seconds)
                health = await run.healthy(workers)
                if health > HEALTHY_WITHIN:
                    judge.breaks("not healthy in time", seconds=round(health, 1))
                run.stop()
                _, late = await asyncio.wait(work, timeout=_PATIENCE)
                for task in work:
                    if task in late:
                        task.cancel()
                        judge.breaks("work that does not come to its end")
                    elif (error := task.exception()) is not None:
                        raise error
                await run.settle()
        finally:
            await redis.kill()
    print(report(judge, seconds, seed, workers, health))
    return 1 if judge.broken else 0


def _environ(box: dict[str, Any], redis: Redis, folder: Path) -> dict[str, str]:
    cloud4wi, rechat, acquire = box["cloud4wi"], box["rechat"], box["acquire"]
    return {
        "CLOUD4WI_URL": cloud4wi["url"],
        "CLOUD4WI_CLIENT_KEY": cloud4wi["clientKey"],
        "CLOUD4WI_CLIENT_SECRET": cloud4wi["clientSecret"],
        "RECHAT_URL": rechat["url"],
        "RECHAT_ACCESS_TOKEN": rechat["accessToken"],
        "ACQUIRE_URL": acquire["url"],
        "ACQUIRE_API_KEY": acquire["apiKey"],
        "GATEWAY_REDIS_URL": redis.url,
        "GATEWAY_STATE_DIR": str(folder / "state"),
        "GATEWAY_SECRET": "of the trial alone, and long enough for it",
        "GATEWAY_REQUEST_TIMEOUT": f"{DEADLINE:g}s",
        "GATEWAY_UPSTREAM_TIMEOUT": "2s",
    }


def report(judge: Judge, seconds: float, seed: int, workers: int, health: float) -> str:
    """The report, in Markdown."""
    rows = [
        ("trouble", f"{seconds:g} s, seed {seed}, {workers} workers"),
        *((name, str(count)) for name, count in sorted(judge.counts.items())),
        *((f"code {code}", str(count)) for code, count in sorted(judge.codes.items())),
        ("slowest answer", f"{judge.slowest:.1f} s of {DEADLINE:g} s allowed"),
        ("full health after the last fault", f"{health:.1f} s of {HEALTHY_WITHIN:g} s allowed"),
        ("promises broken", str(judge.counts["broken promises"])),
    ]
    table = ["| what | how often |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join([*table, *(f"BROKEN: {line}" for line in judge.broken)])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser("python -m benchmarks.chaos", description="A steady client in bad weather.")
    parser.add_argument("--seconds", type=float, default=600.0, help="of trouble (default: 600)")
    parser.add_argument("--seed", type=int, default=7, help="another seed is other trouble")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--contacts", type=int, default=200, help="of Cloud4Wi; the others have a share of it")
    parser.add_argument("--events", type=int, default=1500)
    parser.add_argument("--log", type=Path, default=Path("chaos.log"), help="where the gateway's log goes")
    chosen = parser.parse_args()
    sys.exit(asyncio.run(trial(**vars(chosen))))


if __name__ == "__main__":
    main()
