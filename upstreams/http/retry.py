"""How long to wait before a call is sent again."""

from __future__ import annotations

import random

BASE = 0.1
LONGEST = 5.0


def full_jitter(failures: int) -> float:
    """Seconds to wait after so many failures (1, 2, …): anything up to a ceiling that doubles, so that callers who
    failed together do not come back together."""
    return random.uniform(0.0, min(LONGEST, BASE * 2.0 ** min(failures, 10)))  # noqa: S311 (spreads load, keeps no secret)
