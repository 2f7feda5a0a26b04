"""What holds back the calls to one source, and learns from how they end: gate, circuit breaker, retry budget, health.

::

    breaker: is the source worth asking? ──► gate: a permit, no pause, one's turn ──► the attempt ──► all of them learn
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from upstreams.errors import UpstreamCircuitOpen, UpstreamError, UpstreamRateLimited, UpstreamTimeout
from upstreams.http.breaker import Breaker, is_sick
from upstreams.http.budget import Budget
from upstreams.http.flights import Flight
from upstreams.http.gate import Gate
from upstreams.http.health import Health, WireStats, outcome
from upstreams.http.retry import RetryBudget
from upstreams.http.throttle import retry_after
from upstreams.records import Source
from upstreams.source import CircuitState, SourceHealth, SourceState

UNPROVEN = (401, 403)
"""Statuses that a new sign-in may cure."""

EVIDENCE = 1.0
"""Seconds that an attempt must have had, so that its request's deadline says something of the source."""


class Turn(NamedTuple):
    """Leave to make one attempt.

    Attributes:
        pauses: the gate's count.
        number: the breaker's number.
    """

    pauses: int
    number: int


class Discipline:
    """Of one source.

    Args:
        source: which one.
        budget: what it can bear, as far as it is this process's.
        stats: where is counted what happens.
        rate: calls a second that it can bear in all; None: any number.
    """

    __slots__ = ("_breaker", "_budget", "_gate", "_health", "_repeats", "_source", "_stats", "_turn")

    def __init__(self, source: Source, budget: Budget, stats: WireStats, rate: float | None = None) -> None:
        self._source = source
        self._budget = budget
        self._stats = stats
        self._breaker = Breaker()
        self._gate = Gate(budget, self._put_off, rate=rate)
        self._health = Health()
        self._repeats = RetryBudget()
        self._turn = Turn(-1, -1)

    def health(self) -> SourceHealth:
        """How the source has been doing."""
        now = _now()
        state = self._breaker.state
        if state is CircuitState.CLOSED:
            return self._health.state(now, self._gate.blocked_until)
        reason = f"not asked for now, since most of its last calls failed: {self._health.reason}"
        return SourceHealth(SourceState.DOWN, reason, state)

    async def close(self) -> None:
        """Give back what is held of the shared budget."""
        await self._budget.close()

    def began(self) -> None:
        """A call begins; its attempts are still to come."""
        self._repeats.earn()

    def joined(self, flight: Flight[Any], caller: str) -> None:
        """Another caller waits for a call too."""
        self._gate.join(flight, caller)

    def take(self, now: float) -> Turn | None:
        """Leave to make an attempt, where it need not be waited for; else :meth:`enter` has it."""
        if self._breaker.state is not CircuitState.CLOSED:
            return None
        pauses = self._gate.take(now)
        if pauses is None:
            return None
        turn = self._turn  # they are all alike until a pause or the breaker comes between
        if turn.pauses != pauses or turn.number != self._breaker.number:
            turn = self._turn = Turn(pauses, self._breaker.number)
        return turn

    async def enter(self, flight: Flight[Any], operation: str) -> Turn:
        """Wait for leave to make an attempt. The caller must :meth:`leave`.

        Raises:
            UpstreamCircuitOpen: the source is sick.
        """
        number = self._breaker.admit(_now())
        if number is None:
            raise self._open(operation)
        self._stats.circuit = self._breaker.state
        return Turn(await self._gate.enter(flight, operation), number)

    def leave(self) -> None:
        """The attempt is over."""
        self._gate.leave()

    def refused(self, turn: Turn, operation: str, headers: Mapping[str, str]) -> UpstreamRateLimited:
        """A 429: the gate closes for all; the failure of the call if it cannot wait."""
        self._gate.close(retry_after(headers), turn.pauses)
        return self._put_off(operation, self._gate.blocked_until - _now())

    def succeeded(self, turn: Turn, operation: str, now: float) -> str:
        """The attempt ended with a record; returns the outcome as a label, as all three do."""
        self._gate.lift(turn.pauses)
        return self._ended(turn, operation, now, None)

    def failed(self, turn: Turn, operation: str, failure: UpstreamError, now: float) -> str:
        """The attempt failed. A 401 tells of the source's health only if it outlasts a new sign-in."""
        return self._ended(turn, operation, now, failure)

    def abandoned(self, turn: Turn, operation: str, now: float, *, since: float, overdue: bool) -> str:
        """Nobody waits any more for an attempt that began at ``since``: because its time was up, or because those who
        waited went away."""
        if overdue and now - since >= EVIDENCE:
            return self._ended(turn, operation, now, UpstreamTimeout(self._source, operation, "no answer in time"))
        came = "timeout" if overdue else "cancelled"
        self._stats.calls[operation, came] += 1
        return came

    def locked_out(self, failure: UpstreamError, *, sign_in: bool) -> None:
        """Our credentials are refused for good."""
        self._health.note(_now(), failure, sign_in=sign_in)

    def may_repeat(self) -> bool:
        """Whether a failed attempt may be made again: the source is not given up, and can bear one more."""
        if self._breaker.state is CircuitState.CLOSED and self._repeats.spend(_now()):
            self._stats.retries += 1
            return True
        self._stats.retries_denied += 1
        return False

    def _ended(self, turn: Turn, operation: str, now: float, failure: UpstreamError | None) -> str:
        came = outcome(failure)
        self._stats.calls[operation, came] += 1
        if failure is None or failure.status not in UNPROVEN:
            self._health.note(now, failure)
        turned = self._breaker.note(now, turn.number, sick=is_sick(failure))
        self._stats.circuit = self._breaker.state
        if turned and self._breaker.state is CircuitState.OPEN:
            self._gate.turn_away(self._open)
        return came

    def _open(self, operation: str) -> UpstreamCircuitOpen:
        self._stats.calls[operation, "not_sent"] += 1
        reason = "not asked for now, since most of its last calls failed"
        return UpstreamCircuitOpen(self._source, operation, reason, retry_after=self._breaker.wait(_now()))

    def _put_off(self, operation: str, seconds: float) -> UpstreamRateLimited:
        return UpstreamRateLimited(self._source, operation, "rate limited", retry_after=max(seconds, 0.0))


def _now() -> float:
    return asyncio.get_running_loop().time()
