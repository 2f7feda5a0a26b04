"""Clients that are half there, over real sockets: each is let go, and none by the clock of a test."""

from __future__ import annotations

import asyncio
import json
import socket
from functools import partial
from typing import Any, cast

import pytest
from uvicorn.server import ServerState

from gateway.http.connection import Connection
from tests.gateway.http.test_short_way import Wire, connected
from tests.gateway.support import FakeServices, make_app, served
from tests.virtual_time import VirtualTimeLoop

IMPATIENT = partial(Connection, seconds=0.05)


async def talk(url: str, sent: bytes) -> bytes:
    """Send something, keep the connection open, and read until the server ends it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        writer.write(sent)
        return await reader.read()
    finally:
        writer.close()


def errors(answer: bytes) -> tuple[bytes, Any]:
    """The status line and the errors of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], json.loads(body)["errors"]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\n",
        b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: appl",
        b"GET /graphql?query={hello} HTTP/1.1\r\nhost: localhost\r\n\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\nGET /health/live HTTP/1.1\r\nho",
        b"GET /health/live HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n12",
    ],
)
async def test_a_request_that_never_comes_to_an_end_is_given_up(sent: bytes) -> None:
    """The test ends because the server ends the connection; what was whole is answered before."""
    async with served(make_app(), IMPATIENT) as url:
        answer = await talk(url, sent)
        assert answer.count(b"HTTP/1.1 200 ") == (b"\r\n\r\n" in sent.lstrip(b"\r\n"))
        assert b"200 OK" in await talk(url, b"GET /health/live HTTP/1.0\r\nhost: localhost\r\n\r\n")


async def test_a_body_that_stops_is_answered_and_the_connection_closed() -> None:
    request = (
        b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"
    )
    async with served(make_app(GATEWAY_REQUEST_TIMEOUT="50ms"), partial(Connection, seconds=0.05)) as url:
        status, (error,) = errors(await talk(url, request))
    assert status == b"HTTP/1.1 408 Request Timeout"
    assert error["extensions"] == {"code": "BAD_REQUEST"}


async def test_a_request_that_was_answered_before_its_body_came_leaves_an_idle_connection() -> None:
    """Which is kept no longer than any other: the test ends because the server ends it."""

    class Watched(Connection):
        def __init__(self, *rest: Any, **named: Any) -> None:
            super().__init__(*rest, **named)
            self.timeout_keep_alive = cast(int, 0.05)

    head = b"PUT /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n"
    async with served(make_app(), partial(Watched, seconds=30.0)) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(head)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 405 ")
        writer.write(b"{}")
        await reader.read()
        writer.close()


def test_a_client_that_waits_for_a_slow_answer_is_not_let_go() -> None:
    """Not while its request is at work, also when it has begun to send the next."""

    async def run() -> None:
        services, state = FakeServices(), ServerState()
        async with connected(make_app(services), state, seconds=0.5) as (connection, wire):
            connection.data_received(b"GET /graphql?query={hang} HTTP/1.1\r\nhost: localhost\r\n\r\nGET /gra")
            await services.hanging.wait()
            await asyncio.sleep(5.0)
            services.release.set()
            await asyncio.wait(state.tasks)
            assert b'"hang":"released"' in wire.sent
            await asyncio.sleep(1.0)
            assert wire.closed

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET /graphql HTTP/9.9\r\n\r\n",
        b"GET http://[/ HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        b"POST /graphql HTTP/1.1\r\nx: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: x\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_refused_in_the_shape_of_all_errors(sent: bytes) -> None:
    async with served(make_app(), IMPATIENT) as url:
        status, (error,) = errors(await talk(url, sent))
    assert status == b"HTTP/1.1 400 Bad Request"
    assert error["extensions"] == {"code": "BAD_REQUEST"}


