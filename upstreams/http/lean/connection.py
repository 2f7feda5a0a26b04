"""One connection: a request goes out, the bytes that come back become an answer or a failure.

llhttp (in httptools) reads the answer, in its strict mode: it refuses an answer whose end could be read in two ways.
What it leaves to its user is here: bodies that end with the connection, interim answers, the answer to a HEAD, limits,
and that nothing may come which was not asked for.
"""

from __future__ import annotations

import asyncio
import math
from typing import Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from upstreams.http.exchange import (
    Answer,
    ExchangeError,
    NotHttp,
    OutOfTime,
    Patience,
    Severed,
    TooLong,
)
from upstreams.http.lean.fields import Fields
from upstreams.http.unpack import LONGEST_BODY, Plain, body_of

LONGEST_HEAD = 64 * 1024
"""Bytes of an answer's head, interim answers before it included."""

IDLE = 15.0
"""Seconds that a connection is kept for a next request; servers commonly keep theirs for longer."""


class Keeper(Protocol):
    """Is told of connections as they come and go."""

    def made(self, connection: Connection) -> None:
        """It is open, and secure where it should be."""
        ...

    def lost(self, connection: Connection) -> None:
        """It has ended, however it did."""
        ...


class Connection(asyncio.Protocol):
    """A connection to one origin; carries one exchange at a time.

    Attributes:
        reusable: it may carry another exchange: the last one ended cleanly, and both sides mean to keep it.
        origin: what it leads to.
    """

    __slots__ = (
        "_alarm",
        "_answer",
        "_body",
        "_deadline",
        "_due",
        "_fields",
        "_is_head",
        "_keeper",
        "_loop",
        "_parser",
        "_patience",
        "_received",
        "_refusal",
        "_rings_at",
        "_transport",
        "_waiter",
        "_wanting",
        "_within",
        "_writing",
        "origin",
        "reusable",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        origin: tuple[str, str, int],
        patience: Patience,
        keeper: Keeper,
    ) -> None:
        self.origin = origin
        self.reusable = True
        self._loop = loop
        self._patience = patience
        self._keeper = keeper
        self._transport: asyncio.Transport
        self._parser = HttpResponseParser(self)
        self._waiter: asyncio.Future[Answer] | None = None
        self._answer: Answer | None = None
        self._refusal: ExchangeError | None = None
        self._fields: list[tuple[bytes, bytes]] = []
        self._body: Plain | None = None  # once the head of the final answer has been read
        self._is_head = False
        self._writing = False
        self._received = 0
        self._deadline = self._due = math.inf
        self._wanting = ""
        self._within = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._rings_at = math.inf

    # -- what the client does ----------------------------------------------------------------------

    def ask(self, request: bytes, deadline: float, *, is_head: bool = False) -> asyncio.Future[Answer]:
        """Send a request.

        Args:
            request: as it goes out.
            deadline: when its answer must have come, on the loop's clock.
            is_head: it is a HEAD, whose answer tells of a body that does not come.

        Returns:
            What gets the answer, or an :class:`ExchangeError`.
        """
        self._waiter = waiter = self._loop.create_future()
        self._answer = None
        self._is_head = is_head
        self._received = 0
        self._fields = []
        self._body = None
        self._deadline = deadline
        self._transport.write(request)
        if self._writing:
            self._expect(self._patience.write, "the request was not taken")
        else:
            self._expect(self._patience.first, "no answer")
        return waiter

    def rest(self) -> None:
        """Nothing is asked for the time being; after :data:`IDLE` seconds the connection closes."""
        self._deadline = math.inf
        self._expect(IDLE, "")

    def abort(self) -> None:
        """End it, whatever is under way."""
        self.reusable = False
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._transport.abort()

    # -- what the transport tells ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(1, 0)  # so that pause_writing tells of what did not go out at once
        self._keeper.made(self)

    def pause_writing(self) -> None:
        self._writing = True

    def resume_writing(self) -> None:
        self._writing = False
        if self._waiter is not None and not self._received:
            self._expect(self._patience.first, "no answer")

    def data_received(self, data: bytes) -> None:
        waiter = self._waiter
        if waiter is None:  # nobody asked
            self.abort()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.reusable = False
            if self._answer is None:
                self._fail(self._refusal or NotHttp(), error)
                return
        if self._answer is not None:
            self._finish(self._answer)
        elif self._received > LONGEST_BODY + LONGEST_HEAD:
            self._fail(TooLong())
        elif self._body is None and self._received > LONGEST_HEAD:
            self._fail(NotHttp())
        else:
            self._expect(self._patience.between, "the rest of the answer did not come")

    def eof_received(self) -> None:
        self.reusable = False
        if self._waiter is not None and self._body is not None and self._ends_with_connection():
            try:
                self._finish(Answer(self._parser.get_status_code(), Fields(self._fields), self._body.end()))
            except ExchangeError as failure:
                self._fail(failure)

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        self._fail(Severed(), exc)
        self._keeper.lost(self)

    # -- what the parser tells ---------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._answer is not None:  # more than was asked for: whose answer would it be?
            self.reusable = False
            self._refuse(NotHttp())

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._body is None:  # what comes later is a trailer, which nobody reads
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        if self._received > LONGEST_HEAD and sum(len(name) + len(value) for name, value in self._fields) > LONGEST_HEAD:
            self._refuse(NotHttp())
        if self._parser.get_status_code() < 200:
            return
        length = 0
        coding = b""
        for name, value in self._fields:
            match len(name):
                case 14 if name.lower() == b"content-length":
                    length = int(value)
                case 16 if name.lower() == b"content-encoding":
                    coding = coding + b"," + value if coding else value
                case 17 if name.lower() == b"transfer-encoding" and value.strip().lower() != b"chunked":
                    self._refuse(NotHttp())
        try:
            self._body = body_of(coding.decode("latin-1"))
            if not self._is_head:
                self._body.announce(length)
        except ExchangeError as failure:
            self._refuse(failure)
        if self._is_head:
            self._answer = Answer(self._parser.get_status_code(), Fields(self._fields), b"")
            self.reusable = self.reusable and self._parser.should_keep_alive()
            self._parser = HttpResponseParser(self)  # the old one waits for a body

    def on_body(self, piece: bytes) -> None:
        if self._answer is not None or self._body is None:  # after the answer to a HEAD
            self.reusable = False
            return
        try:
            self._body.feed(piece)
        except ExchangeError as failure:
            self._refuse(failure)

    def on_message_complete(self) -> None:
        if self._body is None:  # an interim answer
            self._fields = []
            return
        if self._answer is not None:
            return
        try:
            self._answer = Answer(self._parser.get_status_code(), Fields(self._fields), self._body.end())
        except ExchangeError as failure:
            self._refuse(failure)
        self.reusable = self.reusable and self._parser.should_keep_alive()

    # -- inside ------------------------------------------------------------------------------------

    def _refuse(self, failure: ExchangeError) -> None:
        """Have the parser stop; it knows no exceptions but its own."""
        self._refusal = failure
        raise failure

    def _ends_with_connection(self) -> bool:
        return not any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self._fields)

    def _finish(self, answer: Answer) -> None:
        waiter, self._waiter = self._waiter, None
        if self._writing:  # an answer before the request was out: the rest of it would be in the way of the next one
            self.reusable = False
        if waiter is not None and not waiter.done():
            waiter.set_result(answer)

    def _fail(self, failure: ExchangeError, cause: BaseException | None = None) -> None:
        waiter, self._waiter = self._waiter, None
        self.abort()
        if waiter is not None and not waiter.done():
            failure.__cause__ = cause
            waiter.set_exception(failure)

    def _expect(self, within: float, wanting: str) -> None:
        """Something must happen so soon; ``wanting`` says what has not if it does not.

        There is one alarm. One that rings too early is set anew, which costs less than to cancel it at every exchange.
        """
        self._wanting = wanting
        self._within = within
        self._due = min(self._loop.time() + within, self._deadline)
        if self._alarm is None or self._due < self._rings_at:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings_at = self._due
        self._alarm = self._loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._loop.time() < self._due:
            self._set_alarm()
        elif self._waiter is None:
            self.abort()
        elif self._due == self._deadline:
            self._fail(OutOfTime(f"no answer within {self._patience.total:g} s"))
        else:
            self._fail(OutOfTime(f"{self._wanting} within {self._within:g} s"))
