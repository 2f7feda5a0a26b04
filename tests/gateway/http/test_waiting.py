"""What must be there by a deadline: alarms are set only for what must be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gateway.http.waiting import within


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_what_is_there_needs_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> int:
        return 1

    async def failing() -> int:
        raise KeyError("mine")

    def alarm(when: float | None) -> Any:
        raise AssertionError("an alarm")

    monkeypatch.setattr(asyncio, "timeout_at", alarm)
    assert await within(now() - 1.0, work()) == 1
    with pytest.raises(KeyError, match="mine"):
        await within(now() + 60.0, failing())


async def test_what_must_be_waited_for_comes_before_the_deadline_or_not_at_all() -> None:
    async def work(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    async def never() -> None:
        await asyncio.Event().wait()

    assert await within(now() + 60.0, work(1)) == 1
    assert await within(now() + 60.0, work(5)) == 5
    with pytest.raises(TimeoutError):
        await within(now() - 1.0, never())


async def test_a_failure_while_waiting_is_the_works_own_to_see() -> None:
    failed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    seen: list[str] = []

    async def work() -> int:
        try:
            return await failed
        except ConnectionError:
            seen.append("failed")
            return await asyncio.sleep(0, 7)

    asyncio.get_running_loop().call_soon(failed.set_exception, ConnectionError())
    assert await within(now() + 60.0, work()) == 7
    assert seen == ["failed"]


@pytest.mark.parametrize("ends", [asyncio.Task.cancel, lambda task: None])
async def test_cancellation_reaches_the_work(ends: Callable[[asyncio.Task[None]], object]) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await over.wait()
        finally:
            over.set()

    task = asyncio.create_task(within(now() + 60.0, work()))
    await begun.wait()
    if ends(task):
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        over.set()
        await task
    assert over.is_set()
