"""After a 429, and how many may be in the air."""

from __future__ import annotations

import asyncio
import math
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.http.conftest import Laboratory, LaboratoryMaker, answer, settle
from upstreams.errors import UpstreamError, UpstreamRateLimited
from upstreams.http.budget import OwnBudget
from upstreams.http.flights import Flight
from upstreams.http.gate import Gate
from upstreams.http.scope import RequestScope
from upstreams.http.throttle import LONGEST_PAUSE, WIDEST, Pause, Window, retry_after
from upstreams.source import SourceState

DATE = "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": " 7 "}, 7),
        ({"Retry-After": "86400"}, 600),
        ({"Retry-After": "9" * 400}, 600),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT", "Date": DATE}, 30),
        ({"Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT", "Date": DATE}, 0),
        ({"Retry-After": "Mon, 23 Nov 2026 10:00:00 GMT", "Date": DATE}, 600),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("date", [{}, {"Date": "yesterday"}])
def test_a_date_without_a_date_is_taken_by_our_clock(date: dict[str, str]) -> None:
    seconds = retry_after({"Retry-After": formatdate(time.time() + 300, usegmt=True), **date})
    assert seconds is not None
    assert 0 < seconds <= 300


def test_a_pause_without_a_time_doubles() -> None:
    pause, waits = Pause(), []
    now = 0.0
    for _ in range(12):
        pause.impose(now, None, pause.count)
        waits.append(pause.until - now)
        now = pause.until
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]


def test_a_success_resets_the_doubling() -> None:
    pause = Pause()
    pause.impose(0, None, pause.count)
    pause.impose(1, None, pause.count)
    pause.lift(pause.count)
    pause.impose(10, None, pause.count)
    assert pause.until == 11


def test_one_burst_counts_once() -> None:
    pause = Pause()
    sent = pause.count
    for _ in range(32):  # all were in the air when the first was refused
        pause.impose(0, None, sent)
    assert pause.until == 1
    pause.lift(sent)
    pause.impose(5, None, sent)  # a slow refusal: a pause from now, but no longer one
    assert pause.until == 6
    pause.impose(6, None, pause.count)
    assert pause.until == 8


@given(st.lists(st.tuples(st.floats(0, 100), st.none() | st.floats(0, 600), st.booleans(), st.booleans())))
def test_a_pause_is_never_shortened_and_never_endless(
    story: list[tuple[float, float | None, bool, bool]],
) -> None:
    pause, now = Pause(), 0.0
    for step, asked, fresh, lifted in story:
        now += step
        before = pause.until
        if lifted:
            pause.lift(pause.count)
        pause.impose(now, asked, pause.count if fresh else pause.count - 1)
        assert pause.until >= before
        assert pause.until <= max(before, now + LONGEST_PAUSE)
        assert pause.until >= now + (1 if asked is None else asked)


# Over the wire


async def refused(lab: Laboratory, headers: dict[str, str], *, seconds: float = 1000.0) -> asyncio.Task[bytes]:
    """A call that was told to come back later, and waits."""
    lab.upstream.script = [answer(429, headers=headers), answer(200)]
    call = lab.begin(lab.scope(seconds), "/refused")
    await lab.until(lambda: lab.wire.stats.calls["thing", "rate_limited"] == 1)
    return call


@pytest.mark.parametrize("headers", [{"Retry-After": "30"}, {}])
async def test_nobody_goes_out_before_the_time_has_passed(lab: Laboratory, headers: dict[str, str]) -> None:
    wait = 30 if headers else 1
    first = await refused(lab, headers)
    others = [lab.begin(path=f"/{n}") for n in range(5)] + [lab.begin(path="/write", method="POST")]
    await lab.clock.advance(wait - 0.7)
    assert lab.upstream.paths == ["/refused"]
    assert lab.wire.health().state is SourceState.DEGRADED
    await lab.clock.advance(0.7)
    assert await asyncio.gather(first, *others) == [b"{}"] * 7
    assert lab.upstream.paths[1] == "/refused"  # first come, first served
    assert len(lab.upstream.paths) == 8


