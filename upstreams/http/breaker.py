"""The circuit breaker of one source: while it is sick it is left alone, but for a call now and then that tries.

::

    CLOSED ──most of the last calls failed──► OPEN ──its pause is over: one call goes out──► HALF_OPEN
       ▲                                       ▲                                              │    │
       │                                       └──────────────────that failed─────────────────┘    │
       └─────────────────────────────────────────it was answered───────────────────────────────────┘

Our own, since no library for it fits: ``purgatory`` and ``circuitbreaker`` open after failures in a row, which one
endpoint that works prevents, and let all calls of a burst try at once; ``aiobreaker`` has had no release since 2021.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from upstreams.errors import UpstreamError, UpstreamTimeout, UpstreamUnavailable
from upstreams.source import CircuitState

WINDOW = 40
"""The last calls that are looked at."""

FEWEST = 20
"""So many must have failed: less is bad luck, and for a retry to mend."""

PORTION = 0.75
"""So large a part of the last calls must have failed."""

MEMORY = 30.0
"""Seconds after which an outcome says nothing."""

FIRST_PAUSE = 0.5
"""Seconds from opening to the first try; doubled from one try to the next."""

LONGEST_PAUSE = 2.0
"""Seconds between two tries at most: no load for a source, and one that is well again is soon back in use."""


def is_sick(failure: UpstreamError | None) -> bool:
    """Whether a failure says that the source is sick; one that understands and says no, or not now, is not."""
    return failure is not None and isinstance(failure, (UpstreamUnavailable, UpstreamTimeout))


def jitter() -> float:
    """Spreads the tries of several workers."""
    return random.uniform(0.75, 1.0)  # noqa: S311 (spreads load, keeps no secret)


class Breaker:
    """Counts outcomes and says whether a call may go out. Pure: the time is an argument.

    A call remembers the number that it was admitted with. What began before the breaker opened decides nothing after
    that, and a try that hangs does not keep the next one from going out.

    Args:
        spread: what part of a pause is waited.

    Attributes:
        state: how it stands.
        number: what calls go out with now.
    """

    __slots__ = ("_pause", "_recent", "_spread", "_try_at", "number", "state")

    def __init__(self, spread: Callable[[], float] = jitter) -> None:
        self.state = CircuitState.CLOSED
        self._spread = spread
        self._recent: deque[tuple[float, bool]] = deque(maxlen=WINDOW)
        self.number = 0
        self._pause = FIRST_PAUSE
        self._try_at = 0.0

    def admit(self, now: float) -> int | None:
        """The number that a call goes out with; None: it must not."""
        if self.state is CircuitState.CLOSED:
            return self.number
        if now < self._try_at:
            return None
        self.state = CircuitState.HALF_OPEN
        self._wait(now)
        return self.number

    def note(self, now: float, number: int, *, sick: bool) -> bool:
        """The outcome of a call that was admitted with a number; True when the breaker opened or closed by it."""
        if number != self.number:
            return False
        if self.state is not CircuitState.CLOSED:
            if sick:
                self.state = CircuitState.OPEN
                return False
            self._turn(CircuitState.CLOSED)
            return True
        self._recent.append((now, sick))
        if not sick or not self._is_enough(now):
            return False
        self._pause = FIRST_PAUSE
        self._turn(CircuitState.OPEN)
        self._wait(now)
        return True

    def wait(self, now: float) -> float:
        """Seconds until a call may try."""
        return max(self._try_at - now, 0.0)

    def _is_enough(self, now: float) -> bool:
        told = [sick for at, sick in self._recent if now - at <= MEMORY]
        failed = sum(told)
        return failed >= FEWEST and failed >= PORTION * len(told)

    def _turn(self, state: CircuitState) -> None:
        self.state = state
        self.number += 1
        self._recent.clear()

    def _wait(self, now: float) -> None:
        self._try_at = now + self._pause * self._spread()
        self._pause = min(2.0 * self._pause, LONGEST_PAUSE)
