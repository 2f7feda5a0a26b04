"""What must be there by a deadline: alarms are set only for what must be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import Border
from gateway.execution import Result
from gateway.http import waiting
from gateway.http.body import ClientLeft
from gateway.http.waiting import wait_for, within


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


class Client:
    """One that stays until it is told to leave."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}


class Work:
    """An operation that does not end by itself."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = False

    async def run(self) -> Result:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise AssertionError("it does not end")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients and the time are looked at from the beginning."""
    monkeypatch.setattr(waiting, "_MOMENT", 0.0)


@pytest.mark.usefixtures("at_once")
async def test_an_operation_whose_time_is_up_is_ended_and_told_of() -> None:
    work = Work()
    result = await wait_for(work.run(), Client().receive, Border("id"), deadline=now() - 60.0, allowed=3.0)
    assert work.cancelled
    assert result.data is None
    assert [error["extensions"]["code"] for error in result.errors] == ["UPSTREAM_TIMEOUT"]
    assert "longer than the 3 s" in result.errors[0]["message"]
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


@pytest.mark.usefixtures("at_once")
async def test_an_operation_whose_client_leaves_is_ended() -> None:
    work, client = Work(), Client()
    client.leaves.set()
    with pytest.raises(ClientLeft):
        await wait_for(work.run(), client.receive, Border("id"), deadline=now() + 60.0, allowed=3.0)
    assert work.cancelled


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("late", [False, True])
async def test_who_cancels_the_request_sees_it_cancelled(late: bool) -> None:
    work = Work()
    deadline = now() - 60.0 if late else now() + 60.0
    task = asyncio.ensure_future(wait_for(work.run(), Client().receive, Border("id"), deadline=deadline, allowed=3.0))
    await work.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.cancelled


async def test_what_was_cancelled_inside_is_an_error_of_ours() -> None:
    inside: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    inside.cancel()
    result = await wait_for(inside, Client().receive, Border("id"), deadline=now() + 60.0, allowed=3.0)
    assert [error["extensions"]["code"] for error in result.errors] == ["INTERNAL"]


async def test_nobody_watches_an_operation_that_has_ended() -> None:
    before = asyncio.all_tasks()
    given = Result({"a": 1}, [])
    assert await wait_for(asyncio.sleep(0, given), Client().receive, Border("id"), deadline=now(), allowed=3.0) is given
    assert asyncio.all_tasks() == before
