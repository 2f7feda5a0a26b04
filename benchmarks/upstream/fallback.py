"""The stub upstream where there is no C compiler: the same endpoints and control paths, on uvloop and httptools.

    python -m benchmarks.upstream.fallback PORT FOLDER

It costs more beside the gateways than ``stub.c`` does, so figures of the two are not to be compared.
"""

from __future__ import annotations

import asyncio
import bisect
import json
import sys
from collections import Counter, deque
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl

import httptools
import uvloop

from benchmarks.upstream.data import unix

TOKEN = "stub-token"
KINDS = ("signIn", "signOut", "events", "contact", "locations", "location", "segments", "other")
_GONE = b'{"status":"KO","message":"no such resource"}'


def _rows(folder: Path, name: str) -> list[tuple[str, bytes]]:
    lines = (folder / f"{name}.tsv").read_bytes().splitlines()
    return [(key.decode(), row) for key, _, row in (line.partition(b"\t") for line in lines)]


class Records:
    """What the stub serves."""

    def __init__(self, folder: Path) -> None:
        newest_first = _rows(folder, "events")
        self.instants = [-int(key) for key, _ in newest_first]
        self.events = [row for _, row in newest_first]
        self.oldest_first = self.events[::-1]
        self.contacts = dict(_rows(folder, "contacts"))
        self.locations = dict(_rows(folder, "locations"))
        self.segments = dict(_rows(folder, "segments"))
        self.calls: Counter[str] = Counter()
        self.delay = 0.0

    def answer(self, method: str, path: str, query: dict[str, str], authorized: bool) -> tuple[int, bytes, str | None]:
        """Status, body and the kind of call; None: a control path, which is not counted and waits for nothing."""
        match path.split("/")[1:]:
            case ["_bench", "calls"]:
                return 200, json.dumps({kind: self.calls[kind] for kind in KINDS}).encode(), None
            case ["_bench", "reset"]:
                self.calls.clear()
                self.delay = int(query.get("delay", 0)) / 1000
                return 200, b"{}", None
            case ["v1", "sts", "login", "services"]:
                return 200, b'{"status":"OK","token":"%s"}' % TOKEN.encode(), "signIn"
            case ["v1", "sts", "logout"]:
                return 200, b'{"status":"OK"}', "signOut"
            case _ if method != "GET":
                return 404, _GONE, "other"
            case _ if not authorized:
                return 401, _GONE, "other"
            case ["v1", "organizations", _, "events"]:
                return 200, self._events(query), "events"
            case ["v1", "organizations", _, "locations"]:
                return 200, _list(b"locations", list(self.locations.values())), "locations"
            case ["v2", "segments", "organizations", _]:
                return 200, _list(b"segments", list(self.segments.values())), "segments"
            case ["v2", "customers", id]:
                return *_one(b'{"totalCount":1,"count":1,"customers":[', self.contacts.get(id), b"]}"), "contact"
            case ["v1", "locations", id]:
                return *_one(b'{"location":', self.locations.get(id), b"}"), "location"
        return 404, _GONE, "other"

    def _events(self, query: dict[str, str]) -> bytes:
        count = len(self.events)
        newest = bisect.bisect_left(self.instants, -unix(query["dateEnd"])) if "dateEnd" in query else 0
        oldest = bisect.bisect_right(self.instants, -unix(query["dateStart"])) if "dateStart" in query else count
        descending = query.get("sortReverse") == "true"
        first, end = (newest, oldest) if descending else (count - oldest, count - newest)
        first = min(max(first, int(query.get("scrollId", 0))), end)
        last = min(end, first + int(query.get("size", 20)))
        more = b'"scrollId":"%d",' % last if query.get("enableScroll") == "true" and last > first else b""
        return _list(b"events", (self.events if descending else self.oldest_first)[first:last], more)


def _list(name: bytes, rows: list[bytes], more: bytes = b"") -> bytes:
    head = b'{"generated":"2026-11-01T00:00:00Z","count":%d,%s"%s":[' % (len(rows), more, name)
    return head + b",".join(rows) + b"]}"


def _one(opening: bytes, row: bytes | None, closing: bytes) -> tuple[int, bytes]:
    return (404, _GONE) if row is None else (200, opening + row + closing)


class Connection(asyncio.Protocol):
    """One client: requests are answered in the order in which they came."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._parser = httptools.HttpRequestParser(self)
        self._asked: deque[tuple[int, bytes, bool]] = deque()
        self._url = b""
        self._authorized = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Part of a request."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_message_begin(self) -> None:
        """httptools: a request begins."""
        self._url, self._authorized = b"", False

    def on_url(self, url: bytes) -> None:
        """httptools: its target, or a part of it."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: one header."""
        if name.lower() == b"authorization":
            self._authorized = value == f"Bearer {TOKEN}".encode()

    def on_message_complete(self) -> None:
        """httptools: it is there as a whole."""
        path, _, query = self._url.decode().partition("?")
        method = self._parser.get_method().decode()
        status, body, kind = self._records.answer(method, path, dict(parse_qsl(query)), self._authorized)
        if kind is not None:
            self._records.calls[kind] += 1
        self._asked.append((status, body, kind is not None))
        if len(self._asked) == 1:
            self._next()

    def _next(self) -> None:
        while self._asked:
            delay = self._records.delay if self._asked[0][2] else 0
            if delay:
                asyncio.get_running_loop().call_later(delay, self._late)
                return
            self._send()

    def _late(self) -> None:
        self._send()
        self._next()

    def _send(self) -> None:
        status, body, _ = self._asked.popleft()
        head = f"HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        if not self._transport.is_closing():
            self._transport.write(head.encode() + body)


async def serve(port: int, folder: Path) -> None:
    """Serve until cancelled; the first line printed is the port."""
    records = Records(folder)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(records), "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
