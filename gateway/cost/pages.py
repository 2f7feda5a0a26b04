"""How many calls one page of a list takes at most. Pure arithmetic over the rules of ``resolvers.paging``.

The numbers hold for an upstream that answers with as many rows as it is asked for and has no crowd of rows in one
second (see ``docs/cost.md``): pages are asked for with rows to spare (:func:`page_size`), so a page takes one call and
one more where the end must be found or rows are tied.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from resolvers.paging.args import DEFAULT_PAGE
from resolvers.paging.streams.base import page_size, want_within
from resolvers.paging.streams.scroll import STEP

_SPARE = 6
"""Rows beyond a page that must be seen before its last one is certain: the next one, and those that complete its
second."""

_SMALLEST = page_size(1, 1000)
"""The least that is ever asked for where rows come in sizes."""


class Kind(Enum):
    """How a source gives out a list; see ``upstreams.feeds``."""

    SCROLL = "scroll"
    WINDOW = "window"
    NUMBERED = "numbered"
    NEARLY = "nearly"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source reads one of its lists.

    Attributes:
        kind: of the feed.
        most: rows that one call may ask for.
        calls: what one answer of the feed takes; more than one where it is put together.
        steady: the same for an answer in the middle of a long scan; 0: no other.
        once: what a page takes beside its answers (the list of tags that a filter needs).
        unfiltered: all pages of the list read the same rows, and those of siblings read them once.
    """

    kind: Kind
    most: int = 0
    calls: int = 1
    steady: int = 0
    once: int = 0
    unfiltered: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The paging arguments of a field.

    Attributes:
        count: rows at most.
        resumed: there is a cursor, so the place must be found again.
        looks_back: a backward page with ``before`` also sees whether anything follows.
    """

    count: int
    resumed: bool = False
    looks_back: bool = False

    @classmethod
    def of(cls, arguments: dict[str, object], most: int) -> Asked:
        """What ``first``, ``last``, ``after`` and ``before`` ask for; what will be refused counts as most."""
        last, first = arguments.get("last"), arguments.get("first")
        count = last if isinstance(last, int) else first if isinstance(first, int) else min(DEFAULT_PAGE, most)
        before = arguments.get("before") is not None
        return cls(
            min(max(count, 0), most), before or arguments.get("after") is not None, before and isinstance(last, int)
        )


def page_calls(reading: Reading, asked: Asked) -> int:
    """Calls for a page whose filter, if any, the source applies itself."""
    rows = asked.count + _SPARE
    match reading.kind:
        case Kind.WHOLE:
            answers = 1 + asked.looks_back
        case Kind.SCROLL:
            size = page_size(asked.count, reading.most)
            answers = _upto(rows, size) + 1
            if asked.resumed:
                # A scroll that lives goes on in the size it began with, unless that is far too small.
                answers = max(answers, min(_upto(rows, _SMALLEST), STEP) + 1) + 1
            answers += 2 * asked.looks_back
        case Kind.WINDOW:
            answers = _upto(rows, page_size(asked.count, reading.most)) + 1 + 2 * asked.looks_back
        case Kind.NUMBERED:
            size = max(2, page_size(asked.count, reading.most))
            answers = _upto(rows, size - 1) + 1 + asked.resumed + 2 * asked.looks_back
        case Kind.NEARLY:
            held = min(50, reading.most // 3)
            answers = _upto(rows + 2 * held, reading.most - 1) + 1 + asked.resumed + 2 * asked.looks_back
    return answers * reading.calls + reading.once * (1 + asked.looks_back)


def scan_calls(reading: Reading, asked: Asked, rows: int) -> int:
    """Calls for a page whose filter is applied here, over at most so many rows of the source.

    The walk asks for more the rarer what it looks for has been; the worst is a list whose first rows match and whose
    others do not.

    Args:
        rows: the scan budget.
    """
    if reading.kind is Kind.WHOLE:
        return page_calls(reading, asked)
    calls = taken = 0
    size = page_size(asked.count, reading.most)
    if reading.kind is Kind.NEARLY:
        size = reading.most
    elif asked.resumed:
        size = min(size, _SMALLEST)
    matching = max(1, asked.count)
    while taken < rows:
        # This size is kept while what is likely to be needed is not far more: that ends after so many rows.
        until = rows if reading.kind is Kind.NEARLY else min(rows, STEP * size * matching)
        steps = max(1, _upto(until - taken, max(1, size - 1)))
        calls += steps
        taken += steps * max(1, size - 1)
        larger = page_size(min(STEP * size, max(1, want_within(rows))), reading.most)
        if larger <= size:
            calls += _upto(max(0, rows - taken), max(1, size - 1))
            break
        size = larger
    return (calls + 2) * (reading.steady or reading.calls) + reading.once + page_calls(reading, asked)


def _upto(rows: int, size: int) -> int:
    return -(-rows // size)
