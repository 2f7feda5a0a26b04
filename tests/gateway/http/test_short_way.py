"""The short way past ASGI: what takes it, that its answers are those of the long way, and what it needs of uvicorn."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import logging
import textwrap
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, cast

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.http.answers import Answer, common
from gateway.http.asked import Asked
from gateway.http.connection import Connection
from gateway.http.cycle import ShortCycle
from gateway.http.joined import Joined
from tests.gateway.support import FakeServices, make_app, served
from tests.virtual_time import VirtualTimeLoop

JSON = {"content-type": "application/json"}


def request(
    body: bytes | str = '{"query":"{ hello }"}',
    url: str = "/graphql",
    method: str = "POST",
    version: str = "1.1",
    **headers: str,
) -> bytes:
    """A request as it comes; an underscore in a header's name stands for a dash."""
    body = body.encode() if isinstance(body, str) else body
    fields = {"host": "localhost", "content-length": str(len(body)), **JSON}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {url} HTTP/{version}\r\n{lines}\r\n".encode("latin-1") + body


def asking(query: str, **variables: Any) -> str:
    """A body."""
    return json.dumps({"query": query, "variables": variables})


class Counted:
    """Counts what an app's short way answers, and the heads that it is asked about."""

    def __init__(self, app: Starlette) -> None:
        self.short = self.heads = 0
        self._way = app.state.short_way
        app.state.short_way = self

    def takes(self, *head: Any) -> bool:
        self.heads += 1
        return cast(bool, self._way.takes(*head))

    async def answer(self, asked: Asked) -> Answer | None:
        self.short += 1
        return cast("Answer | None", await self._way.answer(asked))


async def exchange(url: str, sent: bytes) -> tuple[bytes, Mapping[bytes, bytes], bytes]:
    """Status line, headers and body of the answer to one request, after which the client says no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        status, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        headers = dict(cast(tuple[bytes, bytes], tuple(line.split(b": ", 1))) for line in lines)
        assert len(headers) == len(lines)
        headers.pop(b"date", None)
        return status, headers, await reader.readexactly(int(headers[b"content-length"]))
    finally:
        writer.close()


@pytest.mark.parametrize("accept_encoding", ["", "gzip", "zstd, br"])
@pytest.mark.parametrize("environ", [{}, {"GATEWAY_COMPRESSION": "off", "GATEWAY_CORS_ORIGINS": "https://app.example"}])
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"accept": "application/graphql-response+json"},
        {"accept": "text/html"},
        {"body": asking("query Q($n: String!) { hello(name: $n) }", n="x" * 3000)},
        {"body": asking("query Q($n: String!) { hello(name: $n) }", n="x" * 300_000)},
        {"body": asking('{ fail(how: "timeout") }')},
        {"body": asking("{ nope }"), "accept": "application/graphql-response+json"},
        {"body": asking("{ stray unspeakable }")},
        {"body": asking("mutation { change }")},
        {"body": "{"},
        {"body": ""},
        {"body": " " * 1_200_000},
        {"content_type": "text/plain"},
        {"content_encoding": "gzip"},
        {"connection": "close"},
        {"x_contactgraph_trace": "1", "body": asking("{ twice }")},
    ],
    ids=lambda sent: " ".join(f"{name}={value[:20]}" for name, value in sent.items()) or "plain",
)
async def test_an_answer_is_the_same_either_way(
    sent: dict[str, str], environ: dict[str, str], accept_encoding: str
) -> None:
    app = make_app(None, **environ)
    counted = Counted(app)
    headers = {**sent, "x_request_id": "one", **({"accept_encoding": accept_encoding} if accept_encoding else {})}
    async with served(app) as url:
        short = await exchange(url, request(**headers))
        taken = counted.short
        long = await exchange(url, request(**headers, url="/graphql?"))
    assert short == long
    # What is too large to be there in one piece is for the long way at once.
    assert (taken, counted.short) == ((0, 0) if len(headers.get("body", "")) > 100_000 else (1, 1))


@pytest.mark.parametrize(
    ("sent", "environ", "short"),
    [
        (request(), {}, 1),
        (request(origin="https://app.example"), {}, 1),
        (request(origin="https://app.example"), {"GATEWAY_CORS_ORIGINS": "https://app.example"}, 0),
        (request(host="rebound.example"), {}, 0),
        (request(host="rebound.example"), {"GATEWAY_ALLOW_ANONYMOUS": "1"}, 1),
        (request(expect="100-continue"), {}, 0),
        (request(upgrade="h2c"), {}, 0),
        (request(upgrade="h2c", connection="upgrade"), {}, 1),
        (request(version="1.0"), {}, 0),
        (request(url="/graphql?x"), {}, 0),
        (request(url="/health/live", method="GET", body=""), {}, 0),
        (request(url="/graphql?query={hello}", method="GET", body=""), {}, 0),
        (request(method="PUT"), {}, 0),
        (request().replace(b"content-length: 21", b"transfer-encoding: chunked").replace(b'{"', b'15\r\n{"', 1), {}, 0),
    ],
)
async def test_what_takes_the_short_way(sent: bytes, environ: dict[str, str], short: int) -> None:
    app = make_app(None, **environ)
    counted = Counted(app)
    async with served(app) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(sent + (b"\r\n0\r\n\r\n" if b"chunked" in sent else b""))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 ")
        writer.close()
    assert counted.short == short


class Wire(asyncio.Transport):
    """Keeps what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def writelines(self, parts: Any) -> None:
        self.sent += b"".join(parts)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


