"""Scrolls: what a page costs, and everything an upstream can do to one."""

from __future__ import annotations

import pytest

from tests.resolvers.paging.client import Client, in_order, nodes, pager
from tests.resolvers.paging.fakes import Rec, Script, Shelf, moment, recs, scroll
from upstreams.errors import UpstreamError, UpstreamMalformed, UpstreamUnavailable
from upstreams.feeds import Direction, Rows
from upstreams.instants import Instant
from upstreams.records import Source

DIRECTIONS = list(Direction)


def client(shelf: Shelf, direction: Direction = Direction.DESC, *, max_size: int = 10_000, **more: object) -> Client:
    return Client(lambda: [scroll(shelf, max_size=max_size)], direction, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("final_id", [False, True])
@pytest.mark.parametrize("restarts", [False, True])
async def test_every_record_once_in_order_both_ways(
    direction: Direction, live: bool, short: bool, final_id: bool, restarts: bool
) -> None:
    shelf = Shelf(recs(*[index // 3 for index in range(400)]), live=live, short=short, final_id=final_id)
    expected = in_order(shelf.records, direction)
    assert await client(shelf, direction, restarts=restarts).walk(37) == expected
    assert await client(shelf, direction, restarts=restarts).walk_back(37) == expected


COSTS = [
    # size of a client page, calls for the first page, calls for the next, live
    (1, ["open 50"], []),
    (20, ["open 50"], []),
    (49, ["open 59"], ["advance"]),
    (100, ["open 112"], ["advance"]),
    (1000, ["open 1125"], ["advance"]),
]


@pytest.mark.parametrize(("size", "first", "second"), COSTS)
async def test_what_pages_cost(size: int, first: list[str], second: list[str]) -> None:
    shelf = Shelf(recs(*range(5000)))
    reader = client(shelf)
    page = await reader.ask(first=size)
    assert (shelf.calls, page.has_next_page) == (first, True)
    shelf.calls.clear()
    page = await reader.ask(first=size, after=page.end_cursor)
    assert (shelf.calls, len(page.edges)) == (second, size)


async def test_resuming_costs_one_call() -> None:
    shelf = Shelf(recs(*range(500)))
    page = await client(shelf).ask(first=20)
    shelf.calls.clear()
    again = await client(shelf).ask(first=20, after=page.end_cursor)
    assert shelf.calls == ["open 50"]
    assert nodes(again) == in_order(shelf.records, Direction.DESC)[20:40]


async def test_a_dead_scroll_costs_one_call_more() -> None:
    shelf = Shelf(recs(*range(500)))
    reader = client(shelf)
    page = await reader.ask(first=100)
    shelf.expire()
    shelf.calls.clear()
    page = await reader.ask(first=100, after=page.end_cursor)
    assert shelf.calls == ["advance", "open 112"]
    assert nodes(page) == in_order(shelf.records, Direction.DESC)[100:200]


async def test_a_long_walk_reads_no_row_twice() -> None:
    shelf = Shelf(recs(*[index // 2 for index in range(5000)]))
    assert await client(shelf).walk(100) == in_order(shelf.records, Direction.DESC)
    assert shelf.rows_given == 5000


@pytest.mark.parametrize("burst", [49, 50, 51, 300, 2500])
@pytest.mark.parametrize("restarts", [False, True])
async def test_bursts_larger_than_a_page(burst: int, restarts: bool) -> None:
    shelf = Shelf(recs(*range(30), *([30] * burst), *range(31, 60)))
    expected = in_order(shelf.records, Direction.DESC)
    size = 25 if burst < 1000 or not restarts else 500
    assert await client(shelf, restarts=restarts).walk(size) == expected
    assert await client(shelf, restarts=restarts).walk_back(size) == expected


async def test_a_burst_is_read_with_growing_answers() -> None:
    shelf = Shelf(recs(*[10] * 2500, *range(10)))
    page = await client(shelf).ask(first=20)
    assert nodes(page) == in_order(shelf.records, Direction.DESC)[:20]
    assert shelf.calls == ["open 50", "advance", "advance", "open 400", "advance", "advance", "open 3200"]


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_wrong_assumption_about_direction_costs_one_call_once(direction: Direction) -> None:
    shelf = Shelf(recs(*range(300)), reverse_descends=False)
    expected = in_order(shelf.records, direction)
    assert nodes(await client(shelf, direction).ask(first=20)) == expected[:20]
    assert shelf.calls == ["open 50", "open 50"]
    shelf.calls.clear()
    assert nodes(await client(shelf, direction).ask(last=20)) == expected[-20:]
    assert shelf.calls == ["open 50"]


async def test_an_upstream_that_ignores_the_direction_is_an_error_not_a_wrong_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = Shelf(recs(*range(300)))
    select = shelf.select
    monkeypatch.setattr(shelf, "select", lambda bounds, flag: select(bounds, flag=True))
    assert nodes(await client(shelf).ask(first=20)) == in_order(shelf.records, Direction.DESC)[:20]
    with pytest.raises(UpstreamMalformed, match="order asked for"):
        await client(shelf).ask(last=20)
    assert shelf.calls == ["open 50"] * 3


async def test_a_wrong_direction_in_a_complete_answer_costs_nothing() -> None:
    shelf = Shelf(recs(*range(10)), reverse_descends=False, final_id=False)
    page = await client(shelf).ask(first=5)
    assert nodes(page) == in_order(shelf.records, Direction.DESC)[:5]
    assert shelf.calls == ["open 50"]
    assert shelf.orientation.reverse_is_descending is False


async def test_two_readers_that_find_out_at_once_turn_the_flag_once() -> None:
    shelves = [Shelf(recs(*range(300)), reverse_descends=False) for _ in range(2)]
    feeds = [scroll(shelf) for shelf in shelves]
    feeds[1].orientation = feeds[0].orientation
    feeds[1].part = "second"
    page = await Client(lambda: feeds).ask(first=20)
    assert len(page.edges) == 20
    assert feeds[0].orientation.reverse_is_descending is False
    assert [shelf.calls for shelf in shelves] == [["open 50", "open 50"]] * 2


@pytest.mark.parametrize("disorder", [1, 5, 20])
@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_page_out_of_order_is_brought_in_order(disorder: int, direction: Direction) -> None:
    shelf = Shelf(recs(*range(400)), disorder=disorder)
    expected = in_order(shelf.records, direction)
    reader = client(shelf, direction)
    assert await reader.walk(40) == expected
    assert reader.late == 0
    assert shelf.orientation.reverse_is_descending is True
    assert await client(shelf, direction).walk_back(40) == expected


def script(*answers: Rows[Rec] | UpstreamError) -> Script:
    return Script(source=Source.CLOUD4WI, name="events", answers=list(answers))


def answer(rows: list[Rec], id: str | None = None) -> Rows[Rec]:
    return Rows(rows, len(rows), id)


NEWEST = recs(*range(400))[::-1]


async def test_a_record_far_out_of_order_comes_once_and_is_counted() -> None:
    stray = Rec(moment(390), "stray")
    feed = script(
        answer(NEWEST[:100], "a"),
        answer(NEWEST[100:200], "b"),
        answer([*NEWEST[200:300], stray], "c"),
        answer(NEWEST[300:]),
    )
    reader = Client(lambda: [feed])
    seen = await reader.walk(10)
    assert seen.count(stray) == 1
    assert [rec for rec in seen if rec is not stray] == NEWEST
    assert reader.late == 1


async def test_a_row_that_comes_again_is_dropped() -> None:
    feed = script(answer(NEWEST[:60], "a"), answer(NEWEST[55:120], "a"), answer([], "a"))
    assert await Client(lambda: [feed]).walk(20) == NEWEST[:120]
    assert feed.calls == ["open", "advance a", "advance a"]


@pytest.mark.parametrize("size", [20, 45, 200])
async def test_rows_that_come_again_are_dropped_but_a_late_one_among_them_is_given(size: int) -> None:
    """Also where they were given by an earlier page, and only its lease remembers them."""
    stray = Rec(moment(370), "stray")
    feed = script(answer(NEWEST[:60], "a"), answer([*NEWEST[10:40], stray, *NEWEST[40:120]], "b"), answer([], "b"))
    reader = Client(lambda: [feed])
    seen = await reader.walk(size)
    assert seen.count(stray) == 1
    assert [rec for rec in seen if rec is not stray] == NEWEST[:120]
    assert (feed.calls, reader.late) == (["open", "advance a", "advance b"], 1)


async def test_a_page_that_came_again_may_be_gone_on_from_in_its_middle() -> None:
    feed = script(
        answer(NEWEST[:60], "a"), answer(NEWEST[:40], "b"), answer(NEWEST[40:100], "c"), answer(NEWEST[100:120])
    )
    assert await Client(lambda: [feed]).walk(25) == NEWEST[:120]


async def test_an_upstream_that_repeats_a_page_is_an_error_and_no_loop() -> None:
    page = answer(NEWEST[:100], "a")
    feed = script(page, page)
    reader = Client(lambda: [feed])
    found = await reader.ask(first=120)
    assert nodes(found) == NEWEST[:96]
    assert isinstance(found.failures[0], UpstreamMalformed)
    assert "again and again" in str(found.failures[0])
    assert feed.calls == ["open", "advance a"]


async def test_an_upstream_that_goes_round_in_circles_is_an_error() -> None:
    one, two = answer(NEWEST[:100], "a"), answer(NEWEST[100:200], "b")
    feed = script(one, two, one)
    reader = Client(lambda: [feed])
    start = await reader.ask(first=120)
    found = await reader.ask(first=120, after=start.end_cursor)
    assert nodes(start) + nodes(found) == NEWEST[:196]
    assert isinstance(found.failures[0], UpstreamMalformed)
    assert feed.calls == ["open", "advance a", "advance b"]


async def test_an_upstream_that_ignores_the_bounds_forever_is_an_error() -> None:
    endless = [answer(recs(*range(900 + n, 990 + n)), f"s{n}") for n in range(0, 900, 90)]
    feed = script(*endless)
    feed.until = moment(500)
    with pytest.raises(UpstreamMalformed):
        await Client(lambda: [feed]).ask(first=20)
    assert len(feed.calls) <= 5


async def test_malformed_rows_are_no_end() -> None:
    feed = script(Rows([], 50, "a"), answer(NEWEST[:60], "b"), Rows([], 0, "b"))
    assert nodes(await Client(lambda: [feed]).ask(first=60)) == NEWEST[:60]


@pytest.mark.parametrize("lost", range(6))
async def test_expiry_at_every_step(lost: int) -> None:
    shelf = Shelf(recs(*[index // 2 for index in range(300)]))
    reader = client(shelf)
    after = None
    for step in range(10):
        if step == lost:
            shelf.expire()
        page = await reader.ask(first=30, after=after)
        reader.seen += nodes(page)
        after = page.end_cursor
    assert reader.seen == in_order(shelf.records, Direction.DESC)
    assert not page.has_next_page


@pytest.mark.parametrize("lost", range(6))
async def test_an_answer_lost_at_every_step_is_resumed_by_position(lost: int) -> None:
    shelf = Shelf(recs(*[index // 2 for index in range(600)]))
    reader = client(shelf)
    after = None
    for step in range(10):
        shelf.lose = int(step == lost)
        page = await reader.ask(first=60, after=after)
        reader.seen += nodes(page)
        after = page.end_cursor
    assert reader.seen == in_order(shelf.records, Direction.DESC)


async def test_scrolls_that_always_die_are_an_error_in_the_end() -> None:
    shelf = Shelf(recs(*[1] * 9000), lose=100)
    with pytest.raises(UpstreamError):
        await client(shelf, max_size=100).ask(first=20)
    assert len(shelf.calls) < 20


async def test_a_burst_under_scrolls_that_always_die_is_read_at_once() -> None:
    shelf = Shelf(recs(*[1] * 300, *[0] * 5), lose=100)
    assert nodes(await client(shelf).ask(first=20)) == in_order(shelf.records, Direction.DESC)[:20]


async def test_a_failed_opening_is_the_sources_failure() -> None:
    shelf = Shelf(recs(*range(100)), down=True)
    with pytest.raises(UpstreamUnavailable):
        await client(shelf).ask(first=20)
    shelf.down = False
    assert len((await client(shelf).ask(first=20)).edges) == 20


async def test_rows_are_kept_when_the_next_answer_fails() -> None:
    shelf = Shelf(recs(*range(300)))
    reader = client(shelf)
    page = await reader.ask(first=40)
    shelf.down = True
    page = await reader.ask(first=40, after=page.end_cursor)
    expected = in_order(shelf.records, Direction.DESC)
    assert nodes(page) == expected[40:46]
    assert (page.has_next_page, page.incomplete, len(page.failures)) == (True, [Source.CLOUD4WI], 1)
    shelf.down = False
    page = await reader.ask(first=40, after=page.end_cursor)
    assert nodes(page) == expected[46:86]
    assert page.incomplete == []


async def test_two_clients_from_one_cursor_do_not_disturb_each_other() -> None:
    shelf = Shelf(recs(*range(500)))
    shared = pager()
    one, two = client(shelf, pager=shared), client(shelf, pager=shared)
    start = (await one.ask(first=40)).end_cursor
    shelf.calls.clear()
    assert (
        await one.walk(40, after=start)
        == await two.walk(40, after=start)
        == in_order(shelf.records, Direction.DESC)[40:]
    )


TIMES = [moment(1), moment(1, "25"), moment(1, "5"), moment(2), moment(2, "000001"), moment(3)]


@pytest.mark.parametrize("since", [None, *TIMES])
@pytest.mark.parametrize("until", [None, *TIMES])
@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_bounds_are_exact_at_full_precision(
    since: Instant | None, until: Instant | None, direction: Direction
) -> None:
    shelf = Shelf([Rec(at, f"{index}{copy}") for index, at in enumerate(TIMES) for copy in "ab"])
    expected = [
        rec
        for rec in in_order(shelf.records, direction)
        if (since is None or rec.at >= since) and (until is None or rec.at < until)
    ]
    reader = Client(lambda: [scroll(shelf, since=since, until=until)], direction)
    assert await reader.walk(3) == expected
    reader = Client(lambda: [scroll(shelf, since=since, until=until)], direction)
    assert await reader.walk_back(3) == expected


async def test_an_empty_range_costs_no_call() -> None:
    shelf = Shelf(recs(*range(10)))
    page = await Client(lambda: [scroll(shelf, since=moment(5), until=moment(5))]).ask(first=5)
    assert (page.edges, page.has_next_page, shelf.calls) == ([], False, [])


async def test_new_records_ahead_of_a_resumed_walk_appear() -> None:
    shelf = Shelf(recs(*range(0, 200, 2)))
    page = await client(shelf).ask(first=20)
    behind, tie, ahead = Rec(moment(198), "new1"), Rec(moment(160), "a-new2"), Rec(moment(150), "new3")
    shelf.records += [behind, tie, ahead]
    rest = await client(shelf).walk(20, after=page.end_cursor)
    assert tie in rest
    assert ahead in rest
    assert behind not in rest


async def test_the_end_of_a_list_can_be_polled() -> None:
    shelf = Shelf(recs(*range(30)))
    reader = client(shelf, Direction.ASC)
    page = await reader.ask(first=50)
    assert not page.has_next_page
    new = Rec(moment(99), "new")
    shelf.records.append(new)
    assert nodes(await reader.ask(first=50, after=page.end_cursor)) == [new]
