"""What the client saw, held against what was promised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

ALLOWED = frozenset(
    {
        "UPSTREAM_UNAVAILABLE",
        "UPSTREAM_TIMEOUT",
        "UPSTREAM_RATE_LIMITED",
        "UPSTREAM_REFUSED",
        "UPSTREAM_MALFORMED",
    }
)
"""The codes of the contract that a client which does nothing wrong may see."""

_MOST_TOLD = 25


@dataclass
class Judge:
    """Counts, and notes each broken promise.

    Attributes:
        counts: of whatever happened.
        codes: of errors in answers.
        broken: what was promised and not kept, in words.
        slowest: seconds of the longest request that was answered.
    """

    counts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def breaks(self, what: str, **details: Any) -> None:
        """A promise is broken."""
        self.counts["broken promises"] += 1
        if len(self.broken) < _MOST_TOLD:
            self.broken.append(" ".join([what, *(f"{name}={value!r}" for name, value in details.items())]))

    def hears(self, status: int, body: Any, seconds: float) -> list[dict[str, Any]]:
        """An answer came; what is returned are its errors."""
        self.slowest = max(self.slowest, seconds)
        self.counts["answers"] += 1
        errors: list[dict[str, Any]] = body.get("errors", [])
        self.counts["answers with errors"] += bool(errors)
        if status != 200:
            self.breaks("an answer that is not 200", status=status, body=str(body)[:300])
        for error in errors:
            code = error["extensions"]["code"]
            self.codes[code] += 1
            if code not in ALLOWED:
                self.breaks("a code that nobody promised", code=code, message=error["message"], path=error.get("path"))
        return errors
