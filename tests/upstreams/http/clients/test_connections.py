"""Connections: how one comes about, when it is used again, and what a break of one says of the request on it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.upstreams.http.clients.conftest import MakeClient, get
from tests.upstreams.http.clients.peer import OK, Line, always, once, peer, silent
from upstreams.http.exchange import Client, NoConnection, NotHttp, OutOfTime, Patience, Place, Severed
from upstreams.http.lean import connection as lean

BIG = b"0" * 20_000_000


async def unused_port() -> int:
    async with peer(silent) as at:
        return at.place.port


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The name upstream.test has these addresses."""

    async def getaddrinfo(_: object, host: str, port: int, **__: object) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
            for address in (addresses if host == "upstream.test" else (host,))
        ]

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", getaddrinfo)


# -- how it comes about --------------------------------------------------------------------------------


async def test_nobody_listens(client: Client) -> None:
    place = Place.of(f"http://127.0.0.1:{await unused_port()}")
    with pytest.raises(NoConnection) as caught:
        await client.send(place, "POST", "/thing", {}, b"{}")
    assert not caught.value.sent


async def test_there_is_no_such_name(client: Client) -> None:
    with pytest.raises(NoConnection) as caught:
        await client.send(Place.of("http://nobody.invalid"), "GET", "/thing", {}, None)
    assert not caught.value.sent


@pytest.mark.parametrize("dead", [["127.0.0.2"], ["127.0.0.2", "::1"], ["::1"]])
async def test_the_next_address_is_tried(client: Client, monkeypatch: pytest.MonkeyPatch, dead: list[str]) -> None:
    async with peer(always(OK), name="upstream.test") as at:
        resolving(monkeypatch, *dead, "127.0.0.1")
        assert (await get(client, at)).body == b"ok"
    assert b"Host: upstream.test:" in at.requests[0]


async def test_no_address_takes_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place.of(f"http://upstream.test:{await unused_port()}")
    resolving(monkeypatch, "127.0.0.1", "::1", "127.0.0.2")
    with pytest.raises(NoConnection):
        await client.send(place, "GET", "/thing", {}, None)


async def test_ipv6(client: Client) -> None:
    async with peer(always(OK), host="::1") as at:
        assert (await get(client, at)).body == b"ok"
    assert f"Host: [::1]:{at.place.port}\r\n".encode() in at.requests[0]


# -- when it is used again -----------------------------------------------------------------------------


async def test_one_after_another_share_a_connection(client: Client) -> None:
    async with peer(always(OK)) as at:
        for _ in range(20):
            await get(client, at)
    assert at.lines == 1


async def test_at_once_each_has_its_own(client: Client) -> None:
    together = asyncio.Barrier(8)

    async def conversation(line: Line) -> None:
        while True:
            target = (await line.hear()).split(b" ")[1]
            await together.wait()
            await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(target), target))

    async with peer(conversation) as at:
        for turn in range(3):
            targets = [f"/{turn}/{number}" for number in range(8)]
            answers = await asyncio.gather(*(get(client, at, target) for target in targets))
            assert [answer.body.decode() for answer in answers] == targets
    assert at.lines == 8


@pytest.mark.parametrize("reset", [False, True])
async def test_one_that_was_closed_while_idle_is_not_used(client: Client, reset: bool) -> None:
    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(OK)
        if reset:
            line.reset()
        else:
            line.close()

    async with peer(conversation) as at:
        for count in range(3):
            assert (await client.send(at.place, "POST", "/thing", {}, b"{}")).body == b"ok"
            await at.ended(count + 1)
            for _ in range(5):
                await asyncio.sleep(0)
    assert len(at.requests) == at.lines == 3


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("reset", [False, True])
async def test_one_that_closes_on_the_next_request_carries_it_once(client: Client, method: str, reset: bool) -> None:
    """The request may have reached the upstream. A spent scroll id must not go out twice."""

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(OK)
        await line.hear()
        if reset:
            line.reset()

    async with peer(conversation, always(OK)) as at:
        await get(client, at, "/first")
        with pytest.raises(Severed) as caught:
            await get(client, at, "/second", method)
        assert caught.value.sent
        assert (await get(client, at, "/third")).body == b"ok"
    assert at.targets == ["/first", "/second", "/third"]


async def test_a_half_closed_peer_has_answered(client: Client) -> None:
    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(OK)
        line.end()
        await line.gone()

    async with peer(conversation) as at:
        for count in range(3):
            assert (await get(client, at)).body == b"ok"
            await at.ended(count + 1)  # so the client has closed its half
    assert at.lines == 3


async def test_an_early_answer_to_a_long_request(client: Client) -> None:
    async def conversation(line: Line) -> None:
        await line.begin()
        await line.say(b"HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno")
        await line.gone()

    async with peer(conversation, always(OK)) as at:
        assert (await client.send(at.place, "POST", "/long", {}, BIG)).status == 413
        assert (await get(client, at)).body == b"ok"
    assert at.lines == 2


@pytest.mark.parametrize("kind", ["lean"])
async def test_an_idle_connection_is_closed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean, "IDLE", 0.01)
    async with peer(once(OK)) as at:
        await get(client, at)
        await at.ended(1)


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1"]
)
async def test_when_nobody_waits_any_longer_the_connection_goes(client: Client, said: bytes) -> None:
    heard = asyncio.Event()

    async def conversation(line: Line) -> None:
        await line.hear()
        if said:
            await line.say(said)
        heard.set()
        await line.gone()

    async with peer(conversation, always(OK)) as at:
        task = asyncio.create_task(get(client, at))
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await at.ended(1)
        assert (await get(client, at, "/next")).body == b"ok"
    assert at.lines == 2


