"""The keys of the last answer's rows, so that those that come again are known.

They are looked up only where an answer does not simply go on from the last one, and outlive their page in its lease. So
they are a set only once that is asked for, and one piece of bytes in a lease: a thousand keys left as they are would be
thousands of small objects, strewn over the memory that held the whole answer.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import msgspec

from upstreams.feeds import Key

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(set[Key]).decode


class Seen:
    """Keys of rows, as they are or packed.

    Args:
        keys: not copied, so not to be changed.
        packed: what :meth:`packed` gave, instead of keys.
    """

    __slots__ = ("_keys", "_packed", "_set")

    def __init__(self, keys: Sequence[Key] = (), packed: bytes = b"") -> None:
        self._keys = keys
        self._packed = packed
        self._set: Set[Key] | None = None

    @property
    def all(self) -> Set[Key]:
        """The keys, to be looked up."""
        if self._set is None:
            self._set = _unpack(self._packed) if self._packed else frozenset(self._keys)
        return self._set

    def packed(self) -> bytes:
        """The keys for a lease: some fifty bytes each."""
        return _pack(self._keys) if self._keys else self._packed
