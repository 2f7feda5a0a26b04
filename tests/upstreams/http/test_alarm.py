"""The alarm: it rings once, in its time, wherever that is moved to and however often."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from math import inf
from typing import Any, cast

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual_time import VirtualTimeLoop
from upstreams.http.alarm import Alarm

Step = tuple[int, float | None]
"""So many seconds later the alarm is moved to so many seconds from then; ``inf``: it need not ring; None: it stops."""

STEPS: st.SearchStrategy[list[Step]] = st.lists(
    # An alarm never rings in the moment in which it is moved: what happens first then is for the loop to say.
    st.tuples(st.integers(0, 30), st.integers(0, 60).map(lambda seconds: seconds + 0.5) | st.just(inf) | st.none()),
    max_size=15,
)


def in_virtual_time(main: Callable[[], Any]) -> Any:
    """What a coroutine comes to on a clock that does not wait."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())


@given(steps=STEPS)
def test_it_rings_once_when_its_time_has_come(steps: list[Step]) -> None:
    expected = []
    now, due = 0.0, inf
    for pause, seconds in steps:
        now += pause
        if due < now:
            expected.append(due)
        due = inf if seconds is None else now + seconds
    if due < inf:
        expected.append(due)

    async def rings() -> list[float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        rung: list[float] = []
        alarm = Alarm(loop, lambda: rung.append(loop.time() - began))
        for pause, seconds in steps:
            await asyncio.sleep(pause)
            if seconds is None:
                alarm.stop()
            else:
                alarm.move(loop.time() + seconds)
        await asyncio.sleep(100)
        return rung

    assert in_virtual_time(rings) == pytest.approx(expected)


def test_it_may_be_moved_where_it_rings() -> None:
    async def rings() -> list[float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        rung: list[float] = []

        def ring() -> None:
            rung.append(loop.time() - began)
            alarm.move(alarm.due + 7 if len(rung) < 3 else inf)

        alarm = Alarm(loop, ring)
        alarm.move(began + 7)
        await asyncio.sleep(100)
        return rung

    assert in_virtual_time(rings) == pytest.approx([7, 14, 21])


class Counted:
    """A loop that keeps count of the timers it is asked for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.timers: list[asyncio.TimerHandle] = []

    def call_at(self, when: float, *rest: Any, **named: Any) -> asyncio.TimerHandle:
        timer = self._loop.call_at(when, *rest, **named)
        self.timers.append(timer)
        return timer


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_to_move_it_later_sets_no_timer(loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Until the first rings, which is then set anew once, also by a loop that reckons in milliseconds."""

    async def rung_at() -> tuple[float, float, int]:
        loop = asyncio.get_running_loop()
        counted, rang = Counted(loop), asyncio.Event()
        alarm = Alarm(cast(Any, counted), rang.set)
        for number in range(1000):
            alarm.move(loop.time() + 0.02 + number * 1.04e-5)
        await rang.wait()
        return loop.time(), alarm.due, len(counted.timers)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        time, due, timers = runner.run(rung_at())
    assert time > due - 0.001
    assert timers == 2


async def test_to_move_it_earlier_sets_one_in_the_place_of_the_other() -> None:
    loop = asyncio.get_running_loop()
    counted = Counted(loop)
    alarm = Alarm(cast(Any, counted), list)
    for seconds in (300, 200, 250, 100):
        alarm.move(loop.time() + seconds)
    assert [timer.cancelled() for timer in counted.timers] == [True, True, False]
    alarm.stop()
    assert counted.timers[-1].cancelled()


class Thing:
    """Something that may be held."""


requested: ContextVar[Thing | None] = ContextVar("requested", default=None)


async def test_it_keeps_nothing_of_the_request_that_moves_it() -> None:
    loop = asyncio.get_running_loop()
    seen: list[Thing | None] = []
    rang = asyncio.Event()

    def ring() -> None:
        seen.append(requested.get())
        rang.set()

    alarm = Alarm(loop, ring)

    async def request() -> weakref.ref[Thing]:
        thing = Thing()
        requested.set(thing)
        alarm.move(loop.time() + 300)
        return weakref.ref(thing)

    thing = await asyncio.create_task(request())
    await asyncio.sleep(0)  # the loop holds what it has just called until it calls something else
    gc.collect()
    assert thing() is None
    alarm.move(loop.time())
    await rang.wait()
    assert seen == [None]


async def test_nobody_holds_it_when_it_was_stopped() -> None:
    loop = asyncio.get_running_loop()

    def ring() -> None: ...

    alarm = Alarm(loop, ring)
    alarm.move(loop.time() + 300)
    alarm.stop()
    held = weakref.ref(ring)
    del alarm, ring
    assert held() is None
