"""Clients that do not read what they asked for: an answer may not stay in this process for as long as they like."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from fcntl import ioctl
from sys import byteorder
from termios import TIOCOUTQ

from gateway.http.joined import Joined
from upstreams.http.alarm import Alarm

LEAST_READ = 16 * 1024
"""Bytes of an answer that a client must take in each period; one that takes fewer is gone, or an attack."""


class ReadingWatch:
    """Cuts a client off that takes too little of what is there for it.

    Args:
        joined: the transport to the client.
        loop: by whose clock.
        seconds: that a period lasts.
    """

    __slots__ = ("_alarm", "_enough", "_joined", "_loop", "_seconds")

    def __init__(self, joined: Joined, loop: AbstractEventLoop, seconds: float) -> None:
        self._joined = joined
        self._loop = loop
        self._seconds = seconds
        self._enough: int | None = None
        self._alarm = Alarm(loop, self.look)

    def begin(self) -> None:
        """Something may be waiting for the client, which from now on has to take some of it in each period."""
        if self._enough is None and self._joined.get_write_buffer_size():
            written = self._joined.written
            self._enough = min(written, written - self._unread() + LEAST_READ)
            self._alarm.move(self._loop.time() + self._seconds)

    def look(self) -> None:
        """A period is over; if enough was taken by now, the next one begins."""
        enough, self._enough = self._enough, None
        if enough is not None and self._joined.written - self._unread() < enough:
            self._joined.abort()
        else:
            self.begin()

    def end(self) -> None:
        """The connection is over."""
        self._alarm.stop()

    def _unread(self) -> int:
        """Bytes of the answer that have not reached the client: the transport's, and what the system holds of them.

        A socket with a large buffer takes no more before a good part of it is free, however much the client has read.
        """
        held = bytearray(4)
        try:
            ioctl(self._joined.get_extra_info("socket").fileno(), TIOCOUTQ, held)
        except OSError:  # a system that does not tell
            held.clear()
        return self._joined.get_write_buffer_size() + int.from_bytes(held, byteorder)
