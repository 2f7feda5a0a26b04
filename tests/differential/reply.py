"""What a side answered, in the form in which two sides are compared."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

Asked = tuple[str, str, bytes | None]
"""A call as it went out: method, path with query, body; parameters and the ids of a batch in order."""
Line = tuple[str, str, int | None, bool, bool]
"""A line of the trace: source, operation, status, whether shared and whether cached."""

CALLS = frozenset({"calls", "trace", "asked"})
"""What of a reply tells of upstream calls."""

_WHERE = frozenset({"path", "locations"})
"""What of an error tells where it happened."""

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        status: of HTTP.
        media_type: of the answer.
        data: as JSON text, so that the order of keys counts; None where there is no ``data``.
        errors: each as JSON text. They are a multiset: errors stand in the order in which they happened, which the
            specification leaves open, and an executor is free in which sibling it looks at first.
        requested: ``extensions.cost.requested``.
        calls: the rest of ``extensions.cost`` as JSON text.
        trace: the lines of ``extensions.upstream``.
        asked: the calls that went out.
        rest: the names of whatever else the answer and its extensions hold.
        far: of an error that left null above the place where it happened, the place of that null. What hung on it was
            given up.
        beside: of an error that stands beside the value of its field, what it says without where it says it.
    """

    status: int
    media_type: str
    data: str | None
    errors: Counter[str]
    requested: int | None
    calls: str | None
    trace: Counter[Line]
    asked: Counter[Asked]
    rest: tuple[str, ...]
    far: Mapping[str, str]
    beside: Mapping[str, str]

    @classmethod
    def read(cls, status: int, media_type: str, body: bytes, asked: Counter[Asked]) -> Reply:
        """A reply from the bytes of an answer; addresses in memory, as objects have in their text, are left out."""
        answer = json.loads(_ADDRESS.sub("0x", body.decode()))
        errors = answer.get("errors", ())
        extensions = answer.get("extensions", {})
        cost = dict(extensions.get("cost", {}))
        nulls = {_text(error): _null_above(answer.get("data"), error.get("path", ())) for error in errors}
        return cls(
            status=status,
            media_type=media_type,
            data=json.dumps(answer["data"], ensure_ascii=False) if "data" in answer else None,
            errors=Counter(map(_text, errors)),
            requested=cost.pop("requested", None),
            calls=json.dumps(cost),
            trace=Counter(
                (line["source"], line["operation"], line["status"], line["shared"], line["cached"])
                for line in extensions.get("upstream", ())
            ),
            asked=asked,
            rest=(*answer, *extensions),
            far={error: _text(place) for error, place in nulls.items() if place is not None},
            beside={
                _text(error): _text({name: said for name, said in error.items() if name not in _WHERE})
                for error in errors
                if "path" in error and _value_at(answer.get("data"), error["path"]) is not None
            },
        )

    def differences(self, other: Reply) -> list[str]:
        """In what two replies differ; nothing when they are equal.

        What is given up because of an error may have begun or not: how many turns of the loop lie between an error and
        the calls of its siblings is the executor's own affair. Where that happened, the calls do not count.

        The reply that is tried may have taken fewer calls: code that goes on sooner finds together in one batch of a
        loader what comes in two where more turns of the loop lie between. It must not have taken more.

        Of calls that are refused with a 429, the first in line is tried first when the gate opens again: who that is
        depends on who began first. The same calls must have been made, as often in all.

        Where several errors make one object null, the specification leaves open which of them are told, if only one
        is. What is told once for all fields that show the same, such as what is missing from a person, stands at the
        first that asks.
        """
        uncounted = (self.far and other.far) or other.asked.total() < self.asked.total()
        found = []
        for name in (each.name for each in fields(self)):
            mine, others = getattr(self, name), getattr(other, name)
            if mine == others or name in ("far", "beside") or (uncounted and name in CALLS):
                continue
            if isinstance(mine, Counter):
                mine, others = dict(mine - others), dict(others - mine)
                if name == "errors" and self._leaves_open(mine, other, others):
                    continue
                if name == "asked" and self._were_put_off(other):
                    continue
            found.append(f"{name}:\n  - {mine}\n  + {others}")
        return found

    def _were_put_off(self, other: Reply) -> bool:
        """Whether the calls differ only in how often each was made, and some were refused for a while."""
        refused = any(status == 429 for _, _, status, _, _ in self.trace)
        return refused and self.asked.keys() == other.asked.keys() and self.asked.total() == other.asked.total()

    def _leaves_open(self, mine: Mapping[str, int], other: Reply, others: Mapping[str, int]) -> bool:
        """Whether errors differ only in what is left open."""
        if mine.keys() <= self.far.keys() and others.keys() <= other.far.keys():
            return {self.far[error] for error in mine}.issubset(other.far.values()) and {
                other.far[error] for error in others
            }.issubset(self.far.values())
        return (
            mine.keys() <= self.beside.keys()
            and others.keys() <= other.beside.keys()
            and _said(mine, self.beside) == _said(others, other.beside)
        )


def _text(told: Any) -> str:
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def _said(errors: Mapping[str, int], beside: Mapping[str, str]) -> Counter[str]:
    """What errors say, wherever they say it."""
    said: Counter[str] = Counter()
    for error, count in errors.items():
        said[beside[error]] += count
    return said


def _value_at(value: Any, path: Iterable[str | int]) -> Any:
    """What stands at a place of the data; None also where nothing can."""
    for key in path:
        if value is None:
            return None
        value = value[key]
    return value


def _null_above(value: Any, path: Sequence[str | int]) -> Sequence[str | int] | None:
    """The place of the null that stands above another place of the data; None: there is none."""
    for number, key in enumerate(path):
        if value is None:
            return path[:number]
        value = value[key]
    return None
