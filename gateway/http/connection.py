"""One connection of a client, with bounds for what uvicorn leaves open.

They are how long a request may take to arrive, how large its head may be, how many may be sent ahead, and how long an
answer may stay unread. They guard sockets and memory against clients that are half there, so most of them end the
connection without an answer.
"""

from __future__ import annotations

from asyncio import Transport
from itertools import chain
from math import inf
from typing import Any

from gateway.http.answers import refused
from gateway.http.cycle import ShortCycle
from gateway.http.slow_readers import ReadingWatch
from gateway.http.two_ways import TwoWays
from upstreams.http.alarm import Alarm

_LONGEST_HEAD = 64 * 1024
"""Bytes that the request line and the headers may have, and what stands around and behind a body."""
_TOO_MUCH_HEAD = "The headers are larger than this gateway reads."
_MOST_AHEAD = 64
"""Requests that a client may send ahead while one is at work."""
_LINGER = 2.0
"""Seconds that a connection is kept after a refusal, since a client that still sends may not have read it yet."""
_AFTERWARDS = 2.0
"""Seconds past the time for a request after which a body is given up that the application has not given up."""


class Connection(TwoWays):
    """See the module.

    Args:
        seconds: that the head of a request may take, and then its body; and a period of the reading of an answer.
        rest: what uvicorn gives a protocol.
    """

    def __init__(self, *rest: Any, seconds: float, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._seconds = seconds
        self._alarm = Alarm(self.loop, self._too_late)
        self._idle = False
        self._unheard = 0
        self._refused = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A client has connected."""
        super().connection_made(transport)
        self._reading = ReadingWatch(self._joined, self.loop, self._seconds)
        self._expect(self._seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._alarm.stop()
        self._reading.end()
        self._give_up()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The client has sent something."""
        if self._refused:
            return
        if self._idle or self._alarm.due == inf:
            # Also what the parser skips, such as empty lines before a request, must not go on for ever.
            self._idle = False
            self._expect(self._seconds)
        self._told = False
        super().data_received(data)
        # The parser keeps what it tells nothing of until it can: a head, or fields behind a body in chunks.
        self._unheard = 0 if self._told else self._unheard + len(data)
        if self._unheard > _LONGEST_HEAD and not (self._refused or self.transport.is_closing()):
            self._refuse(431, _TOO_MUCH_HEAD)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._idle = False
        self._expect(self._seconds)

    def on_headers_complete(self) -> None:
        """The head of the request is there."""
        if len(self.url) + sum(map(len, chain.from_iterable(self.headers))) > _LONGEST_HEAD:
            self._refuse(431, _TOO_MUCH_HEAD)
            raise ValueError("a head too large")  # to the parser, which then takes no more of the request
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is there, or the head of one that comes once more."""
        self._alarm.move(inf)
        super().on_message_complete()
        self._rest()

    def on_response_complete(self) -> None:
        """The whole answer was written; it goes out in the loop's next turn."""
        super().on_response_complete()
        self._rest()

    def on_held(self) -> None:
        """Some of what was written has to wait until the client reads."""
        self._reading.begin()

    def send_400_response(self, msg: str) -> None:
        """What came is not HTTP."""
        if not self._refused:
            self._refuse(400, msg)

    def _go_the_long_way(self) -> None:
        self._expect(self._seconds + _AFTERWARDS)
        super()._go_the_long_way()
        if len(self.pipeline) > _MOST_AHEAD:
            raise ValueError("too many requests ahead")  # to the parser, which then takes no more of them

    def _expect(self, seconds: float) -> None:
        """From now on the client has so long for the next part of its request."""
        self._alarm.move(self.loop.time() + seconds)

    def _rest(self) -> None:
        """If nothing is at work or on its way, another request is expected: uvicorn sets a timer after each answer."""
        if self._alarm.due == inf and (self._at_work is None or self._at_work.response_complete):
            self._idle = True
            self._expect(self.timeout_keep_alive)

    def _too_late(self) -> None:
        at_work = self._at_work is not None and not (self._at_work.response_complete or self._at_work.more_body)
        if not self._refused and (at_work or self.flow.read_paused):
            # It is the gateway that takes its time, for the request before this one.
            self._expect(self._seconds)
        elif not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        """Answer without the application, in the shape of its answers, and close the connection."""
        answer = ShortCycle(self.flow, keep_alive=False).response(
            refused(status, message), self.server_state.default_headers
        )
        self._give_up()
        self._refused = True
        self.transport.write(answer)
        self.transport.write_eof()
        self.flow.resume_reading()
        self._expect(_LINGER)

    def _give_up(self) -> None:
        """Nobody gets the answer of the request that is at work; uvicorn itself tells only the last that arrived."""
        if self._at_work is not None and not self._at_work.response_complete:
            self._at_work.disconnected = True
            self._at_work.message_event.set()
        self.pipeline.clear()
