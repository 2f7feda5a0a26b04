"""Loaders: one batch a turn, waiters that do not disturb each other, nothing left hanging."""

from __future__ import annotations

import asyncio
import traceback
import weakref
from contextvars import ContextVar
from typing import Any

import pytest

from resolvers.batching import Loader, RequestAbandoned, loaded


def make(batch: Any) -> tuple[Loader[int, int], set[asyncio.Task[Any]]]:
    batches: set[asyncio.Task[Any]] = set()
    return Loader(batch, batches), batches


async def test_keys_of_one_turn_are_one_batch_and_each_key_is_asked_once() -> None:
    asked: list[list[int]] = []

    async def batch(keys: list[int]) -> list[int]:
        asked.append(keys)
        return [key * 10 for key in keys]

    loader, _ = make(batch)
    assert [*await asyncio.gather(loader.load(1), loader.load(2), loader.load(1))] == [10, 20, 10]
    assert asked == [[1, 2]]


async def test_a_cancelled_waiter_leaves_the_others_their_answer() -> None:
    go = asyncio.Event()

    async def batch(keys: list[int]) -> list[int]:
        await go.wait()
        return keys

    loader, _ = make(batch)

    async def wait() -> int:
        return await loader.load(1)

    first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    go.set()
    assert await second == 1


async def test_a_key_may_fail_alone() -> None:
    async def batch(keys: list[int]) -> list[int | Exception]:
        return [ValueError("one") if key == 1 else key for key in keys]

    loader, _ = make(batch)
    one, two = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert isinstance(one, ValueError)
    assert two == 2


async def test_a_failure_keeps_the_traceback_that_it_came_with_however_many_wait_for_it() -> None:
    def deep() -> None:
        raise ValueError("one")

    async def batch(keys: list[int]) -> list[int]:
        deep()
        return keys

    loader, _ = make(batch)
    answer = loader.load(1)
    lengths = set()
    for _ in range(20):
        try:
            await answer
        except ValueError as error:
            frames = traceback.extract_tb(error.__traceback__)
            assert frames[-1].name == "deep"
            lengths.add(len(frames))
    assert len(lengths) == 1


async def test_an_abandoned_batch_settles_its_waiters() -> None:
    started = asyncio.Event()

    async def batch(keys: list[int]) -> list[int]:
        started.set()
        await asyncio.Event().wait()
        return keys

    loader, batches = make(batch)
    waiter = loader.load(1)
    await started.wait()
    for task in batches:
        task.cancel()
    with pytest.raises(RequestAbandoned):
        await waiter
    assert not batches


async def test_a_batch_that_is_cancelled_before_it_begins_settles_its_waiters() -> None:
    async def batch(keys: list[int]) -> list[int]:
        raise AssertionError("it was cancelled")

    loader, batches = make(batch)
    waiter = loader.load(1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert batches
    for task in batches:
        task.cancel()
    with pytest.raises(RequestAbandoned):
        await waiter
    assert not batches


async def test_a_key_that_is_known_is_not_asked_for_again_also_when_it_failed() -> None:
    asked: list[list[int]] = []

    async def batch(keys: list[int]) -> list[int | Exception]:
        asked.append(keys)
        if keys == [3]:
            raise ConnectionError
        return [KeyError(key) if key == 2 else key for key in keys]

    loader, _ = make(batch)
    for _ in range(2):
        assert await loader.load(1) == 1
        with pytest.raises(KeyError):
            await loader.load(2)
        with pytest.raises(ConnectionError):
            await loader.load(3)
    assert asked == [[1], [2], [3]]


async def test_a_batch_may_be_a_future_or_not_even_begin() -> None:
    def batch(keys: list[int]) -> asyncio.Future[list[int]]:
        if keys == [3]:
            raise ConnectionError
        future: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        future.set_result(keys)
        return future

    loader, batches = make(batch)
    assert await loader.load(1) == 1
    with pytest.raises(ConnectionError):
        await loader.load(3)
    assert not batches


async def test_what_is_called_when_an_answer_is_there_is_called_a_turn_later_in_its_own_context() -> None:
    called: list[tuple[int, str]] = []
    name: ContextVar[str] = ContextVar("name", default="")

    async def batch(keys: list[int]) -> list[int]:
        return keys

    loader, _ = make(batch)
    answer = loader.load(1)
    with pytest.raises(asyncio.InvalidStateError):
        answer.result()
    for word in ("one", "two"):
        name.set(word)
        answer.add_done_callback(lambda answer: called.append((answer.result(), name.get())))
    name.set("none")
    assert await answer == 1
    await asyncio.sleep(0)
    assert called == [(1, "one"), (1, "two")]
    answer.add_done_callback(lambda answer: called.append((answer.result(), name.get())))
    assert len(called) == 2
    await asyncio.sleep(0)
    assert called[2:] == [(1, "none")]


async def test_the_rest_of_a_dataloader_s_face_is_there() -> None:
    asked: list[list[int]] = []

    async def batch(keys: list[int]) -> list[int]:
        asked.append(keys)
        return keys

    loader, _ = make(batch)
    assert await loader.load_many([1, 2]) == [1, 2]
    assert await loader.prime(3, 30).load(3) == 30
    assert await loader.clear(1).load(1) == 1
    assert await loader.clear_all().load(2) == 2
    assert asked == [[1, 2], [1], [2]]


async def test_answers_that_were_asked_for_together_are_waited_for_one_after_the_other() -> None:
    async def batch(keys: list[int]) -> list[int | Exception]:
        return [ValueError("two") if key == 2 else key for key in keys]

    loader, _ = make(batch)
    one, two, three = await loaded([loader.load(key) for key in (1, 2, 3)])
    assert (one, str(two), three) == (1, "two", 3)


async def test_answers_that_are_too_few_fail_all() -> None:
    async def batch(keys: list[int]) -> list[int]:
        return []

    loader, _ = make(batch)
    with pytest.raises(RuntimeError, match="0 answers to 1 questions"):
        await loader.load(1)


async def test_what_follows_on_an_answer_at_once_is_in_one_batch() -> None:
    asked: list[list[int]] = []

    async def batch(keys: list[int]) -> list[int]:
        asked.append(keys)
        return keys

    async def soon(key: int) -> int:
        return await loader.load(key)  # a turn later, since gather makes a task of this

    loader, _ = make(batch)
    assert [*await asyncio.gather(loader.load(1), soon(2))] == [1, 2]
    assert asked == [[1, 2]]


async def test_a_closed_loader_lets_go_of_who_loads_and_of_what_was_loaded() -> None:
    class Value:
        pass

    class Owner:
        def __init__(self) -> None:
            self.loader: Loader[int, Value] = Loader(self.values, set())

        async def values(self, keys: list[int]) -> list[Value]:
            return [Value() for _ in keys]

    owner = Owner()
    held = weakref.ref(await owner.loader.load(1))
    owner.loader.close()
    await asyncio.sleep(0)  # the loop itself holds what it has just called
    assert held() is None
    with pytest.raises(RequestAbandoned):
        await owner.loader.load(1)
    loader, held_owner = owner.loader, weakref.ref(owner)
    del owner
    assert held_owner() is None
    assert loader is not None
