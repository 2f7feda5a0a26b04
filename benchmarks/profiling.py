"""Where this gateway spends its time in one operation: ``scripts/bench profile Q1``.

The gateway runs in this process, called as an ASGI application, against the stub as a process of its own; so what is
seen is all of the gateway but the HTTP server. First the processor time of an operation is taken undisturbed, then it
is shared out by area as a profiler saw it: cProfile, which makes calls look dearer than they are.

    scripts/bench profile Q1 --lines 40         the dearest functions as well
    scripts/bench profile Q4 --set GATEWAY_EXECUTOR=graphql-core
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import json
import os
import pstats
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.operations import CURSOR, OPERATIONS, Operation
from benchmarks.processes import cores, surroundings
from benchmarks.servers import CONNECTIONS, ROOT
from benchmarks.upstream.data import ORGANIZATION, Organization, make
from benchmarks.upstream.process import c_compiler, stub
from benchmarks.wordings import Own
from gateway.app import build_app
from gateway.auth.keys import KeyRing
from gateway.settings import read_settings
from resolvers.callers import Scope
from upstreams.state import FileState

_SECONDS = 3.0
"""How long an operation is repeated, undisturbed and again under the profiler."""

AREAS: Mapping[str, Sequence[str]] = {
    "executor": ("graphql/", "strawberry/", "compiler/", "gateway/execution", "gateway/documents", "schema/"),
    "pages and cursors": ("resolvers/paging/", "resolvers/connections"),
    "loaders": ("resolvers/loaders", "resolvers/links", "resolvers/context", "resolvers/batching"),
    "decoding": ("upstreams/cloud4wi/", "upstreams/instants", "upstreams/liberal", "msgspec"),
    "upstream calls": ("upstreams/http/", "aiohttp/", "yarl/", "multidict/"),
    "HTTP": ("gateway/http/", "gateway/server", "starlette/", "uvicorn/"),
    "telemetry": ("gateway/telemetry", "prometheus_client/", "logging/"),
    "auth, limits, cost": ("gateway/auth/", "gateway/cost/", "gateway/limits", "gateway/rates"),
    "other resolvers": ("resolvers/",),
    "other": ("",),
}
"""What belongs where, by the beginning of a module's path; the first that fits."""


class Caller:
    """Calls the application as an HTTP server would, one request after the other."""

    def __init__(self, app: Any, key: str) -> None:
        self._app = app
        self._headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {key}".encode())]

    async def __call__(self, body: bytes) -> bytes:
        """The body of the answer."""
        sent: list[dict[str, Any]] = []
        asked = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return asked.pop() if asked else await asyncio.Future()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "root_path": "",
            "query_string": b"",
            "headers": self._headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
        }
        await self._app(scope, receive, send)
        return b"".join(message.get("body", b"") for message in sent)


def requests(operation: Operation, organization: Organization) -> list[bytes]:
    """Bodies of different requests."""
    count = min(operation.variants, 400)
    asked = (Own().request(operation, operation.variables(organization, number)) for number in range(count))
    return [json.dumps(request).replace(f'"{CURSOR}"', "null").encode() for request in asked]


async def profile(bodies: Sequence[bytes], environment: Mapping[str, str]) -> tuple[float, int, pstats.Stats]:
    """Seconds of processor time that one request takes, and what the profiler saw of how many.

    Raises:
        RuntimeError: a request is answered with errors.
    """
    _, text = await KeyRing(FileState(Path(environment["GATEWAY_STATE_DIR"]))).create(list(Scope), "profile")
    app = build_app(read_settings(environment))
    async with app.router.lifespan_context(app):
        caller = Caller(app, text)
        for body in bodies[:20]:
            answer = json.loads(await caller(body))
            if answer.get("errors"):
                raise RuntimeError(f"the request fails: {answer['errors'][0]}")
        began, done = time.process_time(), 0
        while time.process_time() - began < _SECONDS:
            await caller(bodies[done % len(bodies)])
            done += 1
        alone = (time.process_time() - began) / done
        profiler = cProfile.Profile(time.process_time)
        with profiler:
            for number in range(done):
                await caller(bodies[number % len(bodies)])
                if number * alone > _SECONDS:
                    break
        return alone, number + 1, pstats.Stats(profiler)


def module_of(path: str) -> str:
    """A file as the areas name it: relative to the checkout, or to where packages are installed."""
    for root in (*(f"{place}{os.sep}" for place in sys.path if place.endswith("-packages")), f"{ROOT}{os.sep}"):
        if path.startswith(root):
            return path.removeprefix(root)
    return path


def by_area(stats: pstats.Stats) -> dict[str, float]:
    """Seconds by area. What belongs to none (built-in and standard functions) counts where it was called from."""
    found: dict[str, float] = defaultdict(float)
    for (path, _, _), (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        area = _area(path)
        if area != "other" or not callers:
            found[area] += own
            continue
        for (caller, _, _), (_, _, share, _) in callers.items():
            found[_area(caller)] += share
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _area(path: str) -> str:
    module = module_of(path)
    return next(area for area, beginnings in AREAS.items() if module.startswith(tuple(beginnings)))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench profile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("operation", choices=[operation.name for operation in OPERATIONS])
    parser.add_argument("--lines", type=int, default=25, help="how many functions are listed")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the gateway")
    chosen = parser.parse_args()
    operation = next(each for each in OPERATIONS if each.name == chosen.operation)
    organization = make()
    pins = cores()
    with tempfile.TemporaryDirectory(prefix="contactgraph-profile-") as name:
        folder = Path(name)
        with stub(organization, folder, pins[1] if pins else None, c_compiler()) as upstream:
            environment = {
                **surroundings(),
                "CLOUD4WI_URL": upstream.url,
                "CLOUD4WI_CLIENT_KEY": "stub-key",
                "CLOUD4WI_CLIENT_SECRET": "stub-secret",
                "CLOUD4WI_ORGANIZATION": ORGANIZATION,
                "GATEWAY_AUTH": "api-key",
                "GATEWAY_STATE_DIR": name,
                "GATEWAY_SHARING": "off",
                "GATEWAY_LIST_TTL": "0",
                "GATEWAY_ENTITY_TTL": "0",
                "GATEWAY_UPSTREAM_CONCURRENCY": str(CONNECTIONS),
                **dict(setting.split("=", 1) for setting in chosen.set),
            }
            bodies = requests(operation, organization)
            del organization  # what the collector of garbage looks through is to be the gateway's alone
            gc.collect()
            alone, count, stats = uvloop.run(profile(bodies, environment))
    print(f"{operation.name}, {operation.about}: {alone * 1e3:.3f} ms of processor time each\n")
    areas = by_area(stats)
    total = sum(areas.values())
    for area, seconds in areas.items():
        print(f"{seconds / total:6.1%}  {area}")
    print(f"\nThe dearest functions of {count}, by time of their own (microseconds an operation, calls an operation):")
    rows = sorted(stats.stats.items(), key=lambda row: -row[1][2])  # type: ignore[attr-defined]
    for (path, line, function), (_, calls, own, _, _) in rows[: chosen.lines]:
        where = f"{module_of(path)}:{line} " if line else ""
        print(f"{own / count * 1e6:9.1f}  {calls / count:8.1f}  {where}{function}")


if __name__ == "__main__":
    main()
