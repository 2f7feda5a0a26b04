"""A walk over many events in pages: how many upstream calls and rows it takes, and whether memory stays flat.

    .venv/bin/python -m benchmarks.walk --events 100000 --page 100

The sandbox runs as a process of its own; the gateway runs here, without its HTTP endpoint, so that its memory can be
read. Rows are counted where they arrive from the upstream.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from gateway.app import build_network, build_services
from gateway.settings import read_settings
from resolvers.paging import PageArgs
from upstreams.feeds import Bounds, Direction, Rows, ScrollFeed
from upstreams.http.scope import RequestScope, current_scope
from upstreams.records import Source
from upstreams.source import EventQuery


def resident() -> float:
    """Memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def count_rows(feed: ScrollFeed[Any], counts: Counter[str]) -> ScrollFeed[Any]:
    """The same feed, which counts calls and rows as they arrive."""
    open_, advance = feed.open, feed.advance

    def note(rows: Rows[Any]) -> Rows[Any]:
        counts["calls"] += 1
        counts["rows"] += rows.received
        return rows

    async def counted_open(bounds: Bounds, direction: Direction, size: int) -> Rows[Any]:
        return note(await open_(bounds, direction, size))

    async def counted_advance(scroll: str, bounds: Bounds, direction: Direction, size: int) -> Rows[Any]:
        return note(await advance(scroll, bounds, direction, size))

    feed.open, feed.advance = counted_open, counted_advance  # type: ignore[method-assign]
    return feed


async def walk(sandbox: dict[str, Any], page: int) -> dict[str, Any]:
    """Walk through all events forward and report."""
    cloud4wi = sandbox["cloud4wi"]
    settings = read_settings(
        {
            "CLOUD4WI_URL": cloud4wi["url"],
            "CLOUD4WI_CLIENT_KEY": cloud4wi["clientKey"],
            "CLOUD4WI_CLIENT_SECRET": cloud4wi["clientSecret"],
            "CLOUD4WI_ORGANIZATION": cloud4wi["organization"],
        }
    )
    network = build_network(settings)
    services = build_services(settings, network)
    await network.start()
    api = services.sources[Source.CLOUD4WI]
    counts: Counter[str] = Counter()
    last: tuple[str, str] | None = None
    memory: list[float] = []
    cursor: str | None = None
    began = time.perf_counter()
    while True:
        current_scope.set(RequestScope(asyncio.get_running_loop().time() + 60))
        feed = api.events(EventQuery())
        assert isinstance(feed, ScrollFeed)
        found = await services.pager.page(
            [count_rows(feed, counts)],
            binding="benchmark",
            direction=Direction.DESC,
            args=PageArgs(first=page, after=cursor),
        )
        counts["pages"] += 1
        counts["records"] += len(found.edges)
        for edge in found.edges:
            here = (edge.node.occurred_at, edge.node.source_id)
            counts["outOfOrder"] += last is not None and here >= last  # a strict order holds no record twice
            last = here
        cursor = found.end_cursor
        if counts["pages"] % 50 == 1:
            memory.append(resident())
        if not found.has_next_page:
            break
    seconds = time.perf_counter() - began
    await api.close()
    await network.close()
    settled = memory[len(memory) // 4 :]
    return {
        **counts,
        "rowsPerRecord": round(counts["rows"] / counts["records"], 5),
        "callsPerPage": round(counts["calls"] / counts["pages"], 3),
        "memoryMiB": {"start": round(memory[0], 1), "afterAQuarter": round(settled[0], 1), "end": round(memory[-1], 1)},
        "seconds": round(seconds, 2),
    }


def main() -> None:
    """Run and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--contacts", type=int, default=2_000)
    parser.add_argument("--page", type=int, default=100)
    parser.add_argument("--short-pages", default="0.125", help="share of the upstream's pages that are cut short")
    chosen = parser.parse_args()
    command = [sys.executable, "-m", "sandbox", "--events", str(chosen.events), "--contacts", str(chosen.contacts)]
    command += ["--set", f"short_pages={chosen.short_pages}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            print(json.dumps(asyncio.run(walk(json.loads(process.stdout.readline()), chosen.page)), indent=2))
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
