"""What a wire remembers of the answers that it got: in this process, and of whole lists with the other workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from upstreams.http.cache import Cache, Keep, Kept
from upstreams.http.commons import Lists
from upstreams.http.exchange import Answer

T = TypeVar("T")


class Memory:
    """Of one wire.

    Args:
        lists: what the workers keep for each other; None: nothing.
        cut: is called when something was written, here or on another worker.
    """

    __slots__ = ("_cache", "_cut", "_lists")

    def __init__(self, lists: Lists | None, cut: Callable[[], None]) -> None:
        self._cache = Cache()
        self._cut = cut
        self._lists = lists
        if lists is not None:
            lists.listen(self._forget)

    def get(self, key: Hashable, now: float, age: float) -> Kept[Any] | None:
        """What was read less than ``age`` seconds ago."""
        return self._cache.get(key, now, age)

    async def adopt(
        self, key: Hashable, keep: Keep, decode: Callable[[bytes], T]
    ) -> tuple[Kept[T] | None, bytes | None]:
        """What another worker read lately, and the mark to :meth:`keep` one's own answer under."""
        if self._lists is None:
            return None, None
        found = await self._lists.look(key)
        if found.body is None:
            return None, found.mark
        try:
            value = decode(found.body)
        except ValueError:  # the worker that read it was of another release
            return None, found.mark
        read = asyncio.get_running_loop().time() - max(keep.fresh - found.seconds, 0.0)
        kept = Kept(value, found.status, read, read + keep.longest)
        self._cache.put(key, kept)
        return kept, found.mark

    async def keep(self, key: Hashable, keep: Keep, value: object, answer: Answer, mark: bytes | None) -> None:
        """Remember a good answer, for as long as it may be of use."""
        now = asyncio.get_running_loop().time()
        if keep.longest > 0.0:
            self._cache.put(key, Kept(value, answer.status, now, now + keep.longest))
        if mark is not None and self._lists is not None:
            await self._lists.keep(key, mark, answer.status, answer.body, keep.fresh)

    def drop(self, key: Hashable) -> None:
        """The source has said no to what it once answered."""
        self._cache.drop(key)

    async def forget(self) -> None:
        """A write has ended: nothing that was read before holds, on any worker."""
        self._forget()
        if self._lists is not None:
            await self._lists.changed()

    def _forget(self) -> None:
        self._cut()
        self._cache.clear()
