"""Rows by number from pages: whatever the upstream's habits are, the rows are those that were asked for."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.paging import PageArgs, Pager
from upstreams.acquire.client import PageOf
from upstreams.acquire.decode import Listing
from upstreams.acquire.pages import Habits, Paged, pages_over
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Direction, Key
from upstreams.records import Source

MALFORMED = 7
"""Every row whose id is a multiple of this makes no sense."""


@dataclass(kw_only=True)
class Pages(Paged[Any]):
    """A list in memory.

    Attributes:
        ids: in the upstream's order.
        cap: rows of an answer at most.
        total: what the answers tell beyond the right number; None: nothing.
        whole: every answer holds everything.
    """

    ids: list[int]
    cap: int = 1_000
    off: int | None = 0
    whole: bool = False
    calls: int = 0

    def key(self, row: Any) -> Key:
        return f"{int(row.source_id):06}", Source.ACQUIRE.rank, row.source_id

    async def page(self, page: PageOf) -> Listing[Any]:
        self.calls += 1
        assert page.size <= 200
        size = min(page.size, self.cap)
        shown = self.ids if self.whole else self.ids[page.number * size : (page.number + 1) * size]
        total = None if self.off is None else len(self.ids) + self.off
        return Listing(
            [None if id % MALFORMED == 0 else SimpleNamespace(source_id=str(id)) for id in shown],
            total if total is None or total >= len(shown) else None,
        )


def made(count: int, *, newest_first: bool = True, **more: Any) -> Pages:
    ids = [3 * number + 1 for number in range(count)]
    if newest_first:
        ids.reverse()
    habits = more.pop("habits", Habits())
    return Pages(source=Source.ACQUIRE, name="contacts", habits=habits, ids=ids, **more)


def expected(feed: Pages, direction: Direction, start: int, limit: int) -> tuple[list[int], int]:
    ids = sorted(feed.ids, reverse=direction is Direction.DESC)[start : start + limit]
    return [id for id in ids if id % MALFORMED], len(ids)


async def check(feed: Pages, direction: Direction, start: int, limit: int) -> None:
    rows = await feed.read(direction, start, limit)
    assert ([int(row.source_id) for row in rows.rows], rows.received) == expected(feed, direction, start, limit)


@given(st.integers(0, 30_000), st.integers(1, 300), st.integers(1, 200))
def test_pages_hold_the_rows(start: int, limit: int, most: int) -> None:
    pages = pages_over(start, limit, most)
    sizes = {page.size for page in pages}
    assert len(sizes) == 1
    size = sizes.pop()
    assert 1 <= size <= most
    assert [page.number for page in pages] == list(range(pages[0].number, pages[-1].number + 1))
    assert pages[0].number * size <= start < (pages[0].number + 1) * size
    assert pages[-1].number * size < start + limit <= (pages[-1].number + 1) * size


@given(st.integers(0, 30_000), st.integers(1, 100))
def test_a_stretch_of_half_a_page_at_most_costs_two_calls(start: int, limit: int) -> None:
    assert len(pages_over(start, limit, 200)) <= 2


def test_a_walk_that_overlaps_by_a_row_costs_a_call_a_stretch() -> None:
    calls = [len(pages_over(99 * step, 100, 200)) for step in range(20)]
    assert sum(calls) <= 22


@given(
    count=st.integers(0, 700),
    cap=st.sampled_from([1_000, 200, 150, 100, 99, 50, 7]),
    off=st.sampled_from([0, None, 1, 40]),
    newest_first=st.booleans(),
    direction=st.sampled_from(Direction),
    reads=st.lists(st.tuples(st.integers(0, 750), st.integers(1, 150)), min_size=1, max_size=4),
)
async def test_rows_are_those_asked_for(
    count: int,
    cap: int,
    off: int | None,
    newest_first: bool,
    direction: Direction,
    reads: list[tuple[int, int]],
) -> None:
    feed = made(count, cap=cap, off=off, newest_first=newest_first, habits=Habits(newest_first=newest_first))
    if off:
        await check(feed, direction, 0, 1)  # as every walk begins; it sees that the total is wrong
    for start, limit in reads:
        await check(feed, direction, start, limit)


@pytest.mark.parametrize("direction", Direction)
async def test_the_order_is_learned_once(direction: Direction) -> None:
    habits = Habits()
    feed = made(50, newest_first=False, habits=habits)
    await check(feed, direction, 0, 20)
    assert habits.newest_first is False
    again = made(50, newest_first=False, habits=habits)
    await check(again, Direction.ASC, 0, 20)
    assert again.calls == 1


async def test_a_smaller_page_than_asked_for_is_learned_once() -> None:
    habits = Habits()
    feed = made(500, cap=30, habits=habits)
    await check(feed, Direction.DESC, 0, 100)
    assert habits.most == 30
    again = made(500, cap=30, habits=habits)
    await check(again, Direction.DESC, 60, 60)
    assert again.calls == 2


async def test_a_cursor_into_the_middle_finds_out_too() -> None:
    feed = made(500, cap=30)
    await check(feed, Direction.DESC, 250, 100)
    assert feed.habits.most == 30


async def test_a_list_that_knows_no_pages() -> None:
    feed = made(120, whole=True)
    for direction in Direction:
        await check(feed, direction, 10, 50)
        await check(feed, direction, 110, 50)


async def test_counting_from_the_end_costs_one_call_more() -> None:
    feed = made(500)
    await check(feed, Direction.ASC, 0, 100)
    assert feed.calls == 2
    await check(feed, Direction.ASC, 99, 100)
    assert feed.calls <= 4


async def test_the_end_is_searched_for_where_no_total_is_told() -> None:
    feed = made(20_000, off=None)
    await check(feed, Direction.ASC, 0, 100)
    assert feed.calls <= 3 + 2 * math.ceil(math.log2(20_000 / 200))
    searched = feed.calls
    await check(feed, Direction.ASC, 99, 100)
    assert feed.calls <= searched + 2


async def test_rows_that_come_while_they_are_counted() -> None:
    feed = made(300)
    await check(feed, Direction.ASC, 0, 10)
    feed.ids[:0] = [1_003, 1_000]
    await check(feed, Direction.ASC, 0, 10)
    await check(feed, Direction.ASC, 295, 10)
    del feed.ids[:5]
    await check(feed, Direction.ASC, 290, 10)


async def test_a_list_that_never_holds_still_is_malformed() -> None:
    class Restless(Pages):
        async def page(self, page: PageOf) -> Listing[Any]:
            self.ids.insert(0, self.ids[0] + 3)
            return await super().page(page)

    feed = Restless(source=Source.ACQUIRE, name="contacts", habits=Habits(), ids=list(range(100, 1, -3)))
    with pytest.raises(UpstreamMalformed):
        await feed.read(Direction.ASC, 0, 10)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize(("cap", "off"), [(1_000, 0), (30, 0), (1_000, None), (1_000, 25)])
async def test_walks_meet_every_row_once(direction: Direction, newest_first: bool, cap: int, off: int | None) -> None:
    pager, habits = Pager(secret=b"s" * 32), Habits()
    met: list[str] = []
    after: str | None = None
    for size in itertools.cycle([7, 1, 130, 40]):
        feed = made(311, newest_first=newest_first, cap=cap, off=off, habits=habits)
        args = PageArgs(first=size, after=after)
        page = await pager.page([feed], binding="contacts", direction=direction, args=args)
        met += [edge.node.source_id for edge in page.edges]
        after = page.end_cursor
        if not page.has_next_page:
            break
    ids = sorted((id for id in made(311).ids if id % MALFORMED), reverse=direction is Direction.DESC)
    assert met == [str(id) for id in ids]


async def test_totals() -> None:
    feed = made(42)
    assert (await feed.told_total(), await feed.told_total(), feed.calls) == (42, 42, 1)
    assert (await feed.read(Direction.DESC, 0, 10)).total == 42
    assert await made(42, off=None).told_total() is None


async def test_a_short_list_that_knows_no_pages_and_tells_no_total_is_whole() -> None:
    feed = made(5, whole=True, off=None)
    await check(feed, Direction.DESC, 0, 100)
    assert feed.habits.most == Habits().most
    await check(feed, Direction.DESC, 5, 100)
