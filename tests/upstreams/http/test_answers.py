"""What comes back over a real connection, and what it means to us."""

from __future__ import annotations

import gzip
import socket

import msgspec
import pytest
from aiohttp import web

from tests.upstreams.http.conftest import Laboratory, LaboratoryMaker, Responder, answer, reset, truncated
from upstreams.errors import (
    ScrollExpired,
    UpstreamError,
    UpstreamMalformed,
    UpstreamNotFound,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.http import unpack
from upstreams.http.wire import Wire
from upstreams.records import Source


class Thing(msgspec.Struct, frozen=True):
    a: int


decode_thing = msgspec.json.Decoder(Thing).decode


@pytest.mark.parametrize("status", [200, 201])
async def test_a_good_answer_is_decoded(lab: Laboratory, status: int) -> None:
    lab.upstream.script = [answer(status, b'{"a":1}')]
    assert await lab.call(decode=decode_thing) == Thing(1)


async def test_no_content_is_a_good_answer(lab: Laboratory) -> None:
    lab.upstream.script = [answer(204, b"")]
    assert await lab.call() == b""


@pytest.mark.parametrize(
    ("responder", "error", "status"),
    [
        (answer(202), UpstreamRefused, 202),
        (answer(301, headers={"Location": "/elsewhere"}), UpstreamRefused, 301),
        (answer(302, headers={"Location": "/elsewhere"}), UpstreamRefused, 302),
        (answer(304, b""), UpstreamRefused, 304),
        (answer(400), UpstreamRefused, 400),
        (answer(401), UpstreamRefused, 401),
        (answer(403), UpstreamRefused, 403),
        (answer(404), UpstreamNotFound, 404),
        (answer(409), UpstreamRefused, 409),
        (answer(410, b"<html>gone</html>"), UpstreamRefused, 410),
        (answer(422), UpstreamRefused, 422),
        (answer(500, b"<html>oops</html>"), UpstreamUnavailable, 500),
        (answer(502, b""), UpstreamUnavailable, 502),
        (answer(503), UpstreamUnavailable, 503),
        (answer(504), UpstreamUnavailable, 504),
        (answer(200, b"<html>hello</html>"), UpstreamMalformed, 200),
        (answer(200, b""), UpstreamMalformed, 200),
        (answer(200, b'{"a":'), UpstreamMalformed, 200),
        (answer(200, b'{"a":"one"}'), UpstreamMalformed, 200),
        (answer(200, b'{"b":1}'), UpstreamMalformed, 200),
        (answer(200, b"[1]"), UpstreamMalformed, 200),
        (answer(200, b'{"a":1}x'), UpstreamMalformed, 200),
        (answer(200, b"not gzip", {"Content-Encoding": "gzip"}), UpstreamMalformed, None),
        (reset, UpstreamUnavailable, None),
        (truncated, UpstreamUnavailable, None),
    ],
)
async def test_failures_are_translated(
    make_lab: LaboratoryMaker, responder: Responder, error: type[UpstreamError], status: int | None
) -> None:
    lab = await make_lab(retries=0)
    lab.upstream.script = [responder]
    with pytest.raises(UpstreamError) as caught:
        await lab.call(decode=decode_thing)
    assert type(caught.value) is error
    assert caught.value.status == status
    assert caught.value.operation == "thing"
    assert caught.value.source is Source.CLOUD4WI
    assert len(lab.upstream.requests) == 1
    for telling in ("127.0.0.1", "/thing", "http:", "html", "oops", '"a"'):
        assert telling not in str(caught.value)


async def test_what_was_wrong_is_chained(lab: Laboratory) -> None:
    lab.upstream.script = [answer(200, b'{"a":"one"}')]
    with pytest.raises(UpstreamMalformed) as caught:
        await lab.call(decode=decode_thing)
    assert isinstance(caught.value.__cause__, msgspec.ValidationError)


async def test_a_mistake_of_ours_in_decoding_is_not_the_upstreams(lab: Laboratory) -> None:
    def broken(_: bytes) -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await lab.call(decode=broken)


async def test_nobody_listens(lab: Laboratory) -> None:
    with socket.socket() as taken:  # bound, not listening: refused, and nobody else can get it
        taken.bind(("127.0.0.1", 0))
        wire = Wire(lab.network, Source.RECHAT, f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(UpstreamUnavailable, match="Rechat: thing: no connection"):
            await wire.call("thing", "GET", "/thing", decode=bytes)


async def test_what_answers_is_not_http(lab: Laboratory) -> None:
    async def garbage(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        request.transport.close()
        return web.Response()

    lab.upstream.script = [garbage]
    with pytest.raises(UpstreamMalformed, match="not HTTP"):
        await lab.call()


async def test_a_packed_answer_is_unpacked(lab: Laboratory) -> None:
    body = b'{"a":1}' * 10_000
    lab.upstream.script = [answer(200, gzip.compress(body), {"Content-Encoding": "gzip"})]
    assert await lab.call() == body
    assert lab.upstream.requests[0].headers["Accept-Encoding"] == "gzip, deflate"


async def test_a_long_answer_comes_whole(lab: Laboratory) -> None:
    body = bytes(range(256)) * 8192
    lab.upstream.script = [answer(200, body)]
    assert await lab.call() == body


@pytest.mark.parametrize("packed", [False, True])
async def test_an_endless_answer_is_cut_off(lab: Laboratory, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(unpack, "LONGEST_BODY", 100_000)
    body = b"0" * 1_000_000
    lab.upstream.script = [
        answer(200, gzip.compress(body), {"Content-Encoding": "gzip"}) if packed else answer(200, body)
    ]
    with pytest.raises(UpstreamMalformed, match="too long"):
        await lab.call()
    assert len(lab.upstream.requests) == 1


async def test_an_answer_in_time_or_a_timeout(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(attempt=3, retries=0)
    lab.upstream.script = [lab.upstream.parked]
    call = lab.begin()
    await lab.upstream.arrived(1)
    await lab.clock.advance(4)
    with pytest.raises(UpstreamTimeout, match="no answer within 3 s"):
        await call
    await lab.upstream.left(1)


async def test_a_body_that_never_ends_is_a_timeout(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(attempt=3, retries=0)

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"a":')
        await lab.upstream.parked(request)
        return response

    lab.upstream.script = [half]
    call = lab.begin()
    await lab.upstream.arrived(1)
    await lab.clock.advance(4)
    with pytest.raises(UpstreamTimeout):
        await call


async def test_a_source_reads_its_own_failures(lab: Laboratory) -> None:
    def check(status: int, body: bytes) -> UpstreamError | None:
        if b'"KO"' in body:
            return ScrollExpired(Source.CLOUD4WI, "thing", "over", status=status)
        return None

    for status in (200, 400, 404, 409, 410):
        lab.upstream.script = [answer(status, b'{"status":"KO"}')]
        with pytest.raises(ScrollExpired) as caught:
            await lab.call(check=check)
        assert caught.value.status == status
    lab.upstream.script = [answer(404)]
    with pytest.raises(UpstreamNotFound):
        await lab.call(check=check)
    lab.upstream.script = [answer(200)]
    assert await lab.call(check=check) == b"{}"
    lab.upstream.script = [answer(503, b'{"status":"KO"}')]
    with pytest.raises(UpstreamUnavailable):
        await lab.call(check=check)
