"""The identity index in a SQLite file of its own, shared by the workers of a machine.

Reading and writing have a thread and a connection each; in WAL mode neither waits for the other.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from upstreams.identity.index import Entry, Found, IdentityIndexFailed, KeyHasher, Walk
from upstreams.identity.keys import IdentityKey

T = TypeVar("T")

logger = logging.getLogger("contactgraph.people")

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_PATIENCE = 10.0
"""Seconds that a writer waits for another process's transaction."""

_TABLES = """
CREATE TABLE IF NOT EXISTS contact (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, walk INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS holder (
    digest BLOB NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (digest, contact)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS holder_by_contact ON holder (contact);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

_HOLDERS = """
SELECT contact.id FROM holder JOIN contact ON contact.number = holder.contact
WHERE holder.digest = ? ORDER BY contact.id LIMIT ?
"""

_PUT = """
INSERT INTO contact (id, walk) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET walk = excluded.walk RETURNING number
"""

_SET = "INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Walk).decode


class _Hand:
    """One connection, and the thread that uses it."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"identity-{name}")
        self._connection: sqlite3.Connection | None = None

    async def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run something on the connection."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)
        except (sqlite3.Error, OSError) as error:
            raise IdentityIndexFailed(f"the identity index cannot be used ({type(error).__name__})") from error

    async def close(self) -> None:
        """Close the connection and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._connect()
        return work(self._connection)

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        # The change to WAL does not wait for others as all else does.
        with _held(self._path.with_suffix(".opening")):
            try:
                return self._open()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                logger.warning("the identity index is damaged (%s) and begins anew", error)
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)
                return self._open()

    def _open(self) -> sqlite3.Connection:
        # SQLite gives the files beside it (-wal, -shm) the same mode.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE))
        connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(f"BEGIN IMMEDIATE;{_TABLES}COMMIT;")
        except BaseException:
            connection.close()
            raise
        return connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SqliteIndex:
    """Implements :class:`upstreams.identity.index.IdentityIndex`; the file is made when it is first needed."""

    def __init__(self, path: Path, hasher: KeyHasher) -> None:
        self._path = path
        self._hasher = hasher
        self._reader = _Hand(path, "read")
        self._writer = _Hand(path, "write")

    async def holders(self, keys: Sequence[IdentityKey], limit: int) -> Found:
        """Who has the keys."""
        digests = {key: self._hasher.digest(key) for key in keys}

        def read(connection: sqlite3.Connection) -> Found:
            ids = {
                key: [id for (id,) in connection.execute(_HOLDERS, (digest, limit))] for key, digest in digests.items()
            }
            return Found(ids, _walk(connection).as_of)

        return await self._reader.do(read)

    async def count(self) -> int:
        """How many contacts it holds."""
        return await self._reader.do(_count)

    async def walk(self) -> Walk:
        """How far it is."""
        return await self._reader.do(_walk)

    async def put(self, entries: Sequence[Entry], walk: Walk) -> None:
        """Take in contacts, and how far the index now is, in one transaction."""

        def write(connection: sqlite3.Connection) -> None:
            for id, keys in entries:
                digests = [self._hasher.digest(key) for key in keys]
                (number,) = connection.execute(_PUT, (id, walk.number)).fetchone()
                connection.execute("DELETE FROM holder WHERE contact = ?", (number,))
                connection.executemany("INSERT INTO holder VALUES (?, ?)", [(digest, number) for digest in digests])
            connection.execute(_SET, ("walk", _encode(walk)))

        await self._writer.do(lambda connection: _together(connection, write))

    async def sweep(self, walk: Walk) -> None:
        """Forget the contacts that the walk did not meet, and take down how far the index now is."""

        def write(connection: sqlite3.Connection) -> None:
            gone = "SELECT number FROM contact WHERE walk < ?"
            connection.execute(f"DELETE FROM holder WHERE contact IN ({gone})", (walk.number,))  # noqa: S608
            connection.execute("DELETE FROM contact WHERE walk < ?", (walk.number,))
            connection.execute(_SET, ("walk", _encode(walk)))

        await self._writer.do(lambda connection: _together(connection, write))

    async def wanted(self) -> bool:
        """Somebody has asked for people at least once."""
        return await self._reader.do(lambda connection: _state(connection, "wanted") is not None)

    async def want(self) -> None:
        """Remember that somebody has."""
        await self._writer.do(lambda connection: connection.execute(_SET, ("wanted", b"1")) and None)

    @asynccontextmanager
    async def lead(self) -> AsyncIterator[bool]:
        """Hold the lock that one process of the machine can hold; it falls free when the process ends."""
        try:
            held = await asyncio.to_thread(self._lock)
        except OSError as error:
            raise IdentityIndexFailed(f"the identity index cannot be locked ({type(error).__name__})") from error
        try:
            yield held is not None
        finally:
            if held is not None:
                os.close(held)

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()
        await self._writer.close()

    def _lock(self) -> int | None:
        self._path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        try:
            return _locked(self._path.with_suffix(".lock"), fcntl.LOCK_NB)
        except BlockingIOError:
            return None


def _locked(path: Path, how: int = 0) -> int:
    """A file that is open and locked; closing it gives the lock back."""
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | how)
    except BaseException:
        os.close(held)
        raise
    return held


@contextmanager
def _held(path: Path) -> Iterator[None]:
    held = _locked(path)
    try:
        yield
    finally:
        os.close(held)


def _together(connection: sqlite3.Connection, write: Callable[[sqlite3.Connection], None]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        write(connection)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _state(connection: sqlite3.Connection, name: str) -> bytes | None:
    row = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    return None if row is None else bytes(row[0])


def _walk(connection: sqlite3.Connection) -> Walk:
    found = _state(connection, "walk")
    return Walk() if found is None else _decode(found)


def _count(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM contact").fetchone()
    return int(count)
