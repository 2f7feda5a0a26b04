"""Failures that can be switched on, at start or while the sandbox runs.

A fault picks calls by name and strikes deterministically: by counting (``after``, ``times``) or by a seeded draw
(``rate``). Kinds that lose an answer after the work was done (a page of a scroll is then spent) run the handler
first: ``spends``. Of several faults that spoil the answer of one call, the one switched on last wins.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

KINDS = {
    "latency": "answers `seconds` later",
    "status": "answers `status` with a JSON error; 429 may carry `retry_after`",
    "html": "answers `status` (200 when unset) with a page of HTML",
    "empty": "answers `status` (200 when unset) without a body",
    "ko": 'answers 200 with an error of the service: `status: "KO"` or its like',
    "broken_json": "answers the first half of the JSON as if it were all",
    "truncated": "announces the whole body, sends half, closes the connection",
    "reset": "resets the connection before any byte of the answer",
    "reset_after": "resets the connection after the headers and half of the body",
    "hang": "accepts and never answers, until released or the client leaves",
    "expired_scrolls": "ends every open scroll before the call is handled",
    "revoked_tokens": "revokes every token (of Acquire: the API key, for another) before the call is handled",
    "malformed_rows": "adds `rows` rows that make no sense to the answer's list",
    "repeat_page": "a scroll gives its last page again instead of the next",
}
_SPENDS = {"broken_json", "truncated", "reset_after"}


@dataclass(slots=True)
class Fault:
    """One failure.

    Attributes:
        operation: pattern for ``service.operation`` or the operation alone, such as ``events`` or ``cloud4wi.*``.
        kind: one of :data:`KINDS`.
        times: how many calls it hits; None means all.
        after: how many matching calls pass first.
        rate: the share of the calls it hits, drawn with ``seed``.
        seconds: of ``latency``.
        status: of ``status`` (503 when None), ``html`` and ``empty`` (200 when None).
        retry_after: value of the header ``Retry-After``; None leaves it out.
        rows: of ``malformed_rows``.
        spends: whether the handler runs although its answer is lost; None: as fits the kind.
        seen, hits: matching calls so far, and those hit.
    """

    operation: str
    kind: str
    times: int | None = None
    after: int = 0
    rate: float = 1.0
    seed: int = 0
    seconds: float = 0.0
    status: int | None = None
    retry_after: int | str | None = None
    rows: int = 3
    spends: bool | None = None
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(KINDS)}")
        if self.spends is None:
            self.spends = self.kind in _SPENDS

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Fault:
        """A fault from JSON.

        Raises:
            ValueError: unknown or missing fields, or no such kind.
        """
        known = {each.name for each in fields(cls)} - {"seen", "hits"}
        if not {"operation", "kind"} <= values.keys() <= known:
            raise ValueError(f"a fault has operation and kind, and may have {', '.join(sorted(known))}")
        return cls(**values)

    def hit(self, service: str, operation: str) -> bool:
        """Whether it strikes this call; counts the call when its name matches."""
        if not (fnmatchcase(operation, self.operation) or fnmatchcase(f"{service}.{operation}", self.operation)):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.hits >= self.times):
            return False
        if self.rate < 1 and random.Random(f"{self.seed}:{self.seen}").random() >= self.rate:  # noqa: S311 - no secret
            return False
        self.hits += 1
        return True


@dataclass(slots=True)
class Faults:
    """The faults that are on, in the order they were switched on; ``hanging`` is the number of calls that hang now."""

    active: list[Fault] = field(default_factory=list)
    hanging: int = 0
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, operation: str, kind: str, **options: Any) -> Fault:
        """Switches a fault on; see :class:`Fault` for the options."""
        fault = Fault.parse({"operation": operation, "kind": kind, **options})
        self.active.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Switches one fault off."""
        self.active.remove(fault)

    def clear(self) -> None:
        """Switches all faults off and releases what hangs."""
        self.active.clear()
        self.release()

    def release(self) -> None:
        """Lets every hanging call go on."""
        self._released.set()
        self._released = asyncio.Event()

    async def hang(self) -> None:
        """Waits for :meth:`release`."""
        self._count(1)
        try:
            await self._released.wait()
        finally:
            self._count(-1)

    async def until_hanging(self, count: int = 1) -> None:
        """Returns once exactly ``count`` calls hang; what a test awaits before it goes on."""
        while self.hanging != count:
            await self._changed.wait()

    def _count(self, step: int) -> None:
        self.hanging += step
        self._changed.set()
        self._changed = asyncio.Event()

    def striking(self, service: str, operation: str) -> list[Fault]:
        """The faults that strike this call."""
        return [fault for fault in self.active if fault.hit(service, operation)]
