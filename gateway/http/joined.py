"""A transport that sends what one turn of the event loop wrote in the next: head and body of an answer as one.

Each write to a socket is a system call and a packet. And each that finds its reader asleep wakes it, which takes
several times as long as the rest of it. When answers go out directly after each other, the first wakes the reader of
them all.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Transport
from collections.abc import Callable
from typing import Any


class Joined:
    """Keeps what is written until the event loop's next turn, or until the end of the connection.

    Args:
        transport: what it all goes to in the end; everything else that is asked of a transport is asked of it.
        loop: whose turns are meant.
        held: is called when the transport could not give all of it to the network at once.

    Attributes:
        written: bytes that it was given until now.
    """

    __slots__ = ("_held", "_kept", "_loop", "_transport", "written")

    def __init__(self, transport: Transport, loop: AbstractEventLoop, held: Callable[[], None]) -> None:
        self._transport = transport
        self._loop = loop
        self._held = held
        self._kept: list[bytes] = []
        self.written = 0

    def write(self, data: bytes) -> None:
        """Keep what is to be sent."""
        if not self._kept:
            self._loop.call_soon(self.flush)
        self._kept.append(data)
        self.written += len(data)

    def flush(self) -> None:
        """Send what was kept."""
        if self._kept and not self._transport.is_closing():
            kept, self._kept = self._kept, []
            self._transport.writelines(kept)
            if self._transport.get_write_buffer_size():
                self._held()

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
