"""Answers that are kept, and how a write cuts off what was read before it ended."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from tests.upstreams.http.conftest import Laboratory, LaboratoryMaker, Responder, answer, reset, settle
from upstreams.errors import UpstreamError, UpstreamNotFound, UpstreamUnavailable
from upstreams.http.cache import Cache, Keep, Kept

# Writes


async def write(lab: Laboratory, responder: Responder) -> None:
    lab.upstream.script.insert(0, responder)
    before = len(lab.upstream.requests)
    call = lab.begin(path="/write", method="POST")
    await lab.upstream.arrived(before + 1)
    await asyncio.gather(call, return_exceptions=True)


@pytest.mark.parametrize("responder", [answer(200), answer(409), answer(503)])
async def test_a_read_after_a_write_joins_nothing_from_before(lab: Laboratory, responder: Responder) -> None:
    lab.upstream.script = [lab.upstream.parked]
    before = lab.begin()
    await lab.upstream.arrived(1)
    await write(lab, responder)
    assert lab.wire.generation == lab.network.generation == 1
    after = lab.begin()
    await lab.upstream.arrived(3)
    joined = lab.begin()
    await settle()
    assert lab.wire.stats.shared == {"thing": 1}
    lab.upstream.release()
    await asyncio.gather(before, after, joined)
    assert lab.upstream.paths == ["/thing", "/write", "/thing"]


async def test_a_read_during_a_write_may_join_and_one_after_it_not(lab: Laboratory) -> None:
    writing = asyncio.Event()

    async def slow_write(request: web.Request) -> web.StreamResponse:
        await writing.wait()
        return web.Response()

    lab.upstream.script = [slow_write, lab.upstream.parked]
    ongoing = lab.begin(path="/write", method="PUT")
    await lab.upstream.arrived(1)
    during = [lab.begin(), lab.begin()]
    await lab.upstream.arrived(2)
    writing.set()
    await ongoing
    after = lab.begin()
    await lab.upstream.arrived(3)
    lab.upstream.release()
    await asyncio.gather(*during, after)
    assert lab.upstream.paths == ["/write", "/thing", "/thing"]


async def test_a_write_that_nobody_waits_for_any_more_cuts_too(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    call = lab.begin(path="/write", method="POST")
    await lab.upstream.arrived(1)
    call.cancel()
    await lab.upstream.left(1)
    assert lab.wire.generation == 1


async def test_a_sign_in_is_no_write(lab: Laboratory) -> None:
    await lab.call(method="POST", authorize=False)
    assert lab.wire.generation == 0


# Keeping


async def test_an_answer_is_kept_for_its_time(lab: Laboratory) -> None:
    lab.upstream.script = [answer(201, b"1"), answer(200, b"2")]
    scope = lab.scope()
    assert await lab.call(scope, keep=Keep(60)) == b"1"
    await lab.clock.advance(59)
    assert await lab.call(scope, keep=Keep(60)) == b"1"
    assert [(call.status, call.cached) for call in scope.calls] == [(201, False), (201, True)]
    assert lab.wire.stats.cached == {"thing": 1}
    await lab.clock.advance(1)
    assert await lab.call(keep=Keep(60)) == b"2"


async def test_none_is_an_answer_that_can_be_kept(lab: Laboratory) -> None:
    for _ in range(2):
        assert await lab.call(keep=Keep(60), decode=lambda body: None) is None
    assert len(lab.upstream.requests) == 1


async def test_without_a_time_nothing_is_kept_nor_answered_from_it(lab: Laboratory) -> None:
    await lab.call(keep=Keep(60))
    await lab.call()
    await lab.call(path="/other")
    await lab.call(path="/other", keep=Keep(60))
    assert len(lab.upstream.requests) == 4


async def test_a_failure_is_not_kept(lab: Laboratory) -> None:
    lab.upstream.script = [answer(404), answer(200)]
    with pytest.raises(UpstreamNotFound):
        await lab.call(keep=Keep(60))
    assert await lab.call(keep=Keep(60)) == b"{}"


@pytest.mark.parametrize("responder", [answer(200), answer(409), answer(503)])
async def test_a_write_drops_what_was_kept(lab: Laboratory, responder: Responder) -> None:
    await lab.call(keep=Keep(60))
    await write(lab, responder)
    await lab.call(keep=Keep(60))
    assert lab.upstream.paths == ["/thing", "/write", "/thing"]


async def test_what_was_begun_before_a_write_ended_is_not_kept(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    before = lab.begin(keep=Keep(60))
    await lab.upstream.arrived(1)
    await write(lab, answer(200))
    lab.upstream.release()
    await before
    await lab.call(keep=Keep(60))
    assert lab.upstream.paths == ["/thing", "/write", "/thing"]


def test_the_least_recently_used_goes_first() -> None:
    cache = Cache(limit=3)
    for key in "abc":
        cache.put(key, Kept(key, 200, 0.0, 60.0))
    assert cache.get("a", 1.0, 60.0) is not None
    cache.put("d", Kept("d", 200, 1.0, 61.0))
    assert [key for key in "abcd" if cache.get(key, 1.0, 60.0)] == ["a", "c", "d"]
    assert len(cache) == 3


# Stale answers

STALE = Keep(stale=300.0)


async def read_then_fail(lab: Laboratory, responder: Responder, keep: Keep = STALE) -> None:
    lab.upstream.script = [answer(201, b"read"), responder]
    assert await lab.call(keep=keep) == b"read"


@pytest.mark.parametrize("responder", [answer(500), answer(503), reset])
async def test_what_was_read_lately_answers_while_the_source_is_down(
    make_lab: LaboratoryMaker, responder: Responder
) -> None:
    lab = await make_lab(retries=0)
    await read_then_fail(lab, responder)
    await lab.clock.advance(100)
    scope = lab.scope()
    assert await lab.call(scope, keep=STALE) == b"read"
    made, told = scope.calls
    assert (made.cached, made.age) == (False, None)
    assert (told.cached, told.status, told.operation) == (True, 201, "thing")
    assert told.age is not None
    assert 100 <= told.age < 101
    assert lab.wire.stats.stale == {"thing": 1}
    assert len(lab.upstream.requests) == 2


async def test_for_each_of_those_who_share_a_call(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(retries=0)
    await read_then_fail(lab, answer(503))
    scopes = [lab.scope() for _ in range(3)]
    assert await asyncio.gather(*(lab.begin(scope, keep=STALE) for scope in scopes)) == [b"read"] * 3
    assert [scope.calls[-1].age is not None for scope in scopes] == [True] * 3
    assert len(lab.upstream.requests) == 2


async def test_a_time_out_and_an_open_circuit_too(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(attempt=5, retries=0)
    await read_then_fail(lab, lab.upstream.parked)
    call = lab.begin(keep=STALE)
    await lab.upstream.arrived(2)
    await lab.clock.advance(6)
    assert await call == b"read"
    lab.upstream.script = [answer(503)]
    while lab.wire.stats.calls["thing", "not_sent"] == 0:
        assert await lab.call(keep=STALE) == b"read"
    sent = len(lab.upstream.requests)
    assert await lab.call(keep=STALE) == b"read"
    assert len(lab.upstream.requests) == sent


async def test_but_not_for_longer_than_is_set(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(retries=0)
    await read_then_fail(lab, answer(503))
    await lab.clock.advance(300)
    with pytest.raises(UpstreamUnavailable):
        await lab.call(keep=STALE)


async def test_nor_where_it_is_not_wanted(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(retries=0)
    await read_then_fail(lab, answer(503))
    with pytest.raises(UpstreamUnavailable):
        await lab.call()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
async def test_a_source_that_says_no_is_believed_now_and_later(make_lab: LaboratoryMaker, status: int) -> None:
    lab = await make_lab(retries=0)
    await read_then_fail(lab, answer(status))
    for responder in (answer(status), answer(503)):
        lab.upstream.script = [responder]
        with pytest.raises(UpstreamError):
            await lab.call(keep=STALE)
    assert lab.wire.stats.stale == {}


async def test_a_429_is_no_reason(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(retries=0)
    await read_then_fail(lab, answer(429, headers={"Retry-After": "30"}))
    with pytest.raises(UpstreamError, match="rate limited"):
        await lab.call(lab.scope(5), keep=STALE)


async def test_a_write_drops_what_could_be_stale(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(retries=0)
    await read_then_fail(lab, answer(503))
    await write(lab, answer(200))
    with pytest.raises(UpstreamUnavailable):
        await lab.call(keep=STALE)


async def test_what_is_fresh_needs_no_call_and_what_is_not_does(lab: Laboratory) -> None:
    keep = Keep(fresh=10, stale=100)
    for _ in range(2):
        assert await lab.call(keep=keep) == b"{}"
    await lab.clock.advance(10)
    lab.upstream.script = [answer(200, b"anew")]
    assert await lab.call(keep=keep) == b"anew"
    assert len(lab.upstream.requests) == 2
