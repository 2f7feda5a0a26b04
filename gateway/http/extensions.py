"""What an answer tells beside its data: the cost of the operation, and each upstream call where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from upstreams.http.scope import Call
from upstreams.records import Source

_NAMES = {source: source.value.lower() for source in Source}


def cost(requested: int, sources: Sequence[Source], calls: Sequence[Call]) -> dict[str, Any]:
    """What the operation may have cost and did cost, in calls made; sign-in is none.

    Args:
        requested: calls that it costs at worst.
        sources: whose calls are told, also where there were none.
        calls: what was asked of upstreams.
    """
    actual = 0
    made = dict.fromkeys(map(_NAMES.__getitem__, sources), 0)
    for call in calls:
        if not call.shared and not call.cached and call.operation != "signIn":
            name = _NAMES[call.source]
            made[name] = made.get(name, 0) + 1
            actual += 1
    return {"requested": requested, "actual": actual, "upstreamCalls": made}


def trace(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """The upstream calls in the order of their start; those with ``shared`` and ``cached`` false were made.

    ``ageSeconds`` is there where the source was down and the answer is one that was read so long ago.
    """
    return [
        {
            "source": call.source.value,
            "operation": call.operation,
            "status": call.status,
            "durationMs": None if call.duration is None else round(call.duration * 1000, 3),
            "shared": call.shared,
            "cached": call.cached,
            **({} if call.age is None else {"ageSeconds": _age(call.age)}),
        }
        for call in calls
    ]


def stale(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """What was answered with what had been read before, since the source was down: each call once, at its oldest."""
    oldest: dict[tuple[str, str], float] = {}
    for call in calls:
        if call.age is not None:
            key = call.source.value, call.operation
            oldest[key] = max(oldest.get(key, 0.0), call.age)
    return [
        {"source": source, "operation": operation, "ageSeconds": _age(age)}
        for (source, operation), age in oldest.items()
    ]


def _age(seconds: float) -> float:
    return round(seconds, 3)
