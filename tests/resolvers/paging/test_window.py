"""Lists that are read by time bounds alone."""

from __future__ import annotations

import pytest

from tests.resolvers.paging.client import Client, in_order, nodes
from tests.resolvers.paging.fakes import Rec, Shelf, moment, recs, window
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Direction

DIRECTIONS = list(Direction)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("ties", [1, 3, 70])
@pytest.mark.parametrize("disorder", [0, 4])
async def test_every_record_once_both_ways(direction: Direction, restarts: bool, ties: int, disorder: int) -> None:
    shelf = Shelf(recs(*[index // ties for index in range(400)]), disorder=disorder)
    expected = in_order(shelf.records, direction)
    assert await Client(lambda: [window(shelf)], direction, restarts=restarts).walk(37) == expected
    assert await Client(lambda: [window(shelf)], direction, restarts=restarts).walk_back(37) == expected


async def test_what_pages_cost() -> None:
    shelf = Shelf(recs(*range(500)))
    reader = Client(lambda: [window(shelf)])
    page = await reader.ask(first=20)
    page = await reader.ask(first=20, after=page.end_cursor)
    assert shelf.calls == ["read 50"]
    page = await reader.ask(first=20, after=page.end_cursor)
    assert shelf.calls == ["read 50", "read 50"]


async def test_a_short_list_is_one_call_and_ended() -> None:
    shelf = Shelf(recs(*range(30)))
    reader = Client(lambda: [window(shelf)])
    page = await reader.ask(first=20)
    assert (page.has_next_page, shelf.calls) == (True, ["read 50"])
    page = await reader.ask(first=20, after=page.end_cursor)
    assert (len(page.edges), page.has_next_page, shelf.calls) == (10, False, ["read 50"])


async def test_an_answer_within_one_second_is_asked_for_again_larger() -> None:
    shelf = Shelf(recs(*[5] * 600, 4, 3))
    page = await Client(lambda: [window(shelf)]).ask(first=20)
    assert nodes(page) == in_order(shelf.records, Direction.DESC)[:20]
    assert shelf.calls == ["read 50", "read 200", "read 800"]


async def test_more_in_one_second_than_an_answer_holds_is_an_error() -> None:
    shelf = Shelf(recs(*[5] * 600, 4, 3))
    with pytest.raises(UpstreamMalformed, match="more than 500 records lie within one second"):
        await Client(lambda: [window(shelf, max_size=500)]).ask(first=20)


async def test_as_many_in_one_second_as_an_answer_holds_is_the_end_only_if_it_is() -> None:
    shelf = Shelf(recs(*[5] * 499))
    page = await Client(lambda: [window(shelf, max_size=500)]).ask(first=500)
    assert (len(page.edges), page.has_next_page) == (499, False)


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_wrong_assumption_about_direction_costs_one_call_once(direction: Direction) -> None:
    shelf = Shelf(recs(*range(300)), reverse_descends=False)
    reader = Client(lambda: [window(shelf)], direction)
    assert nodes(await reader.ask(first=20)) == in_order(shelf.records, direction)[:20]
    assert shelf.calls == ["read 50", "read 50"]
    assert nodes(await reader.ask(last=20)) == in_order(shelf.records, direction)[-20:]
    assert shelf.calls == ["read 50"] * 3


async def test_a_new_record_in_the_second_of_the_cursor_is_found() -> None:
    shelf = Shelf(recs(*range(100)))
    page = await Client(lambda: [window(shelf)]).ask(first=20)
    new = Rec(moment(80), "a-new")
    shelf.records.append(new)
    assert nodes(await Client(lambda: [window(shelf)]).ask(first=1, after=page.end_cursor)) == [new]
