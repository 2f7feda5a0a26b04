"""Several calls under way are waited for together, and left together."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.upstreams.http.conftest import Laboratory, answer, settle
from upstreams.errors import UpstreamNotFound, UpstreamRefused
from upstreams.http.flights import Flight
from upstreams.http.outcomes import outcomes
from upstreams.http.scope import current_scope


async def test_each_has_its_own_outcome_in_order(lab: Laboratory) -> None:
    current_scope.set(lab.scope())
    lab.upstream.script = [answer(404)]
    first = lab.wire.call("one", "GET", "/1", decode=bytes)
    gone = lab.wire.call("two", "GET", "/2", decode=bytes, absent_is_none=True)
    await lab.upstream.arrived(2)
    lab.upstream.script = [answer(200, b"3")]
    third = lab.wire.call("three", "GET", "/3", decode=bytes)
    found = await outcomes([first, gone, third])
    assert isinstance(found[0], UpstreamNotFound)
    assert found[1:] == [None, b"3"]


async def test_that_something_is_absent_is_an_answer_only_where_it_was_said_so(lab: Laboratory) -> None:
    lab.upstream.script = [answer(404), answer(400)]
    assert await lab.call(absent_is_none=True) is None
    with pytest.raises(UpstreamRefused):
        await lab.call(absent_is_none=True)


async def test_who_is_cancelled_leaves_all(lab: Laboratory) -> None:
    lab.upstream.script = [answer(404), lab.upstream.parked]
    scope = lab.scope()

    async def several() -> None:
        current_scope.set(scope)
        await outcomes([lab.wire.call("thing", "GET", f"/{number}", decode=bytes) for number in range(3)])

    waiting = asyncio.create_task(several())
    await lab.upstream.arrived(3)
    await lab.until(lambda: lab.wire.stats.calls["thing", "not_found"] == 1)
    waiting.cancel()
    await lab.upstream.left(2)
    await settle()
    assert waiting.cancelled()
    assert lab.wire.stats.in_flight == 0
    assert lab.wire.stats.calls["thing", "cancelled"] == 2


async def test_a_failure_that_nobody_waited_for_any_more_is_not_complained_of(lab: Laboratory) -> None:
    """The laboratory holds every exception that nobody fetched against the test."""
    lab.upstream.script = [lab.upstream.parked, answer(404)]

    async def several() -> None:
        current_scope.set(lab.scope())
        slow = lab.wire.call("slow", "GET", "/slow", decode=bytes)
        await lab.upstream.arrived(1)
        await outcomes([slow, lab.wire.call("gone", "GET", "/gone", decode=bytes)])

    waiting = asyncio.create_task(several())
    await lab.until(lambda: lab.wire.stats.calls["gone", "not_found"] == 1)
    waiting.cancel()
    await lab.upstream.left(1)
    assert waiting.cancelled()


async def test_a_flight_needs_a_task_only_for_what_is_unusual(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks: list[Flight[Any]] = []
    go_on = Flight._go_on_in_task

    def counted(flight: Flight[Any]) -> None:
        tasks.append(flight)
        go_on(flight)

    monkeypatch.setattr(Flight, "_go_on_in_task", counted)
    await lab.call()
    assert len(tasks) == 1  # dials
    await lab.call()
    assert len(tasks) == 1
    lab.upstream.script = [answer(503), answer(200)]
    await lab.call()
    assert len(tasks) == 2


async def test_without_a_task_a_flight_waits_for_a_reply_only(lab: Laboratory) -> None:
    """What is forgotten to be put into a task fails, and does not hang."""

    async def work(flight: Flight[None]) -> None:
        await asyncio.get_running_loop().create_future()

    flight: Flight[None] = Flight(work, [], prompt=True)
    waiter = flight.wait(lab.scope())
    flight.start()
    with pytest.raises(RuntimeError, match="reply only"):
        await waiter
    assert flight.task is None


async def test_what_is_cancelled_before_its_task_has_begun_is_told(lab: Laboratory) -> None:
    told = []

    async def work(flight: Flight[None]) -> None:
        try:
            await flight.in_task()
        except asyncio.CancelledError:
            told.append(flight.task is not None)
            raise

    flight: Flight[None] = Flight(work, [], prompt=True)
    waiter = flight.wait(lab.scope())
    flight.start()
    waiter.cancel()
    await settle()
    assert told == [True]
