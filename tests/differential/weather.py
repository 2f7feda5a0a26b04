"""What goes wrong upstream, decided by what is asked and by nothing else.

Both sides of a comparison ask in their own order, so a fault must not strike by counting. Each call draws its fate from
a hash of the weather's seed and the call's content; equal calls meet equal fates, whenever they come.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

FAULTS = (
    "503",
    "500",
    "404",
    "400",
    "403",
    "html",
    "empty",
    "broken_json",
    "reset",
    "slow",
    "throttled",
    "fewer_rows",
    "no_rows",
    "odd_values",
    "null_values",
    "odd_rows",
)
"""The kinds. ``slow`` answers after the upstream's time-out; ``throttled`` is a 429 with ``Retry-After``."""

_ODD: tuple[Any, ...] = (
    None,
    "",
    "?",
    0,
    -1,
    2**31,
    2**53 + 1,
    1.5,
    True,
    [],
    {},
    [None],
    {"id": None},
    "n/a",
    "9" * 40,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How likely each call is to go wrong.

    Attributes:
        seed: another seed strikes other calls.
        share: of the calls that are struck.
        faults: the kinds that strike, of :data:`FAULTS`.
        paths: parts of a path; only calls whose path holds one are struck. Empty: all.
        records: of the attributes of decoded records, the share that holds something odd
            (:mod:`tests.differential.poison`).
    """

    seed: int = 0
    share: float = 0.0
    faults: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    records: float = 0.0

    def draw(self, *parts: object) -> random.Random:
        """Chance that depends on the seed and the parts only."""
        text = repr((self.seed, *parts)).encode("utf-8", "surrogatepass")
        return random.Random(blake2b(text, digest_size=8).digest())

    def fault(self, method: str, path: str, content: object) -> str | None:
        """What strikes a call, if anything."""
        if not self.faults or (self.paths and not any(part in path for part in self.paths)):
            return None
        chance = self.draw("fault", method, path, content)
        return chance.choice(self.faults) if chance.random() < self.share else None

    def latency(self, method: str, path: str, content: object) -> float:
        """Seconds that an answer takes; hardly ever the same for two calls."""
        return 0.001 + 0.05 * self.draw("latency", method, path, content).random()


def spoiled(kind: str, body: bytes, chance: random.Random) -> bytes:
    """An answer's JSON with rows or values that are missing, null or odd; as it was where it is no JSON."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    match kind:
        case "fewer_rows":
            value = _rows(value, lambda rows: [row for row in rows if chance.random() < 0.6])
        case "no_rows":
            value = _rows(value, lambda _: [])
        case "odd_rows":
            value = _rows(value, lambda rows: [chance.choice(_ODD) if chance.random() < 0.3 else row for row in rows])
        case "null_values":
            value = _leaves(value, lambda leaf: None if chance.random() < 0.15 else leaf)
        case "odd_values":
            value = _leaves(value, lambda leaf: chance.choice(_ODD) if chance.random() < 0.1 else leaf)
    return orjson.dumps(value)


def _rows(value: Any, change: Any) -> Any:
    if isinstance(value, list):
        return change([_rows(each, change) if isinstance(each, dict) else each for each in value])
    if isinstance(value, dict):
        return {key: _rows(each, change) for key, each in value.items()}
    return value


def _leaves(value: Any, change: Any) -> Any:
    if isinstance(value, list):
        return [_leaves(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _leaves(each, change) for key, each in value.items()}
    return change(value)
