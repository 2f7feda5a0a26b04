"""What the rows themselves say about the order they came in. Pure.

An upstream that sorts by time promises whole seconds at best: the order among the rows of one second is arbitrary, a
page may be locally out of order, and which value of its flag means "descending" is only assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from operator import gt, lt
from typing import TypeVar

from upstreams.feeds import Direction, Key

R = TypeVar("R")

SURE = 3
"""Agreeing pairs that settle a direction."""


class Verdict(Enum):
    """Do rows run in the direction that was asked for?"""

    RIGHT = "right"
    REVERSED = "reversed"
    UNDECIDED = "undecided"


def verdict(seconds: Sequence[str], walk: Direction) -> Verdict:
    """Compare each row with the one half a page on: local disorder hardly shows there, a reversed page does.

    A single step the wrong way may be local disorder, so little evidence against the direction decides nothing.
    """
    half = len(seconds) // 2
    ups = downs = 0
    for index in range(half):
        one, other = seconds[index], seconds[-half + index]
        if one < other:
            ups += 1
        elif one > other:
            downs += 1
    right, wrong = (ups, downs) if walk is Direction.ASC else (downs, ups)
    if wrong >= SURE and wrong > 3 * right:
        return Verdict.REVERSED
    if right >= SURE or right + wrong > 2 * SURE:
        return Verdict.RIGHT
    if len(seconds) > 1 and seconds[0] != seconds[-1] and not disordered(seconds, walk):
        return Verdict.RIGHT
    return Verdict.UNDECIDED


def disordered(seconds: Sequence[str], walk: Direction) -> bool:
    """Some row stands before one that belongs before it."""
    return any(map(gt if walk is Direction.ASC else lt, seconds, seconds[1:]))


def settled(rows: Sequence[tuple[Key, R]], hold: int) -> int:
    """How many of the sorted rows no later row can come before.

    The last ``hold`` rows (at least one) are still open, and with them all rows of the first one's second.
    """
    count = len(rows) - hold
    if count <= 0:
        return 0
    second = rows[count][0][0][:19]
    while count and rows[count - 1][0][0][:19] == second:
        count -= 1
    return count
