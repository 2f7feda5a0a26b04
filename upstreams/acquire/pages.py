"""Rows by number from an upstream that gives pages.

The upstream is asked for page ``number`` of ``size`` rows, which are rows ``number * size`` and on. A stretch of rows
seldom begins where a page of its own length does; a slightly longer page that holds all of it costs one call instead
of two.

What an upstream does not say of itself is learned from its answers, once per endpoint (:class:`Habits`): that it gives
fewer rows than it is asked for, and that its order is the other way round. Whoever learns something starts anew.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from upstreams.acquire import assumptions
from upstreams.acquire.client import PageOf
from upstreams.acquire.decode import Listing
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Direction, OffsetFeed, Rows


class Numbered(Protocol):
    """A record with an id."""

    @property
    def source_id(self) -> str: ...


R = TypeVar("R", bound=Numbered)

ATTEMPTS = 6
"""How often a read starts anew because something was learned, or because rows came and went meanwhile."""


@dataclass(slots=True)
class Habits:
    """What is known of an endpoint; one object for the life of the process.

    Attributes:
        most: rows that one answer holds at most.
        full: rows that one answer was seen to hold, when so many were asked for.
        newest_first: it lists the highest id first.
    """

    most: int = assumptions.MAX_LIMIT.assumed
    full: int = 0
    newest_first: bool = assumptions.NEWEST_FIRST.assumed


class Learned(Exception):
    """Something is known now that was not when a read began."""


def pages_over(start: int, limit: int, most: int) -> list[PageOf]:
    """The pages that hold rows ``start`` to ``start + limit``: a single one, if one of at most ``most`` rows does."""
    for size in range(min(limit, most), most + 1):
        if start % size + limit <= size:
            return [PageOf(start // size, size)]
    size = min(limit, most)
    return [PageOf(number, size) for number in range(start // size, (start + limit - 1) // size + 1)]


@dataclass(kw_only=True)
class Paged(OffsetFeed[R]):
    """Rows in the order of their ids, in either direction, from an upstream that pages in one.

    Against the upstream's direction rows are counted from the end, by the total that its answers tell.

    Attributes:
        habits: what is known of the endpoint.
    """

    habits: Habits
    ordered: bool = False
    _told: int | None = None
    _counted: int | None = None
    _miscounts: bool = False

    @abstractmethod
    async def page(self, page: PageOf) -> Listing[Any]:
        """One call."""

    def serial(self, row: R) -> int:
        """The id, which is a number."""
        return int(row.source_id)

    async def read(self, direction: Direction, start: int, limit: int) -> Rows[R]:
        """Rows ``start`` to ``start + limit``.

        Raises:
            UpstreamMalformed: no two answers fit together.
        """
        for _ in range(ATTEMPTS):
            try:
                if (direction is Direction.DESC) == self.habits.newest_first:
                    return _rows(await self._stretch(start, limit), self._told)
                return await self._from_the_end(start, limit)
            except Learned:
                continue
        raise UpstreamMalformed(self.source, self.name, "the rows move with every call")

    async def told_total(self) -> int | None:
        """The total as the upstream tells it; asks only when no answer has told it yet."""
        if self._told is None:
            self._told = (await self.page(PageOf(0, 1))).total
        return self._told

    async def _from_the_end(self, start: int, limit: int) -> Rows[R]:
        total = None if self._miscounts else await self.told_total()
        if total is None:
            self._miscounts = True
            self._counted = self._counted if self._counted is not None else await self._count()
        counted = total if total is not None else self._counted or 0
        low, high = max(0, counted - start - limit), max(0, counted - start)
        if low == high:
            return Rows((), 0, total=total)
        rows = await self._stretch(low, high - low)
        if total is not None and self._told != total:
            raise Learned
        if len(rows) < high - low:
            # There are fewer than the upstream says, or rows went since they were counted.
            self._miscounts, self._counted = True, None
            raise Learned
        return _rows(rows[::-1], total)

    async def _stretch(self, start: int, limit: int) -> list[Any]:
        """Rows by the upstream's own numbers; None stands for a malformed one."""
        pages = pages_over(start, limit, self.habits.most)
        answers = await asyncio.gather(*map(self._answer, pages))
        for page, answer in zip(pages, answers, strict=True):
            if answer.received > page.size:
                # It knows nothing of pages, so this is the whole list.
                self._told = answer.received
                return list(answer.rows[start : start + limit])
        if len({answer.total for answer in answers}) > 1:
            raise Learned
        self._told = answers[0].total
        begin = start - pages[0].number * pages[0].size
        return [row for answer in answers for row in answer.rows][begin : begin + limit]

    async def _answer(self, page: PageOf) -> Listing[Any]:
        """One call, and what can be learned from it."""
        answer = await self.page(page)
        self._look_at_order(answer)
        await self._look_at_size(page, answer)
        return answer

    def _look_at_order(self, answer: Listing[Any]) -> None:
        """Turn round when all of an answer's rows stand in the other order than was expected."""
        ids = [self.serial(row) for row in answer.good]
        if not self.habits.newest_first:
            ids.reverse()
        if len(ids) > 1 and all(one < other for one, other in pairwise(ids)):
            self.habits.newest_first = not self.habits.newest_first
            raise Learned

    async def _look_at_size(self, page: PageOf, answer: Listing[Any]) -> None:
        """Find out why an answer is short: it is the last, or the upstream used a smaller ``limit`` than the one asked
        for (so these are other rows). The total helps only where it can be trusted, and proves nothing of later pages.
        """
        received, total, habits = answer.received, answer.total, self.habits
        if received >= page.size:
            habits.full = max(habits.full, page.size)
            return
        fits = total is not None and received == max(0, total - page.number * page.size)
        if fits and page.number == 0:
            return
        if page.size > habits.full:
            first = answer if page.number == 0 else await self.page(PageOf(0, page.size))
            head = first.received
            if head == page.size:
                habits.full = head
            elif head and self._go_on(first, await self.page(PageOf(1, head))):
                habits.most = head
                raise Learned
        if total is not None and not fits:
            self._miscounts = True

    def _go_on(self, first: Listing[Any], second: Listing[Any]) -> bool:
        """Whether a second page has other rows than the first: an upstream that knows no pages gives the same."""
        known = {self.serial(row) for row in first.good}
        return second.received > 0 and not (known and known == {self.serial(row) for row in second.good})

    async def _count(self) -> int:
        """How many rows there are, where the upstream does not say: its last page is searched for."""
        size = self.habits.most
        full, beyond = -1, 0
        received = (await self._answer(PageOf(0, size))).received
        while received == size:
            full, beyond = beyond, max(1, beyond * 2)
            received = (await self._answer(PageOf(beyond, size))).received
        while beyond - full > 1:
            middle = (full + beyond) // 2
            found = (await self._answer(PageOf(middle, size))).received
            if found == size:
                full = middle
            else:
                beyond, received = middle, found
        return beyond * size + received


def _rows(rows: list[Any], total: int | None) -> Rows[Any]:
    return Rows([row for row in rows if row is not None], len(rows), total=total)
