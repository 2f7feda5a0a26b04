"""Walks over all events both ways, and through an outage, with the typed client; prints what it found as JSON."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from typing import Any

import httpx
from contactgraph_client import EventsEventsEdgesNodeEvent, EventsEventsEdgesNodeVisitEvent
from patient import PatientClient

Event = EventsEventsEdgesNodeEvent | EventsEventsEdgesNodeVisitEvent


class List:
    """The events so far, what is missing from the last page, and a step in one direction."""

    def __init__(self, client: PatientClient, *, backward: bool = False) -> None:
        self.client = client
        self.backward = backward
        self.rows: list[Event] = []
        self.missing: list[str] = []
        self._cursor: str | None = None

    async def more(self, size: int) -> bool:
        """Fetches one page more; False when it was the last."""
        if self.backward:
            page = (await self.client.events(last=size, before=self._cursor)).events
        else:
            page = (await self.client.events(first=size, after=self._cursor)).events
        assert page is not None
        rows: list[Event] = [edge.node for edge in page.edges]
        self.missing = [source.value for source in page.incomplete_sources]
        if self.backward:
            self.rows = rows + self.rows
            self._cursor = page.page_info.start_cursor
            return page.page_info.has_previous_page
        self.rows += rows
        self._cursor = page.page_info.end_cursor
        return page.page_info.has_next_page


async def walk(walked: List) -> list[dict[str, Any]]:
    """Fetches pages of changing sizes until there is none; all rows in order."""
    for size in itertools.cycle((100, 7, 250, 33, 64)):
        if not await walked.more(size):
            break
    return written(walked.rows)


def written(rows: list[Event]) -> list[dict[str, Any]]:
    """The rows as every script of the suite reports them."""
    return [
        json.loads(row.model_dump_json(by_alias=True, include={"source", "source_id", "occurred_at"})) for row in rows
    ]


async def main(endpoint: str, sandbox: str) -> None:
    async with PatientClient(endpoint) as client, httpx.AsyncClient(base_url=f"{sandbox}/_sandbox/") as control:
        found: dict[str, Any] = {
            "forward": await walk(List(client)),
            "backward": await walk(List(client, backward=True)),
        }
        walked = List(client)
        await walked.more(100)
        (await control.post("scrolls/expire")).raise_for_status()
        await walked.more(300)
        down = [{"operation": "cloud4wi.*", "kind": "status", "status": 503}]
        (await control.put("faults", json=down)).raise_for_status()
        before = len(walked.rows)
        await walked.more(600)
        found["down"] = {"sources": walked.missing, "codes": client.codes, "rows": written(walked.rows[before:])}
        (await control.delete("faults")).raise_for_status()
        await walked.more(100)
        found["back"] = {"sources": walked.missing, "codes": client.codes}
        found["rows"] = await walk(walked)
        print(json.dumps(found))


asyncio.run(main(*sys.argv[1:3]))
