"""Finding a place among numbered rows, and walking by number."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.paging.streams.numbered import Search
from tests.resolvers.paging.client import Client, in_order, nodes
from tests.resolvers.paging.fakes import FakeOffset, Rec, Shelf, moment, offset, recs
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Bounds, Direction, Rows

DIRECTIONS = list(Direction)


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.integers(0, 200_000), st.integers(2, 100), st.booleans())
def test_a_search_finds_the_boundary_in_few_looks(lows: int, highs: int, guess: int, size: int, onward: bool) -> None:
    total = lows + highs
    search = Search(size, onward=onward)
    looked: list[int] = []
    found = None
    while found is None:
        start = max(0, guess - 1 if onward else guess + 1 - size)
        looked.append(start)
        assert len(looked) <= 40
        seen = range(start, min(start + size, total))
        found = search.saw(start, [row < lows for row in seen], end=len(seen) < size)
        guess = search.guess() if found is None else found
    assert found == lows


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("ties", [1, 3, 150])
@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("size", [7, 60])
async def test_every_record_once_both_ways(direction: Direction, ties: int, restarts: bool, size: int) -> None:
    shelf = Shelf(recs(*[index // ties for index in range(400)]))
    expected = in_order(shelf.records, direction)
    assert await Client(lambda: [offset(shelf)], direction, restarts=restarts).walk(size) == expected
    assert await Client(lambda: [offset(shelf)], direction, restarts=restarts).walk_back(size) == expected


class Restless(FakeOffset):
    """Rows of one instant stand in another order in every answer."""

    async def read(self, direction: Direction, start: int, limit: int) -> Rows[Rec]:
        await self.shelf.called(f"rows {start}+{limit}")
        rows = self.shelf.select(Bounds(), (direction is Direction.DESC) == self.shelf.reverse_descends)
        page = rows[start : start + limit]
        return Rows(page, len(page))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("ties", [2, 7, 40, 90])
@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("size", [7, 60])
async def test_ties_in_another_order_in_every_answer_are_neither_lost_nor_doubled(
    direction: Direction, ties: int, restarts: bool, size: int
) -> None:
    shelf = Shelf(recs(*[index // ties for index in range(400)]))
    expected = in_order(shelf.records, direction)

    def feeds() -> list[FakeOffset]:
        return [Restless(source=shelf.source, name="rows", shelf=shelf, max_size=100, ordered=True)]

    assert await Client(feeds, direction, restarts=restarts).walk(size) == expected
    assert await Client(feeds, direction, restarts=restarts).walk_back(size) == expected


async def test_what_pages_cost() -> None:
    shelf = Shelf(recs(*range(10_000)))
    reader = Client(lambda: [offset(shelf)], Direction.ASC, restarts=True)
    page = await reader.ask(first=20)
    page = await reader.ask(first=20, after=page.end_cursor)
    assert shelf.calls == ["rows 0+50", "rows 18+50"]
    shelf.calls.clear()
    back = await reader.ask(last=5, before=page.edges[10].cursor)
    assert nodes(back) == in_order(shelf.records, Direction.ASC)[25:30]
    assert shelf.calls == ["rows 0+32"]


@pytest.mark.parametrize(("shift", "calls"), [(1, 2), (40, 2), (300, 7), (3000, 13)])
async def test_a_wrong_number_is_searched_for(shift: int, calls: int) -> None:
    shelf = Shelf(recs(*range(5000, 15_000)))
    reader = Client(lambda: [offset(shelf)], Direction.ASC, restarts=True)
    page = await reader.ask(first=1000)
    expected = in_order(shelf.records, Direction.ASC)[1000:1020]
    shelf.records += [Rec(moment(second), f"new{second}") for second in range(shift)]
    shelf.calls.clear()
    assert nodes(await reader.ask(first=20, after=page.end_cursor)) == expected
    assert len(shelf.calls) <= calls


@pytest.mark.parametrize("gone", [1, 40, 990])
async def test_rows_that_went_away_in_front(gone: int) -> None:
    shelf = Shelf(recs(*range(2000)))
    reader = Client(lambda: [offset(shelf)], Direction.ASC, restarts=True)
    page = await reader.ask(first=1000)
    expected = shelf.records[1000:1020]
    del shelf.records[:gone]
    assert nodes(await reader.ask(first=20, after=page.end_cursor)) == expected


async def test_everything_went_away() -> None:
    shelf = Shelf(recs(*range(200)))
    reader = Client(lambda: [offset(shelf)], Direction.ASC, restarts=True)
    page = await reader.ask(first=100)
    shelf.records.clear()
    for args in ({"first": 10, "after": page.end_cursor}, {"last": 10, "before": page.end_cursor}):
        found = await reader.ask(**args)  # type: ignore[arg-type]
        assert (nodes(found), found.has_next_page, found.has_previous_page) == ([], False, False)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("back", [False, True])
async def test_rows_that_go_away_between_two_reads_of_a_page(ordered: bool, back: bool) -> None:
    shelf = Shelf([Rec(moment(index), f"r{index:05d}") for index in range(400)])
    expected = in_order(shelf.records, Direction.ASC)

    @dataclass(kw_only=True)
    class Shrinking(FakeOffset):
        async def read(self, direction: Direction, start: int, limit: int) -> Rows[Rec]:
            rows = await super().read(direction, start, limit)
            if len(shelf.calls) == 2:
                # What was read goes away, so that all numbers shift.
                gone = [rec.id for rec in rows.rows[:30]]
                shelf.records = [rec for rec in shelf.records if rec.id not in gone]
            return rows

    feed = Shrinking(source=shelf.source, name="rows", shelf=shelf, ordered=ordered)
    reader = Client(lambda: [feed], Direction.ASC)
    page = await (reader.ask(last=250) if back else reader.ask(first=250))
    assert nodes(page) == (expected[-250:] if back else expected[:250])


async def test_a_search_without_end_is_an_error() -> None:
    shelf = Shelf(recs(*range(1000, 2000)))
    page = await Client(lambda: [offset(shelf)], Direction.ASC).ask(first=500)
    early = recs(*range(100))

    @dataclass(kw_only=True)
    class Endless(FakeOffset):
        async def read(self, direction: Direction, start: int, limit: int) -> Rows[Rec]:
            shelf.calls.append("read")
            return Rows(early[:limit], limit)

    shelf.calls.clear()
    feed = Endless(source=shelf.source, name="rows", shelf=shelf)
    with pytest.raises(UpstreamMalformed):
        await Client(lambda: [feed], Direction.ASC).ask(first=450, after=page.end_cursor)
    assert len(shelf.calls) <= 64


def nearly(rng: random.Random, count: int, disorder: float) -> Shelf:
    order = sorted(range(count), key=lambda index: index + rng.random() * disorder)
    return Shelf([Rec(moment(at // 2), f"r{index + 1000:05d}") for index, at in enumerate(order)])


@pytest.mark.parametrize("disorder", [0, 10, 30])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("size", [7, 60])
async def test_nearly_ordered_rows_are_brought_in_order(
    disorder: int, direction: Direction, restarts: bool, size: int
) -> None:
    shelf = nearly(random.Random(disorder), 300, disorder)
    expected = in_order(shelf.records, direction)
    for back in (False, True):
        reader = Client(lambda: [offset(shelf, ordered=False)], direction, restarts=restarts)
        assert await (reader.walk_back(size) if back else reader.walk(size)) == expected
        assert reader.late == 0


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("size", [1, 20])
@pytest.mark.parametrize("back", [False, True])
async def test_rows_far_out_of_order_come_once_and_are_counted(direction: Direction, size: int, back: bool) -> None:
    shelf = nearly(random.Random(7), 250, 200)
    walks = []
    for restarts in (False, True):
        reader = Client(lambda: [offset(shelf, ordered=False)], direction, restarts=restarts)
        seen = await (reader.walk_back(size) if back else reader.walk(size))
        assert sorted(rec.id for rec in seen) == sorted(rec.id for rec in shelf.records)
        assert reader.late > 0
        walks.append((seen, reader.late))
    assert walks[0] == walks[1], "a restart changes nothing"


@given(
    st.integers(0, 2**16), st.sampled_from((0, 10, 80, 300)), st.sampled_from(Direction), st.booleans(), st.booleans()
)
async def test_nearly_ordered_rows_that_come_and_go(
    seed: int, disorder: int, direction: Direction, back: bool, restarts: bool
) -> None:
    rng = random.Random(seed)
    shelf = nearly(rng, rng.choice((5, 60, 150, 400)), disorder)
    reader = Client(lambda: [offset(shelf, ordered=False)], direction, restarts=restarts)
    stay = {rec.id for rec in shelf.records}
    seen: list[str] = []
    cursor = None
    for step in range(1000):
        size = rng.choice((1, 5, 20, 70))
        page = await (reader.ask(last=size, before=cursor) if back else reader.ask(first=size, after=cursor))
        seen += [rec.id for rec in nodes(page)]
        if not (page.has_previous_page if back else page.has_next_page):
            break
        cursor = page.start_cursor if back else page.end_cursor
        if rng.random() < 0.2:
            stay.discard(shelf.records.pop(rng.randrange(len(shelf.records))).id)
        if rng.random() < 0.2:
            shelf.records.append(Rec(moment(rng.randrange(300)), f"r{50_000 + step}"))
    assert len(seen) == len(set(seen))
    assert stay <= set(seen)
