"""Who reads too little is cut off: what too little is, on a clock that does not wait, and how a socket shows it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from gateway.http.joined import Joined
from gateway.http.slow_readers import LEAST_READ, ReadingWatch
from tests.virtual_time import VirtualTimeLoop


class Quiet:
    """The socket of a system that tells nothing of it."""

    def fileno(self) -> int:
        raise OSError


class Held(asyncio.Transport):
    """Holds all that is written."""

    def __init__(self) -> None:
        super().__init__({"socket": Quiet()})
        self.held = 0
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.held += len(data)

    def get_write_buffer_size(self) -> int:
        return self.held

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


@pytest.mark.parametrize(
    ("taken", "period"),
    [
        ([LEAST_READ, LEAST_READ, LEAST_READ, 5, 0, 0], None),
        ([3 * LEAST_READ + 5, 0], None),
        ([LEAST_READ, LEAST_READ - 1, LEAST_READ], 2),
        ([3 * LEAST_READ, 0], 2),
        ([3 * LEAST_READ, 4], 2),
        ([0, 3 * LEAST_READ], 1),
    ],
)
def test_some_of_an_answer_is_to_be_taken_in_each_period(taken: list[int], period: int | None) -> None:
    """``period``: the one after which the client is cut off."""

    async def run() -> int | None:
        loop = asyncio.get_running_loop()
        transport = Held()
        joined = Joined(transport, loop, lambda: watch.begin())
        watch = ReadingWatch(joined, loop, 10.0)
        joined.write(b"x" * (3 * LEAST_READ + 5))
        await asyncio.sleep(5.0)
        for number, bytes_taken in enumerate(taken, 1):
            transport.held -= bytes_taken
            watch.begin()  # that more is written, or more than it likes is held, moves no period
            await asyncio.sleep(10.0)
            if transport.aborted:
                return number
        watch.end()
        return None

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(run()) == period


@pytest.mark.parametrize("read", [0, 400_000])
async def test_what_is_read_of_a_socket_is_seen(read: int) -> None:
    """A client that reads so much in each period gets all, one that reads nothing is cut off."""
    whole = 4_000_000
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)  # what is read of more frees some of it
        client.connect(listener.getsockname())
        client.setblocking(False)
        transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, listener.accept()[0])
        joined = Joined(transport, loop, lambda: watch.begin())
        watch = ReadingWatch(joined, loop, 3600.0)  # the test says when a period is over
        joined.write(b"x" * whole)
        await asyncio.sleep(0)
        received = periods = 0
        while received < whole and not transport.is_closing():
            until = min(received + read, whole)
            while received < until:
                received += len(await loop.sock_recv(client, until - received))
            periods += 1
            watch.look()
        assert (received, transport.is_closing()) == ((whole, False) if read else (0, True))
        watch.end()
        transport.abort()
        await asyncio.sleep(0)