@asynccontextmanager
async def connected(
    app: Any, state: ServerState, wire: Wire | None = None, *, seconds: float = 30.0, kept: int = 5
) -> AsyncIterator[tuple[Connection, Wire]]:
    """A connection of a client that is this test."""
    wire = wire or Wire()
    config = uvicorn.Config(
        app, ws="none", log_config=None, access_log=False, proxy_headers=False, timeout_keep_alive=kept
    )
    loop = asyncio.get_running_loop()
    connection = Connection(config=config, server_state=state, app_state={}, _loop=loop, seconds=seconds)
    connection.connection_made(wire)
    try:
        yield connection, wire
    finally:
        connection.connection_lost(None)
        if state.tasks:
            await asyncio.wait(state.tasks)


MANY = (
    request(x_request_id="a"),
    request(x_request_id="a", accept="application/graphql-response+json"),
    request(asking('{ fail(how: "limited") }'), x_request_id="b"),
    request(x_request_id="c", url="/graphql?"),
    request(url="/graphql?query={twice}", method="GET", body="", x_request_id="d"),
    request(asking("{ item { inner { name } } }"), x_request_id="e"),
    request("", x_request_id="f"),
    request(x_request_id="g", upgrade="h2c", connection="Upgrade, HTTP2-Settings", http2_settings="AAMAAABkAAQ"),
    request(url="/graphql?query={twice}", method="GET", body="", x_request_id="h", upgrade="x", connection="upgrade"),
)
APP = make_app()


async def talk(pieces: list[bytes], count: int) -> bytes:
    """What comes back when these pieces come one by one, each as soon as nothing is left to do for those before."""
    state = ServerState()
    async with connected(APP, state) as (connection, wire):
        for piece in pieces:
            connection.data_received(piece)
            await asyncio.sleep(0)
        while state.total_requests < count:
            await asyncio.wait(state.tasks)
        await asyncio.sleep(0)  # the turn in which answers go out
        return wire.sent


async def test_only_a_head_that_is_equal_in_all_is_not_looked_at_again() -> None:
    app, state = make_app(), ServerState()
    counted = Counted(app)
    async with connected(app, state) as (connection, wire):
        for sent, heads, short, told in (
            (request(), 1, 1, b"200 OK"),
            (request(), 1, 2, b"200 OK"),
            (request(body='{"query":"{ twice }"}'), 1, 3, b"200 OK"),
            (request(accept="text/html"), 2, 4, b"406 Not Acceptable"),
            (request(method="PUT"), 3, 4, b"405 Method Not Allowed"),
            (request(url="/nowhere"), 4, 4, b"404 Not Found"),
            (request(accept="text/html"), 4, 5, b"406 Not Acceptable"),
            (request(version="1.0"), 4, 5, b"200 OK"),
        ):
            wire.sent, done = b"", state.total_requests
            connection.data_received(sent)
            while state.total_requests == done:
                await asyncio.wait(state.tasks)
            await asyncio.sleep(0)  # the turn in which answers go out
            assert wire.sent.startswith(b"HTTP/1.1 " + told)
            assert (counted.heads, counted.short) == (heads, short)


