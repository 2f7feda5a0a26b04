"""The other end of a connection, driven by hand: a test says which bytes come when, and how it ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from upstreams.http.exchange import Place

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Line:
    """One connection, as the server has it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def server_name(self) -> str | None:
        """The name that the client asked for in the TLS handshake."""
        return getattr(self._writer.get_extra_info("ssl_object"), "asked_for", None)

    async def hear(self) -> bytes:
        """The next request, head and body."""
        head = await self.begin()
        for field in head.split(b"\r\n"):
            if field.lower().startswith(b"content-length:"):
                return head + await self._reader.readexactly(int(field.split(b":")[1]))
        return head

    async def begin(self) -> bytes:
        """The head of the next request; its body is left where it is."""
        return await self._reader.readuntil(b"\r\n\r\n")

    async def say(self, data: bytes) -> None:
        """Some bytes."""
        self._writer.write(data)
        await self._writer.drain()

    async def slowly(self, data: bytes) -> None:
        """The bytes one by one, each on a turn of its own."""
        for byte in data:
            await self.say(bytes([byte]))
            await asyncio.sleep(0)

    def end(self) -> None:
        """No more comes from here; what the client says is still read."""
        self._writer.write_eof()

    def close(self) -> None:
        """The connection is closed in good order."""
        self._writer.close()

    def reset(self) -> None:
        """The connection breaks."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be nothing but a pipe to another connection, until both have ended."""

        async def pump(source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                drain.write(data)
            drain.close()

        await asyncio.gather(pump(self._reader, writer), pump(reader, self._writer))

    async def gone(self) -> None:
        """Wait until the client has closed it."""
        try:
            while await self._reader.read(65536):
                pass
        except OSError:
            pass


Conversation = Callable[[Line], Awaitable[object]]


class Peer:
    """A server; each new connection is led by the next conversation, the last one again and again."""

    def __init__(self, *conversations: Conversation) -> None:
        self.place: Place
        self.lines = 0
        self.requests: list[bytes] = []
        self._conversations = list(conversations)
        self._failures: list[BaseException] = []
        self._over = asyncio.Condition()
        self._ended = 0

    @property
    def targets(self) -> list[str]:
        """What was asked for."""
        return [request.split(b" ")[1].decode() for request in self.requests]

    async def ended(self, count: int) -> None:
        """Wait until so many conversations are over."""
        async with asyncio.timeout(10), self._over:
            await self._over.wait_for(lambda: self._ended >= count)

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold the conversation of a new connection."""
        conversation = self._conversations[min(self.lines, len(self._conversations) - 1)]
        self.lines += 1
        line = Line(reader, writer)
        hear = line.hear

        async def heard() -> bytes:
            request = await hear()
            self.requests.append(request)
            return request

        line.hear = heard  # type: ignore[method-assign]
        try:
            await conversation(line)
        except (asyncio.IncompleteReadError, OSError):
            pass  # the client went away: it is for the test to say whether it should have
        except Exception as error:
            self._failures.append(error)
        finally:
            writer.close()
            async with self._over:
                self._ended += 1
                self._over.notify_all()

    def check(self) -> None:
        """No conversation failed."""
        if self._failures:
            raise self._failures[0]


@asynccontextmanager
async def peer(
    *conversations: Conversation, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", name: str | None = None
) -> AsyncIterator[Peer]:
    """A server on a free port that is gone afterwards; ``name`` is what its URL calls it."""
    made = Peer(*conversations)
    async with running(made, tls, host) as port:
        shown = name or (f"[{host}]" if ":" in host else host)
        made.place = Place.of(f"{'https' if tls else 'http'}://{shown}:{port}")
        yield made
    made.check()


@asynccontextmanager
async def running(made: Peer, tls: ssl.SSLContext | None, host: str) -> AsyncIterator[int]:
    """The port where a peer listens."""
    tasks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(made.lead(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(begin, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def always(answer: bytes) -> Conversation:
    """Every request of a connection gets the same answer."""

    async def conversation(line: Line) -> None:
        while True:
            await line.hear()
            await line.say(answer)

    return conversation


def turns(*answers: bytes) -> Conversation:
    """The answers in turn, over however many connections."""
    coming = iter(answers)

    async def conversation(line: Line) -> None:
        while True:
            await line.hear()
            await line.say(next(coming))

    return conversation


def once(answer: bytes) -> Conversation:
    """The first request gets an answer, and what follows is waited for in vain."""

    async def conversation(line: Line) -> None:
        await line.hear()
        await line.say(answer)
        await line.gone()

    return conversation


async def silent(line: Line) -> None:
    """No request gets an answer."""
    await line.hear()
    await line.gone()
