"""A transport that sends head and body of an answer as one: each write to a socket is a system call and a packet."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Transport
from typing import Any


class Joined:
    """Keeps what is written until :meth:`flush`, or at most until the event loop's next turn.

    Args:
        transport: what it all goes to in the end; everything else that is asked of a transport is asked of it.
        loop: whose turns are meant.

    Attributes:
        written: bytes that it was given until now.
    """

    __slots__ = ("_kept", "_loop", "_transport", "written")

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: list[bytes] = []
        self.written = 0

    def write(self, data: bytes) -> None:
        """Keep what is to be sent."""
        if not self._kept:
            self._loop.call_soon(self.flush)
        self._kept.append(data)
        self.written += len(data)

    def send(self, data: bytes) -> None:
        """Send all of something at once, after what was kept."""
        self.flush()
        self.written += len(data)
        self._transport.write(data)

    def flush(self) -> None:
        """Send what was kept."""
        if self._kept:
            kept, self._kept = self._kept, []
            self._transport.writelines(kept)

    def write_eof(self) -> None:
        """Send the rest, and then the end."""
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Send the rest, and close."""
        self.flush()
        self._transport.close()

    def get_write_buffer_size(self) -> int:
        """Bytes that have not been handed to the network."""
        return self._transport.get_write_buffer_size() + sum(map(len, self._kept))

    def is_closing(self) -> bool:
        """Whether it is on its way out."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