async def test_nobody_waits_for_a_connection_any_longer(client: Client) -> None:
    with nobody_answers() as place:
        task = asyncio.create_task(client.send(place, "POST", "/thing", {}, b"{}"))
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_nobody_waits_for_a_handshake_any_longer(client: Client) -> None:
    greeted = asyncio.Event()

    async def conversation(line: Line) -> None:
        greeted.set()
        await line.gone()

    async with peer(conversation) as at:
        place = Place.of(f"https://127.0.0.1:{at.place.port}")
        task = asyncio.create_task(client.send(place, "POST", "/thing", {}, b"{}"))
        await greeted.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await at.ended(1)


async def test_a_client_that_closes_ends_what_is_open(make_client: MakeClient) -> None:
    client = make_client()
    heard = asyncio.Event()

    async def conversation(line: Line) -> None:
        await line.hear()
        heard.set()
        await line.gone()

    async with peer(conversation) as at:
        waiting = asyncio.create_task(get(client, at))
        await heard.wait()
        await client.close()
        with pytest.raises(Severed):
            await waiting
        await at.ended(1)


# -- how long it may take ------------------------------------------------------------------------------


@contextmanager
def nobody_answers() -> Iterator[Place]:
    """A port that takes no connection and refuses none."""
    with socket.socket() as listener, socket.socket() as first:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        first.connect(listener.getsockname())  # Linux lets one wait to be accepted, and drops what knocks after it
        yield Place.of(f"http://127.0.0.1:{listener.getsockname()[1]}")


async def test_a_connection_that_does_not_come_about(make_client: MakeClient) -> None:
    client = make_client(Patience(30.0, connect=0.05, secure=0.05))
    with nobody_answers() as place, pytest.raises(OutOfTime, match="no connection in time") as caught:
        await client.send(place, "POST", "/thing", {}, b"{}")
    assert not caught.value.sent


async def test_connecting_takes_no_longer_than_all_may(make_client: MakeClient, kind: str) -> None:
    client = make_client(Patience(0.05))
    with nobody_answers() as place, pytest.raises(OutOfTime) as caught:
        await client.send(place, "POST", "/thing", {}, b"{}")
    assert caught.value.sent == (kind == "aiohttp")  # it does not tell in which phase the whole time ran out


async def test_a_handshake_that_does_not_come_about(make_client: MakeClient) -> None:
    client = make_client(Patience(30.0, connect=0.05, secure=0.05))
    async with peer(Line.gone) as at:
        place = Place.of(f"https://127.0.0.1:{at.place.port}")
        with pytest.raises(OutOfTime, match="connection in time") as caught:
            await client.send(place, "POST", "/thing", {}, b"{}")
    assert not caught.value.sent


async def test_an_upstream_that_does_not_take_the_request(make_client: MakeClient, kind: str) -> None:
    client = make_client(Patience(30.0, write=0.05) if kind == "lean" else Patience(0.2))
    over = asyncio.Event()

    async def deaf(line: Line) -> None:
        await over.wait()

    async with peer(deaf) as at:
        with pytest.raises(OutOfTime, match="not taken" if kind == "lean" else "no answer") as caught:
            await client.send(at.place, "POST", "/long", {}, BIG)
        over.set()
    assert caught.value.sent


PAUSES = {
    "before the first byte": (b"", Patience(30.0, first=0.05, between=0.05)),
    "within the head": (b"HTTP/1.1 200 OK\r\nContent-", Patience(30.0, first=0.3, between=0.05)),
    "within the body": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", Patience(30.0, first=0.3, between=0.05)),
    "in all": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", Patience(0.5)),
}


@pytest.mark.parametrize("name", PAUSES)
async def test_an_upstream_that_falls_silent(make_client: MakeClient, name: str) -> None:
    said, patience = PAUSES[name]
    client = make_client(patience)

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(said)
        await line.gone()

    async with peer(conversation) as at:
        with pytest.raises(OutOfTime) as caught:
            await get(client, at)
        assert caught.value.sent
        await at.ended(1)  # so the client has closed the connection


async def test_an_answer_that_trickles_without_an_end(make_client: MakeClient) -> None:
    client = make_client(Patience(0.3))

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await line.say(b"1\r\n \r\n")
            await asyncio.sleep(0.01)

    async with peer(conversation) as at:
        with pytest.raises(OutOfTime, match=r"no answer within 0\.3 s"):
            await get(client, at)


@pytest.mark.parametrize("kind", ["lean"])
async def test_time_that_has_passed_on_a_connection_is_not_the_next_ones(make_client: MakeClient) -> None:
    """The lean client has one alarm for all exchanges of a connection, which rings too early for later ones."""
    client = make_client(Patience(2.0))

    async def conversation(line: Line) -> None:
        while True:
            await line.hear()
            await asyncio.sleep(0.25)
            await line.say(OK)

    async with peer(conversation) as at:
        for _ in range(9):
            assert (await get(client, at)).body == b"ok"
    assert at.lines == 1


async def test_what_is_no_answer_ends_the_connection(client: Client) -> None:
    async with peer(once(b"220 mail ready\r\n"), always(OK)) as at:
        with pytest.raises(NotHttp):
            await get(client, at)
        await at.ended(1)
        assert (await get(client, at)).body == b"ok"
