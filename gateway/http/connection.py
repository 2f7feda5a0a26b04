"""One connection of a client, with bounds for what uvicorn leaves open.

They are how long a request may take to arrive, how large its head may be, and how long an answer may stay unread. They
guard sockets and memory against clients that are half there, so most of them end the connection without an answer.
"""

from __future__ import annotations

from asyncio import Transport
from asyncio.events import TimerHandle
from fcntl import ioctl
from math import inf
from sys import byteorder
from termios import TIOCOUTQ
from typing import Any, cast

import orjson
from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.errors import formatted
from gateway.http.answers import SECURITY_HEADERS, crashed
from gateway.http.asked import Asked
from gateway.http.cycle import ShortCycle
from gateway.http.front import ShortWay
from gateway.http.headers import RequestHeaders
from gateway.http.joined import Joined

_LONGEST_HEAD = 64 * 1024
"""Bytes that the request line and the headers may have, and what stands around and behind a body."""
_TOO_MUCH_HEAD = "The headers are larger than this gateway reads."
_MOST_AHEAD = 64
"""Requests that a client may send ahead while one is at work."""
_LEAST_READ = 16 * 1024
"""Bytes of an answer that a client must take in each period; one that takes fewer is gone, or an attack."""
_LINGER = 2.0
"""Seconds that a connection is kept after a refusal, since a client that still sends may not have read it yet."""
_AFTERWARDS = 2.0
"""Seconds past the time for a request after which a body is given up that the application has not given up."""


