"""Large answers become responses one after the other."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.http.conftest import Laboratory, answer, settle
from upstreams.errors import UpstreamTimeout
from upstreams.http.intake import LARGE, TURNS, Intake

BIG = b" " * LARGE


async def test_large_answers_have_turns_of_the_loop_between_them() -> None:
    """Those that come in one turn, in the order in which they came."""
    loop = asyncio.get_running_loop()
    intake = Intake()
    turn = 0
    taken: list[tuple[int, int]] = []

    async def take(number: int) -> None:
        if not intake.take(LARGE, loop):
            await intake.enter(loop)
        taken.append((number, turn))

    tasks = [asyncio.create_task(take(number)) for number in range(4)]
    while len(taken) < 4:
        turn += 1
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert [number for number, _ in taken] == [0, 1, 2, 3]
    at = [turn for _, turn in taken]
    assert all(after - before >= TURNS for before, after in pairwise(at))


async def test_a_large_answer_is_decoded_when_the_one_before_it_has_had_its_turns(lab: Laboratory) -> None:
    loop = asyncio.get_running_loop()
    lab.upstream.script = [answer(200, BIG)]
    lab.network.intake._busy = True
    call = lab.begin(decode=len)
    await lab.until(lambda: len(lab.network.intake._waiting) == 1)
    assert not call.done()
    lab.network.intake._pass(loop, 1)
    assert await call == LARGE


async def test_whoever_comes_to_wait_when_all_is_free_again_waits_for_nobody() -> None:
    """Between the refusal and the waiting lie turns of the loop, in which the last one before may have passed."""
    loop = asyncio.get_running_loop()
    intake = Intake()
    assert intake.take(LARGE, loop)
    assert not intake.take(LARGE, loop)
    intake._pass(loop, 1)
    async with asyncio.timeout(5):
        await intake.enter(loop)
    assert not intake.take(LARGE, loop)


async def test_small_answers_pass_by(lab: Laboratory) -> None:
    loop = asyncio.get_running_loop()
    assert lab.network.intake.take(LARGE, loop)
    assert not lab.network.intake.take(LARGE, loop)
    small = b" " * (LARGE - 1)
    lab.upstream.script = [answer(200, small)]
    assert lab.network.intake.take(len(small), loop)
    assert await lab.call() == small


async def test_whoever_has_no_time_left_blames_not_the_upstream(lab: Laboratory) -> None:
    """The answer has come; that it is not decoded in time says nothing of the source."""
    lab.upstream.script = [answer(200, BIG)]
    lab.network.intake._busy = True
    scope = lab.scope(10.0)
    call = lab.begin(scope)
    await lab.until(lambda: len(lab.network.intake._waiting) == 1)
    await lab.clock.advance(11.0)
    with pytest.raises(UpstreamTimeout):
        await call
    await settle()
    assert lab.wire.stats.calls == {("thing", "cancelled"): 1}
    assert lab.wire.stats.in_flight == 0


@given(st.lists(st.sampled_from(["take", "enter", "late", "cancel", "turn"]), max_size=40))
def test_nobody_waits_for_ever(steps: list[str]) -> None:
    """Whatever comes and goes, those who stay have their turn, in order, and the next one finds it free."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        intake = Intake()
        entered: list[int] = []
        waiting: list[tuple[int, asyncio.Task[None]]] = []

        async def enter(number: int, turns: int) -> None:
            if not intake.take(LARGE, loop):
                for _ in range(turns):  # a flight that has to become a task first
                    await asyncio.sleep(0)
                await intake.enter(loop)
            entered.append(number)

        for number, step in enumerate(steps):
            if step in ("take", "enter", "late"):
                late = step == "late"
                waiting.append((number, asyncio.create_task(enter(number, 2 * TURNS if late else 0))))
            if step == "cancel" and waiting:
                waiting.pop(len(waiting) // 2)[1].cancel()
            if step != "take":
                await asyncio.sleep(0)
        stay = [number for number, _ in waiting]
        async with asyncio.timeout(5):
            await asyncio.gather(*(task for _, task in waiting))
        assert {*entered} >= {*stay}
        prompt = [number for number in stay if steps[number] != "late"]
        assert [number for number in entered if number in prompt] == prompt
        for _ in range(TURNS + 1):
            await asyncio.sleep(0)
        assert intake.take(LARGE, loop)

    asyncio.run(main())
