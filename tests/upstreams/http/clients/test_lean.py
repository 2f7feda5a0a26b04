"""The lean client's reading of an answer, whatever pieces it comes in and whatever is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.http.clients.peer import OK
from tests.upstreams.http.clients.test_answers import BROKEN, KEPT, LAST, LEANS_OWN, UNPACKED, chunked, with_length
from upstreams.http.exchange import Answer, ExchangeError, NotHttp, Patience
from upstreams.http.lean.connection import Connection
from upstreams.http.lean.fields import Fields


class Network(asyncio.Transport):
    """A transport that leads nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        self.sent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Nobody hears it."""
        self.sent.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer."""

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True


class Nobody:
    """Keeps no connections."""

    def made(self, connection: Connection) -> None:
        """Nor this one."""

    def idle(self, connection: Connection) -> None:
        """Whoever asks next knows it."""

    def lost(self, connection: Connection) -> None:
        """It was none of ours."""


async def read(pieces: Sequence[bytes], then: bytes) -> tuple[Answer | ExchangeError, Answer | ExchangeError | None]:
    """What a connection makes of the pieces and of the end after them; and, if it would carry another exchange, of what
    comes then."""
    connection = Connection(asyncio.get_running_loop(), ("http", "host", 80), Patience(30.0), Nobody())
    connection.connection_made(Network())

    async def ask(pieces: Sequence[bytes]) -> Answer | ExchangeError:
        waiter = connection.ask(b"GET / HTTP/1.1\r\n\r\n", asyncio.get_running_loop().time() + 30.0)
        await asyncio.sleep(0)  # the turn in which requests go out
        for piece in pieces:
            if not waiter.done():
                connection.data_received(piece)
        if not waiter.done():
            connection.eof_received()
            connection.connection_lost(None)
        try:
            return await waiter
        except ExchangeError as failure:
            return failure

    first = await ask(pieces)
    second = await ask([then]) if connection.usable else None
    connection.abort()
    return first, second


async def test_a_reply_that_is_given_up_ends_its_connection() -> None:
    """What still comes for it meets no other request."""
    loop, network = asyncio.get_running_loop(), Network()
    connection = Connection(loop, ("http", "host", 80), Patience(30.0), Nobody())
    connection.connection_made(network)
    reply = connection.ask(b"GET / HTTP/1.1\r\n\r\n", loop.time() + 30.0)
    assert reply.cancel()
    assert network.closed
    connection.data_received(OK)
    assert not connection.usable
    assert not reply.cancel()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges) if start < stop]


PLACES = st.lists(st.integers(min_value=0), max_size=12)


@pytest.mark.parametrize("name", KEPT)
@given(places=PLACES)
def test_an_answer_may_be_cut_anywhere(name: str, places: list[int]) -> None:
    answer, body = KEPT[name]
    first, second = asyncio.run(read(cut(answer, places), OK))
    assert isinstance(first, Answer)
    assert first.body == body
    assert isinstance(second, Answer)
    assert second.body == b"ok"


@given(body=st.binary(max_size=2000), size=st.integers(min_value=1, max_value=500), places=PLACES)
def test_any_body_in_any_chunks(body: bytes, size: int, places: list[int]) -> None:
    for answer in (with_length(body), chunked(body, size=size)):
        first, second = asyncio.run(read(cut(answer, places), OK))
        assert isinstance(first, Answer)
        assert first.body == body
        assert isinstance(second, Answer)


SEEDS = [
    *(answer for answer, _ in (*KEPT.values(), *LAST.values())),
    *(answer[:500] for answer in (*BROKEN.values(), *LEANS_OWN.values())),
    *UNPACKED.values(),
]


@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(
        st.tuples(st.integers(min_value=0), st.integers(min_value=0, max_value=3), st.binary(max_size=6)), max_size=4
    ),
    places=PLACES,
)
def test_nothing_that_comes_is_more_than_a_failure(
    seed: bytes, changes: list[tuple[int, int, bytes]], places: list[int]
) -> None:
    """And a connection that is used again stands exactly at the end of an answer."""
    for place, dropped, added in changes:
        at = place % (len(seed) + 1)
        seed = seed[:at] + added + seed[at + dropped :]
    first, second = asyncio.run(read(cut(seed, places), with_length(b"the next")))
    assert isinstance(first, Answer | ExchangeError)
    assert second is None or (isinstance(second, Answer) and second.body == b"the next")


async def test_what_one_turn_asks_goes_out_in_the_next_but_for_what_was_given_up() -> None:
    loop = asyncio.get_running_loop()
    networks = [Network() for _ in range(3)]
    waiters = []
    for number, network in enumerate(networks):
        connection = Connection(loop, ("http", "host", 80), Patience(30.0), Nobody())
        connection.connection_made(network)
        waiters.append(connection.ask(b"%d" % number, loop.time() + 30.0))
    waiters[1].cancel()
    assert [network.sent for network in networks] == [[], [], []]
    await asyncio.sleep(0)
    assert [network.sent for network in networks] == [[b"0"], [], [b"2"]]
    assert [network.closed for network in networks] == [False, True, False]
    for waiter in waiters:
        waiter.cancel()


async def test_what_comes_before_the_request_is_out_is_no_answer_to_it() -> None:
    loop, network = asyncio.get_running_loop(), Network()
    connection = Connection(loop, ("http", "host", 80), Patience(30.0), Nobody())
    connection.connection_made(network)
    waiter = connection.ask(b"GET / HTTP/1.1\r\n\r\n", loop.time() + 30.0)
    connection.data_received(OK)
    with pytest.raises(NotHttp):
        await waiter
    assert (network.sent, network.closed, connection.usable) == ([], True, False)


def test_fields() -> None:
    fields = Fields([(b"Retry-After", b"7"), (b"X", b" caf\xe9 "), (b"RETRY-AFTER", b"9")])
    assert fields["retry-AFTER"] == "7"
    assert fields["x"] == "café"
    assert list(fields) == ["retry-after", "x"]
    assert len(fields) == 2
    assert "Date" not in fields
    assert fields.get("é") is None
