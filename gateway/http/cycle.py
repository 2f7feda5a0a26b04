"""A request that is answered without ASGI, in the place of uvicorn's own cycle of a request and its answer."""

from __future__ import annotations

from asyncio import Event
from functools import lru_cache

from starlette.types import Message
from uvicorn.protocols.http.flow_control import CLOSE_HEADER, FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from gateway.http.answers import Answer, lines


class ShortCycle(RequestResponseCycle):
    """What uvicorn's protocol, and ours, know of a request at work.

    uvicorn looks at ``response_complete``, sets ``disconnected``, ``keep_alive`` and ``message_event``. The rest of its
    cycle is for requests that go through ASGI, so none of it is made.

    Args:
        flow: of the connection.
        keep_alive: the connection may be used for another request.

    Attributes:
        whole: the body of the request.
    """

    more_body = False

    def __init__(self, flow: FlowControl, *, keep_alive: bool) -> None:
        self.flow = flow
        self.keep_alive = keep_alive
        self.whole = b""
        self.disconnected = False
        self.response_complete = False
        self._event: Event | None = None

    @property
    def message_event(self) -> Event:  # type: ignore[override]  # made when somebody asks for it
        """Is set when the client disconnects."""
        if self._event is None:
            self._event = Event()
        return self._event

    async def receive(self) -> Message:  # type: ignore[override]
        """Wait until the client disconnects, as in ASGI. All of the request was there before."""
        if not self.disconnected:
            self.flow.resume_reading()
            await self.message_event.wait()
        return {"type": "http.disconnect"}

    def response(self, answer: Answer, default_headers: list[tuple[bytes, bytes]]) -> bytes:
        """An answer as it is sent; one that closes the connection ends its keeping alive.

        Raises:
            ValueError: a header holds the end of a line.
        """
        own = answer.own
        if CLOSE_HEADER in own:
            self.keep_alive = False
        elif not self.keep_alive:
            own = [*own, CLOSE_HEADER]
        server = _server_lines(tuple(default_headers))
        return b"".join((STATUS_LINE[answer.status], server, answer.common.text, lines(own), b"\r\n", answer.body))


_server_lines = lru_cache(maxsize=2)(lines)
"""The server's own headers: its date changes once a second."""
