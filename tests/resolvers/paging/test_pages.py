"""What a page says: edges, flags, ranges, cursors, over every kind of feed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from msgspec.structs import replace

from resolvers.paging import InvalidCursor, PageArgs
from tests.resolvers.paging.client import Client, CountedLeases, flags, in_order, nodes, pager
from tests.resolvers.paging.fakes import Rec, Shelf, complete, moment, offset, recs, scroll, window
from upstreams.feeds import SPENT, Bounds, Direction, Feed, Rows
from upstreams.records import Source

Make = Callable[[Shelf], Feed[Rec]]
KINDS: dict[str, Make] = {"scroll": scroll, "window": window, "list": complete, "offset": offset}
KIND = pytest.mark.parametrize("make", list(KINDS.values()), ids=list(KINDS))
BOTH = pytest.mark.parametrize("direction", list(Direction))
COUNT = 10


def reader(make: Make, direction: Direction = Direction.DESC, *, count: int = COUNT) -> tuple[Client, list[Rec]]:
    shelf = Shelf(recs(*[index // 2 for index in range(count)]))
    return Client(lambda: [make(shelf)], direction, restarts=True), in_order(shelf.records, direction)


@KIND
@BOTH
@pytest.mark.parametrize("size", [0, 1, 2, COUNT - 1, COUNT, COUNT + 1])
async def test_flags_at_the_ends(make: Make, direction: Direction, size: int) -> None:
    client, rows = reader(make, direction)
    page = await client.ask(first=size)
    assert (nodes(page), flags(page)) == (rows[:size], (False, size < COUNT))
    page = await client.ask(last=size)
    assert (nodes(page), flags(page)) == (rows[max(0, COUNT - size) :], (size < COUNT, False))


@KIND
@BOTH
async def test_every_page_from_every_cursor(make: Make, direction: Direction) -> None:
    client, rows = reader(make, direction)
    cursors = [edge.cursor for edge in (await client.ask(first=COUNT)).edges]
    for at, cursor in enumerate(cursors):
        for size in (0, 1, 3, COUNT):
            page = await client.ask(first=size, after=cursor)
            assert nodes(page) == rows[at + 1 : at + 1 + size]
            assert flags(page) == (True, at + 1 + size < COUNT)
            page = await client.ask(last=size, before=cursor)
            assert nodes(page) == rows[max(0, at - size) : at]
            assert flags(page) == (at > size, True)


@KIND
@BOTH
async def test_every_range_with_both_ends(make: Make, direction: Direction) -> None:
    client, rows = reader(make, direction)
    cursors = [edge.cursor for edge in (await client.ask(first=COUNT)).edges]
    for low, after in enumerate(cursors):
        for high, before in enumerate(cursors):
            inside = rows[low + 1 : high]
            page = await client.ask(first=2, after=after, before=before)
            assert (nodes(page), page.has_next_page) == (inside[:2], len(inside) > 2)
            page = await client.ask(last=2, after=after, before=before)
            assert (nodes(page), page.has_previous_page) == (inside[-2:] if inside else [], len(inside) > 2)
            assert page.has_next_page


@KIND
async def test_a_deleted_record_still_names_its_place(make: Make) -> None:
    shelf = Shelf(recs(*range(10)))
    client = Client(lambda: [make(shelf)], Direction.ASC, restarts=True)
    rows = in_order(shelf.records, Direction.ASC)
    cursor = (await client.ask(first=5)).end_cursor
    shelf.records.remove(rows[4])
    assert nodes(await client.ask(first=2, after=cursor)) == rows[5:7]
    page = await client.ask(last=2, before=cursor)
    assert (nodes(page), flags(page)) == (rows[2:4], (True, True))
    del shelf.records[4:]
    page = await client.ask(last=2, before=cursor)
    assert (nodes(page), flags(page)) == (rows[2:4], (True, False))


@KIND
async def test_an_empty_list(make: Make) -> None:
    client, _ = reader(make, count=0)
    for page in (await client.ask(first=3), await client.ask(last=3), await client.ask(first=0)):
        assert (page.edges, flags(page), page.start_cursor, page.end_cursor) == ([], (False, False), None, None)


async def test_no_feeds_at_all() -> None:
    page = await Client(list).ask(first=3)
    assert (page.edges, flags(page)) == ([], (False, False))


async def test_looking_behind_costs_one_call_and_only_when_nothing_was_seen() -> None:
    shelf = Shelf(recs(*range(200)))
    client = Client(lambda: [scroll(shelf)], restarts=True)
    page = await client.ask(first=20)
    shelf.calls.clear()
    assert (await client.ask(last=5, before=page.end_cursor)).has_next_page
    assert shelf.calls == ["open 50"]
    shelf.records.remove(page.edges[-1].node)
    shelf.calls.clear()
    assert (await client.ask(last=5, before=page.end_cursor)).has_next_page
    assert shelf.calls == ["open 50", "open 50"]


async def test_a_walk_that_begins_reads_afresh_and_asks_for_no_lease() -> None:
    shelf = Shelf(recs(*range(200)))
    client = Client(lambda: [scroll(shelf)])
    client.pager.leases = leases = CountedLeases()
    assert flags(await client.ask(first=0)) == (False, True)
    shelf.records.append(newest := Rec(moment(300), "newest"))
    assert nodes(await client.ask(first=20))[0] == newest
    assert (shelf.calls, leases.asked, len(leases)) == (["open 50"] * 2, 0, 1)
    await client.ask(last=20)
    assert leases.asked == 0


async def test_rows_of_a_scroll_that_another_walk_goes_on_from_take_no_lease_away() -> None:
    shelf = Shelf(recs(*range(200)))

    def spent() -> list[Feed[Rec]]:
        feed = scroll(shelf)
        feed.open = partial(_shared_opening, feed.open)  # type: ignore[method-assign]
        return [feed]

    client = Client(lambda: [scroll(shelf)])
    page = await client.ask(first=10)
    second = Client(spent, pager=client.pager)
    assert (await second.ask(first=10)).end_cursor == page.end_cursor
    shelf.calls.clear()
    for _ in range(5):
        page = await client.ask(first=10, after=page.end_cursor)
    assert shelf.calls == ["advance"]


async def _shared_opening(
    opening: Callable[[Bounds, Direction, int], Awaitable[Rows[Rec]]], bounds: Bounds, direction: Direction, size: int
) -> Rows[Rec]:
    return replace(await opening(bounds, direction, size), scroll=SPENT)


async def test_cursors_of_a_page_are_those_of_its_edges() -> None:
    client, _ = reader(scroll)
    page = await client.ask(first=4)
    assert (page.start_cursor, page.end_cursor) == (page.edges[0].cursor, page.edges[-1].cursor)
    page = await client.ask(last=4)
    assert (page.start_cursor, page.end_cursor) == (page.edges[0].cursor, page.edges[-1].cursor)


async def test_a_cursor_of_another_connection_is_refused_before_any_call() -> None:
    shelf = Shelf(recs(*range(9)))
    gateway = pager()
    feed = scroll(shelf)
    page = await gateway.page([feed], binding="a", direction=Direction.DESC, args=PageArgs(first=2))
    shelf.calls.clear()
    for args in (PageArgs(first=2, after=page.end_cursor), PageArgs(last=2, before=page.end_cursor)):
        with pytest.raises(InvalidCursor):
            await gateway.page([feed], binding="b", direction=Direction.DESC, args=args)
    assert shelf.calls == []


async def test_feeds_of_one_source_must_differ() -> None:
    shelf = Shelf()
    with pytest.raises(ValueError, match="parts"):
        await Client(lambda: [scroll(shelf), scroll(shelf)]).ask(first=1)


@BOTH
@pytest.mark.parametrize("size", [1, 7, 50])
@pytest.mark.parametrize("restarts", [False, True])
async def test_sources_are_merged_in_one_order(direction: Direction, size: int, restarts: bool) -> None:
    kinds = (scroll, offset, window)
    shelves = [
        Shelf(recs(*[(index * step) // 3 for index in range(100)], source=source), source=source)
        for step, source in enumerate(Source, 1)
    ]

    def feeds() -> list[Feed[Rec]]:
        return [make(shelf) for make, shelf in zip(kinds, shelves, strict=True)]

    expected = in_order([rec for shelf in shelves for rec in shelf.records], direction)
    assert await Client(feeds, direction, restarts=restarts).walk(size) == expected
    assert await Client(feeds, direction, restarts=restarts).walk_back(size) == expected


async def test_a_source_is_read_on_only_when_the_merge_waits_for_it() -> None:
    busy = Shelf(recs(*range(1000, 1500)))
    quiet = Shelf(recs(*range(100), source=Source.RECHAT), source=Source.RECHAT)
    client = Client(lambda: [scroll(busy), scroll(quiet)])
    after = None
    for _ in range(20):
        page = await client.ask(first=20, after=after)
        after = page.end_cursor
    assert len(busy.calls) == 9
    assert len(quiet.calls) == 1
