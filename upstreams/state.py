"""Small values that must survive a restart: rotated refresh tokens and their like.

A source sees :class:`StateStore` only; here is the one that keeps a file a value in ``GATEWAY_STATE_DIR``, shared by
the workers of a machine.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Protocol

from upstreams.settings import SettingsError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


class StateStore(Protocol):
    """Keeps small values under names (lower-case letters, digits, ``._-``)."""

    def lock(self, name: str) -> AbstractAsyncContextManager[None]:
        """Hold a name alone, among all workers that share the store."""
        ...

    async def read(self, name: str) -> bytes | None:
        """What was last written; None when nothing was."""
        ...

    async def write(self, name: str, value: bytes) -> None:
        """Keep a value. When this returns it survives a crash; when it raises, the old one is still there.

        Raises:
            OSError: it cannot be kept.
        """
        ...


def state_folder(environment: Mapping[str, str]) -> Path:
    """``GATEWAY_STATE_DIR``, else ``$XDG_STATE_HOME/contactgraph``, else ``~/.local/state/contactgraph``."""
    if given := environment.get("GATEWAY_STATE_DIR", "").strip():
        return Path(given).expanduser()
    if base := environment.get("XDG_STATE_HOME", "").strip():
        return Path(base) / "contactgraph"
    home = environment.get("HOME", "").strip()
    return (Path(home) if home else Path.home()) / ".local" / "state" / "contactgraph"


class FileState:
    """A file a value, readable by its owner alone, replaced as a whole.

    Attributes:
        folder: where; made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._paths: dict[str, str] = {}

    def require_writable(self) -> None:
        """Make the folder and try to write in it.

        Raises:
            SettingsError: it cannot be written to.
        """
        try:
            self._write(f"probe.{secrets.token_hex(8)}", None)
        except OSError as error:
            raise SettingsError(
                f"GATEWAY_STATE_DIR cannot be written to ({error.strerror or type(error).__name__}): "
                "name a folder that this user may write in"
            ) from error

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        """Hold a name alone, among the tasks of this process and the processes of this machine."""
        path = self._path(name).with_suffix(".lock")
        loop = asyncio.get_running_loop()
        held: asyncio.Future[int] = loop.create_future()
        # A thread of its own: the loop's pool is for who holds the name, and must not be full of those who wait.
        Thread(target=self._hold, args=(path, loop, held), name=f"lock {name}", daemon=True).start()
        file = await held
        try:
            yield
        finally:
            os.close(file)

    async def read(self, name: str) -> bytes | None:
        """What was last written; None when nothing was."""
        return await asyncio.to_thread(self._read, name)

    async def write(self, name: str, value: bytes) -> None:
        """Keep a value: see :class:`StateStore`."""
        await asyncio.to_thread(self._write, name, value)

    def stamp(self, name: str) -> tuple[int, int, int] | None:
        """Another one after every write, cheap enough for every request; None when nothing was written.

        Raises:
            OSError: the folder cannot be looked into.
        """
        path = self._paths.get(name)
        if path is None:
            path = self._paths[name] = str(self._path(name))
        try:
            found = os.stat(path)
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("not the name of a value")
        return self.folder / f"{name}.state"

    def _hold(self, path: Path, loop: asyncio.AbstractEventLoop, held: asyncio.Future[int]) -> None:
        file: int | None = None
        outcome: int | OSError
        try:
            self.folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            outcome = file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            if file is not None:
                os.close(file)
            outcome = error
        try:
            loop.call_soon_threadsafe(_deliver, held, outcome)
        except RuntimeError:  # the loop is closed
            if isinstance(outcome, int):
                os.close(outcome)

    def _read(self, name: str) -> bytes | None:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, name: str, value: bytes | None) -> None:
        """Write beside the old value, make it durable, then put it in the old one's place; None only tries."""
        path = self._path(name)
        self.folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(8)}")
        try:
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
            with os.fdopen(file, "wb") as out:
                out.write(value or b"")
                out.flush()
                os.fsync(out.fileno())
            if value is not None:
                os.replace(fresh, path)
                self._settle()
        finally:
            fresh.unlink(missing_ok=True)

    def _settle(self) -> None:
        """Make the change of the folder itself durable."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _deliver(held: asyncio.Future[int], outcome: int | OSError) -> None:
    """Give a lock to the one who waits for it; when nobody does any more, give it back."""
    if isinstance(outcome, OSError):
        if not held.done():
            held.set_exception(outcome)
    elif held.done():
        os.close(outcome)
    else:
        held.set_result(outcome)