def test_a_refusal_that_nobody_reads_does_not_keep_the_connection() -> None:
    """To close it is to wait until the client has taken all."""

    class Unread(Wire):
        def __init__(self, socket: socket.socket) -> None:
            super().__init__()
            self.socket = socket
            self.aborted = False

        def get_write_buffer_size(self) -> int:
            return len(self.sent)

        def get_extra_info(self, name: str, default: Any = None) -> Any:
            return self.socket if name == "socket" else default

        def write_eof(self) -> None: ...

        def abort(self) -> None:
            self.aborted = True

    async def run(wire: Unread) -> None:
        async with connected(make_app(), ServerState(), wire, seconds=5.0) as (connection, _):
            connection.data_received(b"nonsense\r\n\r\n")
            await asyncio.sleep(10.0)
            assert wire.sent.startswith(b"HTTP/1.1 400 ")
            assert (wire.closed, wire.aborted) == (True, True)

    ours, theirs = socket.socketpair()
    with ours, theirs, asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run(Unread(ours)))


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"], ids=["without end", "with an end"])
@pytest.mark.parametrize("head", [b"x: " + b"y" * 80_000, b"".join(b"x%d: yyyyyyyy\r\n" % n for n in range(9000))])
async def test_a_large_head_is_refused(head: bytes, end: bytes) -> None:
    async with served(make_app()) as url:
        status, (error,) = errors(await talk(url, b"GET /graphql HTTP/1.1\r\n" + head + end))
    assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert error["extensions"] == {"code": "BAD_REQUEST"}


CHUNKED = (
    b"POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n"
    b'transfer-encoding: chunked\r\n\r\n11\r\n{"query":"{twice}\r\n2\r\n"}\r\n0\r\n'
)


@pytest.mark.parametrize("behind", [b"x: " + b"y" * 400_000, b"x: y\r\n" * 80_000])
async def test_what_stands_behind_a_body_is_bounded_like_a_head(behind: bytes) -> None:
    """It may not take the place of a body, whose size is counted."""
    async with served(make_app()) as url:
        status, (error,) = errors(await talk(url, CHUNKED + behind))
    assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert error["extensions"] == {"code": "BAD_REQUEST"}


async def test_what_stands_behind_a_body_is_no_header() -> None:
    """A proxy that looks at headers has not seen it."""
    async with served(make_app(), IMPATIENT) as url:
        answer = await talk(url, CHUNKED + b"x-request-id: behind\r\nx-contactgraph-trace: 1\r\n\r\n")
    assert b'"twice":2' in answer
    assert b"behind" not in answer
    assert b'"upstream"' not in answer


async def test_a_head_that_begins_behind_a_large_body_is_counted_alone() -> None:
    body = b'{"query":"{twice}"' + b" " * 90_000 + b"}"
    request = (
        b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
        % (len(body), body)
    )
    async with served(make_app(), IMPATIENT) as url:
        answer = await talk(url, request + b"POST /gra")
    assert b'"twice":2' in answer


async def test_who_sends_far_ahead_is_refused_and_what_was_at_work_for_it_ends() -> None:
    services = FakeServices()
    hang = b"GET /graphql?query={hang} HTTP/1.1\r\nhost: localhost\r\n\r\n"
    async with served(make_app(services)) as url:
        status, _ = errors(await talk(url, hang * 1000))
        await services.over.wait()
    assert status == b"HTTP/1.1 400 Bad Request"
    assert (services.opened, services.cancelled) == (1, 1)


async def test_a_client_that_leaves_with_requests_ahead_ends_the_one_at_work() -> None:
    services = FakeServices()
    hang = b"GET /graphql?query={hang} HTTP/1.1\r\nhost: localhost\r\n\r\n"
    async with served(make_app(services)) as url:
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(hang * 3)
        await services.hanging.wait()
        writer.transport.abort()
        await services.over.wait()
    assert (services.opened, services.cancelled) == (1, 1)


async def test_an_answer_that_nobody_reads_is_thrown_away() -> None:
    lost = asyncio.Event()

    class Watched(Connection):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 20_000_000})

    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        async with served(lifespan_of(app), partial(Watched, seconds=0.05)) as url:
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", int(url.rpartition(":")[2])))
            await loop.sock_sendall(client, b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            await lost.wait()


def lifespan_of(app: Any) -> Any:
    """The app, with a beginning and an end as servers ask for."""

    async def with_lifespan(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})

    return with_lifespan
