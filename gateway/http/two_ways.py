"""HTTP on a connection: a request that is there whole goes the short way to its answer, any other by uvicorn and ASGI.

uvicorn hears of a request when its head is there and it is known to go that way.
"""

from __future__ import annotations

from asyncio import Transport
from typing import Any, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.http.answers import crashed
from gateway.http.asked import Asked
from gateway.http.cycle import ShortCycle
from gateway.http.front import ShortWay
from gateway.http.headers import RequestHeaders
from gateway.http.joined import Joined


class TwoWays(HttpToolsProtocol):
    """See the module; takes what uvicorn gives a protocol.

    The application's ``state.short_way``, if it has one, says which requests may go that way.
    """

    def __init__(self, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._short_way: ShortWay | None = getattr(getattr(self.app, "state", None), "short_way", None)
        self._in_head = False
        self._told = False
        """The parser has told of more than a beginning: a whole head, some of a body, an end."""
        self._plain_head = b""
        self._head: tuple[str, bytes, bytes, list[tuple[bytes, bytes]]] | None = None
        """The last head that was for the short way, which a client sends again and again."""
        self._said = RequestHeaders()
        """What its headers say."""
        self._coming: ShortCycle | None = None
        self._at_work: RequestResponseCycle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A client has connected."""
        self._joined = Joined(transport, self.loop, self.on_held)
        super().connection_made(cast(Transport, self._joined))

    def data_received(self, data: bytes) -> None:
        """The client has sent something."""
        self._feed(data)
        if self._coming is not None:
            # The rest of its body is still to come.
            coming, self._coming = self._coming, None
            self._go_the_long_way()
            if coming.whole:
                super().on_body(coming.whole)

    def eof_received(self) -> None:
        """The client sends nothing more. The transport closes itself now, after what it was given before."""
        self._joined.flush()

    def on_message_begin(self) -> None:
        """A request begins."""
        self.url, self.headers = b"", []
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Another header is there. What stands behind a body is none (RFC 9110, 6.5.1), though uvicorn adds it."""
        if self._in_head:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head of the request is there."""
        self._in_head, self._told = False, True
        if (self.cycle is None or self.cycle.response_complete) and self._is_short():
            self._coming = ShortCycle(self.flow, keep_alive=self.parser.should_keep_alive())
        elif self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._plain_head = self._without_upgrade()
        else:
            self._go_the_long_way()

    def _is_short(self) -> bool:
        """Whether the request whose head is there may go the short way."""
        head = self.parser.get_http_version(), self.parser.get_method(), self.url, self.headers
        if head != self._head:
            if self._short_way is None or head[0] != "1.1" or not self._short_way.takes(*head[1:]):
                return False
            self._head, self._said = head, RequestHeaders.of(self.headers)
        return True

    def on_body(self, body: bytes) -> None:
        """Some of the body is there."""
        self._told = True
        if self._coming is None:
            super().on_body(body)
        else:
            self._coming.whole += body

    def on_message_complete(self) -> None:
        """The whole request is there, or the head of one that comes once more."""
        self._told = True
        if self._coming is not None:
            cycle, self._coming = self._coming, None
            self.cycle = self._at_work = cycle
            task = self.loop.create_task(self._go_the_short_way(cycle, self._said))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)
        elif not self._plain_head:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """The whole answer was written; it goes out in the loop's next turn."""
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())

    def on_held(self) -> None:
        """Some of what was written has to wait until the client reads."""

    def _feed(self, data: bytes) -> None:
        """Give the parser what came.

        It ends a request that offers another protocol with its head, and would take the body for the next request. No
        other protocol is spoken here, so such a head is read once more, without the offer. A new parser does that: one
        that was told of the end of the connection, too, reads nothing after that head.
        """
        while data:
            try:
                self.parser.feed_data(data)
                return
            except HttpParserUpgrade as offer:
                data = self._plain_head + data[offer.args[0] :]
                self._plain_head = b""
                self.parser = HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's
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
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._at_work = cycle
        super()._start_asgi_task(cycle, app)

    async def _go_the_short_way(self, cycle: ShortCycle, headers: RequestHeaders) -> None:
        """Answer a request that is there whole."""
        assert self._short_way is not None  # noqa: S101 - it takes the request
        default_headers = self.server_state.default_headers
        try:
            asked = Asked("POST", headers, self.client, b"", cycle.receive, cycle.whole)
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
        self.transport.write(response)
        cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
