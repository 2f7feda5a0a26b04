"""How a source has been doing: counters for metrics, and a state for people.

Both are fed with the outcome of every attempt by :mod:`upstreams.http.discipline`.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from upstreams.errors import (
    UpstreamError,
    UpstreamMalformed,
    UpstreamNotFound,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimeout,
)
from upstreams.source import CircuitState, SourceHealth, SourceState

SEVERAL = 3
"""So many failures in a row, with no success since, and a source counts as down."""

RECENT = 20
"""Among so many last results a failure still tells."""

LATELY = 8.0
"""Seconds that a failure tells: a source that is well again is said to be within ten."""


@dataclass(slots=True)
class WireStats:
    """What happened on a wire since it was made.

    Attributes:
        calls: attempts by operation and outcome (``ok``, ``unavailable``, ``timeout``, ``rate_limited``,
            ``malformed``, ``not_found``, ``refused``, ``cancelled``, and ``not_sent`` where the circuit was open).
        shared: calls that joined another's flight, by operation.
        cached: calls that were answered from what was kept, by operation.
        stale: calls that failed and were answered with what was read before, by operation.
        retries: attempts made because an earlier one of the same call failed.
        retries_denied: attempts that were not made again, since the source could not bear it.
        in_flight: attempts in the air now.
        circuit: whether calls go out.
    """

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    shared: Counter[str] = field(default_factory=Counter)
    cached: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    retries_denied: int = 0
    in_flight: int = 0
    circuit: CircuitState = CircuitState.CLOSED


def outcome(failure: UpstreamError | None) -> str:
    """The outcome of an attempt as a label."""
    match failure:
        case None:
            return "ok"
        case UpstreamTimeout():
            return "timeout"
        case UpstreamRateLimited():
            return "rate_limited"
        case UpstreamMalformed():
            return "malformed"
        case UpstreamNotFound():
            return "not_found"
        case UpstreamRefused():
            return "refused"
        case _:
            return "unavailable"


class Health:
    """The state of a source, from its last answers. Pure: the time is an argument.

    Attributes:
        reason: of the last failure.
    """

    __slots__ = ("_locked_out", "_recent", "_streak", "reason")

    def __init__(self) -> None:
        self._recent: deque[tuple[float, bool]] = deque(maxlen=RECENT)
        self._streak = 0
        self.reason = ""
        self._locked_out = False

    def note(self, now: float, failure: UpstreamError | None, *, sign_in: bool = False) -> None:
        """A call's attempt ended so, for good or until it is sent again.

        A source that understood and said no (404, 400, 409) is well. One that does not accept our credentials is not:
        a refused sign-in tells at once, a lasting 401 or 403 after several, since it may concern one endpoint only.
        One that asks for quiet is not well either, but not down.
        """
        unproven = failure is not None and failure.status in (401, 403)
        well = failure is None or (isinstance(failure, UpstreamRefused) and not unproven)
        self._recent.append((now, well))
        if failure is None or well:
            self._streak = 0
            self._locked_out = False
        elif not isinstance(failure, UpstreamRateLimited):
            self._streak += 1
            self.reason = failure.reason
            self._locked_out = unproven and sign_in

    def state(self, now: float, blocked_until: float) -> SourceHealth:
        """How the source is, and why when it is not healthy."""
        if self._locked_out:
            return SourceHealth(SourceState.DOWN, "the credentials are refused")
        if self._streak >= SEVERAL:
            return SourceHealth(SourceState.DOWN, f"the last {self._streak} calls failed: {self.reason}")
        if blocked_until > now:
            return SourceHealth(SourceState.DEGRADED, "rate limited")
        failed = sum(not well for at, well in self._recent if now - at <= LATELY)
        if failed:
            return SourceHealth(SourceState.DEGRADED, f"{failed} of the last {len(self._recent)} calls failed")
        return SourceHealth(SourceState.HEALTHY)
