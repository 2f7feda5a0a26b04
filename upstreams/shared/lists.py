"""Whole lists of a source that one worker read and all may use: a worker that begins needs no call.

What is kept counts as long as nothing was written since its call began: each write makes a new mark, and an answer that
was kept under another one is none. Lists hold no personal data: segments, tags, locations, hotspots, definitions.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import msgspec

from upstreams.http.commons import Found
from upstreams.shared.news import News
from upstreams.shared.protocol import Life, SharedStore, SharedUnavailable

LARGEST = 1024 * 1024
"""Bytes of an answer that is kept for others."""
MARK_LIFETIME = 86_400
"""Seconds that a write is remembered; no answer is kept for longer."""


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    mark: bytes
    status: int
    body: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Kept).decode


class SharedLists:
    """See :class:`upstreams.http.commons.Lists`.

    Args:
        store: what all workers share.
        news: tells the others of writes.
        account: tells this source, with these credentials, from others in the store.
    """

    def __init__(self, store: SharedStore, news: News, account: str) -> None:
        self._store = store
        self._news = news
        self._account = account
        self._owed = False
        store.on_return(self._returned)

    def listen(self, changed: Callable[[], None]) -> None:
        """Have something done when another worker has written, or may have."""
        self._news.hear(f"written:{self._account}", lambda _: changed(), changed)

    async def look(self, key: Hashable) -> Found:
        """What another worker read, and the mark to keep one's own answer under."""

        async def send(life: Life) -> list[Any]:
            async with life.client.pipeline(transaction=True) as pipe:
                pipe.get(self._marked(life))
                pipe.get(self._key(life, key))
                pipe.pttl(self._key(life, key))
                answers: list[Any] = await pipe.execute()
                return answers

        try:
            mark, data, left = await self._store.run("list_look", send)
        except SharedUnavailable:
            return Found(None)
        mark = mark or b""
        kept = _load(data)
        if kept is None or kept.mark != mark or left <= 0:
            return Found(mark)
        return Found(mark, kept.status, kept.body, left / 1000.0)

    async def keep(self, key: Hashable, mark: bytes, status: int, body: bytes, seconds: float) -> None:
        """Keep an answer for others, if nothing was written since :meth:`look`."""
        if len(body) > LARGEST:
            return
        data = _encode(_Kept(mark, status, body))
        milliseconds = max(round(min(seconds, MARK_LIFETIME) * 1000), 1)

        async def send(life: Life) -> None:
            await life.client.set(self._key(life, key), data, px=milliseconds)

        with suppress(SharedUnavailable):  # it would have saved others a call
            await self._store.run("list_keep", send)

    async def changed(self) -> None:
        """A write has ended: nothing that was read before holds, on any worker."""
        mark = secrets.token_bytes(8)
        self._owed = True
        try:
            await self._store.run("list_mark", lambda life: life.client.set(self._marked(life), mark, ex=MARK_LIFETIME))
        except SharedUnavailable:
            return  # told when the store is back
        self._owed = False
        await self._news.tell(f"written:{self._account}")

    async def _returned(self) -> None:
        if self._owed:
            await self.changed()

    def _marked(self, life: Life) -> str:
        return life.fleeting("lists", self._account)

    def _key(self, life: Life, key: Hashable) -> str:
        return life.fleeting("lists", self._account, blake2b(repr(key).encode(), digest_size=16).hexdigest())


def _load(data: Any) -> _Kept | None:
    if not isinstance(data, bytes):
        return None
    try:
        return _decode(data)
    except msgspec.MsgspecError:
        return None
