"""Processes that the bench starts: pinned to a core, waited for, measured, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_START = 60.0
"""Seconds that a process may take to come up."""
_TICKS = os.sysconf("SC_CLK_TCK")


class NotStarted(Exception):
    """A process ended, or was not ready in time; the message ends with what it last wrote."""


def cores() -> tuple[int, int] | None:
    """The core of the servers and that of the stub and the load; None where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else None


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def surroundings() -> dict[str, str]:
    """This environment without settings of the gateway and its sources: those are the bench's to make."""
    ours = ("GATEWAY_", "CLOUD4WI_", "RECHAT_", "ACQUIRE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def pinned(command: Sequence[str | Path], core: int | None) -> list[str]:
    """A command that runs on one core."""
    words = [str(word) for word in command]
    return words if core is None else ["taskset", "-c", str(core), *words]


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    core: int | None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdout: int | IO[bytes] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process for the time of a block; it and what it started are ended after it."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            pinned(command, core),
            cwd=folder,
            env={**surroundings(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out if stdout is None else stdout,
            stderr=out,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def wait_for(ready: Iterator[bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until the answer is yes.

    Raises:
        NotStarted: the process ended, or the time is up.
    """
    deadline = time.monotonic() + _START
    for yes in ready:
        if yes:
            return
        if process.poll() is not None or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    raise NotStarted(log.read_text(errors="replace")[-800:].strip() or "it wrote nothing")


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        below = [int(child) for child in children.read_text().split()]
    except FileNotFoundError:
        return []
    return [pid, *(one for child in below for one in family(child))]


def resident(pid: int) -> float:
    """Memory of a process and all that it started, in MiB."""
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def processor_time(pid: int) -> float:
    """Seconds of processor time that a process and all that it started have used."""
    fields = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in family(pid))
    return sum(int(each[11]) + int(each[12]) for each in fields) / _TICKS
