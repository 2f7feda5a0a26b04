"""Many questions as one: a dataloader whose waiters cannot hurt each other, and waiting for several answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from aiodataloader import DataLoader

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RequestAbandoned(Exception):
    """The request that asked is over; nobody reads this."""


class Loader(DataLoader[K, V], Generic[K, V]):
    """A dataloader that is safe where waiters are cancelled one by one.

    aiodataloader hands every waiter of a key the same future, so one cancelled field would cancel its neighbours'
    answer; each waiter gets a future of its own instead.
    """

    def __init__(
        self, batch: Callable[[list[K]], Awaitable[Sequence[V | Exception]]], batches: set[asyncio.Task[Any]]
    ) -> None:
        async def load(keys: list[K]) -> Any:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a batch function is always run as a task
            batches.add(task)
            try:
                return await batch(keys)
            except asyncio.CancelledError as error:
                # aiodataloader settles its waiters for exceptions only; a cancelled batch would leave them hanging.
                raise RequestAbandoned from error
            finally:
                batches.discard(task)

        super().__init__(batch_load_fn=load)
        self._waiting: dict[asyncio.Future[V], list[asyncio.Future[V]]] = {}

    def load(self, key: K) -> asyncio.Future[V]:
        """The value of a key, in the same turn's batch as its neighbours."""
        answer = super().load(key)
        own: asyncio.Future[V] = self.loop.create_future()
        if answer.done():
            _pass_on(answer, own)
        elif (waiting := self._waiting.get(answer)) is not None:
            waiting.append(own)
        else:
            self._waiting[answer] = [own]
            answer.add_done_callback(self._settle)
        return own

    def _settle(self, answer: asyncio.Future[V]) -> None:
        answer.exception()  # looked at, also where every waiter has left
        for own in self._waiting.pop(answer):
            if not own.done():
                _pass_on(answer, own)


def _pass_on(answer: asyncio.Future[V], own: asyncio.Future[V]) -> None:
    error = answer.exception()
    if error is None:
        own.set_result(answer.result())
    else:
        own.set_exception(error)
        own.exception()  # looked at: a failure that nobody waits for any more is no news


async def settled(waits: Sequence[Awaitable[V]]) -> list[V | Exception]:
    """Wait for all; an exception stands in its place. Cancellation is passed on."""
    settled: list[V | Exception] = []
    for answer in await asyncio.gather(*waits, return_exceptions=True):
        if isinstance(answer, BaseException) and not isinstance(answer, Exception):
            raise answer
        settled.append(answer)
    return settled
