"""TLS: nobody is talked to who does not prove to be the one meant."""

from __future__ import annotations

import ssl

import pytest

from tests.upstreams.http.clients.certificates import Authority
from tests.upstreams.http.clients.conftest import MakeClient, get
from tests.upstreams.http.clients.peer import OK, Line, always, peer, silent
from tests.upstreams.http.clients.test_answers import KEPT, LAST
from upstreams.http.exchange import NoConnection, NotSecure, Place, Severed


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_peer_that_proves_who_it_is(make_client: MakeClient, authority: Authority, host: str) -> None:
    asked: list[str | None] = []
    context = authority.serve_as(host)
    context.sni_callback = lambda _, name, __: asked.append(name)
    client = make_client(context=authority.trusted())
    async with peer(always(OK), tls=context, name=host) as at:
        for _ in range(3):
            assert (await get(client, at)).body == b"ok"
    assert at.lines == 1
    assert asked == ["localhost" if host == "localhost" else None]  # an address is no name to ask for (RFC 6066)


UNPROVEN = {
    "another name": ("upstream.test", 1),
    "a name that only begins so": ("localhost.upstream.test", 1),
    "out of date": ("localhost", -1),
}


@pytest.mark.parametrize("name", UNPROVEN)
async def test_a_peer_that_does_not(make_client: MakeClient, authority: Authority, name: str) -> None:
    served_as, days = UNPROVEN[name]
    client = make_client(context=authority.trusted())
    async with peer(silent, tls=authority.serve_as(served_as, days=days), name="localhost") as at:
        with pytest.raises(NotSecure) as caught:
            await client.send(at.place, "POST", "/thing", {"Authorization": "secret"}, b"{}")
        assert not caught.value.sent
    assert at.requests == []


async def test_an_authority_that_nobody_trusts(make_client: MakeClient, authority: Authority) -> None:
    client = make_client()
    async with peer(silent, tls=authority.serve_as("localhost"), name="localhost") as at:
        with pytest.raises(NotSecure):
            await get(client, at)
    assert at.requests == []


async def test_a_version_that_is_out_of_use(make_client: MakeClient, authority: Authority) -> None:
    trusted = authority.trusted()
    trusted.minimum_version = ssl.TLSVersion.TLSv1_3
    context = authority.serve_as("localhost")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    client = make_client(context=trusted)
    async with peer(silent, tls=context, name="localhost") as at:
        with pytest.raises(NoConnection):
            await get(client, at)


async def close(line: Line) -> None:
    line.close()


async def reset(line: Line) -> None:
    line.reset()


async def plain(line: Line) -> None:
    await line.say(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    await line.gone()


@pytest.mark.parametrize("conversation", [close, reset, plain])
async def test_a_peer_that_speaks_no_tls(make_client: MakeClient, authority: Authority, conversation: object) -> None:
    client = make_client(context=authority.trusted())
    assert callable(conversation)
    async with peer(conversation) as at:
        with pytest.raises(NoConnection) as caught:
            await client.send(Place.of(f"https://127.0.0.1:{at.place.port}"), "GET", "/thing", {}, None)
        assert not caught.value.sent


@pytest.mark.parametrize("name", ["length", "chunked", "gzip", "after 103"])
async def test_an_answer_byte_by_byte(make_client: MakeClient, authority: Authority, name: str) -> None:
    answer, body = KEPT[name]
    client = make_client(context=authority.trusted())

    async def conversation(line: Line) -> None:
        while True:
            await line.hear()
            await line.slowly(answer)

    async with peer(conversation, tls=authority.serve_as("localhost"), name="localhost") as at:
        for _ in range(2):
            assert (await get(client, at)).body == body
    assert at.lines == 1


@pytest.mark.parametrize("name", LAST)
async def test_the_last_answer_of_a_connection(make_client: MakeClient, authority: Authority, name: str) -> None:
    answer, body = LAST[name]
    client = make_client(context=authority.trusted())

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(answer)
        line.close()

    async with peer(conversation, tls=authority.serve_as("localhost"), name="localhost") as at:
        for _ in range(2):
            assert (await get(client, at)).body == body
    assert at.lines == 2


@pytest.mark.parametrize("reached", [0, 10, len(OK) - 1])
async def test_a_break_within_an_answer(make_client: MakeClient, authority: Authority, reached: int) -> None:
    client = make_client(context=authority.trusted())

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(OK[:reached])
        line.reset()

    async with peer(conversation, tls=authority.serve_as("localhost"), name="localhost") as at:
        with pytest.raises(Severed):
            await get(client, at)
    assert len(at.requests) == 1


async def test_a_long_request_and_a_long_answer(make_client: MakeClient, authority: Authority) -> None:
    client = make_client(context=authority.trusted())
    body = bytes(range(256)) * 4096

    async def echo(line: Line) -> None:
        while True:
            await line.hear()
            await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    async with peer(echo, tls=authority.serve_as("localhost"), name="localhost") as at:
        for _ in range(2):
            assert (await client.send(at.place, "POST", "/long", {}, body)).body == body
    assert at.lines == 1
    assert all(request.endswith(body) for request in at.requests)
