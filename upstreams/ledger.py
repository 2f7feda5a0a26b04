"""What must be done once: a small record of each key, held alone while the work is done.

A ledger says who may do the work of a key and what became of it. Here are the protocol, and two that keep it: in this
process, and in ``GATEWAY_STATE_DIR``, which the workers of a machine share. What is kept outlives a restart and is
forgotten ten minutes after it was last written.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Protocol

LIFETIME = 600.0
"""Seconds that a record is kept."""

_NAME = re.compile(r"[0-9a-f]{16,64}")
_LINE = re.compile(rb"([0-9a-f]{8}) ([^\n]*)\n")
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_SWEEP_EVERY = 60.0

_File = tuple[int, bytes | None]
"""An open file and the record in it."""


class LedgerUnavailable(Exception):
    """The ledger cannot be asked now, so that nothing may be done under a key. The message names no data."""


class Held(Protocol):
    """A key that is held alone.

    Attributes:
        record: what was last kept under it; None when nothing was, or it is forgotten.
    """

    record: bytes | None

    async def keep(self, record: bytes) -> None:
        """Keep a record, in one line of text. When this returns it survives a crash.

        Raises:
            LedgerUnavailable: it cannot be kept.
        """
        ...

    async def forget(self) -> None:
        """Forget the record.

        Raises:
            LedgerUnavailable: that cannot be done.
        """
        ...

    async def release(self) -> None:
        """Let others hold the key."""
        ...


class Ledger(Protocol):
    """Holds keys, each by one task of all the workers that share the ledger."""

    async def hold(self, name: str) -> Held:
        """Wait until nobody else holds a key, and hold it.

        Args:
            name: the key, as hexadecimal digits: 16 to 64.

        Raises:
            LedgerUnavailable: the ledger cannot be asked.
        """
        ...


class MemoryLedger:
    """A ledger for one process without a folder: what it keeps ends with the process."""

    def __init__(self, lifetime: float = LIFETIME, clock: Callable[[], float] = time.time) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self._kept: dict[str, tuple[float, bytes]] = {}

    async def hold(self, name: str) -> Held:
        """See :class:`Ledger`."""
        lock, users = self._locks.get(name, (asyncio.Lock(), 0))
        self._locks[name] = lock, users + 1
        try:
            await lock.acquire()
        except BaseException:
            self._leave(name)
            raise
        now = self._clock()
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > now}
        return _InMemory(self, name)

    def _leave(self, name: str) -> None:
        lock, users = self._locks.pop(name)
        if users > 1:
            self._locks[name] = lock, users - 1


class _InMemory:
    def __init__(self, ledger: MemoryLedger, name: str) -> None:
        self._ledger = ledger
        self._name = name
        kept = ledger._kept.get(name)
        self.record = None if kept is None else kept[1]

    async def keep(self, record: bytes) -> None:
        self.record = record
        self._ledger._kept[self._name] = self._ledger._clock() + self._ledger._lifetime, record

    async def forget(self) -> None:
        self.record = None
        self._ledger._kept.pop(self._name, None)

    async def release(self) -> None:
        self._ledger._locks[self._name][0].release()
        self._ledger._leave(self._name)


class FileLedger:
    """A file a key, locked while it is held; records are added to it, each checked by its sum.

    Args:
        folder: where; made when it is first needed.
        lifetime: seconds that a record is kept.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path, lifetime: float = LIFETIME, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._lifetime = lifetime
        self._clock = clock
        self._swept = float("-inf")

    async def hold(self, name: str) -> Held:
        """See :class:`Ledger`."""
        if not _NAME.fullmatch(name):
            raise ValueError("not the name of a key")
        loop = asyncio.get_running_loop()
        held: asyncio.Future[_File] = loop.create_future()
        # A thread of its own: the loop's pool is for who holds the key, and must not be full of those who wait.
        Thread(target=self._lock, args=(self._folder / name, loop, held), name="ledger", daemon=True).start()
        try:
            return _InFile(*await held)
        except OSError as error:
            raise _unwritable(error) from error

    def _lock(self, path: Path, loop: asyncio.AbstractEventLoop, held: asyncio.Future[_File]) -> None:
        outcome: _File | OSError
        try:
            self._sweep()
            file = self._open(path)
            try:
                outcome = file, self._read(file)
            except OSError:
                os.close(file)
                raise
        except OSError as error:
            outcome = error
        try:
            loop.call_soon_threadsafe(_deliver, held, outcome)
        except RuntimeError:  # the loop is closed
            if not isinstance(outcome, OSError):
                os.close(outcome[0])

    def _open(self, path: Path) -> int:
        """The file of a key, locked. One that a sweep removed meanwhile is another file than the one at the path."""
        self._folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _PRIVATE_FILE)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if _is_at(file, path):
                    return file
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def _read(self, file: int) -> bytes | None:
        """The last record that is whole, unless it is too old: then it is forgotten."""
        status = os.fstat(file)
        if status.st_size == 0:
            return None
        if status.st_mtime + self._lifetime <= self._clock():
            os.ftruncate(file, 0)
            return None
        records = [line[2] for line in _LINE.finditer(os.pread(file, status.st_size, 0)) if _sum(line[2]) == line[1]]
        return records[-1] if records else None

    def _sweep(self) -> None:
        """Remove the files of keys that are forgotten, once a minute."""
        now = self._clock()
        if now - self._swept < _SWEEP_EVERY or not self._folder.is_dir():
            return
        self._swept = now
        for path in self._folder.iterdir():
            try:
                if path.stat().st_mtime + self._lifetime <= now:
                    self._remove(path)
            except FileNotFoundError:
                continue  # another worker was here first

    def _remove(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(file, path) and os.fstat(file).st_mtime + self._lifetime <= self._clock():
                path.unlink()
        except BlockingIOError:
            pass  # it is held
        finally:
            os.close(file)


class _InFile:
    def __init__(self, file: int, record: bytes | None) -> None:
        self._file = file
        self._writing: asyncio.Future[None] | None = None
        self.record = record

    async def keep(self, record: bytes) -> None:
        await self._do(self._append, record)
        self.record = record

    async def forget(self) -> None:
        await self._do(self._empty)
        self.record = None

    async def release(self) -> None:
        # A thread may still write where nobody waits for it any more; its file must not become another's meanwhile.
        if self._writing is None or self._writing.done():
            os.close(self._file)
        else:
            self._writing.add_done_callback(lambda _: os.close(self._file))

    async def _do(self, work: Callable[..., None], *arguments: bytes) -> None:
        self._writing = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
        try:
            await asyncio.shield(self._writing)
        except OSError as error:
            raise _unwritable(error) from error

    def _append(self, record: bytes) -> None:
        # A line that was torn by a crash must not swallow this one.
        line = b"\n" + _sum(record) + b" " + record + b"\n"
        if os.write(self._file, line) != len(line):
            raise OSError("the disk is full")
        os.fsync(self._file)

    def _empty(self) -> None:
        os.ftruncate(self._file, 0)
        os.fsync(self._file)


def _sum(record: bytes) -> bytes:
    return f"{zlib.crc32(record):08x}".encode()


def _is_at(file: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    held = os.fstat(file)
    return (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino)


def _unwritable(error: OSError) -> LedgerUnavailable:
    return LedgerUnavailable(f"GATEWAY_STATE_DIR cannot be written to ({type(error).__name__})")


def _deliver(held: asyncio.Future[_File], outcome: _File | OSError) -> None:
    """Give a file to the one who waits for it; when nobody does any more, give it back."""
    if isinstance(outcome, OSError):
        if not held.done():
            held.set_exception(outcome)
    elif held.done():
        os.close(outcome[0])
    else:
        held.set_result(outcome)
