"""Whether servers gave the same answer.

Ids and cursors are opaque, and each server makes its own. They are compared by what they tell apart: each is replaced
by the number of the first place at which it stood, so that two answers are equal only if the same ids recur at the same
places.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

_OPAQUE = ("id", "cursor", "endCursor")


def canonical(value: Any, omits: Collection[str] = ()) -> Any:
    """An answer's data with numbers for ids and cursors, its fields in alphabetical order, without what is omitted."""
    return _canonical(value, omits, {})


def _canonical(value: Any, omits: Collection[str], numbers: dict[Any, int]) -> Any:
    if isinstance(value, list):
        return [_canonical(item, omits, numbers) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for name in sorted(value.keys() - set(omits)):
        item = value[name]
        if name in _OPAQUE and item is not None:
            found[name] = numbers.setdefault(item, len(numbers))
        else:
            found[name] = _canonical(item, omits, numbers)
    return found


def difference(one: Any, other: Any, path: str = "data") -> str | None:
    """The first place at which two canonical answers differ, and how; None where they do not."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return next((told for name in one if (told := difference(one[name], other[name], f"{path}.{name}"))), None)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next((told for at, (a, b) in pairs if (told := difference(a, b, f"{path}[{at}]"))), None)
    return None if one == other else f"{path}: {_shown(one)} and {_shown(other)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