@given(chosen=st.lists(st.sampled_from(MANY), min_size=1, max_size=5), cuts=st.sets(st.integers(1, 900), max_size=6))
def test_however_requests_are_cut_the_answers_are_theirs_in_order(chosen: list[bytes], cuts: set[int]) -> None:
    async def run() -> None:
        whole = b"".join(chosen)
        places = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
        pieces = [whole[begin:end] for begin, end in pairwise(places)]
        alone = [await talk([one], 1) for one in chosen]
        assert await talk(pieces, len(chosen)) == b"".join(alone)

    asyncio.run(run())


@pytest.mark.parametrize("cut", [0, 1, 10])
@pytest.mark.parametrize("url", ["/graphql", "/graphql?"])
async def test_the_body_of_a_request_that_offers_another_protocol_is_no_request(url: str, cut: int) -> None:
    """Clients that would rather speak HTTP/2 offer it with their first request, whatever it is (RFC 9110, 7.8)."""
    inner = request(asking("{ twice }"), x_request_id="inner")
    sent = request(inner, url=url, connection="upgrade", upgrade="h2c", content_type="text/plain", x_request_id="outer")
    head = len(sent) - len(inner)
    answer = await talk([sent[: head + cut], sent[head + cut :]], 1)
    assert answer.startswith(b"HTTP/1.1 415 ")
    assert b"x-request-id: outer" in answer
    assert b"inner" not in answer


@pytest.mark.parametrize("offer", [{"connection": "close, upgrade"}, {"connection": "upgrade", "version": "1.0"}])
async def test_who_offers_another_protocol_and_ends_the_connection_is_answered(offer: dict[str, str]) -> None:
    async with served(APP) as url:
        status, headers, body = await exchange(url, request(asking("{ twice }"), upgrade="h2c", **offer))
    assert (status, headers[b"connection"]) == (b"HTTP/1.1 200 OK", b"close")
    assert json.loads(body)["data"] == {"twice": 2}


@pytest.mark.parametrize("url", ["/graphql", "/graphql?", "/nothing"])
async def test_who_says_with_a_request_that_no_other_follows_is_answered(url: str) -> None:
    """The transport closes itself at the end of what comes: what was written by then goes out before."""
    async with served(APP) as base:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
        writer.write(request(asking("{ twice }"), url=url))
        writer.write_eof()
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 404" if url == "/nothing" else b"HTTP/1.1 200")


async def test_a_client_that_leaves_ends_what_was_at_work_for_it() -> None:
    services = FakeServices()
    app = make_app(services)
    counted = Counted(app)
    async with served(app) as url:
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(request(asking("{ hang }")) * 3)
        await services.hanging.wait()
        writer.transport.abort()
        await services.over.wait()
    assert (services.opened, services.cancelled, counted.short) == (1, 1, 1)


