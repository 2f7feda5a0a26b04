"""How much of what a source can bear this process may use.

Alone it has all of it. With workers beside it, a share of one budget: see :mod:`upstreams.shared.budget`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol


class Demand(NamedTuple):
    """What a gate needs.

    Attributes:
        in_use: calls in the air.
        queued: calls that wait.
    """

    in_use: int
    queued: int


class Gatekeeper(Protocol):
    """What a budget sees of the gate that lives on it."""

    def demand(self) -> Demand:
        """What is needed now."""
        ...

    def admit(self) -> None:
        """The budget has changed: let out whoever may go."""
        ...

    def hush(self, seconds: float) -> None:
        """Another worker was told to be quiet for so long."""
        ...


class Budget(Protocol):
    """One source's budget, as this process has it.

    Attributes:
        permits: how many calls may be in the air now.
        share: the part of the source's whole budget that this is, from 0 to 1.
    """

    permits: int

    @property
    def share(self) -> float: ...

    def serve(self, gate: Gatekeeper) -> None:
        """Say whose demand counts."""
        ...

    def ask(self) -> None:
        """The gate could let out more than it may."""
        ...

    def quiet(self, seconds: float) -> None:
        """The source asked for so many seconds without a call: let the other workers know."""
        ...

    async def close(self) -> None:
        """Give back what is held."""
        ...


class OwnBudget:
    """The whole budget of a source, for one process that knows of no other: see :class:`Budget`."""

    def __init__(self, concurrency: int) -> None:
        self.permits = concurrency
        self.share = 1.0

    def serve(self, gate: Gatekeeper) -> None:
        """It never changes."""

    def ask(self) -> None:
        """There is no more."""

    def quiet(self, seconds: float) -> None:
        """There is nobody to tell."""

    async def close(self) -> None:
        """Nothing is held."""


class Bucket:
    """A rate: so many calls a second, of which those of one second may come at once. Pure: the time is an argument.

    Args:
        rate: calls a second; None: any number.
        share: the part of it that may be used here.
    """

    __slots__ = ("_at", "_rate", "_share", "_tokens")

    def __init__(self, rate: float | None, share: Callable[[], float] = lambda: 1.0) -> None:
        self._rate = rate
        self._share = share
        self._tokens = math.inf if rate is None else self._room(rate)
        self._at = -math.inf

    def take(self, now: float) -> bool:
        """Let a call out, if one may go."""
        if self._rate is None:
            return True
        self._fill(now, self._rate)
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def ready(self, now: float, calls: int = 1) -> float:
        """When so many calls can have gone out, at the earliest."""
        if self._rate is None:
            return now
        self._fill(now, self._rate)
        # A share may grow to the whole, and never beyond it.
        rate = self._rate * self._share() if calls == 1 else self._rate
        missing = max(calls - self._tokens, 0.0)
        return now + (missing / rate if rate > 0.0 else 0.0)

    def _fill(self, now: float, rate: float) -> None:
        if now > self._at:
            gained = 0.0 if self._at == -math.inf else (now - self._at) * rate * self._share()
            self._tokens = min(self._tokens + gained, self._room(rate))
            self._at = now

    def _room(self, rate: float) -> float:
        return max(rate * self._share(), 1.0)
