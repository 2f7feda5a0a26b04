"""Whether a failed call is sent again, and how long to wait before that."""

from __future__ import annotations

import math
import random

BASE = 0.1
LONGEST = 5.0

RATIO = 0.2
"""Repeats that each call pays for: a source that fails all of them gets a fifth more, not three times as many."""

FLOOR = 0.5
"""Repeats a second that are always allowed, so that a quiet gateway may try again too."""

SAVED = 10.0
"""Repeats that can be saved up."""


def full_jitter(failures: int) -> float:
    """Seconds to wait after so many failures (1, 2, …): anything up to a ceiling that doubles, so that callers who
    failed together do not come back together."""
    return random.uniform(0.0, min(LONGEST, BASE * 2.0 ** min(failures, 10)))  # noqa: S311 (spreads load, keeps no secret)


class RetryBudget:
    """Repeats that one source may be sent: paid for by its calls. Pure: the time is an argument.

    In any stretch of time there are at most ``SAVED`` repeats, ``RATIO`` of the calls and ``FLOOR`` a second.
    """

    __slots__ = ("_at", "_balance")

    def __init__(self) -> None:
        self._balance = SAVED
        self._at = -math.inf

    def earn(self) -> None:
        """A call goes out for the first time."""
        if self._balance < SAVED:
            self._balance = min(self._balance + RATIO, SAVED)

    def spend(self, now: float) -> bool:
        """Pay for a repeat; False: there is nothing left to pay it with."""
        if now > self._at:
            if self._at != -math.inf:
                self._balance = min(self._balance + (now - self._at) * FLOOR, SAVED)
            self._at = now
        if self._balance < 1.0:
            return False
        self._balance -= 1.0
        return True
