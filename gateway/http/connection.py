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
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.errors import formatted
from gateway.http.answers import SECURITY_HEADERS
from gateway.http.joined import Joined

_LONGEST_HEAD = 64 * 1024
"""Bytes that the request line and the headers may have."""
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
        self._in_head = False
        self._head = 0
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
        if self._due == inf:
            # Also what the parser skips, such as empty lines before a request, must not go on for ever.
            self._expect(self._seconds)
        super().data_received(data)
        if self._in_head and not (self._refused or self.transport.is_closing()):
            self._head += len(data)
            if self._head > _LONGEST_HEAD:
                self._refuse(431, _TOO_MUCH_HEAD)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._head = True, 0
        self._expect(self._seconds)

    def on_headers_complete(self) -> None:
        """The head of the request is there."""
        self._in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > _LONGEST_HEAD:
            self._refuse(431, _TOO_MUCH_HEAD)
            raise ValueError("a head too large")  # to the parser, which then takes no more of the request
        self._expect(self._seconds + _AFTERWARDS)
        super().on_headers_complete()
        if len(self.pipeline) > _MOST_AHEAD:
            raise ValueError("too many requests ahead")  # to the parser, which then takes no more of them

    def on_message_complete(self) -> None:
        """The whole request is there."""
        self._expect(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The whole answer was given to the transport, which may still hold some of it."""
        self._joined.flush()
        super().on_response_complete()
        self._watch_reading()

    def pause_writing(self) -> None:
        """The transport holds more of the answer than it likes."""
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        """The transport got rid of most of it."""
        super().resume_writing()
        self._watch_reading()

    def send_400_response(self, msg: str) -> None:
        """What came is not HTTP."""
        if not self._refused:
            self._refuse(400, msg)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._at_work = cycle
        super()._start_asgi_task(cycle, app)

    def _give_up(self) -> None:
        """Nobody gets the answer of the request that is at work; uvicorn itself tells only the last that arrived."""
        if self._at_work is not None and not self._at_work.response_complete:
            self._at_work.disconnected = True
            self._at_work.message_event.set()
        self.pipeline.clear()

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
        """From now on the client has a period to take some of what the transport holds."""
        if self._reading is not None:
            self._reading.cancel()
        left = self._unread() if self.transport.get_write_buffer_size() else 0
        self._reading = self.loop.call_later(self._seconds, self._read_enough, left) if left else None

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

    def _read_enough(self, before: int) -> None:
        if self._unread() > before - _LEAST_READ:
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