async def test_who_cannot_wait_is_told_at_once(lab: Laboratory) -> None:
    first = await refused(lab, {"Retry-After": "30"})
    scope = lab.scope(20)
    with pytest.raises(UpstreamRateLimited) as caught:
        await lab.call(scope, "/other")
    assert 29 < caught.value.retry_after <= 30
    assert caught.value.retryable
    assert scope.calls == []
    await lab.clock.advance(12)
    with pytest.raises(UpstreamRateLimited) as caught:
        await lab.call(lab.scope(10), "/other")
    assert 17 < caught.value.retry_after <= 18
    assert lab.upstream.paths == ["/refused"]
    await lab.clock.advance(18)
    assert await first == b"{}"


async def test_the_refused_call_itself_is_told_at_once(lab: Laboratory) -> None:
    call = await refused(lab, {"Retry-After": "30"}, seconds=20)
    with pytest.raises(UpstreamRateLimited) as caught:
        await call
    assert 29 < caught.value.retry_after <= 30
    assert caught.value.operation == "thing"


async def test_who_already_queues_is_told_at_once(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(concurrency=1)
    release = asyncio.Event()

    async def refuse_later(request: object) -> object:
        await release.wait()
        return await answer(429, headers={"Retry-After": "30"})(request)  # type: ignore[arg-type]

    lab.upstream.script = [refuse_later, answer(200)]  # type: ignore[list-item]
    first = lab.begin(path="/first")
    await lab.upstream.arrived(1)
    hasty, patient = lab.begin(lab.scope(10), "/hasty"), lab.begin(path="/patient")
    await settle()
    release.set()
    with pytest.raises(UpstreamRateLimited):
        await hasty
    assert not patient.done()
    await lab.clock.advance(30)
    assert await asyncio.gather(first, patient) == [b"{}", b"{}"]
    assert sorted(lab.upstream.paths) == ["/first", "/first", "/patient"]


async def test_of_those_who_share_a_call_only_the_hasty_are_told(lab: Laboratory) -> None:
    patient = await refused(lab, {"Retry-After": "30"})
    hasty = lab.begin(lab.scope(10), "/refused")
    with pytest.raises(UpstreamRateLimited):
        await hasty
    joiner = lab.begin(lab.scope(100), "/refused")
    await lab.clock.advance(30)
    assert await asyncio.gather(patient, joiner) == [b"{}", b"{}"]
    assert lab.upstream.paths == ["/refused", "/refused"]


async def test_a_refused_write_is_sent_again(lab: Laboratory) -> None:
    lab.upstream.script = [answer(429, headers={"Retry-After": "0"}), answer(200)]
    assert await lab.call(method="POST", json={"a": 1}) == b"{}"
    assert lab.upstream.bodies == [b'{"a":1}', b'{"a":1}']


async def test_and_in_the_end_given_up(lab: Laboratory) -> None:
    lab.upstream.script = [answer(429, headers={"Retry-After": "0"})]
    with pytest.raises(UpstreamRateLimited) as caught:
        await lab.call()
    assert len(lab.upstream.requests) == 6
    assert caught.value.status == 429


async def test_at_most_ten_minutes_are_believed(lab: Laboratory) -> None:
    call = await refused(lab, {"Retry-After": "86400"})
    await lab.clock.advance(601)
    assert await call == b"{}"


async def test_refusals_in_a_row_double_the_wait(lab: Laboratory) -> None:
    call = await refused(lab, {})
    lab.upstream.script = [answer(429), answer(200)]
    await lab.clock.advance(1)
    await lab.until(lambda: lab.wire.stats.calls["thing", "rate_limited"] == 2)
    await lab.clock.advance(1.5)
    assert len(lab.upstream.requests) == 2
    await lab.clock.advance(0.5)
    assert await call == b"{}"


async def test_so_many_at_once_and_no_more(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(concurrency=3)
    lab.upstream.script = [lab.upstream.parked]
    calls = [lab.begin(path=f"/{n}") for n in range(10)]
    await lab.upstream.arrived(3)
    await settle()
    assert lab.wire.stats.in_flight == 3
    assert sorted(lab.upstream.paths) == ["/0", "/1", "/2"]
    calls[5].cancel()
    lab.upstream.release()
    await asyncio.gather(*calls[:5], *calls[6:])
    assert lab.upstream.most_open == 3
    assert "/5" not in lab.upstream.paths
    assert len(lab.upstream.paths) == 9


async def test_waiting_for_a_turn_counts_against_the_deadline(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(concurrency=1)
    lab.upstream.script = [lab.upstream.parked]
    first = lab.begin(path="/first")
    await lab.upstream.arrived(1)
    second = lab.begin(lab.scope(5), "/second")
    await settle()
    await lab.clock.advance(5)
    with pytest.raises(UpstreamError, match="deadline"):
        await second
    lab.upstream.release()
    await first
    assert lab.upstream.paths == ["/first"]


@pytest.mark.parametrize("end", ["cancel", "fail", "succeed"])
async def test_no_slot_is_lost(make_lab: LaboratoryMaker, end: str) -> None:
    lab = await make_lab(concurrency=2, retries=0)
    for _ in range(5):
        lab.upstream.script = [answer(409 if end == "fail" else 200) if end != "cancel" else lab.upstream.parked]
        before = len(lab.upstream.requests)
        calls = [lab.begin(path=f"/{n}") for n in range(6)]
        if end == "cancel":
            await lab.upstream.arrived(before + 2)
            for call in calls:
                call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    lab.upstream.script = [answer(200)]
    assert await asyncio.gather(*(lab.begin(path=f"/{n}") for n in range(6))) == [b"{}"] * 6
    assert lab.wire.stats.in_flight == 0


async def test_so_many_a_second_and_no_more(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(rate=0.1)  # so slow that it does not tell how busy the machine is
    calls = [lab.begin(path=f"/{n}") for n in range(6)]
    await lab.upstream.arrived(1)
    for sent in range(1, 6):
        await lab.clock.advance(8)
        assert len(lab.upstream.paths) == sent
        await lab.clock.advance(2)
        await lab.upstream.arrived(sent + 1)
    assert await asyncio.gather(*calls) == [b"{}"] * 6
    assert lab.upstream.paths == [f"/{n}" for n in range(6)]


async def test_who_cannot_have_a_turn_in_time_is_told_at_once(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(rate=1)
    calls = [lab.begin(lab.scope(5.5), f"/{n}") for n in range(20)]
    told = await asyncio.gather(*calls[6:], return_exceptions=True)
    assert {type(failure) for failure in told} == {UpstreamRateLimited}
    assert not any(call.done() for call in calls[1:6])
    other = lab.begin(RequestScope(lab.clock.time() + 5.5, caller="somebody else"), "/other")
    await settle()
    for _ in range(6):
        await lab.clock.advance(1)
    assert await other == b"{}"  # not behind the others' calls
    outcomes = await asyncio.gather(*calls[:6], return_exceptions=True)
    assert len(lab.upstream.paths) == 1 + sum(outcome == b"{}" for outcome in outcomes)


# What a source bears


@given(st.integers(1, 200), st.integers(1, 5), st.integers(0, 2000))
def test_a_window_halves_and_grows_by_one_a_round_trip(in_use: int, refusals: int, successes: int) -> None:
    window = Window()
    assert window.bears(10**9)
    for _ in range(refusals):
        window.narrow(in_use)
    size = largest(window)
    assert size == max(math.ceil(in_use / 2**refusals), 1)
    for _ in range(successes):
        window.widen()
    grown = largest(window)
    assert size <= grown <= size + 1 + math.isqrt(2 * successes + 1)
    for _ in range(size + 1):
        window.widen()
    assert largest(window) >= min(grown, WIDEST)


def test_a_source_that_bears_many_calls_bears_any_number() -> None:
    window = Window()
    window.narrow(2)
    for _ in range(WIDEST * WIDEST):
        window.widen()
    assert window.bears(10**9)


def largest(window: Window) -> int:
    """How many calls may be in the air."""
    return next(in_use for in_use in range(10**6) if not window.bears(in_use))


# The gate alone


class Visitors:
    """Calls that go through a gate and stay inside until they are let go."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.entered: list[str] = []
        self.go = asyncio.Event()

    async def send(self, name: str) -> asyncio.Task[None]:
        async def work(flight: Flight[None]) -> None:
            await self.gate.enter(flight, name)
            self.entered.append(name)
            try:
                await self.go.wait()
            finally:
                self.gate.leave()

        async def wait() -> None:
            await Flight(work, []).wait(RequestScope(math.inf))

        task = asyncio.create_task(wait())
        await settle()
        return task


async def test_a_429_in_the_moment_of_ones_turn(lab: Laboratory) -> None:
    gate = Gate(OwnBudget(4), lambda operation, seconds: RuntimeError(operation))
    visitors = Visitors(gate)
    flight: Flight[None] = Flight(lambda flight: asyncio.sleep(0), [])
    sent = [await gate.enter(flight, "before") for _ in range(4)]
    tasks = [await visitors.send(name) for name in "abcd"]
    for _ in sent:
        gate.leave()  # all have their turn, but have not gone yet
    gate.close(30, sent[0])
    await lab.clock.advance(29)
    assert visitors.entered == []
    await lab.clock.advance(1)
    assert visitors.entered == ["a", "b"]  # the source refused one of four
    visitors.go.set()
    await asyncio.gather(*tasks)
    assert visitors.entered == ["a", "b", "c", "d"]


async def test_gone_in_the_moment_of_ones_turn(lab: Laboratory) -> None:
    gate = Gate(OwnBudget(1), lambda operation, seconds: RuntimeError(operation))
    visitors = Visitors(gate)
    flight: Flight[None] = Flight(lambda flight: asyncio.sleep(0), [])
    await gate.enter(flight, "first")
    queued = Flight(lambda flight: gate.enter(flight, "gone"), [])
    await settle()
    gate.leave()
    queued.cancel()
    await settle()
    assert queued.task is not None
    assert queued.task.cancelled()
    visit = await visitors.send("next")
    assert visitors.entered == ["next"]
    visitors.go.set()
    await visit


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from(["enter", "leave", "cancel", "pause", "tick"]), st.integers(0, 5)), max_size=40),
)
def test_the_gate_holds_whatever_happens(concurrency: int, story: list[tuple[str, int]]) -> None:
    """Never more than allowed, nobody out during a pause, and in the end everybody has had a turn."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        now = 0.0
        loop.time = lambda: now  # type: ignore[method-assign]
        gate = Gate(OwnBudget(concurrency), lambda operation, seconds: RuntimeError(operation))
        inside: dict[int, asyncio.Event] = {}
        most = 0

        def visit(number: int) -> asyncio.Task[None]:
            async def work(flight: Flight[None]) -> None:
                nonlocal most
                sent = await gate.enter(flight, "visit")
                assert gate.blocked_until <= loop.time()
                assert sent >= 0
                inside[number] = asyncio.Event()
                most = max(most, len(inside))
                try:
                    await inside[number].wait()
                finally:
                    del inside[number]
                    gate.leave()

            async def wait() -> None:
                await Flight(work, []).wait(RequestScope(math.inf))

            return asyncio.create_task(wait())

        visits: list[asyncio.Task[None]] = []
        for act, choice in story:
            if act == "enter":
                visits.append(visit(len(visits)))
            elif act == "leave" and inside:
                list(inside.values())[choice % len(inside)].set()
            elif act == "cancel" and visits:
                visits[choice % len(visits)].cancel()
            elif act == "pause":
                gate.close(float(choice), 0)
            elif act == "tick":
                now += choice
            if choice % 2:
                await settle()
        now += 100
        for visitor in visits:
            while not visitor.done():
                for event in inside.values():
                    event.set()
                await settle()
            if not visitor.cancelled():
                visitor.result()
        await settle()
        assert most <= concurrency
        assert not inside
        assert gate.queued == 0
        assert gate.in_use == 0

    asyncio.run(run())
