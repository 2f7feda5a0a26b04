"""Several walks over one reading: each gets the page that it would get alone, whoever of them comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from resolvers.batching import Loader
from resolvers.paging import Page, PageArgs
from resolvers.paging.streams.scroll import Scroll
from resolvers.paging.streams.shared import Reading, shared_feed
from tests.resolvers.paging.client import Client, in_order, nodes, pager
from tests.resolvers.paging.fakes import Rec, Shelf, moment, recs, scroll
from upstreams.errors import UpstreamUnavailable
from upstreams.feeds import Bounds, Direction

COLOURS = ("red", "blue", "green")


class Wish(NamedTuple):
    """A page that somebody wants: of one colour, or of all; begun so many turns of the loop late."""

    colour: str | None
    first: int
    late: int = 0


def keeps(colour: str | None, rec: Rec) -> bool:
    return colour in (None, rec.colour)


async def together(
    shelf: Shelf, wishes: Sequence[Wish], direction: Direction = Direction.DESC
) -> tuple[list[Page[Rec]], list[Client]]:
    """The pages of several walks that share a reading, and clients that can go on from each."""
    reading = Reading(scroll(shelf), lambda batch: Loader(batch, set()), exhaustive=True)
    gateway = pager()

    async def one(wish: Wish, client: Client) -> Page[Rec]:
        for _ in range(wish.late):
            await asyncio.sleep(0)
        feed = shared_feed(scroll(shelf), reading, wish.colour)
        return await gateway.page(
            [feed], binding="test", direction=direction, args=PageArgs(first=wish.first), keep=client.keep
        )

    clients = [Client(lambda: [scroll(shelf)], direction, gateway, partial(keeps, wish.colour)) for wish in wishes]
    walks = (one(wish, client) for wish, client in zip(wishes, clients, strict=True))
    return await asyncio.gather(*walks), clients


async def check(shelf: Shelf, wishes: Sequence[Wish], direction: Direction) -> None:
    """Each page is what a walk alone gives, and leads on through all the rest."""
    pages, clients = await together(shelf, wishes, direction)
    for wish, page, client in zip(wishes, pages, clients, strict=True):
        own = [rec for rec in in_order(shelf.records, direction) if keeps(wish.colour, rec)]
        assert nodes(page) == own[: wish.first]
        assert (page.has_previous_page, page.has_next_page) == (False, len(own) > wish.first)
        if page.has_next_page:
            assert await client.walk(7, after=page.end_cursor) == own[wish.first :]


wishes_drawn = st.lists(
    st.builds(Wish, st.sampled_from([None, *COLOURS]), st.integers(1, 60), st.integers(0, 12)), min_size=1, max_size=6
)
habits: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "short": st.booleans(),
        "final_id": st.booleans(),
        "reverse_descends": st.booleans(),
        "lose": st.integers(0, 2),
        "seed": st.integers(0, 99),
    }
)


@given(
    st.lists(st.tuples(st.integers(0, 150), st.sampled_from([*COLOURS, *("red",) * 12])), max_size=200),
    wishes_drawn,
    habits,
    st.sampled_from(Direction),
)
async def test_each_walk_gets_its_page_whenever_it_begins(
    rows: list[tuple[int, str]], wishes: list[Wish], habits: dict[str, Any], direction: Direction
) -> None:
    records = [Rec(moment(at), f"r{number:04d}", colour) for number, (at, colour) in enumerate(rows)]
    await check(Shelf(records, **habits), wishes, direction)


def sparse() -> list[Rec]:
    """Mostly red ones, a blue one now and then, and few green ones."""
    return [
        Rec(moment(at), f"r{at:04d}", "green" if at % 211 == 7 else "blue" if at % 23 == 7 else "red")
        for at in range(2000)
    ]


WISHES = [Wish("red", 5), Wish("blue", 5), Wish("green", 5), Wish("green", 2), Wish(None, 40)]


@given(st.permutations(WISHES))
async def test_the_order_of_walks_makes_no_difference_to_the_calls(wishes: list[Wish]) -> None:
    usual, shelf = Shelf(sparse()), Shelf(sparse())
    await together(usual, WISHES)
    await together(shelf, wishes)
    assert shelf.calls == usual.calls
    # As many rows as all need together, then as many as the rarest is likely to need.
    assert shelf.calls[:2] == ["open 68", "open 365"]


async def test_walks_over_the_same_rows_ask_for_the_largest_page_of_them() -> None:
    shelf = Shelf(sparse())
    await together(shelf, [Wish(None, 10), Wish(None, 80), Wish(None, 30)])
    assert shelf.calls == ["open 90"]


async def test_a_walk_that_comes_later_takes_what_was_read() -> None:
    shelf = Shelf(sparse())
    first = [Wish("blue", 5)]
    await together(shelf, first)
    alone = list(shelf.calls)
    shelf.calls.clear()
    await together(shelf, [*first, Wish("blue", 3, late=90), Wish("red", 60, late=90), Wish("blue", 5, late=6)])
    assert shelf.calls == alone


async def test_the_last_of_the_walks_leaves_the_scroll_and_only_that_one() -> None:
    shelf = Shelf(sparse())
    pages, clients = await together(shelf, [Wish(None, 20), Wish(None, 60)])
    assert shelf.calls == ["open 70"]
    shelf.calls.clear()
    pages[1] = await clients[1].ask(first=40, after=pages[1].end_cursor)
    assert shelf.calls == ["advance"]
    pages[0] = await clients[0].ask(first=20, after=pages[0].end_cursor)
    assert shelf.calls == ["advance", "open 50"]
    assert nodes(pages[0]) == in_order(shelf.records, Direction.DESC)[20:40]


async def test_a_walk_that_comes_after_the_scroll_was_left_goes_on_by_position() -> None:
    shelf = Shelf(sparse())
    (first, more), (client, _) = await together(shelf, [Wish(None, 20), Wish(None, 90, late=60)])
    assert shelf.calls == ["open 50", "open 50"]
    assert nodes(more) == in_order(shelf.records, Direction.DESC)[:90]
    shelf.calls.clear()
    await client.ask(first=60, after=first.end_cursor)
    assert shelf.calls == ["advance"]


async def test_a_walk_that_comes_after_the_flag_was_found_to_mean_the_opposite() -> None:
    # It takes the answers from the wrong end too, which show no direction: what is known by now says nothing of them.
    shelf = Shelf(recs(*[0] * 99, *range(1, 300)), reverse_descends=False)
    await check(shelf, [Wish(None, 3), Wish(None, 5, late=60)], Direction.DESC)


async def test_a_scroll_whose_flag_was_found_to_mean_the_opposite_is_not_sent_another() -> None:
    shelf = Shelf(recs(*range(200)))
    opened = Scroll(feed := scroll(shelf))
    links = [await opened.read(Direction.DESC, 50, Bounds(), 0)]
    feed.orientation.turn()
    links.append(await opened.read(Direction.DESC, 0, Bounds(), 0))
    assert [(link.opening, link.flag, link.confirmed) for link in links] == [(True, True, False), (True, False, False)]
    assert shelf.calls == ["open 50", "open 50"]


async def test_a_failure_is_the_same_for_all_walks_and_for_those_that_come_later() -> None:
    shelf = Shelf(sparse())
    shelf.faults.extend([None, shelf.unavailable()])
    wishes = [Wish("green", 5), Wish("blue", 5), Wish("red", 5), Wish("green", 3, late=60)]
    pages, _ = await together(shelf, wishes)
    failed = [page.failures for page in pages]
    assert failed[0] == failed[1] == failed[3]
    assert [type(failure) for failure in failed[0]] == [UpstreamUnavailable]
    assert failed[2] == []
    assert len(shelf.calls) == 2


async def test_a_scroll_of_many_parents_is_left_to_nobody_where_each_goes_on_alone() -> None:
    shelf = Shelf(sparse())
    reading = Reading(scroll(shelf), lambda batch: Loader(batch, set()), exhaustive=False)
    gateway = pager()
    feed = shared_feed(scroll(shelf), reading, "red")
    args = PageArgs(first=5)
    page = await gateway.page([feed], binding="test", direction=Direction.DESC, args=args)
    assert page.has_next_page
    assert len(gateway.leases) == 0


async def test_what_a_walk_goes_on_with_is_its_own_feed() -> None:
    own = replace(scroll(Shelf()), carries="relations", part="p")
    shared = shared_feed(own, Reading(own, lambda batch: Loader(batch, set()), exhaustive=True), None)
    assert (shared.carries, shared.part, shared.own) == ("relations", "p", own)
