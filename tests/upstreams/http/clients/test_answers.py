"""What comes back: every way in which an answer may be framed and packed, and what is no answer at all."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.upstreams.http.clients.conftest import get
from tests.upstreams.http.clients.peer import OK, Line, always, once, peer, turns
from upstreams.http import unpack
from upstreams.http.exchange import Client, NotHttp, NotUnpacked, Severed, TooLong
from upstreams.http.lean.reading import LONGEST_HEAD

TEXT = b'{"answer": "' + bytes(range(32, 127)) * 4 + b'"}'


def with_length(body: bytes, head: bytes = b"", status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, head, len(body), body)


def chunked(body: bytes, head: bytes = b"", size: int = 100) -> bytes:
    chunks = b"".join(
        b"%x;note=yes\r\n%s\r\n" % (len(piece), piece)
        for piece in (body[i : i + size] for i in range(0, len(body), size))
    )
    return b"HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n%s0\r\nTrailer: none\r\n\r\n" % (head, chunks)


def deflated(body: bytes) -> bytes:
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return raw.compress(body) + raw.flush()


GZIP = b"Content-Encoding: gzip\r\n"
DEFLATE = b"Content-Encoding: deflate\r\n"

KEPT = {
    "length": (with_length(TEXT), TEXT),
    "empty": (with_length(b""), b""),
    "chunked": (chunked(TEXT), TEXT),
    "chunked and empty": (chunked(b""), b""),
    "one byte a chunk": (chunked(TEXT, size=1), TEXT),
    "gzip": (with_length(gzip.compress(TEXT), GZIP), TEXT),
    "gzip in chunks": (chunked(gzip.compress(TEXT), GZIP, size=7), TEXT),
    "gzip of two members": (with_length(gzip.compress(TEXT) + gzip.compress(b"more"), GZIP), TEXT + b"more"),
    "gzip of nothing": (with_length(gzip.compress(b""), GZIP), b""),
    "gzip without a body": (with_length(b"", GZIP), b""),
    "deflate": (chunked(zlib.compress(TEXT), DEFLATE, size=7), TEXT),
    "deflate without a frame": (chunked(deflated(TEXT), DEFLATE, size=7), TEXT),
    "identity": (with_length(TEXT, b"Content-Encoding: identity\r\n"), TEXT),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "304 that tells a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", b""),
    "after 103": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + with_length(TEXT), TEXT),
    "after two of 100": (b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + chunked(TEXT), TEXT),
    "without a reason": (b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", b"ok"),
    "1.0 that keeps": (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", b"ok"),
}
"""Answers after which the connection may be used again, and what they say."""

LAST = {
    "close": (with_length(TEXT, b"Connection: close\r\n"), TEXT),
    "until the end": (b"HTTP/1.1 200 OK\r\n\r\n" + TEXT, TEXT),
    "gzip until the end": (b"HTTP/1.1 200 OK\r\n" + GZIP + b"\r\n" + gzip.compress(TEXT), TEXT),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
    "1.0 until the end": (b"HTTP/1.0 200 OK\r\n\r\nok", b"ok"),
}
"""Answers after which it may not."""

BROKEN = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "half of a status": b"HTTP/1.1 20\r\n\r\n",
    "a length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
    "a length below zero": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok",
    "a chunk without a size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
    "a chunk longer than its size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n",
    "a header without a name": b"HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok",
    "a NUL in a header": b"HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 2\r\n\r\nok",
    "another protocol from now on": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "a head without an end": b"HTTP/1.1 200 OK\r\nA: " + b"a" * 2 * LONGEST_HEAD,
}
"""What no client takes for an answer."""

LEANS_OWN = {
    "an encoding of transfer that we do not know": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
    "lines that end in one byte": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "a header over two lines": b"HTTP/1.1 200 OK\r\nA: x\r\n y\r\nContent-Length: 2\r\n\r\nok",
    "interim answers without an end": b"HTTP/1.1 103 Hints\r\nA: " + b"a" * 60 + b"\r\n\r\n",
}
"""What aiohttp, which reads answers as leniently as browsers do, would take, and the lean client does not."""

UNPACKED = {
    "no gzip": with_length(b"plain", GZIP),
    "a broken gzip": with_length(gzip.compress(TEXT)[:-9] + b"123456789", GZIP),
    "half a gzip": with_length(gzip.compress(TEXT)[:-9], GZIP),
    "no deflate": with_length(b"\xff\xff\xff", DEFLATE),
    "half a deflate": chunked(zlib.compress(TEXT)[:-9], DEFLATE),
    "two deflates": with_length(zlib.compress(TEXT) * 2, DEFLATE),
    "brotli": with_length(b"plain", b"Content-Encoding: br\r\n"),
}


@pytest.mark.parametrize("name", KEPT)
async def test_an_answer_and_the_next_over_the_same_connection(client: Client, name: str) -> None:
    answer, body = KEPT[name]
    async with peer(always(answer)) as at:
        for _ in range(3):
            assert (await get(client, at)).body == body
    assert at.lines == 1


@pytest.mark.parametrize("name", KEPT)
async def test_an_answer_byte_by_byte(client: Client, name: str) -> None:
    answer, body = KEPT[name]

    async def conversation(line: Line) -> None:
        while True:
            await line.hear()
            await line.slowly(answer)

    async with peer(conversation) as at:
        assert (await get(client, at)).body == body
        assert (await get(client, at)).body == body
    assert at.lines == 1


@pytest.mark.parametrize("name", LAST)
async def test_the_last_answer_of_a_connection(client: Client, name: str) -> None:
    answer, body = LAST[name]

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(answer)
        line.end()
        await line.gone()

    async with peer(conversation) as at:
        for _ in range(3):
            assert (await get(client, at)).body == body
    assert at.lines == 3


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("stray", [b"stray", with_length(b"stray"), b"\0"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_comes_unasked_answers_nothing(
    client: Client, kind: str, method: str, stray: bytes, at_once: bool
) -> None:
    answer = with_length(b"" if method == "HEAD" else b"ok")

    async def conversation(line: Line) -> None:
        await line.hear()
        if at_once:
            await line.say(answer + stray)
        else:
            await line.say(answer)
            await line.say(stray)
        await line.gone()

    async with peer(conversation) as at:
        for count in range(3):
            if kind == "lean":
                assert (await get(client, at, method=method)).body == answer[-2:].strip()
            else:  # aiohttp takes the answer, or nothing that comes together with what is none
                with suppress(NotHttp):
                    assert (await get(client, at, method=method)).body == answer[-2:].strip()
            await at.ended(count + 1)
    assert at.lines == 3


@pytest.mark.parametrize("head", [b"", b"Content-Length: 5000\r\n", b"Transfer-Encoding: chunked\r\n", GZIP])
async def test_the_answer_to_a_head_has_no_body(client: Client, head: bytes) -> None:
    async def conversation(line: Line) -> None:
        while True:
            request = await line.hear()
            await line.say(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" if request.startswith(b"HEAD ") else OK)

    async with peer(conversation) as at:
        assert (await get(client, at, method="HEAD")).body == b""
        assert (await get(client, at)).body == b"ok"


async def test_status_and_headers(client: Client) -> None:
    answer = with_length(b"", b"Retry-After:  7 \r\nX-Odd: caf\xc3\xa9\r\nRETRY-AFTER: 9\r\n", b"429 Slow Down")
    async with peer(always(answer)) as at:
        got = await get(client, at)
    assert got.status == 429
    assert got.headers["retry-after"] == got.headers.get("Retry-After") == "7"
    assert got.headers.get("Date") is None
    assert "x-odd" in got.headers
    assert "429" in repr(got)
    assert "Odd" not in repr(got)


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_answer(client: Client, name: str) -> None:
    async with peer(once(BROKEN[name]), always(OK)) as at:
        with pytest.raises(NotHttp) as caught:
            await get(client, at)
        assert caught.value.sent
        assert (await get(client, at)).body == b"ok"
    assert at.lines == 2


@pytest.mark.parametrize("kind", ["lean"])
@pytest.mark.parametrize("name", LEANS_OWN)
async def test_what_the_lean_client_takes_for_no_answer(client: Client, name: str) -> None:
    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(LEANS_OWN[name] * (1 if LEANS_OWN[name].endswith(b"ok") else LONGEST_HEAD // 60))
        await line.gone()

    async with peer(conversation) as at:
        with pytest.raises(NotHttp):
            await get(client, at)


@pytest.mark.parametrize("name", UNPACKED)
async def test_what_cannot_be_unpacked(client: Client, name: str) -> None:
    async with peer(turns(UNPACKED[name], OK)) as at:
        with pytest.raises(NotUnpacked):
            await get(client, at)
        assert (await get(client, at)).body == b"ok"


@pytest.mark.parametrize("framed", [with_length, chunked])
@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_may_be_so_long(
    client: Client, monkeypatch: pytest.MonkeyPatch, framed: Callable[[bytes, bytes], bytes], packed: bool
) -> None:
    monkeypatch.setattr(unpack, "LONGEST_BODY", 100_000)

    async def conversation(line: Line) -> None:
        while True:
            body = b"0" * int((await line.hear()).split(b" ")[1][1:])
            await line.say(framed(gzip.compress(body), GZIP) if packed else framed(body, b""))

    async with peer(conversation) as at:
        assert len((await get(client, at, "/100000")).body) == 100_000
        with pytest.raises(TooLong):
            await get(client, at, "/100001")


async def test_a_bomb_is_not_unpacked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "LONGEST_BODY", 100_000)
    bomb = gzip.compress(bytes(50_000_000))
    async with peer(once(chunked(bomb, GZIP))) as at:
        with pytest.raises(TooLong):
            await get(client, at)


FRAMED = {
    "length": with_length(b'{"a":1}'),
    "chunked": chunked(b'{"a":1}', size=3),
    "gzip": with_length(gzip.compress(b"{}"), GZIP),
    "after 100": b"HTTP/1.1 100 Continue\r\n\r\n" + with_length(b"{}"),
}


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("name", FRAMED)
async def test_a_break_at_each_byte_is_no_answer(client: Client, name: str, reset: bool) -> None:
    answer = FRAMED[name]
    reached = 0

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(answer[:reached])
        if reset:
            line.reset()
        else:
            line.close()

    async with peer(conversation) as at:
        for reached in range(len(answer)):
            with pytest.raises(Severed) as caught:
                await get(client, at, f"/{reached}")
            assert caught.value.sent
    assert at.targets == [f"/{number}" for number in range(len(answer))]


@pytest.mark.parametrize("kind", ["lean"])
async def test_a_reset_is_no_end_of_a_body(client: Client) -> None:
    """Of a body that lasts until the connection ends, a reset does not tell how much is missing (nor does aiohttp)."""

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(b"HTTP/1.1 200 OK\r\n\r\n" + TEXT)
        line.reset()

    async with peer(conversation) as at:
        with pytest.raises(Severed):
            await get(client, at)
