"""SQLite under the sandbox: rows that remember since when and until when they exist, read in order by key.

Each write raises a version. A row is *born* at one version and *dies* at another, so a scroll that is a snapshot reads
the rows alive at its version, page by page and without a copy, while a live scroll reads those alive now.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALIVE = 1 << 62
"""The version at which a row dies that has not died."""
TIE_PRIME = (1 << 31) - 1
"""Row numbers are multiplied modulo this prime to order ties: a permutation as long as there are fewer rows."""

Key = int | float | str


@dataclass(frozen=True, slots=True)
class Listing:
    """An ordered selection of one table.

    Attributes:
        table: a table with columns ``seq``, ``born``, ``died`` and ``doc``.
        key: the SQL expression that sorts; never null.
        descending: the order of ``key``. Ties come by ``salt`` in both directions.
        where: SQL condition over the table, with ``?`` for each of ``values``.
        low, high: bounds of ``key``, from inclusive to exclusive; kept apart from ``where`` so that a page far into the
            listing is searched for from its place and not from ``low``.
        salt: which order ties come in; 0 is the order of insertion.
    """

    table: str
    key: str
    descending: bool
    where: str = "1"
    values: tuple[Key, ...] = ()
    low: Key | None = None
    high: Key | None = None
    salt: int = 0

    def alive(self, version: int, place: Key | None = None) -> tuple[str, list[Key]]:
        """The SQL condition, with its values, for the rows alive at ``version`` whose key is not before ``place``."""
        sql, values = f"born <= ? AND died > ? AND ({self.where})", [version, version, *self.values]
        bounds = [(">=", self.low), ("<", self.high)]
        if place is not None:
            bounds[1 if self.descending else 0] = ("<=" if self.descending else ">=", place)
        for operator, bound in bounds:
            if bound is not None:
                sql, values = f"{sql} AND {self.key} {operator} ?", [*values, bound]
        return sql, values


@dataclass(frozen=True, slots=True)
class Row:
    """A row read: its place in the listing (``key``, ``tie``) and its document as JSON text."""

    key: Key
    tie: int
    doc: str


class Store:
    """One SQLite database and its version counter."""

    def __init__(self, path: Path | None = None) -> None:
        self.connection = sqlite3.connect(str(path) if path else ":memory:", isolation_level=None)
        self.connection.executescript("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;")
        self.version = 1

    def close(self) -> None:
        """Closes the database; an in-memory one is gone then."""
        self.connection.close()

    def next_version(self) -> int:
        """The version at which the write that follows happens."""
        self.version += 1
        return self.version

    def fill(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Runs one insert for many rows in one transaction."""
        with self.connection:
            self.connection.execute("BEGIN")
            self.connection.executemany(statement, rows)

    def count(self, listing: Listing, version: int) -> int:
        """How many rows of ``listing`` are alive at ``version``."""
        condition, values = listing.alive(version)
        sql = f"SELECT count(*) FROM {listing.table} WHERE {condition}"  # noqa: S608 - own text
        (number,) = self.connection.execute(sql, values).fetchone()
        return int(number)

    def read(self, listing: Listing, version: int, limit: int, after: tuple[Key, int] | None = None) -> list[Row]:
        """At most ``limit`` rows alive at ``version`` that follow the place ``after`` (key and tie of a row)."""
        tie = f"((seq * {2 * listing.salt + 1}) % {TIE_PRIME})"
        beyond, order = ("<", "DESC") if listing.descending else (">", "ASC")
        condition, values = listing.alive(version, None if after is None else after[0])
        if after is not None:
            condition += f" AND ({listing.key} {beyond} ? OR {tie} > ?)"
            values += after
        sql = (
            f"SELECT {listing.key}, {tie}, doc FROM {listing.table} WHERE {condition} "  # noqa: S608 - own text
            f"ORDER BY {listing.key} {order}, {tie} LIMIT ?"
        )
        return [Row(*row) for row in self.connection.execute(sql, (*values, limit))]

    def documents(self, listing: Listing, version: int | None = None) -> list[str]:
        """The documents of all rows of ``listing`` alive at ``version`` (default: now)."""
        return [row.doc for row in self.read(listing, self.version if version is None else version, -1)]
