"""One connection: a request goes out, an answer comes back, each phase in its time."""

from __future__ import annotations

import asyncio
from math import inf
from typing import Any, Protocol, cast

from upstreams.http.alarm import Alarm
from upstreams.http.exchange import Answer, ExchangeError, NotHttp, OutOfTime, Patience, Severed
from upstreams.http.lean.reading import Reading
from upstreams.http.reply import Reply

IDLE = 15.0
"""Seconds that a connection is kept for a next request; servers commonly keep theirs for longer."""


class Keeper(Protocol):
    """Is told of connections as they come and go."""

    def made(self, connection: Connection) -> None:
        """It is open, and secure where it should be."""
        ...

    def idle(self, connection: Connection) -> None:
        """It has carried an exchange, and can carry another."""
        ...

    def lost(self, connection: Connection) -> None:
        """It has ended, however it did."""
        ...


class Exchange(Reply[Answer]):
    """What gets the answer to a request on a connection; cancelled, it ends the connection: what is still to come would
    meet the next request."""

    __slots__ = ("connection",)

    connection: Connection

    def cancel(self, msg: Any | None = None) -> bool:
        """Give it up."""
        if not super().cancel(msg):
            return False
        self.connection.give_up()
        return True


class Connection(asyncio.Protocol):
    """A connection to one origin; carries one exchange at a time.

    Attributes:
        origin: what it leads to.
        usable: nothing has happened to it that forbids another exchange.
    """

    __slots__ = (
        "_alarm",
        "_deadline",
        "_keeper",
        "_loop",
        "_patience",
        "_reading",
        "_sent",
        "_transport",
        "_waiter",
        "_wanting",
        "_within",
        "_writing",
        "origin",
        "usable",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, origin: tuple[str, str, int], patience: Patience, keeper: Keeper
    ) -> None:
        self.origin = origin
        self.usable = True
        self._loop = loop
        self._patience = patience
        self._keeper = keeper
        self._transport: asyncio.Transport
        self._reading = Reading()
        self._waiter: Exchange | None = None
        self._sent = False
        self._writing = False
        self._deadline = inf
        self._wanting = ""
        self._within = 0.0
        self._alarm = Alarm(loop, self._too_late)

    # -- what the client does ----------------------------------------------------------------------

    def ask(self, request: bytes, deadline: float, *, is_head: bool = False) -> Reply[Answer]:
        """Send a request, in the loop's next turn: what one turn asks goes out together, over however many connections.

        A write that finds the upstream asleep wakes it, which takes several times as long as the rest of it. Where one
        follows directly on the other, only the first does.

        Args:
            request: as it goes out.
            deadline: when its answer must have come, on the loop's clock.
            is_head: it is a HEAD, whose answer has no body whatever it says.

        Returns:
            What gets the answer, or an :class:`ExchangeError`.
        """
        waiter = self._waiter = Exchange(self._loop)
        waiter.connection = self
        self._reading.begin(is_head=is_head)
        self._sent = False
        self._deadline = deadline
        self._expect(self._patience.first, "no answer")
        self._loop.call_soon(self._send, request, waiter)
        return waiter

    def give_up(self) -> None:
        """Nobody waits for the answer any longer."""
        self._waiter = None
        self.abort()

    def abort(self) -> None:
        """End it, whatever is under way."""
        self.usable = False
        self._alarm.stop()
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
        if self._waiter is not None and not self._reading.received:
            self._expect(self._patience.first, "no answer")

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or not self._sent:  # nobody asked
            self._fail(NotHttp())
            return
        try:
            answer = self._reading.feed(data)
        except ExchangeError as failure:
            self._fail(failure)
            return
        if answer is None:
            self._expect(self._patience.between, "the rest of the answer did not come")
        else:
            # An answer before the request was out: what is left of that would be in the way of the next one.
            self._finish(answer, usable=self._reading.clean and not self._writing)

    def eof_received(self) -> None:
        self.usable = False
        if self._waiter is not None:
            try:
                self._finish(self._reading.end(), usable=False)
            except ExchangeError as failure:
                self._fail(failure)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(Severed(), exc)
        self._keeper.lost(self)

    # -- inside ------------------------------------------------------------------------------------

    def _send(self, request: bytes, waiter: Exchange) -> None:
        if waiter.done():  # given up, or the connection has ended
            return
        self._sent = True
        self._transport.write(request)
        if self._writing:
            self._expect(self._patience.write, "the request was not taken")

    def _finish(self, answer: Answer, *, usable: bool) -> None:
        waiter, self._waiter = self._waiter, None
        if usable:
            self._alarm.move(self._loop.time() + IDLE)
            self._keeper.idle(self)
        else:
            self.abort()
        if waiter is not None:
            waiter.answer(answer)

    def _fail(self, failure: ExchangeError, cause: Exception | None = None) -> None:
        waiter, self._waiter = self._waiter, None
        self.abort()
        if waiter is not None:
            if cause is not None:
                failure.__cause__ = cause
            waiter.fail(failure)

    def _expect(self, within: float, wanting: str) -> None:
        """Something must happen so soon; ``wanting`` says what has not if it does not."""
        self._wanting = wanting
        self._within = within
        self._alarm.move(min(self._loop.time() + within, self._deadline))

    def _too_late(self) -> None:
        if self._waiter is None:
            self.abort()
        elif self._alarm.due == self._deadline:
            self._fail(OutOfTime(f"no answer within {self._patience.total:g} s"))
        else:
            self._fail(OutOfTime(f"{self._wanting} within {self._within:g} s"))
