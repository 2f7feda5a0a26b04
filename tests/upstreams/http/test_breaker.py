"""When a source is left alone, tried and used again."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.upstreams.http.conftest import Laboratory, LaboratoryMaker, Upstream, answer, settle
from upstreams.errors import (
    ScrollExpired,
    UpstreamCircuitOpen,
    UpstreamError,
    UpstreamMalformed,
    UpstreamNotFound,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.http.breaker import FEWEST, FIRST_PAUSE, LONGEST_PAUSE, MEMORY, PORTION, WINDOW, Breaker, is_sick, jitter
from upstreams.http.budget import OwnBudget
from upstreams.http.flights import Flight
from upstreams.http.gate import Gate
from upstreams.records import Source
from upstreams.source import CircuitState, SourceState

CLOSED, OPEN, HALF_OPEN = CircuitState.CLOSED, CircuitState.OPEN, CircuitState.HALF_OPEN


def error(kind: type[UpstreamError], status: int | None = None) -> UpstreamError:
    return kind(Source.RECHAT, "tags", "because", status=status)


@pytest.mark.parametrize(
    ("failure", "sick"),
    [
        (None, False),
        (error(UpstreamUnavailable, 503), True),
        (error(UpstreamUnavailable), True),
        (error(UpstreamTimeout), True),
        (error(UpstreamMalformed, 200), False),
        (error(UpstreamNotFound, 404), False),
        (error(UpstreamRefused, 400), False),
        (error(UpstreamRefused, 401), False),
        (error(ScrollExpired, 409), False),
        (UpstreamRateLimited(Source.RECHAT, "tags", "rate limited", retry_after=1), False),
    ],
)
def test_what_tells_that_a_source_is_sick(failure: UpstreamError | None, sick: bool) -> None:
    assert is_sick(failure) is sick


def told(outcomes: str, breaker: Breaker | None = None, now: float = 0.0) -> Breaker:
    """A breaker that heard of failures (``x``) and successes (``.``)."""
    breaker = breaker or Breaker(lambda: 1.0)
    for outcome in outcomes:
        number = breaker.admit(now)
        if number is not None:
            breaker.note(now, number, sick=outcome == "x")
    return breaker


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ("", CLOSED),
        ("x" * (FEWEST - 1), CLOSED),
        ("x" * FEWEST, OPEN),
        ("x" * (FEWEST - 1) + "." + "x", OPEN),
        ("." * WINDOW + "x" * FEWEST, CLOSED),  # half of the last calls
        ("." * WINDOW + "x" * int(WINDOW * PORTION), OPEN),
        ("xx." * 20, CLOSED),  # one endpoint that works keeps it closed
        ("xxx." * 20, OPEN),
    ],
)
def test_it_opens_when_most_of_the_last_calls_failed(story: str, state: CircuitState) -> None:
    assert told(story).state is state


def test_what_was_long_ago_does_not_count() -> None:
    breaker = told("x" * (FEWEST - 1))
    assert told("x", breaker, MEMORY + 1).state is CLOSED


def test_one_call_tries_and_closes_it() -> None:
    breaker = told("x" * FEWEST)
    assert breaker.admit(FIRST_PAUSE - 0.1) is None
    assert breaker.wait(0.4) == FIRST_PAUSE - 0.4
    number = breaker.admit(FIRST_PAUSE)
    assert number is not None
    assert breaker.state is HALF_OPEN
    assert breaker.admit(FIRST_PAUSE) is None
    assert breaker.note(FIRST_PAUSE, number, sick=False)
    assert breaker.state is CLOSED
    assert told("x" * (FEWEST - 1), breaker, FIRST_PAUSE).state is CLOSED  # it begins anew


def test_tries_become_rarer_and_are_never_rare() -> None:
    breaker = told("x" * FEWEST)
    now = 0.0
    tries: list[float] = []
    while len(tries) < 6:
        now += breaker.wait(now)
        number = breaker.admit(now)
        assert number is not None
        tries.append(now)
        assert not breaker.note(now, number, sick=True)
        assert breaker.state is OPEN
    assert [later - sooner for sooner, later in zip([0.0, *tries], tries, strict=False)] == [0.5, 1, 2, 2, 2, 2]


def test_a_try_that_hangs_does_not_keep_the_next_from_going_out() -> None:
    breaker = told("x" * FEWEST)
    hanging = breaker.admit(1.0)
    second = breaker.admit(3.0)
    assert second is not None
    assert breaker.note(3.1, second, sick=False)
    assert hanging is not None
    assert not breaker.note(9.0, hanging, sick=True)
    assert breaker.state is CLOSED


def test_what_began_before_it_opened_decides_nothing() -> None:
    breaker = Breaker(lambda: 1.0)
    slow = breaker.admit(0.0)
    told("x" * FEWEST, breaker)
    assert slow is not None
    assert not breaker.note(0.5, slow, sick=False)
    assert breaker.state is OPEN


def test_pauses_are_spread_but_not_away() -> None:
    pauses = {jitter() for _ in range(100)}
    assert len(pauses) > 1
    assert all(0.75 <= pause <= 1.0 for pause in pauses)


class Source_(RuleBasedStateMachine):
    """A source that falls sick and gets well, and calls that take their time."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now = 0.0
        self.sick = False
        self.air: list[tuple[int, bool]] = []
        self.refused_since: float | None = None
        self.let_out: list[float] = []

    @rule(seconds=st.floats(0.0, 6.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(sick=st.booleans())
    def turn(self, sick: bool) -> None:
        self.sick = sick

    @rule()
    def call(self) -> None:
        before = self.breaker.state
        number = self.breaker.admit(self.now)
        if number is None:
            self.refused_since = self.now if self.refused_since is None else self.refused_since
            assert self.now - self.refused_since <= LONGEST_PAUSE  # somebody may try before long
            return
        self.refused_since = None
        if before is not CLOSED:
            self.let_out.append(self.now)
        self.air.append((number, self.sick))

    @precondition(lambda self: self.air)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        number, sick = self.air.pop(data.draw(st.integers(0, len(self.air) - 1)))
        before = self.breaker.state
        turned = self.breaker.note(self.now, number, sick=sick)
        after = self.breaker.state
        assert turned == ((before is CLOSED) != (after is CLOSED))
        if turned and after is CLOSED:
            assert not sick
        if turned and after is OPEN:
            assert sick
            self.let_out = []

    @invariant()
    def few_try(self) -> None:
        if self.breaker.state is not CLOSED:
            for sooner, later in zip(self.let_out, self.let_out[1:], strict=False):
                assert later - sooner >= 0.75 * FIRST_PAUSE

    def teardown(self) -> None:
        """Whatever happened: a source that is well is in use again after one call that tries."""
        self.now += LONGEST_PAUSE
        number = self.breaker.admit(self.now)
        assert number is not None
        self.breaker.note(self.now, number, sick=False)
        assert self.breaker.state is CLOSED


TestStates = Source_.TestCase

# Over the wire


async def fail(lab: Laboratory, times: int = FEWEST) -> None:
    """Calls that fail, one after another."""
    lab.upstream.script = [answer(503)]
    for number in range(times):
        with pytest.raises(UpstreamUnavailable):
            await lab.call(path=f"/{number}", idempotent=False)


async def test_an_open_circuit_sends_nothing_and_says_when_it_will(lab: Laboratory) -> None:
    await fail(lab)
    scope = lab.scope()
    with pytest.raises(UpstreamCircuitOpen, match="not asked for now") as caught:
        await lab.call(scope)
    assert caught.value.retryable
    assert 0 < caught.value.retry_after <= FIRST_PAUSE
    assert scope.calls == []
    assert len(lab.upstream.requests) == FEWEST
    assert lab.wire.stats.calls["thing", "not_sent"] == 1
    health = lab.wire.health()
    assert (health.state, health.circuit) == (SourceState.DOWN, OPEN)
    assert health.message == "not asked for now, since most of its last calls failed: HTTP 503"


async def test_one_call_tries_for_all(lab: Laboratory) -> None:
    await fail(lab)
    await lab.clock.advance(FIRST_PAUSE)
    lab.upstream.script = [lab.upstream.parked]
    trying = lab.begin(path="/try")
    await lab.upstream.arrived(FEWEST + 1)
    assert lab.wire.stats.circuit is HALF_OPEN
    with pytest.raises(UpstreamCircuitOpen):
        await lab.call(path="/other")
    lab.upstream.release()
    assert await trying == b"{}"
    assert lab.wire.stats.circuit is CLOSED
    assert await lab.call(path="/other") == b"{}"
    assert lab.upstream.paths[FEWEST:] == ["/try", "/other"]


async def test_a_source_is_well_ten_seconds_after_its_last_fault(lab: Laboratory) -> None:
    await fail(lab)
    for _ in range(20):  # a client that goes on asking
        await lab.clock.advance(1)
        with pytest.raises(UpstreamUnavailable):
            await lab.call(idempotent=False)
    lab.upstream.script = [answer(200)]
    answered = 0
    for _ in range(9):
        await lab.clock.advance(1)
        try:
            await lab.call()
            answered += 1
        except UpstreamCircuitOpen:
            assert answered == 0
    await lab.clock.advance(0.9)
    assert answered >= 5
    assert lab.wire.health() == (SourceState.HEALTHY, None, CLOSED)


async def test_a_call_is_not_repeated_once_the_circuit_is_open(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(retries=50)
    await fail(lab, FEWEST - 3)
    with pytest.raises(UpstreamUnavailable, match="503"):
        await lab.call()
    assert len(lab.upstream.requests) == FEWEST
    assert (lab.wire.stats.retries, lab.wire.stats.retries_denied) == (2, 1)


async def test_those_who_queue_are_turned_away_when_it_opens(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(concurrency=1, retries=0)
    await fail(lab, FEWEST - 1)
    release = asyncio.Event()

    async def fail_later(request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response(status=503)

    lab.upstream.script = [fail_later]
    last = lab.begin(path="/last")
    await lab.upstream.arrived(FEWEST)
    queued = [lab.begin(path=f"/queued/{number}") for number in range(5)]
    await settle()
    release.set()
    failures = await asyncio.gather(last, *queued, return_exceptions=True)
    assert [type(failure) for failure in failures] == [UpstreamUnavailable] + [UpstreamCircuitOpen] * 5
    assert lab.upstream.paths[-1] == "/last"
    await lab.clock.advance(FIRST_PAUSE)
    lab.upstream.script = [answer(200)]
    assert await lab.call() == b"{}"  # no permit was lost


async def test_gone_in_the_moment_of_being_turned_away(make_lab: LaboratoryMaker) -> None:
    gate = Gate(OwnBudget(1), lambda operation, seconds: RuntimeError(operation))
    flight: Flight[None] = Flight(lambda flight: asyncio.sleep(0), [])
    await gate.enter(flight, "first")
    queued = Flight(lambda flight: gate.enter(flight, "gone"), [])
    await settle()
    gate.turn_away(RuntimeError)
    queued.cancel()
    await settle()
    assert (gate.in_use, gate.queued) == (1, 0)
    gate.leave()
    assert gate.in_use == 0


async def test_a_request_that_had_no_time_tells_nothing(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    for number in range(2 * FEWEST):
        call = lab.begin(lab.scope(0.5), f"/{number}")
        await lab.upstream.arrived(number + 1)
        await lab.clock.advance(0.6)
        with pytest.raises(UpstreamTimeout):
            await call
    assert lab.wire.stats.circuit is CLOSED


async def test_statuses_that_are_no_sickness_keep_it_closed(lab: Laboratory, upstream: Upstream) -> None:
    for status in (400, 401, 404, 409):
        upstream.script = [answer(status)]
        for number in range(FEWEST):
            with pytest.raises(UpstreamRefused):
                await lab.call(path=f"/{status}/{number}")
    assert lab.wire.stats.circuit is CLOSED
