"""The processes of the trial: three services in a sandbox, a Redis, and a gateway of several workers."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def started(
    *command: str, environ: Mapping[str, str] | None = None, log: Path | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process with its standard output piped; ended, in the end by force."""
    names = {setting.name for setting in SETTINGS}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    with (log or Path(os.devnull)).open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**kept, "PYTHONUNBUFFERED": "1", **(environ or {})},
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            except TimeoutError:
                process.kill()
        await process.wait()


async def first_line(process: asyncio.subprocess.Process) -> str:
    """What a process prints when it is ready."""
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    if not line:
        raise SystemExit(f"a process ended with {await process.wait()} before it was ready")
    return line


@asynccontextmanager
async def sandbox(seed: int, contacts: int, events: int) -> AsyncIterator[dict[str, Any]]:
    """The three services; what is yielded says where they are and what they accept."""
    options = ["--seed", str(seed), "--contacts", str(contacts), "--events", str(events)]
    async with started(sys.executable, "-m", "sandbox", *options) as process:
        yield json.loads(await first_line(process))


class Redis:
    """A server on a socket that writes every command to its disk before it answers, so that a kill loses nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self.url = f"unix://{folder}/redis.sock"

    async def start(self) -> None:
        """Start it, and return when it takes connections."""
        program = shutil.which("redis-server")
        if program is None:
            raise SystemExit("chaos needs redis-server")
        options = ["--port", "0", "--unixsocket", f"{self._folder}/redis.sock", "--dir", str(self._folder)]
        options += ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        self._process = await asyncio.create_subprocess_exec(program, *options, stdout=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if b"ready to accept connections" in line.lower():
                return
        raise SystemExit("redis-server did not start")

    async def kill(self) -> None:
        """End it without a good-bye."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None


class Gateway:
    """``contactgraph serve`` and its workers."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.url = url
        self._process = process

    @classmethod
    @asynccontextmanager
    async def serving(cls, environ: Mapping[str, str], workers: int, log: Path) -> AsyncIterator[Gateway]:
        """A gateway that is ready."""
        command = [sys.executable, "-m", "gateway", "serve", "--port", "0", "--workers", str(workers)]
        async with started(*command, environ=environ, log=log) as process:
            line = await first_line(process)
            yield cls(process, line.split()[-1].removesuffix("/graphql"))

    def workers(self) -> list[int]:
        """The ids of the worker processes."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                command = (stat.parent / "cmdline").read_bytes()
            except OSError:  # it ended meanwhile
                continue
            if parent == self._process.pid and b"spawn_main" in command:
                found.append(int(stat.parent.name))
        return sorted(found)

    def kill_worker(self, which: float) -> int | None:
        """End one worker without a good-bye; ``which`` from 0 to 1 chooses it."""
        pids = self.workers()
        if not pids:
            return None
        pid = pids[int(which * len(pids))]
        os.kill(pid, signal.SIGKILL)
        return pid
