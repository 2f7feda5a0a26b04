"""What a 429 means: for how long a source wants no call, and how many at once it may bear afterwards."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

FIRST_PAUSE = 1.0
"""Seconds of quiet after a 429 without ``Retry-After``; doubled at each one in a row (contract section 5)."""

LONGEST_PAUSE = 600.0
"""The most seconds of quiet that are believed (contract section 5)."""

WIDEST = 256
"""Calls in the air beyond which a source that once refused one is taken to bear any number."""

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
"""Whole seconds by the RFC; fractions occur."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that ``Retry-After`` asks for; None when it is absent or means nothing.

    A number, or an HTTP date, which is taken against the upstream's own ``Date`` so that clocks need not agree.
    """
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_PAUSE)
    try:
        then = parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
    try:
        now = parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        now = time.time()
    return min(max(then - now, 0.0), LONGEST_PAUSE)


class Pause:
    """Until when a source asked for quiet. Pure: the time is an argument.

    A call remembers the ``count`` it went out with. A 429 to one that went out before the last pause is the same
    refusal once more and doubles nothing; a success of such a one says nothing of what the source bears now.
    """

    __slots__ = ("_streak", "count", "until")

    def __init__(self) -> None:
        self.until = -math.inf
        self.count = 0
        self._streak = 0

    def impose(self, now: float, asked: float | None, sent: int) -> bool:
        """A 429 came to a call that went out at count ``sent``; it asked for so many seconds, or did not say.

        True when it is another refusal than the last.
        """
        fresh = sent == self.count
        if fresh:
            self.count += 1
            self._streak += 1
        if asked is None:
            asked = min(FIRST_PAUSE * 2.0 ** (min(max(self._streak, 1), 16) - 1), LONGEST_PAUSE)
        self.until = max(self.until, now + asked)
        return fresh

    def extend(self, until: float) -> bool:
        """Another worker was refused: what is in the air here was sent before that. True when it makes a difference."""
        if until <= self.until:
            return False
        self.until = until
        self.count += 1
        return True

    def lift(self, sent: int) -> None:
        """A call that went out at count ``sent`` was not refused."""
        if sent == self.count:
            self._streak = 0


class Window:
    """How many calls in the air a source bears, as its 429s taught: halved by each, then one more in each round trip.

    Without it a queue that waited for the end of a pause would go out at once and be refused again. Pure.
    """

    __slots__ = ("_size",)

    def __init__(self) -> None:
        self._size = math.inf

    def bears(self, in_use: int) -> bool:
        """Whether one more may go out beside so many."""
        return in_use < self._size

    def narrow(self, in_use: int) -> None:
        """A source refused a call while so many were in the air."""
        self._size = max(min(self._size, in_use) / 2.0, 1.0)

    def widen(self) -> None:
        """A source took a call."""
        if self._size < WIDEST:
            self._size += 1.0 / self._size
            if self._size >= WIDEST:
                self._size = math.inf
