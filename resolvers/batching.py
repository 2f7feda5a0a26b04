"""Many questions as one: a loader whose waiters cannot hurt each other, and waiting for several answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Hashable, Mapping, Sequence
from contextvars import Context, copy_context
from functools import partial
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar, cast

from aiodataloader import DataLoader

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Batch = Callable[[list[K]], Awaitable[Sequence[V | Exception]]]
"""Answers several questions at once, in their order; an exception fails its own question only."""


class RequestAbandoned(Exception):
    """The request that asked is over; nobody reads this."""


class Answer(Generic[V]):
    """The value of a key, which any number may wait for.

    One for all of them: where fifty places ask for the same contact, nothing is made fifty times. A coroutine waits on
    a future of its own, so that one which is cancelled takes nothing from its neighbours.
    """

    __slots__ = ("_loop", "_settled", "_told", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._settled: tuple[V | None, BaseException | None, TracebackType | None] | None = None
        self._told: list[tuple[Callable[[Answer[V]], object], Context]] = []
        self._waiting: list[asyncio.Future[None]] = []

    def settle(self, value: V | BaseException) -> None:
        """It has come; an exception is raised where it is waited for."""
        if isinstance(value, BaseException):
            self._settled = None, value, value.__traceback__
        else:
            self._settled = value, None, None
        for own in self._waiting:
            if not own.done():
                own.set_result(None)
        for callback, context in self._told:
            self._loop.call_soon(callback, self, context=context)
        self._waiting, self._told = [], []

    def add_done_callback(self, callback: Callable[[Answer[V]], object]) -> None:
        """Have something called when it has come, a turn of the loop later, as a future does."""
        if self._settled is None:
            self._told.append((callback, copy_context()))
        else:
            self._loop.call_soon(callback, self)

    def cancelled(self) -> bool:
        """It never is; only who waits for it may be."""
        return False

    def exception(self) -> BaseException | None:
        """Why it could not be had."""
        return self._come()[1]

    def result(self) -> V:
        """The value.

        Raises:
            BaseException: it could not be had.
        """
        value, error, traceback = self._come()
        if error is not None:
            raise error.with_traceback(traceback)  # as it came: each who waits would add its own frames to it
        return cast(V, value)

    def _come(self) -> tuple[V | None, BaseException | None, TracebackType | None]:
        if self._settled is None:
            raise asyncio.InvalidStateError
        return self._settled

    def __await__(self) -> Generator[Any, None, V]:
        if self._settled is None:
            own: asyncio.Future[None] = self._loop.create_future()
            self._waiting.append(own)
            yield from own
        return self.result()


class Loader(DataLoader[K, V], Generic[K, V]):
    """aiodataloader's, dispatched in a way of its own: cheaper, and safe where waiters are cancelled one by one.

    A batch begins two turns of the loop after its first key, so that resolvers which go on at once after another answer
    are in it too.
    """

    batch_load_fn: Any

    def __init__(self, batch: Batch[K, V], batches: set[asyncio.Future[Any]]) -> None:
        """Needs a running event loop.

        Args:
            batch: answers; no task is made of what is a future already.
            batches: where batches are held for as long as they run, for whoever may cancel them.
        """
        # aiodataloader's own constructor looks into the batch function, which takes longer than all else does here.
        self.loop = asyncio.get_running_loop()
        self.batch_load_fn = batch
        self._batches = batches
        self._cache: Any = {}
        self._asked: dict[K, Answer[V]] = {}

    def get_cache_key(self, key: K) -> K:
        """A key is remembered under itself."""
        return key

    def load(self, key: K) -> Answer[V]:  # type: ignore[override]  # waited for as a future is
        """The value of a key.

        Awaiting it raises :class:`RequestAbandoned` when the request is over.
        """
        known: Answer[V] | None = self._cache.get(key)
        if known is None:
            known = self._cache[key] = self._asked[key] = Answer(self.loop)
            if len(self._asked) == 1:
                self.loop.call_soon(self.loop.call_soon, self._begin)
        return known

    def close(self) -> None:
        """The request is over: forget what was loaded and how.

        What loads for a request holds its loaders. If these still held it, its records would stay in memory until the
        garbage collector comes by.
        """
        self.batch_load_fn = _abandoned
        self.clear_all()

    def _begin(self) -> None:
        asked, self._asked = self._asked, {}
        try:
            batch = asyncio.ensure_future(self.batch_load_fn(list(asked)), loop=self.loop)
        except Exception as error:
            _settle(asked, error)
            return
        self._batches.add(batch)
        batch.add_done_callback(partial(self._ended, asked))

    def _ended(self, asked: dict[K, Answer[V]], batch: asyncio.Future[Sequence[V | Exception]]) -> None:
        self._batches.discard(batch)
        failure = RequestAbandoned() if batch.cancelled() else batch.exception()
        if failure is not None:
            _settle(asked, failure)
        elif len(answers := batch.result()) != len(asked):
            _settle(asked, RuntimeError(f"{len(answers)} answers to {len(asked)} questions"))
        else:
            for answer, value in zip(asked.values(), answers, strict=True):
                answer.settle(value)


class LoaderMaker(Protocol):
    """Makes loaders that end with a client request."""

    def __call__(self, batch: Callable[[list[K]], Awaitable[Sequence[V | Exception]]]) -> Loader[K, V]:
        """A loader."""
        ...


def _settle(asked: Mapping[K, Answer[V]], failure: BaseException) -> None:
    """A batch failed as a whole, and so each of its questions."""
    for answer in asked.values():
        answer.settle(failure)


async def _abandoned(keys: list[Any]) -> Sequence[Any]:
    raise RequestAbandoned


async def loaded(answers: Sequence[Awaitable[V]]) -> list[V | Exception]:
    """Wait for answers that were asked for together, one after the other; an exception stands in its place."""
    settled: list[V | Exception] = []
    for answer in answers:
        try:
            settled.append(await answer)
        except Exception as error:
            settled.append(error)
    return settled


async def settled(waits: Sequence[Awaitable[V]]) -> list[V | Exception]:
    """Do several things at once; an exception stands in its place. Cancellation is passed on."""
    if len(waits) == 1:  # there is nothing beside it, so it needs no task
        return await loaded(waits)
    settled: list[V | Exception] = []
    for answer in await asyncio.gather(*waits, return_exceptions=True):
        if isinstance(answer, BaseException) and not isinstance(answer, Exception):
            raise answer
        settled.append(answer)
    return settled
