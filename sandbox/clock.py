"""The sandbox's clock: real time that a test can move forward, and the two ways an instant is written."""

from __future__ import annotations

import time
from datetime import UTC, datetime, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
"""One second in the unit of all instants here: microseconds since 1970."""


class Clock:
    """Wall time plus an offset. Lifetimes of scrolls and tokens are measured on it, so no test has to sleep."""

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Moves the clock forward (or back, when negative)."""
        self._offset += seconds

    def generated(self) -> str:
        """The present as the answers' ``generated`` says it."""
        return written(int(self.now()) * SECOND)


def micros(when: datetime) -> int:
    """Microseconds since 1970 of an aware ``when``."""
    delta = when - EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


def instant(text: str) -> int:
    """Microseconds since 1970 of ``2022-07-21T18:41:09Z``, with or without a fraction.

    Raises:
        ValueError: ``text`` is not such an instant (no ``Z`` counts as that too).
    """
    if not text.endswith("Z") or "T" not in text:
        raise ValueError(text)
    return micros(datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC))


def written(at: int) -> str:
    """``2022-07-21T18:41:09Z``; milliseconds only where there are some."""
    seconds, rest = divmod(at, SECOND)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if rest % 1000:
        return f"{text}.{rest:06d}Z"
    return f"{text}.{rest // 1000:03d}Z" if rest else f"{text}Z"


def wall(at: int, zone: tzinfo) -> int:
    """The wall time that clocks in ``zone`` show at ``at``, counted as if it were UTC (the services' false ``Z``)."""
    offset = datetime.fromtimestamp(at // SECOND, zone).utcoffset()
    return at if offset is None else at + int(offset.total_seconds()) * SECOND
