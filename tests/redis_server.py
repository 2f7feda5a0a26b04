"""A real redis-server for a test: started, killed, halted and started again, on a socket of its own."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import pytest


class RedisServer:
    """One server; its data survives :meth:`kill` as far as it was saved.

    Attributes:
        url: what ``GATEWAY_REDIS_URL`` may be.
    """

    def __init__(self, program: str, folder: Path) -> None:
        self.url = f"unix://{folder}/redis.sock"
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        """A server for as long as the block lasts; skips the test where there is none."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("needs redis-server")
        # The path of a socket may be a hundred characters long; pytest's own folders are longer.
        with tempfile.TemporaryDirectory(prefix="redis-") as folder:
            server = cls(program, Path(folder))
            try:
                await server.start()
                yield server
            finally:
                server.kill()

    async def start(self) -> None:
        """Start it, and return when it takes connections."""
        self._process = process = subprocess.Popen(  # noqa: ASYNC220 - it is there at once
            [self._program, "--port", "0", "--unixsocket", self._folder / "redis.sock", "--dir", self._folder],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        lines = process.stdout
        while line := await asyncio.to_thread(lines.readline):
            if b"ready to accept connections" in line.lower():
                return
        raise AssertionError("redis-server did not start")

    def kill(self) -> None:
        """End it without a chance to save or to say good-bye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def halt(self) -> None:
        """Keep its connections open and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again, also what came meanwhile."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
