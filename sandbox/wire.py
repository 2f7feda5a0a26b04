"""From an HTTP request to an operation of a service and back, through the faults; every call is recorded."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

import orjson
from aiohttp import web

from sandbox.faults import Fault, Faults


@dataclass(slots=True)
class Call:
    """One request, as tests look at it.

    Attributes:
        operation: name of the operation; ``unknown`` when no route fits.
        query: the query parameters; of a repeated one, the first.
        status: None until it is answered, and when the connection was reset.
        sent: the body where it is JSON, decoded; else None.
        headers: in lower case, without what proves who calls.
    """

    service: str
    operation: str
    method: str
    path: str
    query: dict[str, str]
    status: int | None = None
    sent: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Exchange:
    """What a handler sees of a request."""

    request: web.Request
    values: dict[str, str]
    query: dict[str, str]
    repeat: bool = False


Handler = Callable[[Exchange], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: ``template`` has ``{name}`` for a part of the path."""

    operation: str
    method: str
    template: str
    handler: Handler
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template) + "/?")
        object.__setattr__(self, "pattern", pattern)


class Service(Protocol):
    """One of the services that the sandbox speaks for."""

    name: str
    prefix: str
    routes: list[Route]

    def refuse(self, status: int, message: str) -> web.Response:
        """The service's own form of an error."""

    def deny(self) -> web.Response:
        """The service's own form of an error under HTTP 200."""

    def expire_scrolls(self) -> None:
        """Ends all open scrolls, if the service has such a thing."""

    def revoke_tokens(self) -> None:
        """Makes every token given so far worthless."""


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer; text and bytes count as JSON already written."""
    data = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else orjson.dumps(body)
    return web.Response(body=data, status=status, headers=headers, content_type="application/json", charset="utf-8")


def _headers(request: web.Request) -> dict[str, str]:
    secret = {"authorization", "x-api-key", "cookie"}
    return {name.lower(): value for name, value in request.headers.items() if name.lower() not in secret}


_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><hr>gateway</body></html>"
_MALFORMED: tuple[Any, ...] = (
    {"event": {"type": "login"}, "where": None, "when": {"createdAt": "yesterday"}, "created": 12},
    "not a row",
    {"id": {"a": 1}, "cid": None, "event": "login", "name": 7, "when": []},
    None,
    [],
)


_REMEMBERED = 200_000
"""Calls kept at most; the older half is forgotten then."""


class Wire:
    """Dispatches requests to services by prefix and path."""

    def __init__(self, services: list[Service], faults: Faults) -> None:
        self._services = sorted(services, key=lambda service: -len(service.prefix))
        self._faults = faults
        self.calls: list[Call] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one request of a client."""
        path = re.sub("//+", "/", request.rel_url.raw_path)
        service = next(each for each in self._services if (path + "/").startswith(each.prefix + "/"))
        query = dict(request.query)
        route, values, others = self._route(service, request.method, path[len(service.prefix) :])
        name = route.operation if route else "unknown"
        call = Call(service.name, name, request.method, unquote(path), query, headers=_headers(request))
        if len(self.calls) >= _REMEMBERED:  # a demo may run for weeks
            del self.calls[: _REMEMBERED // 2]
        self.calls.append(call)
        call.sent = await _json(request)
        if route is None:
            answer: web.StreamResponse = service.refuse(405 if others else 404, "no such resource")
        else:
            exchange = Exchange(request, values, query)
            answer = await self._through_faults(
                service, route, exchange, self._faults.striking(service.name, call.operation)
            )
        call.status = None if isinstance(answer, _Reset) else answer.status
        return answer

    def _route(self, service: Service, method: str, path: str) -> tuple[Route | None, dict[str, str], bool]:
        others = False
        for route in service.routes:
            match = route.pattern.fullmatch(path)
            if match and route.method == method:
                return route, {name: unquote(text) for name, text in match.groupdict().items()}, others
            others = others or match is not None
        return None, {}, others

    async def _through_faults(
        self, service: Service, route: Route, exchange: Exchange, faults: list[Fault]
    ) -> web.StreamResponse:
        last: Fault | None = None
        for fault in faults:
            match fault.kind:
                case "latency":
                    await asyncio.sleep(fault.seconds)
                case "hang":
                    await self._faults.hang()
                case "expired_scrolls":
                    service.expire_scrolls()
                case "revoked_tokens":
                    service.revoke_tokens()
                case "repeat_page":
                    exchange.repeat = True
                case _:
                    last = fault
        if last is None:
            return await route.handler(exchange)
        if last.kind == "malformed_rows":
            return _with_malformed_rows(await route.handler(exchange), last.rows)
        answer = await route.handler(exchange) if last.spends else None
        return await self._fail(service, exchange.request, last, answer)

    async def _fail(
        self, service: Service, request: web.Request, fault: Fault, answer: web.Response | None
    ) -> web.StreamResponse:
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        body = answer.body if answer is not None and isinstance(answer.body, bytes) else b'{"generated":"2026-10-31T00'
        match fault.kind:
            case "status":
                refusal = service.refuse(fault.status or 503, "the sandbox was told to fail")
                refusal.headers.update(headers)
                return refusal
            case "html":
                status = fault.status or 200
                text = _HTML.format("Bad Gateway" if status == 502 else "Sign in to continue")
                return web.Response(text=text, status=status, content_type="text/html", headers=headers)
            case "empty":
                return web.Response(status=fault.status or 200, content_type="application/json", headers=headers)
            case "ko":
                return service.deny()
            case "broken_json":
                return reply(body[: len(body) // 2])
            case "reset":
                _reset(request)
                return _Reset()
            case _:  # truncated, reset_after
                stream = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
                stream.content_length = len(body) + 1
                await stream.prepare(request)
                await stream.write(body[: len(body) // 2])
                if fault.kind == "reset_after":
                    _reset(request)
                elif request.transport is not None:
                    request.transport.close()
                return stream


async def _json(request: web.Request) -> Any:
    """The body of a request where it is JSON, decoded; the handlers can read it again."""
    if request.content_type != "application/json":
        return None
    try:
        return orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return None


class _Reset(web.Response):
    """Stands for an answer that never leaves, because the connection is gone."""


def _reset(request: web.Request) -> None:
    """Ends the connection with a TCP reset instead of an orderly close."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _with_malformed_rows(answer: web.Response, count: int) -> web.Response:
    """The answer with ``count`` rows of nonsense spread over its list; as it was when it holds no list."""
    if answer.status != 200 or not isinstance(answer.body, bytes) or not answer.body:
        return answer
    body = orjson.loads(answer.body)
    rows = _rows(body)
    if rows is None:
        return answer
    for number in range(count):
        rows.insert((number * 7) % (len(rows) + 1), _MALFORMED[number % len(_MALFORMED)])
    return reply(body)


def _rows(body: Any) -> list[Any] | None:
    """The list that an answer is about: the body, a value of it, or a value of its ``data``."""
    if not isinstance(body, dict):
        return body if isinstance(body, list) else None
    values = [*body.values(), *(body["data"].values() if isinstance(body.get("data"), dict) else ())]
    return next((value for value in values if isinstance(value, list)), None)
