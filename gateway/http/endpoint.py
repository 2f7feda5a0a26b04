"""The GraphQL endpoint: GraphQL over HTTP as an ASGI application.

One request is: headers -> caller -> parameters -> :meth:`Engine.prepare` -> :meth:`Engine.start` -> one JSON answer.
Whatever
goes wrong on the way is answered in the shape of :mod:`gateway.errors`. The execution has one deadline, which the
upstream calls know by the :class:`RequestScope`, and is cancelled when the client goes away.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.auth.bearer import Anonymous, Authenticator, undecided
from gateway.errors import Border, RequestRefused, bad_request, formatted
from gateway.execution import Context, Engine, Parameters, Prepared, Result
from gateway.http import parameters as read
from gateway.http.answers import answer, encode
from gateway.http.multipart import from_form, is_form
from gateway.http.negotiation import GRAPHQL, HTML, JSON, negotiate
from gateway.lifecycle import Lifecycle
from gateway.telemetry import Telemetry
from resolvers.callers import Caller
from upstreams.http.scope import Call, RequestScope, current_scope
from upstreams.records import Source

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_LAST_RESORT = 1.0
"""Seconds past the deadline after which an execution is cut off that should have ended by itself."""
_DRAINED = 8
"""A body over its limit is read on and dropped up to this many times the limit."""
_CLIENT_LEFT = 499


class RequestContext(Context, Protocol):
    """A context that must be told when its request is over."""

    def close(self) -> None: ...


class Backend(Protocol):
    """What makes the value that resolvers get, anew for each request."""

    def request(self, caller: Caller) -> RequestContext: ...


@dataclass(slots=True)
class _Headers:
    """The request headers that mean something here."""

    accept: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    content_length: int | None = None
    request_id: str = ""
    trace: bool = False
    csrf: bool = False
    authorization: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, scope: Scope) -> _Headers:
        headers = cls()
        for name, value in scope["headers"]:
            match name:
                case b"accept":
                    text = value.decode("latin-1")
                    headers.accept = f"{headers.accept},{text}" if headers.accept else text
                case b"authorization":
                    headers.authorization.append(value)
                case b"content-type":
                    headers.content_type = value.decode("latin-1")
                case b"content-encoding":
                    headers.content_encoding = value.decode("latin-1")
                case b"content-length":
                    headers.content_length = int(value) if value.isdigit() else None
                case b"x-request-id":
                    if _REQUEST_ID.fullmatch(value):
                        headers.request_id = value.decode("ascii")
                case b"x-contactgraph-trace":
                    headers.trace = value.strip() == b"1"
                case b"x-contactgraph-csrf":
                    headers.csrf = True
        headers.request_id = headers.request_id or uuid.uuid4().hex
        return headers


@dataclass(slots=True)
class _Exchange:
    """One request and what becomes of it."""

    headers: _Headers
    scope: RequestScope
    border: Border
    media_type: str = JSON
    status: int = 200
    operation: str | None = None
    cost: int = 0
    codes: list[str] = field(default_factory=list)


class _ClientLeft(Exception):
    """Nobody waits for the answer any more."""


class GraphQLEndpoint:
    """The ASGI application behind ``/graphql``.

    Args:
        engine: executes operations.
        backend: makes the context of a request.
        telemetry: hears of each request.
        lifecycle: knows which requests are in flight.
        timeout: seconds that a request may take.
        max_body: bytes that a body may have.
        page: makes the GraphiQL page for a browser; None: there is none.
        authenticator: finds out who asks; None: nobody is asked.
    """

    def __init__(
        self,
        engine: Engine,
        backend: Backend,
        telemetry: Telemetry,
        lifecycle: Lifecycle,
        *,
        timeout: float,
        max_body: int,
        page: Callable[[Request], Response] | None = None,
        authenticator: Authenticator | None = None,
    ) -> None:
        self._engine = engine
        self._backend = backend
        self._telemetry = telemetry
        self._lifecycle = lifecycle
        self._timeout = timeout
        self._max_body = max_body
        self._page = page
        self._authenticator = authenticator or Anonymous()
        self._get_offers = (JSON, GRAPHQL, HTML) if page else (JSON, GRAPHQL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers = _Headers.of(scope)
        method = scope["method"]
        if method == "GET" and negotiate(headers.accept, self._get_offers) == HTML and self._page:
            await self._page(Request(scope))(scope, receive, send)
            return
        began = time.perf_counter()
        deadline = asyncio.get_running_loop().time() + self._timeout
        exchange = _Exchange(headers, RequestScope(deadline), Border(headers.request_id))
        self._telemetry.began()
        try:
            with self._lifecycle.request():
                await self._answer(method, exchange, scope, receive, send)
        except _ClientLeft:
            exchange.status = _CLIENT_LEFT
        finally:
            self._telemetry.ended(
                request_id=headers.request_id,
                operation=exchange.operation,
                status=exchange.status,
                codes=exchange.codes,
                duration=time.perf_counter() - began,
                calls=exchange.scope.calls,
            )

    async def _answer(self, method: str, exchange: _Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        extra = None
        payload: dict[str, Any]
        try:
            payload = await self._payload(method, exchange, scope, receive)
        except _ClientLeft:
            raise
        except RequestRefused as refused:
            exchange.status = 200 if refused.well_formed and exchange.media_type == JSON else refused.status
            payload, extra = {"errors": refused.errors}, refused.headers
        except Exception as error:  # the border: nothing passes it unmasked
            exchange.status = 500
            payload = {"errors": [exchange.border.exception(error)]}
        try:
            body = encode(payload)
        except (TypeError, ValueError) as error:  # a value that JSON cannot hold, from a scalar without a shape
            exchange.status, extra = 500, None
            payload = {"errors": [exchange.border.exception(error)]}
            body = encode(payload)
        exchange.codes = [error["extensions"]["code"] for error in payload.get("errors", ())]
        await answer(
            send, exchange.status, exchange.media_type, body, request_id=exchange.headers.request_id, headers=extra
        )

    async def _payload(self, method: str, exchange: _Exchange, scope: Scope, receive: Receive) -> dict[str, Any]:
        if method not in {"GET", "POST"}:
            raise bad_request("Send a POST or GET request.", status=405, headers={"allow": "GET, POST"})
        media_type = negotiate(exchange.headers.accept, (JSON, GRAPHQL))
        exchange.media_type = media_type or JSON
        caller = await self._caller(exchange)
        if media_type is None:
            raise bad_request(f"The answer can be {GRAPHQL} or {JSON}; the accept header allows neither.", status=406)
        asked = await self._parameters(method, exchange, scope, receive)
        prepared = self._engine.prepare(asked, queries_only=method == "GET")
        exchange.operation = prepared.name
        result = await self._execute(prepared, caller, exchange, receive)
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload["errors"] = result.errors
        payload["extensions"] = {"cost": _cost(exchange.cost, self._engine.sources, exchange.scope.calls)}
        if exchange.headers.trace:
            payload["extensions"]["upstream"] = _trace(exchange.scope.calls)
        return payload

    async def _caller(self, exchange: _Exchange) -> Caller:
        """Who asks, before anything else of the request costs work."""
        try:
            async with asyncio.timeout_at(exchange.scope.deadline):
                return await self._authenticator.caller(exchange.headers.authorization)
        except TimeoutError as error:
            raise undecided("Who asks could not be found out in time.", retry_after=1) from error

    async def _parameters(self, method: str, exchange: _Exchange, scope: Scope, receive: Receive) -> Parameters:
        if method == "GET":
            return read.from_query_string(scope["query_string"])
        headers = exchange.headers
        read.check_content_type(headers.content_type, headers.content_encoding, csrf=headers.csrf)
        if headers.content_length is not None and headers.content_length > self._max_body:
            raise self._too_large()
        try:
            async with asyncio.timeout_at(exchange.scope.deadline):
                body = await self._body(receive)
                if is_form(headers.content_type):
                    return from_form(body, headers.content_type or "")
                return read.from_body(body)
        except TimeoutError as error:
            raise bad_request(
                "The body did not arrive in time.", status=408, headers={"connection": "close"}
            ) from error

    async def _body(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientLeft
            part = message.get("body", b"")
            size += len(part)
            last = not message.get("more_body", False)
            if size > self._max_body:
                # Most clients read no answer before they have sent everything, so a little more is read and dropped.
                parts.clear()
                if last or size > _DRAINED * self._max_body:
                    raise self._too_large()
                continue
            parts.append(part)
            if last:
                return parts[0] if len(parts) == 1 else b"".join(parts)

    def _too_large(self) -> RequestRefused:
        # What may be left of the body is not read, so the connection is of no further use.
        return bad_request(
            f"The body is larger than {self._max_body} bytes.", status=413, headers={"connection": "close"}
        )

    async def _execute(self, prepared: Prepared, caller: Caller, exchange: _Exchange, receive: Receive) -> Result:
        """Run the operation until it ends, its time is up or its client has left."""
        token = current_scope.set(exchange.scope)
        context = self._backend.request(caller)
        try:
            started = self._engine.start(prepared, context, exchange.border)
            exchange.cost, outcome = started.cost, started.outcome
            return outcome if isinstance(outcome, Result) else await self._wait(outcome, exchange, receive)
        finally:
            context.close()
            current_scope.reset(token)

    async def _wait(self, outcome: Awaitable[Result], exchange: _Exchange, receive: Receive) -> Result:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - an ASGI server calls from a task
        watch = _Watch(task)
        watcher = asyncio.create_task(watch.run(receive))
        try:
            async with asyncio.timeout_at(exchange.scope.deadline + _LAST_RESORT):
                return await outcome
        except TimeoutError:
            message = f"The request took longer than the {self._timeout:g} s that this gateway allows."
            return Result(None, [formatted(message, "UPSTREAM_TIMEOUT", extensions={"retryable": True})])
        except asyncio.CancelledError as error:
            if watch.client_left:
                task.uncancel()
                raise _ClientLeft from error
            if task.cancelling():
                raise
            # Nobody cancelled the request: something inside it was cancelled that should not have been.
            return Result(None, [exchange.border.exception(error)])
        finally:
            watch.over = True
            watcher.cancel()


class _Watch:
    """Cancels a task when the client disconnects before the task is over."""

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task
        self.over = False
        self.client_left = False

    async def run(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        if not self.over:
            self.client_left = True
            self._task.cancel()


def _cost(requested: int, sources: Sequence[Source], calls: Sequence[Call]) -> dict[str, Any]:
    """What the operation may have cost and did cost, in calls made; sign-in is none."""
    made = Counter(call.source for call in calls if not call.shared and not call.cached and call.operation != "signIn")
    return {
        "requested": requested,
        "actual": made.total(),
        "upstreamCalls": {source.value.lower(): made[source] for source in dict.fromkeys([*sources, *made])},
    }


def _trace(calls: Sequence[Call]) -> list[dict[str, Any]]:
    return [
        {
            "source": call.source.value,
            "operation": call.operation,
            "status": call.status,
            "durationMs": None if call.duration is None else round(call.duration * 1000, 3),
            "shared": call.shared,
            "cached": call.cached,
        }
        for call in calls
    ]
