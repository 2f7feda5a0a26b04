"""What one upstream call costs with each HTTP client that could make it.

    .venv/bin/python -m benchmarks.wire --rounds 7

A server that knows only how long an answer is asked for runs as a process on one core; the client has another core to
itself, with all threads that it starts. Each client is behind the border of :mod:`upstreams.http.exchange` and keeps so
many calls in the air. Clients take turns within a round; what is printed are medians over rounds: microseconds of CPU
that a call took in this process, and calls a second. The row ``wire`` is a whole call as a source makes it, with the
default client.

Clients that are not installed are left out: of those that were compared, pyreqwest, wreq, curl_cffi, aiosonic and httpx
are no dependencies.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

import uvloop

from upstreams.http.clients import CLIENTS
from upstreams.http.exchange import EVERY_CALL, Answer, Client, Patience, Place
from upstreams.http.scope import RequestScope, current_scope
from upstreams.http.wire import Endpoint, Network, Wire, WireLimits
from upstreams.records import Source

SIZES = (300, 2_000, 20_000, 400_000)
"""Bytes of an answer's body: a location, a contact, a page of 50 events, a page of 1,000."""

Get = Callable[[str, Mapping[str, str]], Awaitable[tuple[int, bytes]]]


class Foreign:
    """A client that is measured only: GETs, and no failures translated."""

    def __init__(self, get: Get, close: Callable[[], Awaitable[object] | None]) -> None:
        self._get = get
        self._close = close

    def ask(self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Nothing is known of what it waits for."""

    async def send(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """As the wire calls it."""
        status, answer = await self._get(place.base + target, {**EVERY_CALL, **headers})
        return Answer(status, {}, answer)

    async def close(self) -> None:
        """Close what it has open."""
        closing = self._close()
        if closing is not None:
            await closing


def pyreqwest(_: Patience) -> Client:
    """reqwest, in Rust, on threads of its own."""
    client = import_module("pyreqwest.client").ClientBuilder().http1_only().gzip(True).deflate(True).build()

    async def get(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        response = await client.get(url).headers(headers).build().send()
        return response.status, (await response.bytes()).to_bytes()

    return Foreign(get, client.close)


def wreq(_: Patience) -> Client:
    """A fork of reqwest."""
    client = import_module("wreq").Client()

    async def get(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        response = await client.get(url, headers=headers)
        return response.status.as_int(), await response.bytes()

    return Foreign(get, lambda: None)


def curl_cffi(_: Patience) -> Client:
    """libcurl."""
    session = import_module("curl_cffi").AsyncSession(max_clients=256)

    async def get(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        response = await session.get(url, headers=headers)
        return response.status_code, response.content

    return Foreign(get, session.close)


def aiosonic(_: Patience) -> Client:
    """Pure Python over asyncio's streams."""
    client = import_module("aiosonic").HTTPClient()

    async def get(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        response = await client.get(url, headers=dict(headers))
        return response.status_code, await response.content()

    return Foreign(get, lambda: None)


def httpx(_: Patience) -> Client:
    """Pure Python."""
    client = import_module("httpx").AsyncClient(trust_env=False)

    async def get(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        response = await client.get(url, headers=headers)
        return response.status_code, response.content

    return Foreign(get, client.aclose)


_THING = Endpoint.of("thing", "GET", bytes)


class WholeCall:
    """A call as a source's endpoint makes it, from the query to the trace, with the default client."""

    def __init__(self, patience: Patience) -> None:
        self._network = Network(WireLimits(timeout=patience.total, concurrency=1_000))
        self._wire: Wire | None = None

    def ask(self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """It is called in tasks only."""

    async def send(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """As an endpoint calls the wire."""
        if self._wire is None:
            await self._network.start()
            self._wire = Wire(self._network, Source.CLOUD4WI, place.base, Token(headers))
        current_scope.set(RequestScope(asyncio.get_running_loop().time() + 30.0))
        return Answer(200, {}, await self._wire.ask(_THING, target))

    async def close(self) -> None:
        """Close what it has open."""
        await self._network.close()


class Token:
    """A proof that is always good."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def at_hand(self, now: float) -> Mapping[str, str]:
        """See :meth:`headers`."""
        return self._headers

    async def headers(self) -> Mapping[str, str]:
        """The token."""
        return self._headers

    async def renew(self, used: Mapping[str, str]) -> bool:
        """There is no other."""
        return False


CANDIDATES: Mapping[str, Callable[[Patience], Client]] = {
    **CLIENTS,
    "wire": WholeCall,
    "pyreqwest": pyreqwest,
    "wreq": wreq,
    "curl_cffi": curl_cffi,
    "aiosonic": aiosonic,
    "httpx": httpx,
}


# -- the server ----------------------------------------------------------------------------------------


@cache
def answer_of(length: int) -> bytes:
    """An answer as an API behind a proxy gives it."""
    return (
        b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 18:00:00 GMT\r\nContent-Type: application/json; charset=utf-8\r\n"
        b'ETag: W/"12c-5f3e"\r\nX-Request-Id: 0123456789abcdef0123456789abcdef\r\nVary: Accept-Encoding\r\n'
        b"Connection: keep-alive\r\nContent-Length: %d\r\n\r\n%s" % (length, b"0" * length)
    )


class Server(asyncio.Protocol):
    """Answers ``GET /300`` with 300 bytes."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._heard = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._heard = (self._heard + data).split(b"\r\n\r\n")
        for request in requests:
            target = request.split(b" ", 2)[1]
            self._transport.write(answer_of(int(target[1:].partition(b"?")[0])))


async def serve() -> None:
    """Print the port, and serve until the pipe that it was read from is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


# -- the measurement -----------------------------------------------------------------------------------


async def timed(client: Client, place: Place, size: int, calls: int, concurrency: int) -> tuple[float, float]:
    """Microseconds of CPU a call, and calls a second."""
    left = iter(range(calls))  # in the query, too: no two calls are the same, so that none is shared
    headers = {"Authorization": "Bearer " + "0" * 200}

    async def caller() -> None:
        for number in left:
            answer = await client.send(place, "GET", f"/{size}?{number}", headers, None)
            if answer.status != 200 or len(answer.body) != size:
                raise RuntimeError("not what was asked for")

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(concurrency)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return cpu / calls * 1e6, calls / wall


async def compare(place: Place, rounds: int, concurrency: int, calls: int, only: list[str]) -> None:
    """Measure all and print a table."""
    clients: dict[str, Client] = {}
    for name in only:
        try:
            clients[name] = CANDIDATES[name](Patience(10.0))
        except ImportError:
            print(f"{name} is not installed")
    results: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for number in range(rounds + 1):
        for size in SIZES:
            for name, client in clients.items():
                share = calls * 50_000 // max(size, 50_000)
                result = await timed(client, place, size, share, concurrency)
                if number:  # the first round warms up
                    results.setdefault((name, size), []).append(result)
    print("| client | " + " | ".join(f"{size / 1000:g} kB" for size in SIZES) + " |")
    print("| --- |" + " --- |" * len(SIZES))
    for name in clients:
        cells = []
        for size in SIZES:
            cpu, rate = (median(column) for column in zip(*results[name, size], strict=True))
            cells.append(f"{cpu:.0f} µs, {rate:.0f}/s")
        print(f"| {name} {released(name)} | " + " | ".join(cells) + " |")
    for client in clients.values():
        await client.close()


def released(name: str) -> str:
    """The version of a client that is not ours."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def main() -> None:
    """Start the server and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=16, help="calls in the air")
    parser.add_argument("--calls", type=int, default=2_000, help="a round; fewer of the longest answers")
    parser.add_argument("--clients", default=",".join(CANDIDATES), help="names, separated by commas")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if chosen.serve:
        os.sched_setaffinity(0, {cores[-1]})
        uvloop.run(serve())
        return
    command = [sys.executable, "-m", "benchmarks.wire", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        place = Place.of(f"http://127.0.0.1:{int(server.stdout.readline())}")
        os.sched_setaffinity(0, {cores[0]})
        print(f"Python {platform.python_version()}, uvloop {version('uvloop')}, {chosen.concurrency} calls in the air")
        names = chosen.clients.split(",")
        uvloop.run(compare(place, chosen.rounds, chosen.concurrency, chosen.calls, names))


if __name__ == "__main__":
    main()
