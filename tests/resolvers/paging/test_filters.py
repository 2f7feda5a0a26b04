"""Filters that an upstream lacks: scanning within a budget."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.resolvers.paging.client import Client, in_order, nodes, pager
from tests.resolvers.paging.fakes import Rec, Shelf, moment, offset, scroll, window
from upstreams.feeds import Direction, Feed
from upstreams.records import Source

KINDS: dict[str, Callable[[Shelf], Feed[Rec]]] = {"scroll": scroll, "window": window, "offset": offset}


def blue(rec: Rec) -> bool:
    return rec.colour == "blue"


def dotted(count: int, every: int, source: Source = Source.CLOUD4WI) -> Shelf:
    """Records of which one in so many is blue."""
    return Shelf(
        [
            Rec(moment(index // 2), f"r{index:05d}", "red" if index % every else "blue", source)
            for index in range(1, count + 1)
        ],
        source=source,
    )


async def test_a_sparse_filter_reads_larger_answers() -> None:
    shelf = dotted(5000, 50)
    page = await Client(lambda: [scroll(shelf)], keep=blue).ask(first=20)
    assert nodes(page) == [rec for rec in in_order(shelf.records, Direction.DESC) if blue(rec)][:20]
    assert shelf.calls == ["open 50", "open 983"]


async def test_a_budget_that_runs_out_gives_what_was_found_and_goes_on() -> None:
    shelf = dotted(5000, 400)
    reader = Client(lambda: [scroll(shelf)], pager=pager(scan_rows=1000), keep=blue)
    expected = [rec for rec in in_order(shelf.records, Direction.DESC) if blue(rec)]
    page = await reader.ask(first=10)
    assert 0 < len(page.edges) < 10
    assert page.has_next_page
    assert 500 < shelf.rows_given <= 1000
    reader.seen = nodes(page)
    assert await reader.walk(10, after=page.end_cursor) == expected


async def test_a_budget_that_runs_out_with_nothing_found_goes_on_too() -> None:
    shelf = dotted(3000, 10_000)
    reader = Client(lambda: [scroll(shelf)], pager=pager(scan_rows=500), keep=blue)
    page = await reader.ask(first=10)
    assert (page.edges, page.has_next_page, page.start_cursor) == ([], True, None)
    assert page.end_cursor is not None
    assert await reader.walk(10, after=page.end_cursor) == []
    assert reader.pages < 12


async def test_a_full_page_whose_successor_is_out_of_reach_does_not_lose_it() -> None:
    shelf = dotted(3000, 1500)
    reader = Client(lambda: [scroll(shelf)], pager=pager(scan_rows=400), keep=blue)
    page = await reader.ask(first=1)
    assert len(page.edges) == 1
    assert page.has_next_page
    assert page.end_cursor != page.edges[0].cursor
    assert len(await reader.walk(1, after=page.end_cursor)) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 700),
    st.sampled_from((1, 3, 40, 2000)),
    st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
    st.sampled_from((60, 300, 20_000)),
    st.integers(1, 40),
    st.sampled_from(Direction),
    st.booleans(),
    st.booleans(),
)
async def test_a_filtered_walk_ends_and_finds_all(
    count: int,
    every: int,
    kinds: list[str],
    scan_rows: int,
    size: int,
    direction: Direction,
    restarts: bool,
    back: bool,
) -> None:
    shelves = [dotted(count, every, source) for source, _ in zip(Source, kinds, strict=False)]
    reader = Client(
        lambda: [KINDS[kind](shelf) for kind, shelf in zip(kinds, shelves, strict=True)],
        direction,
        pager=pager(scan_rows=scan_rows),
        keep=blue,
        restarts=restarts,
    )
    expected = [rec for rec in in_order([rec for shelf in shelves for rec in shelf.records], direction) if blue(rec)]
    assert await (reader.walk_back(size) if back else reader.walk(size)) == expected


async def test_looking_for_one_more_keeps_what_it_read_for_the_next_page() -> None:
    shelf = dotted(60, 4)
    reader = Client(lambda: [scroll(shelf)], keep=blue)
    page = await reader.ask(first=5)
    assert page.end_cursor == page.edges[-1].cursor
    calls = len(shelf.calls)
    await reader.ask(first=3, after=page.end_cursor)
    assert len(shelf.calls) == calls
