"""Short messages to all workers at once: that a source asked for quiet, that something was changed.

A message may be lost, since the store may be away, or this worker cut off from it. So whoever listens is also told when
messages may have been missed, and what a message says can be found out by asking the store, sooner or later.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import NamedTuple

from upstreams.shared.protocol import Life, SharedStore, SharedUnavailable

AGAIN = 0.25
"""Seconds from a connection that broke to the next."""


class _Listener(NamedTuple):
    heard: Callable[[str], None]
    missed: Callable[[], None]


class News:
    """Tells the other workers, and hears them.

    Args:
        store: what all workers share.

    Attributes:
        worker: names this worker; it does not hear itself.
    """

    def __init__(self, store: SharedStore) -> None:
        self.worker = secrets.token_hex(8)
        self._store = store
        self._listeners: dict[str, _Listener] = {}
        self._task: asyncio.Task[None] | None = None
        store.on_return(self._returned)

    def hear(self, topic: str, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """Have what others tell of a topic heard. Before the store is started."""
        self._listeners[topic] = _Listener(heard, missed)

    async def tell(self, topic: str, text: str = "") -> None:
        """Tell the others, those that can be reached."""
        try:
            await self._store.run("news_tell", lambda life: life.client.publish(*self.message(life, topic, text)))
        except SharedUnavailable:
            return  # they learn of it when the store is back

    def message(self, life: Life, topic: str, text: str = "") -> tuple[str, str]:
        """The channel and the message, for scripts that tell something themselves."""
        return life.key("news", topic), f"{self.worker}:{text}"

    async def close(self) -> None:
        """Hear no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _returned(self) -> None:
        await self.close()
        begun = asyncio.Event()
        self._task = asyncio.create_task(self._listen(begun), name="news")
        await begun.wait()

    async def _listen(self, begun: asyncio.Event) -> None:
        """Hear what is told for as long as the store is in use; its return begins this anew."""
        while True:
            try:
                async with self._store.published("news_listen", self._channels) as messages:
                    for listener in self._listeners.values():
                        listener.missed()
                    begun.set()
                    async for channel, message in messages:
                        self._hear(channel, message)
            except SharedUnavailable:
                return
            finally:
                begun.set()
            await asyncio.sleep(AGAIN)

    def _channels(self, life: Life) -> list[str]:
        return [life.key("news", topic) for topic in self._listeners]

    def _hear(self, channel: str, message: str) -> None:
        worker, _, text = message.partition(":")
        if worker != self.worker:
            _, _, topic = channel.partition(":news:")
            self._listeners[topic].heard(text)
