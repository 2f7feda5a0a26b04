"""The sandbox without sockets, which gives both sides of a comparison equal answers to equal calls.

The first side's calls reach the sandbox and are taped; the second side's are answered from the tape. So a scroll that
is spent, a token, or a contact that is made is the same for both, and what a side asked is known byte by byte.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import Mock, patch
from urllib.parse import parse_qsl, urlencode

import orjson
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpVersion11, RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from sandbox.app import Sandbox
from tests.differential.poison import poisoned
from tests.differential.reply import Asked
from tests.differential.weather import Weather, spoiled
from upstreams.http.carrier import Carrier
from upstreams.http.exchange import Answer, OutOfTime, Place, Severed, check_request
from upstreams.http.requests import Request
from upstreams.http.wire import Network, WireLimits

TIMEOUT = 10.0
"""Seconds that an attempt may take; what is slower fails as with any HTTP client."""
_HTML = b"<!DOCTYPE html><html><head><title>Bad Gateway</title></head></html>"
_NO = b'{"status": "KO", "message": "no"}'
_CONNECTION: Any = Mock(ssl_context=None, peername=None, sockname=None)
"""Stands for the connection that a request of the sandbox came over."""


class Upstream:
    """All three services behind the wire, for the two sides of one comparison; an HTTP client to the gateway.

    Attributes:
        asked: every call of the side that runs now.
    """

    def __init__(self, box: Sandbox, weather: Weather) -> None:
        self._box = box
        self._weather = weather
        self._tape: dict[Asked, list[Answer]] = {}
        self.asked: Counter[Asked] = Counter()

    @contextmanager
    def network(self) -> Iterator[Network]:
        """The network of a side; its decoded records are poisoned as the weather says, for as long as this lasts."""
        self.asked = Counter()
        read = Carrier._read

        def poison(carrier: Carrier, request: Request[Any], answer: Answer) -> Any:
            value = read(carrier, request, answer)
            if request.endpoint.operation == "signIn":
                return value
            return poisoned(value, self._weather, request.target, request.body)

        if self._weather.records:
            with patch.object(Carrier, "_read", poison):
                yield _Plugged(self)
        else:
            yield _Plugged(self)

    def ask(self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """See :class:`upstreams.http.exchange.Client`; every answer takes its time here."""

    async def send(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """See :class:`upstreams.http.exchange.Client`."""
        check_request(method, target, headers)
        weather, key = self._weather, _call(method, place.prefix + target, body)
        number = self.asked[key]
        self.asked[key] += 1
        fault = weather.fault(*key)
        await asyncio.sleep(weather.latency(*key))
        match fault:
            case "500" | "503" | "404" | "400" | "403":
                return Answer(int(fault), {}, _NO)
            case "throttled":
                return Answer(429, {"Retry-After": "1"}, b"")
            case "html":
                return Answer(200, {}, _HTML)
            case "empty":
                return Answer(200, {}, b"")
            case "reset":
                raise Severed
            case "slow":
                await asyncio.sleep(TIMEOUT)
                raise OutOfTime(f"no answer within {TIMEOUT:g} s")
        taped = self._tape.setdefault(key, [])
        if number >= len(taped):
            taped.append(await self._live(method, place.prefix + target, headers, body))
        answer = taped[number]
        match fault:
            case None:
                return answer
            case "broken_json":
                return Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
        return Answer(answer.status, answer.headers, spoiled(fault, answer.body, weather.draw("spoil", *key)))

    async def close(self) -> None:
        """See :class:`upstreams.http.exchange.Client`; there is nothing to close."""

    async def _live(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        loop = asyncio.get_running_loop()
        payload = StreamReader(BaseProtocol(loop), 2**20)
        payload.feed_data(body or b"")
        payload.feed_eof()
        fields = CIMultiDictProxy(CIMultiDict(headers))
        message = RawRequestMessage(
            method, path, HttpVersion11, fields, (), False, None, False, False, URL(path, encoded=True)
        )
        request = web.Request(message, payload, _CONNECTION, _CONNECTION, _CONNECTION, loop, client_max_size=2**24)
        answer = await self._box.handle(request)
        assert isinstance(answer, web.Response)
        content = answer.body
        assert content is None or isinstance(content, bytes)
        return Answer(answer.status, answer.headers, content or b"")


class _Plugged(Network):
    """A network whose client is an :class:`Upstream`."""

    def __init__(self, upstream: Upstream) -> None:
        super().__init__(WireLimits(TIMEOUT, 32, 1), backoff=lambda failures: 0.1 * 2**failures)
        self._client = upstream


def _call(method: str, path: str, body: bytes | None) -> Asked:
    """What is asked, whatever the order of the ids of a batch: that depends on the turn in which each was loaded."""
    if "?" in path:
        bare, _, query = path.partition("?")
        pairs = [(name, ",".join(sorted(value.split(",")))) for name, value in parse_qsl(query, keep_blank_values=True)]
        path = f"{bare}?{urlencode(sorted(pairs))}"
    if body is not None and body.startswith(b'{"ids":['):
        sent = orjson.loads(body)
        body = orjson.dumps({**sent, "ids": sorted(sent["ids"])})
    return method, path, body