async def test_the_end_of_the_server_waits_for_the_answer_and_closes_the_connection() -> None:
    services = FakeServices()
    state = ServerState()
    async with connected(make_app(services), state) as (connection, wire):
        connection.data_received(request(asking("{ hang }")))
        (task,) = state.tasks
        await services.hanging.wait()
        connection.shutdown()
        assert not wire.closed
        services.release.set()
        await task
        assert b'"hang":"released"' in wire.sent
        assert b"\r\nconnection: close\r\n" in wire.sent
        assert wire.closed
    assert (state.total_requests, state.tasks) == (1, set())


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_bug_is_logged_and_answered(cancelled: bool, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def takes(self, *head: Any) -> bool:
            return True

        async def answer(self, asked: Asked) -> Answer | None:
            if cancelled:
                raise asyncio.CancelledError
            return Answer(200, common(None), [(b"x", b"1\r\ny: 2")], b"")

    app = make_app()
    app.state.short_way = Broken()
    state = ServerState()
    async with connected(app, state) as (connection, wire):
        connection.data_received(request())
        await asyncio.wait(state.tasks)
        assert wire.sent.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
        assert b'"code":"INTERNAL"' in wire.sent
        assert b"\r\ny: 2" not in wire.sent
        assert wire.closed
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_an_answer_waits_until_what_was_sent_before_is_read() -> None:
    state = ServerState()
    async with connected(make_app(), state) as (connection, wire):
        connection.pause_writing()
        connection.data_received(request())
        (task,) = state.tasks
        for _ in range(20):
            await asyncio.sleep(0)
        assert (wire.sent, task.done()) == (b"", False)
        connection.resume_writing()
        await task
        assert b"200 OK" in wire.sent


async def test_what_one_turn_wrote_goes_out_in_the_next_one_answer_after_the_other() -> None:
    """And a client that takes too little is told of with all that it has to read."""
    told: list[int] = []

    class Full(Wire):
        def get_write_buffer_size(self) -> int:
            return len(self.sent)

    loop = asyncio.get_running_loop()
    wires = [Wire(), Full(), Wire()]
    joined = [Joined(wire, loop, lambda: told.append(joined[1].written)) for wire in wires]
    for number, one in enumerate(joined):
        one.write(b"head")
        one.write(b"body%d" % number)
    wires[2].close()
    assert [wire.sent for wire in wires] == [b"", b"", b""]
    assert joined[0].get_write_buffer_size() == len(b"headbody0")
    await asyncio.sleep(0)
    assert [wire.sent for wire in wires] == [b"headbody0", b"headbody1", b""]
    joined[1].write(b"more")
    joined[1].close()
    assert wires[1].sent == b"headbody1more"
    assert told == [len(b"headbody1"), len(b"headbody1more")]


@pytest.mark.parametrize(("seconds", "kept"), [(2.0, 30), (30.0, 2)])
def test_an_idle_connection_is_kept_for_its_own_time(seconds: float, kept: int) -> None:
    """Be that longer or shorter than a request may take; then it is closed."""

    async def run() -> None:
        state = ServerState()
        async with connected(APP, state, seconds=seconds, kept=kept) as (connection, wire):
            for sent in (request(), request(url="/graphql?")):
                connection.data_received(sent)
                await asyncio.wait(state.tasks)
                await asyncio.sleep(kept - 0.1)
                assert not wire.closed
            await asyncio.sleep(0.2)
            assert wire.closed

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


def names_of(function: Any, owners: set[str]) -> set[str]:
    """The attributes of these names that a function of uvicorn touches."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    touched = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {node.attr for node in touched if ast.unparse(node.value) in owners}


def test_uvicorn_knows_no_more_of_a_cycle_than_a_short_one_has() -> None:
    known = names_of(HttpToolsProtocol, {"self.cycle", "cycle", "existing_cycle"})
    asgi_only = {"run_asgi", "body"}
    assert known - asgi_only == {"response_complete", "disconnected", "message_event", "keep_alive", "more_body"}
    cycle = ShortCycle(cast(Any, None), keep_alive=True)
    assert all(hasattr(cycle, name) for name in known - asgi_only - {"message_event"})


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("on_url", {"url"}),
        ("on_header", {"expect_100_continue", "headers"}),
        ("eof_received", set()),
        (
            "data_received",
            {
                "_unset_keepalive_if_required",
                "parser",
                "logger",
                "send_400_response",
                "_should_upgrade",
                "handle_websocket_upgrade",
                "_unsupported_upgrade_warning",
            },
        ),
        (
            "on_response_complete",
            {
                "server_state",
                "transport",
                "_unset_keepalive_if_required",
                "flow",
                "pipeline",
                "_start_asgi_task",
                "timeout_keep_alive_task",
                "loop",
                "timeout_keep_alive",
                "timeout_keep_alive_handler",
            },
        ),
    ],
)
def test_what_is_done_in_the_place_of_uvicorn_is_all_that_it_does(name: str, touched: set[str]) -> None:
    assert names_of(getattr(HttpToolsProtocol, name), {"self"}) == touched
