"""The steady client: it asks, keeps its cursor, asks again, and believes nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import aiohttp

from benchmarks.chaos.judge import Judge

DEADLINE = 10.0
"""Seconds: ``GATEWAY_REQUEST_TIMEOUT`` of the trial."""
ALLOWANCE = 2.0
"""Seconds beyond it until an answer counts as hanging: the gateway's last resort is one, the machine is shared."""
_BREATH = 0.2

_CONNECTION = """pageInfo { hasNextPage hasPreviousPage startCursor endCursor } incompleteSources"""
EVENTS = (
    "query Events($first: Int, $after: String, $last: Int, $before: String) "
    "{ page: events(first: $first, after: $after, last: $last, before: $before) "
    "{ nodes { id source sourceId type occurredAt contactId } " + _CONNECTION + " } }"
)
CONTACTS = (
    "query Contacts($first: Int, $after: String, $last: Int, $before: String) "
    "{ page: contacts(first: $first, after: $after, last: $last, before: $before) "
    "{ nodes { id source sourceId displayName emails phones createdAt } " + _CONNECTION + " } }"
)
PERSON = (
    "query Person($email: String!) { person(email: $email) "
    "{ contacts { source sourceId displayName } incompleteSources } }"
)

Node = Mapping[str, Any]


class Client:
    """Asks one gateway.

    Args:
        url: of the gateway.
        judge: hears every answer.
        seed: of what is asked.
    """

    def __init__(self, url: str, judge: Judge, session: aiohttp.ClientSession, seed: str) -> None:
        self._url = f"{url}/graphql"
        self._judge = judge
        self._session = session
        self._random = random.Random(seed)

    async def ask(self, query: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Data and errors of an answer; no data and no errors when the connection broke, as it does with a worker."""
        began = time.perf_counter()
        try:
            async with (
                asyncio.timeout(DEADLINE + ALLOWANCE),
                self._session.post(self._url, json={"query": query, "variables": dict(variables)}) as answer,
            ):
                body = await answer.json()
        except TimeoutError:
            self._judge.breaks("no answer in time", seconds=time.perf_counter() - began, query=query[:20])
            return None, []
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
            self._judge.counts["connections that broke"] += 1
            await asyncio.sleep(_BREATH)
            return None, []
        errors = self._judge.hears(answer.status, body, time.perf_counter() - began)
        if errors:
            await asyncio.sleep(_BREATH)
        return body.get("data"), errors

    async def walk(self, query: str, known: Mapping[str, Node], *, backward: bool) -> None:
        """Walk a connection from one end to the other and hold what came against what is known.

        What is not known arrived during the trial, and may come once at most.
        """
        seen: Counter[str] = Counter()
        cursor: str | None = None
        began = time.perf_counter()
        while True:
            size = self._random.choice((7, 20, 50, 100))
            window = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
            data, _ = await self.ask(query, window)
            page = data and data.get("page")
            if not page:
                continue
            info = page["pageInfo"]
            for node in page["nodes"]:
                seen[node["id"]] += 1
                if node["id"] in known and dict(node) != dict(known[node["id"]]):
                    self._judge.breaks("wrong data", got=node, known=known[node["id"]])
            cursor = info["startCursor" if backward else "endCursor"] or cursor
            if page["incompleteSources"]:
                # What it missed comes first in what follows, whatever the page says of more.
                self._judge.counts["pages without a source"] += 1
                await asyncio.sleep(_BREATH)
                continue
            if not info["hasPreviousPage" if backward else "hasNextPage"]:
                break
        name = f"{query.split()[1].partition('(')[0]} {'backward' if backward else 'forward'}"
        self._judge.counts[f"walks: {name}"] += 1
        twice = [id for id, times in seen.items() if times > 1]
        lost = [id for id in known if id not in seen]
        if twice or lost:
            self._judge.breaks(
                "not exactly once", walk=name, twice=len(twice), lost=len(lost), of=len(known),
                seconds=round(time.perf_counter() - began), such=[known.get(id, id) for id in (twice + lost)[:3]],
            )  # fmt: skip

    async def read(self, query: str) -> dict[str, Node]:
        """All of a connection by id, in fine weather."""
        found: dict[str, Node] = {}
        cursor: str | None = None
        while True:
            data, errors = await self.ask(query, {"first": 100, "after": cursor})
            if data is None or errors:
                raise SystemExit(f"the gateway does not answer in fine weather: {errors}")
            found |= {node["id"]: node for node in data["page"]["nodes"]}
            cursor = data["page"]["pageInfo"]["endCursor"]
            if not data["page"]["pageInfo"]["hasNextPage"]:
                return found

    async def person(self, email: str, known: frozenset[tuple[str, str]]) -> None:
        """Ask who has an e-mail; what is complete must be right, what is not must not be wrong."""
        data, errors = await self.ask(PERSON, {"email": email})
        person = data and data.get("person")
        if not person:
            if data is not None and not errors:
                self._judge.breaks("a person who is there was not found", email=email)
            return
        found = {(contact["source"], contact["sourceId"]) for contact in person["contacts"]}
        self._judge.counts["persons"] += 1
        whole = not person["incompleteSources"] and not errors
        if not found <= known or (whole and found != known):
            self._judge.breaks(
                "a wrong person", found=sorted(found), known=sorted(known), incomplete=person["incompleteSources"]
            )
