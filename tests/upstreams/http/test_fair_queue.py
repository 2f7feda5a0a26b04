"""Turns by caller."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.upstreams.http.conftest import Laboratory, LaboratoryMaker, settle
from upstreams.http.budget import Bucket
from upstreams.http.fair_queue import FairQueue
from upstreams.http.scope import RequestScope

CALLERS = st.sampled_from("abc")


class Model(RuleBasedStateMachine):
    """Every item comes out once, in its line's order, and no caller is passed over twice."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: FairQueue[int] = FairQueue()
        self.lines: dict[str, list[int]] = {}
        self.passed: Counter[str] = Counter()
        self.next = 0

    @rule(caller=CALLERS)
    def push(self, caller: str) -> None:
        self.queue.push(caller, self.next)
        self.lines.setdefault(caller, []).append(self.next)
        self.next += 1

    @precondition(lambda self: any(self.lines.values()))
    @rule(caller=CALLERS, data=st.data())
    def join(self, caller: str, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(sorted({item for line in self.lines.values() for item in line})))
        self.queue.push(caller, item)
        line = self.lines.setdefault(caller, [])
        if item not in line:
            line.append(item)

    @precondition(lambda self: any(self.lines.values()))
    @rule(back=st.booleans())
    def pop(self, back: bool) -> None:
        waiting = {caller for caller, line in self.lines.items() if line}
        first = self.queue.first()
        item = self.queue.pop()
        assert item == first
        served = {caller for caller in waiting if self.lines[caller][0] == item}
        assert served  # the first of somebody's line
        for caller in waiting if not back else ():
            self.passed[caller] = 0 if item in self.lines[caller] else self.passed[caller] + 1
            assert self.passed[caller] < len(set("abc"))
        for line in self.lines.values():
            if item in line:
                line.remove(item)
        if back:  # a turn that was given for nothing; the counting begins anew
            self.passed.clear()
            caller = min(served)
            self.queue.restore(caller, item, 0)
            assert self.queue.first() == item
            self.lines[caller].insert(0, item)

    @precondition(lambda self: any(self.lines.values()))
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(sorted({item for line in self.lines.values() for item in line})))
        self.queue.remove(item)
        self.queue.remove(item)
        for line in self.lines.values():
            if item in line:
                line.remove(item)

    @invariant()
    def it_is_what_it_holds(self) -> None:
        for caller in "abc":
            if not self.lines.get(caller):  # who waits for nothing is not passed over
                self.passed[caller] = 0
        items = {item for line in self.lines.values() for item in line}
        assert set(self.queue.items()) == items
        assert len(self.queue) == len(items)
        for caller in "abc":
            assert self.queue.line(caller) == tuple(self.lines.get(caller, ()))
            assert self.queue.ahead(caller) == len(self.lines.get(caller, ()))


TestModel = Model.TestCase


@given(
    st.floats(0.1, 1000),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 30), st.sampled_from([0.0, 0.25, 1.0])), max_size=40),
)
def test_a_rate_holds_in_every_stretch_of_time(rate: float, story: list[tuple[float, int, float]]) -> None:
    share = 1.0
    bucket = Bucket(rate, lambda: share)
    now, out = 0.0, []
    for step, tries, part in story:
        now += step
        share = part
        out += [now for _ in range(tries) if bucket.take(now)]
    for first, start in enumerate(out):
        for last in range(first, len(out)):
            assert last - first + 1 <= max(rate, 1.0) + (out[last] - start) * rate + 1e-6


@given(st.floats(0.1, 100), st.integers(1, 50))
def test_when_calls_can_have_gone_out_is_when_they_can(rate: float, calls: int) -> None:
    bucket = Bucket(rate)
    until = bucket.ready(0.0, calls)
    out, now = 0, 0.0
    while out < calls:
        if bucket.take(now):
            out += 1
        else:
            now = bucket.ready(now) + 1e-9
    assert abs(now - until) < 1e-3


# Over the wire


def scope(lab: Laboratory, caller: str, seconds: float = 1000.0) -> RequestScope:
    return RequestScope(lab.clock.time() + seconds, caller=caller)


async def test_a_caller_with_many_calls_does_not_hold_up_one_with_a_single_one(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(concurrency=1)
    lab.upstream.script = [lab.upstream.parked]
    greedy = [lab.begin(scope(lab, "greedy"), f"/greedy/{number}") for number in range(500)]
    await lab.upstream.arrived(1)
    modest = lab.begin(scope(lab, "modest"), "/modest")
    await settle()
    lab.upstream.release()
    await modest
    assert lab.upstream.paths.index("/modest") <= 2
    for call in greedy:
        call.cancel()
    await asyncio.gather(*greedy, return_exceptions=True)


async def test_who_joins_a_call_that_queues_brings_it_forward(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(concurrency=1)
    lab.upstream.script = [lab.upstream.parked]
    greedy = [lab.begin(scope(lab, "greedy"), f"/{number}") for number in range(50)]
    await lab.upstream.arrived(1)
    joined = lab.begin(scope(lab, "modest"), "/49")
    await settle()
    lab.upstream.release()
    await joined
    await asyncio.gather(*greedy)
    assert lab.upstream.paths.index("/49") <= 2
    assert len(lab.upstream.paths) == 50
