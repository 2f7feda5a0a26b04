"""Answers in fewer bytes, each part of a stream readable as soon as it is there."""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.compression import CODINGS, Compression
from tests.gateway.support import ask, make_app, post, served

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

READERS: dict[str, Callable[[], Any]] = {"zstd": zstd.ZstdDecompressor, "gzip": lambda: zlib.decompressobj(31)}
codings = pytest.mark.parametrize("coding", READERS)
LONG = "x" * 2000


def read(coding: str, body: bytes) -> bytes:
    found: bytes = READERS[coding]().decompress(body)
    return found


@codings
@given(parts=st.lists(st.binary(max_size=5000), min_size=1, max_size=5))
def test_each_part_can_be_read_when_it_is_there(coding: str, parts: list[bytes]) -> None:
    compressor, reader = CODINGS[coding](), READERS[coding]()
    for place, part in enumerate(parts):
        sent = compressor.part(part, last=place + 1 == len(parts))
        assert reader.decompress(sent) == part
    assert reader.eof


@codings
async def test_an_answer_of_some_size_is_compressed(coding: str) -> None:
    plain = await post(make_app(), "query Q($n: String!) { hello(name: $n) }", variables={"n": LONG})
    packed = await post(
        make_app(),
        "query Q($n: String!) { hello(name: $n) }",
        variables={"n": LONG},
        headers={"accept-encoding": f"br, {coding}"},
    )
    assert packed.headers["content-encoding"] == coding
    assert int(packed.headers["content-length"]) == len(packed.body) < 300
    assert read(coding, packed.body) == plain.body
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == packed.headers["vary"] == "accept, accept-encoding"
    assert plain.headers["content-length"] == str(len(plain.body))


@pytest.mark.parametrize("accept", ["", "identity", "br", "gzip;q=0"])
async def test_a_client_that_takes_none_gets_none(accept: str) -> None:
    answer = await post(make_app(), f'{{ hello(name: "{LONG}") }}', headers={"accept-encoding": accept})
    assert "content-encoding" not in answer.headers
    assert answer.said == {"data": {"hello": f"hello {LONG}"}}


async def test_a_small_answer_is_sent_as_it_is() -> None:
    answer = await post(make_app(), "{ hello }", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "accept, accept-encoding"
    assert answer.said == {"data": {"hello": "hello world"}}


async def test_compression_can_be_off() -> None:
    app = make_app(GATEWAY_COMPRESSION="off")
    answer = await post(app, f'{{ hello(name: "{LONG}") }}', headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers


@codings
async def test_a_long_answer_is_compressed_while_the_loop_goes_on(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    real = asyncio.to_thread

    async def noted(function: Any, data: bytes, **rest: Any) -> Any:
        threads.append(len(data))
        return await real(function, data, **rest)

    monkeypatch.setattr(asyncio, "to_thread", noted)
    body = json.dumps([LONG + str(n) for n in range(100)]).encode()
    answer = await ask(Compression(Response(body)), headers={"accept-encoding": coding})
    assert threads == [len(body)]
    assert read(coding, answer.body) == body


@codings
async def test_a_part_of_a_stream_waits_for_no_other(coding: str) -> None:
    """The second part is sent when the client has read the first: were that held back, neither would get on."""
    came = asyncio.Event()

    async def parts() -> Any:
        yield b"first"
        await came.wait()
        yield b"second"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await StreamingResponse(parts(), media_type="multipart/mixed; boundary=x")(scope, receive, send)
        else:
            await make_app()(scope, receive, send)

    reader = READERS[coding]()
    found = b""
    async with (
        served(Compression(app)) as url,
        aiohttp.ClientSession(auto_decompress=False) as client,
        client.get(url, headers={"accept-encoding": coding}) as response,
    ):
        assert response.headers["content-encoding"] == coding
        assert "content-length" not in response.headers
        async for chunk in response.content.iter_any():
            found += reader.decompress(chunk)
            if found == b"first":
                came.set()
    assert found == b"firstsecond"


@pytest.mark.parametrize(
    ("response", "vary"),
    [
        (Response(LONG, media_type="image/png"), False),
        (Response(LONG, media_type="font/woff2"), False),
        (Response(LONG, headers={"content-encoding": "br"}), False),
        (Response(LONG, 206, media_type="text/plain"), False),
        (Response(status_code=304), True),
        (Response(status_code=204), True),
    ],
)
async def test_what_cannot_get_smaller_or_has_no_body_is_left_alone(response: Response, vary: bool) -> None:
    answer = await ask(Compression(response), "GET", headers={"accept-encoding": "gzip"})
    assert answer.headers.get("content-encoding") == response.headers.get("content-encoding")
    assert answer.body == response.body
    assert ("vary" in answer.headers) is vary


async def test_a_strong_validator_becomes_a_weak_one() -> None:
    for given_, sent in (('"abc"', 'W/"abc"'), ('W/"abc"', 'W/"abc"')):
        app: ASGIApp = Compression(Response(LONG, headers={"etag": given_}, media_type="image/svg+xml"))
        assert (await ask(app, "GET", headers={"accept-encoding": "gzip"})).headers["etag"] == sent


async def test_head_tells_the_coding_and_has_no_body() -> None:
    answer = await ask(Compression(Response(LONG)), "HEAD", headers={"accept-encoding": "gzip"})
    assert (answer.headers["content-encoding"], answer.body) == ("gzip", b"")
    assert "content-length" not in answer.headers


async def test_clients_read_it_over_http() -> None:
    """aiohttp asks for what it can unpack, and unpacks it."""
    async with served(make_app()) as url, aiohttp.ClientSession() as client:
        async with client.post(f"{url}/graphql", json={"query": f'{{ hello(name: "{LONG}") }}'}) as response:
            assert response.headers["content-encoding"] in CODINGS
            assert (await response.json())["data"] == {"hello": f"hello {LONG}"}
        async with client.head(f"{url}/graphql", params={"query": f'{{ hello(name: "{LONG}") }}'}) as response:
            assert (response.status, await response.read()) == (200, b"")
