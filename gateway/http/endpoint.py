"""The GraphQL endpoint: GraphQL over HTTP, as an ASGI application and for what asks without one.

One request is: headers -> caller -> parameters -> :meth:`Engine.prepare` -> :meth:`Engine.start` -> one JSON answer.
Whatever goes wrong on the way is answered in the shape of :mod:`gateway.errors`. The execution has one deadline, which
the upstream calls know by the :class:`RequestScope`, and is cancelled when the client goes away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.auth.bearer import Anonymous, undecided
from gateway.auth.door import Door, queue_name
from gateway.errors import Border, RequestRefused, bad_request
from gateway.executed import Context
from gateway.execution import Engine, Parameters, Prepared, Result
from gateway.http import parameters as read
from gateway.http.answers import Answer, answer, encode
from gateway.http.asked import Asked
from gateway.http.body import ClientLeft, check_size, read_body
from gateway.http.extensions import cost, stale, trace
from gateway.http.headers import new_request_id
from gateway.http.multipart import from_form
from gateway.http.negotiation import GRAPHQL, HTML, JSON, negotiate
from gateway.http.peers import peer_of
from gateway.http.validators import Validators, is_current
from gateway.http.waiting import wait_for, within
from gateway.lifecycle import Lifecycle
from gateway.telemetry.requests import CLIENT_LEFT, Telemetry, Told
from resolvers.callers import Caller
from upstreams.http.scope import RequestScope, current_scope

_SAFE = {"GET", "HEAD"}
"""Methods that change nothing. The server leaves out the body of an answer to HEAD, which is all the difference."""


_GET_OFFERS = (JSON, GRAPHQL, HTML)


class Backend(Protocol):
    """What makes the value that resolvers get, anew for each execution."""

    def request(self, caller: Caller) -> Context: ...


@dataclass(slots=True)
class _Exchange:
    """One request and what becomes of it."""

    asked: Asked
    scope: RequestScope
    border: Border
    told: Told
    media_type: str = JSON
    cost: int = 0
    etag: str | None = None


class GraphQLEndpoint:
    """The ASGI application behind ``/graphql``.

    Args:
        engine: executes operations.
        backend: makes the context of a request.
        telemetry: hears of each request.
        lifecycle: knows which requests are in flight.
        timeout: seconds that a request may take.
        max_body: bytes that a body may have.
        secret: what the validators of answers are made with.
        page: makes the GraphiQL page for a browser; None: there is none.
        door: lets callers in; None: everybody may come in.
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
        secret: bytes,
        page: Callable[[Request], Response] | None = None,
        door: Door | None = None,
    ) -> None:
        self._engine = engine
        self._backend = backend
        self._telemetry = telemetry
        self._lifecycle = lifecycle
        self._timeout = timeout
        self._max_body = max_body
        self._validators = Validators(secret)
        self._page = page
        self._door = door or Door(Anonymous())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, as an ASGI application."""
        asked = Asked.of(scope, receive)
        if asked.method in _SAFE and self._page and negotiate(asked.headers.accept, _GET_OFFERS) == HTML:
            await self._page(Request(scope))(scope, receive, send)
            return
        given = await self.answer(asked)
        if given is not None:
            await given.send(send)

    async def answer(self, asked: Asked) -> Answer | None:
        """The answer to one request; None: its client has left."""
        headers = asked.headers
        deadline = asyncio.get_running_loop().time() + self._timeout
        request_id = headers.request_id or new_request_id()
        told = self._telemetry.began(request_id, headers.traceparent, headers.tracestate)
        border = Border(request_id)
        exchange = _Exchange(asked, RequestScope(deadline, told.calls, span=told.span), border, told)
        awaited = self._lifecycle.begin()
        try:
            extra = None
            try:
                payload = await self._payload(exchange)
            except ClientLeft:
                told.status = CLIENT_LEFT
                return None
            except RequestRefused as refused:
                told.status = 200 if refused.well_formed and exchange.media_type == JSON else refused.status
                payload, extra = {"errors": refused.errors}, refused.headers
            except Exception as error:  # the border: nothing passes it unmasked
                told.status = 500
                payload = {"errors": [border.exception(error)]}
            return _answer(exchange, payload, extra)
        finally:
            self._lifecycle.end(awaited)
            self._telemetry.ended(told)

    async def _payload(self, exchange: _Exchange) -> dict[str, Any]:
        asked = exchange.asked
        headers = asked.headers
        reads = asked.method in _SAFE
        if not reads and asked.method != "POST":
            raise bad_request("Send a POST or GET request.", status=405, headers={"allow": "GET, HEAD, POST"})
        media_type = negotiate(headers.accept, (JSON, GRAPHQL))
        exchange.media_type = media_type or JSON
        # Who asks is known before anything else of the request costs work.
        peer = peer_of(asked.client)
        caller = self._door.caller(headers.authorization, peer)
        if not isinstance(caller, Caller):
            caller = await self._decided(caller, exchange)
        exchange.scope.caller = queue_name(caller, peer)
        if media_type is None:
            raise bad_request(f"The answer can be {GRAPHQL} or {JSON}; the accept header allows neither.", status=406)
        parameters = read.from_query_string(asked.query_string) if reads else await self._sent(exchange)
        prepared = self._engine.prepare(parameters, queries_only=reads)
        document, operation = prepared.document, prepared.operation
        told = exchange.told
        told.operation, told.kind, told.trusted = operation.name, operation.kind, document.trusted
        result = await self._execute(prepared, caller, exchange)
        told.shared = result.shared
        calls = exchange.scope.calls
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload["errors"] = result.errors
        payload["extensions"] = {"cost": cost(exchange.cost, self._engine.sources, calls)}
        if old := stale(calls):
            payload["extensions"]["stale"] = old
        if headers.trace:
            payload["extensions"]["upstream"] = trace(calls)
            if result.shared:
                payload["extensions"]["shared"] = True
        elif reads and document.trusted and not (result.errors or old):
            # The client may keep it: it is whole and up to date, and its URL names it and holds no text of a query.
            data = encode(result.data)
            payload["data"] = orjson.Fragment(data)
            exchange.etag = self._validators.of(exchange.media_type, data)
        return payload

    async def _decided(self, asks: Coroutine[Any, Any, Caller], exchange: _Exchange) -> Caller:
        """Who asks, where that has to be found out."""
        try:
            return await within(exchange.scope.deadline, asks)
        except TimeoutError as error:
            raise undecided("Who asks could not be found out in time.", retry_after=1) from error

    async def _sent(self, exchange: _Exchange) -> Parameters:
        """The parameters of a POST request."""
        headers = exchange.asked.headers
        form = read.is_form(headers.content_type, headers.content_encoding, headers.csrf)
        body = exchange.asked.body
        if body is None:
            body = await self._body(exchange)
        else:
            check_size(len(body), self._max_body)
        return from_form(body, headers.content_type or "") if form else read.from_body(body)

    async def _body(self, exchange: _Exchange) -> bytes:
        reads = read_body(exchange.asked.receive, self._max_body, exchange.asked.headers.content_length)
        try:
            return await within(exchange.scope.deadline, reads)
        except TimeoutError as error:
            raise bad_request(
                "The body did not arrive in time.", status=408, headers={"connection": "close"}
            ) from error

    async def _execute(self, prepared: Prepared, caller: Caller, exchange: _Exchange) -> Result:
        """Run the operation until it ends, its time is up or its client has left."""
        token = current_scope.set(exchange.scope)
        try:
            exchange.cost, outcome = self._engine.start(prepared, caller, self._backend.request, exchange.border)
            if isinstance(outcome, Result):
                return outcome
            return await wait_for(
                outcome,
                exchange.asked.receive,
                exchange.border,
                deadline=exchange.scope.deadline,
                allowed=self._timeout,
            )
        finally:
            current_scope.reset(token)


def _answer(exchange: _Exchange, payload: dict[str, Any], headers: Mapping[str, str] | None) -> Answer:
    """What is answered to a request, on the wire."""
    told, etag = exchange.told, exchange.etag
    try:
        body = encode(payload)
    except (TypeError, ValueError) as error:  # a value that JSON cannot hold, from a scalar without a shape
        told.status, headers = 500, None
        payload = {"errors": [exchange.border.exception(error)]}
        body = encode(payload)
    if etag is not None and is_current(exchange.asked.headers.if_none_match, etag):
        told.status = 304
    if errors := payload.get("errors"):
        told.codes = [error["extensions"]["code"] for error in errors]
    return answer(told.status, exchange.media_type, body, request_id=told.request_id, headers=headers, etag=etag)