class Connection(HttpToolsProtocol):
    """See the module.

    Args:
        seconds: that the head of a request may take, and then its body; and a period of the reading of an answer.
        rest: what uvicorn gives a protocol.
    """

    def __init__(self, *rest: Any, seconds: float, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._seconds = seconds
        self._alarm: TimerHandle | None = None
        self._due = self._rings_at = inf
        self._idle = False
        self._in_head = False
        self._unheard = self._fields = 0
        self._plain_head = b""
        self._short_way: ShortWay | None = getattr(getattr(self.app, "state", None), "short_way", None)
        self._coming: ShortCycle | None = None
        self._reading: TimerHandle | None = None
        self._refused = False
        self._at_work: RequestResponseCycle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A client has connected."""
        self._joined = Joined(transport, self.loop)
        super().connection_made(cast(Transport, self._joined))
        self._expect(self._seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._expect(None)
        if self._alarm is not None:
            self._alarm.cancel()
        if self._reading is not None:
            self._reading.cancel()
        self._give_up()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The client has sent something."""
        if self._refused:
            return
        if self._idle or self._due == inf:
            # Also what the parser skips, such as empty lines before a request, must not go on for ever.
            self._idle = False
            self._expect(self._seconds)
        self._unheard += len(data)
        self._feed(data)
        if self._coming is not None:
            # The rest of its body is still to come.
            coming, self._coming = self._coming, None
            self._go_the_long_way()
            if coming.whole:
                super().on_body(coming.whole)
        if self._unheard > _LONGEST_HEAD and not (self._refused or self.transport.is_closing()):
            # The parser keeps what it tells nothing of until it can: a head, or fields behind a body in chunks.
            self._refuse(431, _TOO_MUCH_HEAD)

    def on_message_begin(self) -> None:
        """A request begins. uvicorn hears of it when its head is there."""
        self.url, self.headers = b"", []
        self._in_head, self._fields = True, 0
        self._expect(self._seconds)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Another header is there. What stands behind a body is none (RFC 9110, 6.5.1), though uvicorn adds it."""
        if self._in_head:
            self._fields += len(name) + len(value)
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head of the request is there."""
        self._in_head, self._unheard = False, 0
        if len(self.url) + self._fields > _LONGEST_HEAD:
            self._refuse(431, _TOO_MUCH_HEAD)
            raise ValueError("a head too large")  # to the parser, which then takes no more of the request
        if (
            self._short_way is not None
            and (self.cycle is None or self.cycle.response_complete)
            and self.parser.get_http_version() == "1.1"
            and self._short_way.takes(self.parser.get_method(), self.url, self.headers)
        ):
            self._coming = ShortCycle(self.flow, keep_alive=self.parser.should_keep_alive())
        elif self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._plain_head = self._without_upgrade()
        else:
            self._go_the_long_way()

    def on_body(self, body: bytes) -> None:
        """Some of the body is there."""
        self._unheard = 0
        if self._coming is None:
            super().on_body(body)
        else:
            self._coming.whole += body

    def on_message_complete(self) -> None:
        """The whole request is there."""
        self._unheard = 0
        if self._plain_head:
            return
        self._expect(None)
        if self._coming is None:
            super().on_message_complete()
            if self.cycle.response_complete:
                # It was answered before its body was there, and nothing else is at work.
                self._be_idle()
        else:
            cycle, self._coming = self._coming, None
            self.cycle = self._at_work = cycle
            task = self.loop.create_task(self._go_the_short_way(cycle, self.headers))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    def on_response_complete(self) -> None:
        """The whole answer was given to the transport, which may still hold some of it."""
        self._joined.flush()
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
            elif self._due == inf:
                self._be_idle()
        self._watch_reading()

    def pause_writing(self) -> None:
        """The transport holds more of the answer than it likes."""
        super().pause_writing()
        self._watch_reading()

    def send_400_response(self, msg: str) -> None:
        """What came is not HTTP."""
        if not self._refused:
            self._refuse(400, msg)

    def _feed(self, data: bytes) -> None:
        """Give the parser what came.

        It ends a request that offers another protocol with its head, and would take the body for the next request. No
        other protocol is spoken here, so it gets such a head once more, without the offer.
        """
        while data:
            try:
                self.parser.feed_data(data)
                return
            except HttpParserUpgrade as offer:
                data = self._plain_head + data[offer.args[0] :]
                self._plain_head = b""
            except HttpParserError:
                message = "Invalid HTTP request received."
                self.logger.warning(message)
                self.send_400_response(message)
                return

    def _without_upgrade(self) -> bytes:
        """The head that was read, without the header ``Upgrade``."""
        fields = b"".join(b"%b: %b\r\n" % field for field in self.headers if field[0] != b"upgrade")
        version = self.parser.get_http_version().encode("ascii")
        return b"%b %b HTTP/%b\r\n%b\r\n" % (self.parser.get_method(), self.url, version, fields)

    def _go_the_long_way(self) -> None:
        """Let uvicorn answer the request, by ASGI: it is told what the parser has told until now."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        self._expect(self._seconds + _AFTERWARDS)
        super().on_headers_complete()
        if len(self.pipeline) > _MOST_AHEAD:
            raise ValueError("too many requests ahead")  # to the parser, which then takes no more of them

    async def _go_the_short_way(self, cycle: ShortCycle, headers: list[tuple[bytes, bytes]]) -> None:
        """Answer a request that is there whole."""
        assert self._short_way is not None  # noqa: S101 - it takes the request
        default_headers = self.server_state.default_headers
        try:
            asked = Asked("POST", RequestHeaders.of(headers), self.client, b"", cycle.receive, cycle.whole)
            answer = await self._short_way.answer(asked)
            response = None if answer is None else cycle.response(answer, default_headers)
            if self.flow.write_paused and not cycle.disconnected:
                await self.flow.drain()
        except BaseException as error:  # as uvicorn does: an answer is due also from a task that the end cancels
            self.logger.error("Exception while a request was answered", exc_info=error)
            cycle.keep_alive = False
            response = cycle.response(crashed(), default_headers)
        if response is None or cycle.disconnected:
            return
        self._joined.send(response)
        cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._at_work = cycle
        super()._start_asgi_task(cycle, app)

    def _give_up(self) -> None:
        """Nobody gets the answer of the request that is at work; uvicorn itself tells only the last that arrived."""
        if self._at_work is not None and not self._at_work.response_complete:
            self._at_work.disconnected = True
            self._at_work.message_event.set()
        self.pipeline.clear()

    def _be_idle(self) -> None:
        """Nothing is expected but another request: what uvicorn sets an alarm of its own for, anew after each."""
        self._idle = True
        self._expect(self.timeout_keep_alive)

    def _expect(self, seconds: float | None) -> None:
        """From now on the client has so long for the next part of its request; None: nothing is expected of it.

        There is one alarm. One that rings too early is set anew, which costs less than to set one for each part.
        """
        self._due = inf if seconds is None else self.loop.time() + seconds
        if self._due < self._rings_at:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings_at = self._due
        self._alarm = self.loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._alarm, self._rings_at = None, inf
        if self._due > self.loop.time():
            if self._due < inf:
                self._set_alarm()
            return
        self._due = inf
        self._too_late()

    def _too_late(self) -> None:
        at_work = self._at_work is not None and not (self._at_work.response_complete or self._at_work.more_body)
        if not self._refused and (at_work or self.flow.read_paused):
            # It is the gateway that takes its time, for the request before this one.
            self._expect(self._seconds)
        elif not self.transport.is_closing():
            self.transport.close()

    def _watch_reading(self) -> None:
        """From now on the client has to take some of what the transport holds in each period."""
        if self._reading is None and self.transport.get_write_buffer_size():
            written = self._joined.written
            enough = min(written, written - self._unread() + _LEAST_READ)
            self._reading = self.loop.call_later(self._seconds, self._read_enough, enough)

    def _unread(self) -> int:
        """Bytes of the answer that have not reached the client: the transport's, and what the system holds of them.

        A socket with a large buffer takes no more before a good part of it is free, however much the client has read.
        """
        held = bytearray(4)
        try:
            ioctl(self.transport.get_extra_info("socket").fileno(), TIOCOUTQ, held)
        except OSError:  # a system that does not tell
            held.clear()
        return self.transport.get_write_buffer_size() + int.from_bytes(held, byteorder)

    def _read_enough(self, enough: int) -> None:
        """A period is over, by whose end the client should have taken so many bytes of all that were written to it."""
        self._reading = None
        if self._joined.written - self._unread() < enough:
            self.transport.abort()
        else:
            self._watch_reading()

    def _refuse(self, status: int, message: str) -> None:
        """Answer without the application, in the shape of its answers, and close the connection."""
        body = orjson.dumps({"errors": [formatted(message, "BAD_REQUEST")]})
        phrase = {400: "Bad Request", 431: "Request Header Fields Too Large"}[status]
        fields = {
            "content-type": "application/json; charset=utf-8",
            "content-length": str(len(body)),
            "connection": "close",
            **SECURITY_HEADERS,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        head = f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n"
        self._give_up()
        self._refused = True
        self.transport.write(head.encode("ascii") + body)
        self.transport.write_eof()
        self.flow.resume_reading()
        self._expect(_LINGER)
