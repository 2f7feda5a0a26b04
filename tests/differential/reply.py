"""What a side answered, in the form in which two sides are compared."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import Any

Asked = tuple[str, str, bytes | None]
"""A call as it went out: method, path with query, body; parameters and the ids of a batch in order."""
Line = tuple[str, str, int | None, bool, bool]
"""A line of the trace: source, operation, status, whether shared and whether cached."""

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
        cut_short: an error left null above the place where it happened, so that what hung on it was given up.
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
    cut_short: bool

    @classmethod
    def read(cls, status: int, media_type: str, body: bytes, asked: Counter[Asked]) -> Reply:
        """A reply from the bytes of an answer; addresses in memory, as objects have in their text, are left out."""
        answer = json.loads(_ADDRESS.sub("0x", body.decode()))
        errors = answer.get("errors", ())
        extensions = answer.get("extensions", {})
        cost = dict(extensions.get("cost", {}))
        return cls(
            status=status,
            media_type=media_type,
            data=json.dumps(answer["data"], ensure_ascii=False) if "data" in answer else None,
            errors=Counter(json.dumps(error, sort_keys=True, ensure_ascii=False) for error in errors),
            requested=cost.pop("requested", None),
            calls=json.dumps(cost),
            trace=Counter(
                (line["source"], line["operation"], line["status"], line["shared"], line["cached"])
                for line in extensions.get("upstream", ())
            ),
            asked=asked,
            rest=(*answer, *extensions),
            cut_short=any(_is_above(answer.get("data"), error.get("path", ())) for error in errors),
        )

    def differences(self, other: Reply) -> list[str]:
        """In what two replies differ; nothing when they are equal.

        What is given up because of an error may have begun or not: how many turns of the loop lie between an error and
        the calls of its siblings is the executor's own affair. Where that happened, the calls do not count.

        The reply that is tried may have taken fewer calls: code that goes on sooner finds together in one batch of a
        loader what comes in two where more turns of the loop lie between. It must not have taken more.
        """
        if (self.cut_short and other.cut_short) or other.asked.total() < self.asked.total():
            return self._of_what_stays().differences(other._of_what_stays())
        found = []
        for each in fields(self):
            mine, others = getattr(self, each.name), getattr(other, each.name)
            if mine == others:
                continue
            if isinstance(mine, Counter):
                mine, others = dict(mine - others), dict(others - mine)
            found.append(f"{each.name}:\n  - {mine}\n  + {others}")
        return found

    def _of_what_stays(self) -> Reply:
        return replace(self, trace=Counter(), asked=Counter(), calls=None, cut_short=False)


def _is_above(value: Any, path: list[str | int]) -> bool:
    """Whether null stands above a place of the data."""
    for key in path:
        if value is None:
            return True
        value = value[key]
    return False
