"""Equal calls in flight are one call, and nobody's leaving harms another."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from aiohttp import web

from tests.upstreams.http.conftest import Laboratory, LaboratoryMaker, Responder, answer, reset, settle
from upstreams.errors import UpstreamError, UpstreamNotFound, UpstreamRateLimited, UpstreamTimeout, UpstreamUnavailable
from upstreams.http.cache import NEVER, Keep
from upstreams.http.flights import Flight, twin
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.scope import RequestScope, current_scope
from upstreams.http.wire import Network, WireLimits
from upstreams.records import Source

Work = Callable[[Flight[str]], Coroutine[Any, Any, str]]


async def park(lab: Laboratory) -> None:
    """Have calls under way, the first of them with the upstream."""
    await lab.upstream.arrived(1)
    await settle()


async def test_equal_calls_of_different_requests_are_one(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    scopes = [lab.scope() for _ in range(5)]
    calls = [lab.begin(scope, params=[("a", "1")]) for scope in scopes]
    await park(lab)
    lab.upstream.release()
    assert await asyncio.gather(*calls) == [b"{}"] * 5
    assert len(lab.upstream.requests) == 1
    assert [[call.shared for call in scope.calls] for scope in scopes] == [[False]] + [[True]] * 4
    assert all(call.status == 200 and call.duration is not None for scope in scopes for call in scope.calls)
    assert lab.wire.stats.shared == {"thing": 4}


async def test_the_outcome_is_given_in_order_of_arrival(lab: Laboratory) -> None:
    order = []

    async def waiting(number: int) -> None:
        await lab.call()
        order.append(number)

    lab.upstream.script = [lab.upstream.parked]
    calls = [asyncio.create_task(waiting(number)) for number in range(20)]
    await park(lab)
    lab.upstream.release()
    await asyncio.gather(*calls)
    assert order == list(range(20))


async def test_a_record_is_decoded_once(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    calls = [lab.begin(decode=lambda body: object()) for _ in range(3)]
    await park(lab)
    lab.upstream.release()
    one, *others = await asyncio.gather(*calls)
    assert all(other is one for other in others)


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/other"},
        {"params": [("a", "2")]},
        {"headers": {"X-Brand": "1"}},
        {"operation": "otherThing"},
        {"authorize": False},
        {"shareable": False},
        {"idempotent": False},
        {"method": "POST", "shareable": True},
    ],
)
async def test_calls_that_differ_are_two(lab: Laboratory, other: dict[str, Any]) -> None:
    lab.upstream.script = [lab.upstream.parked]
    calls = [lab.begin(params=[("a", "1")]), lab.begin(**{"params": [("a", "1")], **other})]
    await lab.upstream.arrived(2)
    lab.upstream.release()
    await asyncio.gather(*calls)


async def test_a_post_is_shared_when_its_source_says_so(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    calls = [lab.begin(method="POST", json={"ids": [n]}, shareable=True) for n in (1, 1, 2)]
    await lab.upstream.arrived(2)
    lab.upstream.release()
    await asyncio.gather(*calls)
    assert lab.upstream.bodies == [b'{"ids":[1]}', b'{"ids":[2]}']
    assert lab.wire.generation == 0


async def test_writes_are_never_shared(lab: Laboratory) -> None:
    await asyncio.gather(*(lab.begin(method="DELETE") for _ in range(3)))
    assert len(lab.upstream.requests) == 3


async def test_one_after_the_other_is_two(lab: Laboratory) -> None:
    await lab.call()
    await lab.call()
    assert len(lab.upstream.requests) == 2


async def test_a_failure_is_everybodys(lab: Laboratory) -> None:
    async def gone(request: web.Request) -> web.StreamResponse:
        await lab.upstream.parked(request)
        return web.Response(status=404)

    lab.upstream.script = [gone]
    calls = [lab.begin() for _ in range(3)]
    await park(lab)
    lab.upstream.release()
    failures = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(failure) for failure in failures] == [UpstreamNotFound] * 3
    assert len({id(failure) for failure in failures}) == 3
    assert {str(failure) for failure in failures} == {"Cloud4Wi: thing: there is no such thing"}


def test_a_twin_is_the_same_in_all_but_identity() -> None:
    error = UpstreamRateLimited(Source.RECHAT, "tags", "rate limited", retry_after=7)
    error.__cause__ = KeyError("why")
    copy = twin(error)
    assert copy is not error
    assert (type(copy), str(copy), copy.__dict__, copy.__cause__) == (
        type(error),
        str(error),
        error.__dict__,
        error.__cause__,
    )


# Leaving


@pytest.mark.parametrize("leaver", [0, 1])
async def test_one_that_leaves_ends_only_its_wait(lab: Laboratory, leaver: int) -> None:
    lab.upstream.script = [lab.upstream.parked]
    calls = [lab.begin(), lab.begin()]
    await park(lab)
    calls[leaver].cancel()
    await settle()
    assert calls[leaver].cancelled()
    lab.upstream.release()
    assert await calls[1 - leaver] == b"{}"
    assert len(lab.upstream.requests) == 1


async def test_when_the_last_has_left_the_call_is_cancelled(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    scope = lab.scope()
    calls = [lab.begin(scope), lab.begin(), lab.begin()]
    await park(lab)
    for call in calls:
        call.cancel()
    await lab.upstream.left(1)
    assert lab.wire.stats.in_flight == 0
    assert lab.wire.stats.calls == {("thing", "cancelled"): 1}
    assert scope.calls[0].status is None
    assert scope.calls[0].duration is not None


async def test_who_comes_after_the_last_left_calls_anew(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    first = lab.begin()
    await park(lab)
    first.cancel()
    second = lab.begin()
    await lab.upstream.arrived(2)
    lab.upstream.release()
    assert await second == b"{}"


async def test_each_has_its_own_deadline(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    hasty, patient = lab.begin(lab.scope(5)), lab.begin(lab.scope(60))
    await park(lab)
    await lab.clock.advance(5)
    with pytest.raises(UpstreamTimeout):
        await hasty
    await lab.clock.advance(50)
    assert not patient.done()
    lab.upstream.release()
    assert await patient == b"{}"
    assert len(lab.upstream.requests) == 1


async def test_calls_of_a_wire_are_told_the_time_whoever_has_left(lab: Laboratory) -> None:
    """One alarm serves them all: it neither rings for one who has left, nor later than for the next."""
    lab.upstream.script = [lab.upstream.parked]
    seconds = [5, 9, 7, 60]
    gone, late, sooner, patient = (lab.begin(lab.scope(n), f"/{n}") for n in seconds)
    await lab.upstream.arrived(4)
    gone.cancel()
    await lab.clock.advance(6)
    assert not late.done()
    assert not sooner.done()
    await lab.clock.advance(1)
    with pytest.raises(UpstreamTimeout):
        await sooner
    assert not late.done()
    later = lab.begin(lab.scope(1), "/later")
    await lab.upstream.arrived(5)
    await lab.clock.advance(1)
    with pytest.raises(UpstreamTimeout):
        await later
    await lab.clock.advance(1)
    with pytest.raises(UpstreamTimeout):
        await late
    lab.upstream.release()
    assert await patient == b"{}"


async def test_a_retry_outlives_who_began(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(backoff=20)
    lab.upstream.script = [answer(503), answer(200)]
    began = lab.begin(lab.scope(25))
    await lab.until(lambda: lab.wire.stats.calls["thing", "unavailable"] == 1)
    joined = lab.begin(lab.scope(100))
    await settle()
    began.cancel()
    await lab.clock.advance(20)
    assert await joined == b"{}"


async def test_of_those_who_share_a_retry_only_the_hasty_fail(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(backoff=20)
    busy = asyncio.Event()

    async def unavailable(request: web.Request) -> web.StreamResponse:
        await busy.wait()
        return web.Response(status=503)

    lab.upstream.script = [unavailable, answer(200)]
    hasty, patient = lab.begin(lab.scope(10)), lab.begin()
    await park(lab)
    busy.set()
    with pytest.raises(UpstreamUnavailable, match="503"):
        await hasty
    late_and_hasty = lab.begin(lab.scope(5))
    with pytest.raises(UpstreamUnavailable, match="503"):
        await late_and_hasty
    await lab.clock.advance(20)
    assert await patient == b"{}"


async def test_a_flight_carries_nothing_of_a_request(lab: Laboratory) -> None:
    seen = []

    def decode(body: bytes) -> bytes:
        seen.append(current_scope.get())
        return body

    scope = lab.scope()
    await lab.call(scope, decode=decode)
    assert seen[0] is not scope


@pytest.mark.parametrize("responder", [answer(200), answer(200, b"nothing", {"Connection": "close"}), reset])
async def test_a_flight_that_has_landed_does_not_wait_for_the_garbage_collector(
    lab: Laboratory, responder: Responder
) -> None:
    """Nor does one that failed, with a task of its own or without."""

    def alive() -> int:
        return sum(isinstance(thing, Flight) for thing in gc.get_objects())

    await lab.call()
    gc.collect()
    gc.disable()
    try:
        before = alive()  # the pooled connection keeps the context, and so the flight, in which it was opened
        for _ in range(50):
            lab.upstream.script = [responder]
            with suppress(UpstreamError):
                await lab.call(method="POST", decode=msgspec.json.decode)
        await settle()
        assert alive() <= before + 5
    finally:
        gc.enable()


async def test_nor_does_one_that_all_have_left(lab: Laboratory) -> None:
    def over() -> int:
        return sum(isinstance(thing, Flight) and thing.task is None for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            lab.upstream.script = [answer(200), lab.upstream.parked]
            await lab.call()  # opens a connection, so that the next call needs no task
            call = lab.begin()
            await park(lab)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await settle()
        assert over() <= 1
    finally:
        gc.enable()


async def test_closing_ends_what_is_in_the_air(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    calls = [lab.begin(), lab.begin(), lab.begin(path="/other", method="POST")]
    await lab.upstream.arrived(2)
    calls.append(lab.begin(path="/just-begun"))
    await asyncio.sleep(0)
    await lab.network.close()
    for call in calls:
        with pytest.raises(UpstreamUnavailable, match="closing"):
            await call
    with pytest.raises(UpstreamUnavailable, match="closing"):
        await lab.call(path="/later")
    assert lab.wire.stats.in_flight == 0


# A flight that another flight waits for


def nested(work: Work) -> Callable[[RequestScope], Coroutine[Any, Any, str]]:
    """Wait for one flight that waits for another that does the work."""
    outer: list[Flight[str]] = []

    async def inner(flight: Flight[str]) -> str:
        return await Flight(work, []).wait(flight)

    async def wait(scope: RequestScope) -> str:
        if not outer:
            outer.append(Flight(inner, []))
        return await outer[0].wait(scope)

    return wait


async def test_a_more_patient_joiner_reaches_the_inner_flight(lab: Laboratory) -> None:
    done = asyncio.Event()

    async def work(flight: Flight[str]) -> str:
        await done.wait()
        return "done"

    wait = nested(work)
    hasty = asyncio.create_task(wait(lab.scope(5)))
    await settle()
    patient = asyncio.create_task(wait(lab.scope(60)))
    await settle()
    await lab.clock.advance(5)
    with pytest.raises(TimeoutError):
        await hasty
    await lab.clock.advance(50)
    assert not patient.done()
    done.set()
    assert await patient == "done"


async def test_a_rest_of_the_inner_flight_is_told_to_the_outer_waiters(lab: Laboratory) -> None:
    async def work(flight: Flight[str]) -> str:
        await flight.rest(30, lambda: UserWarning("too long"))
        return "rested"

    wait = nested(work)
    hasty, patient = (asyncio.create_task(wait(lab.scope(seconds))) for seconds in (5, 60))
    with pytest.raises(UserWarning):
        await hasty
    late_and_hasty = asyncio.create_task(wait(lab.scope(5)))
    with pytest.raises(UserWarning):
        await late_and_hasty
    await lab.clock.advance(30)
    assert await patient == "rested"


async def test_random_joining_and_leaving_never_hangs(make_lab: LaboratoryMaker) -> None:
    """Every call ends, with an answer, its own cancellation or its own deadline; nothing stays in the air."""
    lab = await make_lab(concurrency=2)
    dice = random.Random(7)
    steps = [answer(200), answer(503), answer(429, headers={"Retry-After": "1"}), lab.upstream.parked]
    for _ in range(30):
        lab.upstream.script = [dice.choice(steps) for _ in range(6)] + [answer(200)]
        calls = [
            lab.begin(
                RequestScope(lab.clock.time() + dice.choice([0.5, 3, 30])),
                f"/{dice.randrange(3)}",
                method=dice.choice(["GET", "GET", "GET", "PUT"]),
                keep=dice.choice([NEVER, Keep(10)]),
            )
            for _ in range(8)
        ]
        for call in calls:
            if dice.random() < 0.3:
                call.cancel()
            if dice.random() < 0.5:
                await settle()
        while not all(call.done() for call in calls):
            await lab.clock.advance(0.2)
        for call in calls:
            if not call.cancelled() and (failure := call.exception()) is not None:
                assert isinstance(failure, UpstreamError)
                assert failure.retryable
    await lab.until(lambda: lab.wire.stats.in_flight == 0)


async def test_where_sharing_is_off_only_calls_of_one_request_are_one(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(sharing=False)
    lab.upstream.script = [lab.upstream.parked]
    one, other = lab.scope(), lab.scope()
    calls = [lab.begin(scope) for scope in (one, other, one)]
    await lab.upstream.arrived(2)
    await settle()
    lab.upstream.release()
    await asyncio.gather(*calls)
    assert [sorted(call.shared for call in scope.calls) for scope in (one, other)] == [[False, True], [False]]
    assert len(lab.upstream.requests) == 2


@pytest.mark.parametrize("sharing", [True, False])
def test_where_sharing_is_off_nothing_is_kept(sharing: bool) -> None:
    keeping = Keeping.of(60.0, 60.0, 60.0)
    assert Network(WireLimits(), sharing=sharing, keeping=keeping).keeping is (keeping if sharing else NOTHING)
