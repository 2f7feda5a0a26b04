"""Loaders: one batch a turn, waiters that do not disturb each other, nothing left hanging."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from resolvers.batching import Loader, RequestAbandoned


def make(batch: Any) -> tuple[Loader[int, int], set[asyncio.Task[Any]]]:
    batches: set[asyncio.Task[Any]] = set()
    return Loader(batch, batches), batches


async def test_keys_of_one_turn_are_one_batch_and_each_key_is_asked_once() -> None:
    asked: list[list[int]] = []

    async def batch(keys: list[int]) -> list[int]:
        asked.append(keys)
        return [key * 10 for key in keys]

    loader, _ = make(batch)
    assert await asyncio.gather(loader.load(1), loader.load(2), loader.load(1)) == [10, 20, 10]
    assert asked == [[1, 2]]


async def test_a_cancelled_waiter_leaves_the_others_their_answer() -> None:
    go = asyncio.Event()

    async def batch(keys: list[int]) -> list[int]:
        await go.wait()
        return keys

    loader, _ = make(batch)
    first, second = loader.load(1), loader.load(1)
    first.cancel()
    go.set()
    assert await second == 1


async def test_a_key_may_fail_alone() -> None:
    async def batch(keys: list[int]) -> list[int | Exception]:
        return [ValueError("one") if key == 1 else key for key in keys]

    loader, _ = make(batch)
    one, two = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert isinstance(one, ValueError)
    assert two == 2


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
