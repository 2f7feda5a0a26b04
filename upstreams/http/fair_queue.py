"""A queue that serves callers in turn: whoever has 500 calls waiting does not hold up the one who has a single one."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """One line for each caller; the lines take turns, and within a line it is first come, first served.

    An item may stand in the lines of several callers who want the same; it is given out once.

    Attributes:
        waiting: the callers of each item that waits; empty when nobody does.
    """

    __slots__ = ("_lines", "waiting")

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()  # the line whose turn it is comes first
        self.waiting: dict[T, list[str]] = {}

    def __len__(self) -> int:
        return len(self.waiting)

    def __contains__(self, item: T) -> bool:
        return item in self.waiting

    def ahead(self, caller: str) -> int:
        """How many of a caller's own items wait."""
        return len(self._lines.get(caller, ()))

    def push(self, caller: str, item: T) -> None:
        """Have an item wait at the end of a caller's line, unless it is in that line already."""
        callers = self.waiting.setdefault(item, [])
        if caller not in callers:
            callers.append(caller)
            self._lines.setdefault(caller, deque()).append(item)

    def first(self) -> T:
        """Whose turn it is.

        Raises:
            StopIteration: nobody waits.
        """
        return next(iter(self._lines.values()))[0]

    def pop(self) -> T:
        """Take out whose turn it is; the next turn is the next line's.

        Raises:
            StopIteration: nobody waits.
        """
        item = self.first()
        self._lines.move_to_end(next(iter(self._lines)))
        self.remove(item)
        return item

    def remove(self, item: T) -> None:
        """An item that waits no longer; one that did not is none."""
        for caller in self.waiting.pop(item, ()):
            line = self._lines[caller]
            line.remove(item)
            if not line:
                del self._lines[caller]

    def restore(self, caller: str, item: T, after: int) -> None:
        """Put back what was popped: the next turn is its caller's, and ``after`` of the line's items go before it."""
        self.waiting[item] = [caller]
        line = self._lines.setdefault(caller, deque())
        line.insert(after, item)
        self._lines.move_to_end(caller, last=False)

    def items(self) -> list[T]:
        """All that wait, in no order that means anything."""
        return list(self.waiting)

    def line(self, caller: str) -> tuple[T, ...]:
        """What waits for a caller, in order."""
        return tuple(self._lines.get(caller, ()))
