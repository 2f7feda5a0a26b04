"""Records as bytes and back, for a store outside this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any, Generic, Protocol, TypeVar

import msgspec

R = TypeVar("R")
S = TypeVar("S", bound=msgspec.Struct)

NESTED = "nested too deep from here, though not from where it was decoded"


class RowCodec(Protocol[R]):
    """Writes a feed's records and reads them again, exactly: what is read equals what was written."""

    @property
    def mark(self) -> str:
        """Names the shape of what is written. Releases whose records differ have different ones."""
        ...

    def dump(self, rows: Sequence[R]) -> bytes:
        """Records as bytes.

        Raises:
            ValueError, TypeError, OverflowError: one of them holds what cannot be written.
        """
        ...

    def load(self, data: bytes) -> list[R]:
        """Records from bytes.

        Raises:
            ValueError: they were not written by this codec.
        """
        ...


class StructCodec(Generic[S]):
    """A codec of records that are structs: JSON, with the names that the struct decodes by.

    Args:
        record: the struct.
        restore: puts plain data back into the form that the upstream sent, where decoding changed it.
    """

    def __init__(self, record: type[S], restore: Callable[[dict[str, Any]], None] | None = None) -> None:
        self._record = record
        self._restore = restore
        self._decoder = msgspec.json.Decoder(list[record])  # type: ignore[valid-type]

    @cached_property
    def mark(self) -> str:
        """See :class:`RowCodec`."""
        shape = msgspec.json.encode(msgspec.json.schema(self._record), order="deterministic")
        return blake2b(shape, digest_size=6).hexdigest()

    def dump(self, rows: Sequence[S]) -> bytes:
        """See :class:`RowCodec`."""
        try:
            if self._restore is None:
                return msgspec.json.encode(rows)
            plain: list[dict[str, Any]] = msgspec.to_builtins(rows)
            for row in plain:
                self._restore(row)
            return msgspec.json.encode(plain)
        except RecursionError as error:
            raise ValueError(NESTED) from error

    def load(self, data: bytes) -> list[S]:
        """See :class:`RowCodec`."""
        try:
            return self._decoder.decode(data)
        except RecursionError as error:
            raise ValueError(NESTED) from error
