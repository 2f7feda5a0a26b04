"""How a source is said to be doing."""

from __future__ import annotations

import pytest

from tests.upstreams.http.conftest import Laboratory, LaboratoryMaker, answer
from upstreams.errors import (
    ScrollExpired,
    UpstreamError,
    UpstreamMalformed,
    UpstreamNotFound,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.http.health import LATELY, RECENT, Health, outcome
from upstreams.records import Source
from upstreams.source import SourceState

DOWN, DEGRADED, HEALTHY = SourceState.DOWN, SourceState.DEGRADED, SourceState.HEALTHY


def failed(kind: type[UpstreamError], status: int | None = None) -> UpstreamError:
    return kind(Source.RECHAT, "tags", "because", status=status)


ok = None
sick = failed(UpstreamUnavailable, 503)
slow = failed(UpstreamTimeout)
odd = failed(UpstreamMalformed, 200)
gone = failed(UpstreamNotFound, 404)
wrong = failed(UpstreamRefused, 409)
unproven = failed(UpstreamRefused, 401)
limited = UpstreamRateLimited(Source.RECHAT, "tags", "rate limited", retry_after=1)


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ([], HEALTHY),
        ([ok], HEALTHY),
        ([gone, wrong, gone, wrong], HEALTHY),
        ([sick], DEGRADED),
        ([sick, ok], DEGRADED),
        ([sick, sick, ok, sick, sick], DEGRADED),
        ([sick, sick, gone, sick, sick], DEGRADED),
        ([sick, slow, sick], DOWN),
        ([ok, sick, slow, odd], DOWN),
        ([sick, sick, sick, ok], DEGRADED),
        ([unproven, unproven], DEGRADED),
        ([unproven, unproven, unproven], DOWN),
        ([limited] * 10, DEGRADED),
        ([sick] + [ok] * (RECENT - 1), DEGRADED),
        ([sick] + [ok] * RECENT, HEALTHY),
    ],
)
def test_state(story: list[UpstreamError | None], state: SourceState) -> None:
    health = Health()
    for failure in story:
        health.note(0, failure)
    assert health.state(1, 0).state is state
    assert (health.state(1, 0).message is None) == (state is HEALTHY)


def test_an_old_failure_tells_nothing_but_a_lasting_one_does() -> None:
    health = Health()
    health.note(0, sick)
    assert health.state(LATELY, 0).state is DEGRADED
    assert health.state(LATELY + 1, 0).state is HEALTHY
    health.note(0, sick)
    health.note(0, sick)
    assert health.state(10 * LATELY, 0).state is DOWN


def test_a_refused_sign_in_tells_at_once() -> None:
    health = Health()
    health.note(0, unproven, sign_in=True)
    assert health.state(0, 0)[:2] == (DOWN, "the credentials are refused")
    health.note(0, ok)
    assert health.state(0, 0).state is DEGRADED


def test_a_pause_is_a_degradation() -> None:
    assert Health().state(0, blocked_until=1)[:2] == (DEGRADED, "rate limited")
    assert Health().state(1, blocked_until=1).state is HEALTHY


@pytest.mark.parametrize(
    ("failure", "label"),
    [
        (ok, "ok"),
        (sick, "unavailable"),
        (slow, "timeout"),
        (odd, "malformed"),
        (gone, "not_found"),
        (wrong, "refused"),
        (failed(ScrollExpired, 404), "refused"),
        (limited, "rate_limited"),
    ],
)
def test_outcome(failure: UpstreamError | None, label: str) -> None:
    assert outcome(failure) == label


async def test_over_the_wire(make_lab: LaboratoryMaker) -> None:
    lab = await make_lab(retries=2)
    lab.upstream.script = [answer(503, b"<html>secret</html>")]
    with pytest.raises(UpstreamUnavailable):
        await lab.call()
    assert lab.wire.health()[:2] == (DOWN, "the last 3 calls failed: HTTP 503")
    lab.upstream.script = [answer(200)]
    await lab.call()
    assert lab.wire.health().state is DEGRADED
    assert lab.wire.stats.calls == {("thing", "unavailable"): 3, ("thing", "ok"): 1}


async def test_a_source_that_hangs_longer_than_requests_live_is_down(lab: Laboratory) -> None:
    lab.upstream.script = [lab.upstream.parked]
    for number in range(1, 4):
        call = lab.begin(lab.scope(5))
        await lab.upstream.arrived(number)
        await lab.clock.advance(5)
        with pytest.raises(UpstreamTimeout):
            await call
        await lab.upstream.left(number)
    assert lab.wire.health().state is DOWN
