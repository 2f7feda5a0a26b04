"""How often a call goes out, and when it stops."""

from __future__ import annotations

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.http.conftest import Laboratory, LaboratoryMaker, Responder, answer, reset, truncated
from upstreams.errors import UpstreamError, UpstreamMalformed, UpstreamRefused, UpstreamTimeout, UpstreamUnavailable
from upstreams.http.retry import FLOOR, LONGEST, RATIO, SAVED, RetryBudget, full_jitter

PASSING = [answer(500), answer(503), reset, truncated]


@given(st.integers(min_value=1, max_value=2000))
def test_the_wait_is_bounded(failures: int) -> None:
    assert 0.0 <= full_jitter(failures) <= min(LONGEST, 0.1 * 2.0 ** min(failures, 10))


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 50), st.integers(0, 3)), max_size=60))
def test_retries_cannot_double_the_load_of_a_sick_upstream(story: list[tuple[float, int, int]]) -> None:
    """Whatever calls come, and however often each would be repeated."""
    budget = RetryBudget()
    now, began, calls, repeats = 0.0, None, 0, 0
    for step, burst, wanted in story:
        now += step
        began = now if began is None else began
        for _ in range(burst):
            calls += 1
            budget.earn()
            repeats += sum(budget.spend(now) for _ in range(wanted))
        assert repeats <= SAVED + RATIO * calls + FLOOR * (now - began) + 1e-6


async def test_a_sick_source_is_sent_little_more_than_it_is_asked(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(retries=2)
    began = lab.clock.time()
    for number in range(50):  # so many calls succeed that the circuit stays closed
        lab.upstream.script = [answer(200)]
        for path in "abc":
            await lab.call(path=f"/{path}/{number}")
        lab.upstream.script = [answer(503)]
        with pytest.raises(UpstreamUnavailable, match="503"):
            await lab.call(path=f"/sick/{number}")
    extra = len(lab.upstream.requests) - 200
    assert lab.wire.stats.retries == extra
    assert extra <= SAVED + RATIO * 200 + FLOOR * (lab.clock.time() - began)
    assert lab.wire.stats.retries_denied > 0


@pytest.mark.parametrize("responder", PASSING)
async def test_what_passes_is_tried_again(lab: Laboratory, responder: Responder) -> None:
    lab.upstream.script = [responder, responder, answer(200)]
    scope = lab.scope()
    assert await lab.call(scope) == b"{}"
    assert len(lab.upstream.requests) == 3
    assert [call.status for call in scope.calls][2] == 200
    assert all(not call.shared and not call.cached and call.duration is not None for call in scope.calls)
    assert lab.wire.stats.retries == 2


@pytest.mark.parametrize("responder", PASSING)
@pytest.mark.parametrize("retries", [0, 1, 4])
async def test_and_then_given_up(make_lab: LaboratoryMaker, responder: Responder, retries: int) -> None:
    lab = await make_lab(retries=retries)
    lab.upstream.script = [responder]
    with pytest.raises(UpstreamUnavailable):
        await lab.call()
    assert len(lab.upstream.requests) == retries + 1


async def test_a_time_out_is_tried_again(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(attempt=3, retries=1)
    lab.upstream.script = [lab.upstream.parked]
    call = lab.begin()
    for attempts in (1, 2):
        await lab.upstream.arrived(attempts)
        await lab.clock.advance(4)
    with pytest.raises(UpstreamTimeout):
        await call
    assert len(lab.upstream.requests) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410])
async def test_a_refusal_is_final(lab: Laboratory, status: int) -> None:
    lab.upstream.script = [answer(status)]
    with pytest.raises(UpstreamRefused):
        await lab.call()
    assert len(lab.upstream.requests) == 1


async def test_a_malformed_answer_is_final(lab: Laboratory) -> None:
    with pytest.raises(UpstreamMalformed):
        await lab.call(decode=int)
    assert len(lab.upstream.requests) == 1


@pytest.mark.parametrize("responder", PASSING)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
async def test_what_is_not_idempotent_goes_out_once(lab: Laboratory, method: str, responder: Responder) -> None:
    await lab.call()  # the connection is then reused, which aiohttp alone would take as leave to send again
    lab.upstream.script = [responder]
    with pytest.raises(UpstreamUnavailable):
        await lab.call(method=method, idempotent=False)
    assert len(lab.upstream.requests) == 2


async def test_a_post_is_idempotent_when_its_source_says_so(lab: Laboratory) -> None:
    lab.upstream.script = [reset, answer(200)]
    await lab.call(method="POST", idempotent=True, json={"a": 1})
    assert lab.upstream.bodies == [b'{"a":1}', b'{"a":1}']


async def test_no_wait_goes_past_the_deadline(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(backoff=10)
    lab.upstream.script = [answer(503)]
    with pytest.raises(UpstreamUnavailable, match="503"):
        await lab.call(lab.scope(9))
    assert len(lab.upstream.requests) == 1


async def test_a_wait_within_the_deadline_is_waited(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(backoff=10)
    lab.upstream.script = [answer(503), answer(200)]
    call = lab.begin(lab.scope(11))
    await lab.upstream.arrived(1)
    await lab.until(lambda: lab.wire.stats.calls["thing", "unavailable"] == 1)
    await lab.clock.advance(10)
    assert await call == b"{}"


async def test_the_deadline_ends_the_wait(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    scope = lab.scope(5)
    call = lab.begin(scope)
    await lab.upstream.arrived(1)
    await lab.clock.advance(5)
    with pytest.raises(UpstreamTimeout, match="deadline"):
        await call
    await lab.upstream.left(1)
    assert lab.wire.stats.in_flight == 0
    assert lab.wire.stats.calls == {("thing", "timeout"): 1}


async def test_a_request_whose_time_is_over_calls_nobody(lab: Laboratory) -> None:
    scope = lab.scope(0)
    with pytest.raises(UpstreamTimeout):
        await lab.call(scope)
    assert not lab.upstream.requests
    assert not scope.calls


async def test_outside_of_a_request_a_call_ends_too(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(attempt=10, retries=1)
    lab.upstream.script = [answer(429, headers={"Retry-After": "300"})]
    with pytest.raises(UpstreamError, match="rate limited"):
        await lab.wire.call("thing", "GET", "/thing", decode=bytes)


async def test_a_server_that_speaks_then_breaks(lab: Laboratory) -> None:
    async def headers_only(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        assert request.transport is not None
        request.transport.abort()
        return response

    lab.upstream.script = [headers_only, answer(200)]
    assert await lab.call() == b"{}"
    assert len(lab.upstream.requests) == 2
