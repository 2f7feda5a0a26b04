"""Sources that go down and come back: nothing is lost or doubled, what was missed comes first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.resolvers.paging.client import Client, in_order, nodes
from tests.resolvers.paging.fakes import Rec, Shelf, complete, offset, recs, scroll, window
from upstreams.errors import UpstreamUnavailable
from upstreams.feeds import Direction, Feed
from upstreams.records import Source

KINDS: dict[str, Callable[[Shelf], Feed[Rec]]] = {
    "scroll": scroll,
    "window": window,
    "offset": offset,
    "list": complete,
    "nearly": lambda shelf: offset(shelf, ordered=False),
}


def two() -> tuple[Shelf, Shelf]:
    return (
        Shelf(recs(*range(0, 200, 2))),
        Shelf(recs(*range(1, 201, 2), source=Source.RECHAT), source=Source.RECHAT),
    )


async def test_a_page_without_a_source_says_so_and_goes_on() -> None:
    one, other = two()
    reader = Client(lambda: [scroll(one), scroll(other)], Direction.ASC)
    everything = in_order([*one.records, *other.records], Direction.ASC)
    page = await reader.ask(first=10)
    assert nodes(page) == everything[:10]
    other.down, other.scrolls = True, {}
    reader.pager.leases = type(reader.pager.leases)()
    page = await reader.ask(first=10, after=page.end_cursor)
    assert nodes(page) == one.records[5:15]
    assert (page.incomplete, [type(error) for error in page.failures]) == ([Source.RECHAT], [UpstreamUnavailable])
    other.down = False
    page = await reader.ask(first=15, after=page.end_cursor)
    assert nodes(page) == [*other.records[5:15], *everything[30:35]]
    assert (page.incomplete, page.late) == ([], 0)


async def test_all_sources_down_is_an_error_that_holds_the_others() -> None:
    one, other = two()
    one.down = other.down = True
    with pytest.raises(UpstreamUnavailable) as caught:
        await Client(lambda: [scroll(one), scroll(other)]).ask(first=10)
    assert caught.value.source is Source.CLOUD4WI
    assert isinstance(caught.value.__cause__, ExceptionGroup)
    assert [error.source for error in caught.value.__cause__.exceptions] == [Source.RECHAT]


async def test_an_empty_page_of_a_missing_source_keeps_the_place() -> None:
    one, other = two()
    reader = Client(lambda: [scroll(one), scroll(other)], Direction.ASC, restarts=True)
    page = await reader.ask(first=1000)
    end = page.end_cursor
    assert not page.has_next_page
    other.down = True
    page = await reader.ask(first=10, after=end)
    assert (page.edges, page.has_next_page, page.end_cursor, page.incomplete) == ([], True, end, [Source.RECHAT])


async def test_a_source_that_was_never_reached_begins_at_its_start() -> None:
    one, other = two()
    other.down = True
    reader = Client(lambda: [scroll(one), scroll(other)], Direction.ASC, restarts=True)
    page = await reader.ask(first=30)
    other.down = False
    assert nodes(await reader.ask(first=30, after=page.end_cursor)) == other.records[:30]


async def test_a_source_that_was_never_reached_backward_begins_at_its_end() -> None:
    one, other = two()
    other.down = True
    reader = Client(lambda: [scroll(one), scroll(other)], Direction.ASC, restarts=True)
    page = await reader.ask(last=30)
    assert (page.has_previous_page, page.incomplete) == (True, [Source.RECHAT])
    other.down = False
    assert nodes(await reader.ask(last=30, before=page.start_cursor)) == other.records[-30:]


@settings(max_examples=120, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
    counts=st.lists(st.integers(0, 90), min_size=3, max_size=3),
    direction=st.sampled_from(Direction),
    back=st.booleans(),
    steps=st.lists(
        st.tuples(st.integers(0, 60), st.sets(st.integers(0, 2)), st.booleans(), st.booleans()), max_size=12
    ),
)
async def test_walks_through_outages(
    kinds: list[str],
    counts: list[int],
    direction: Direction,
    back: bool,
    steps: list[tuple[int, set[int], bool, bool]],
) -> None:
    shelves = [
        Shelf(recs(*[index // 2 + which for index in range(counts[which])], source=source), source=source)
        for which, (source, _) in enumerate(zip(Source, kinds, strict=False))
    ]
    reader = Client(lambda: [KINDS[kind](shelf) for kind, shelf in zip(kinds, shelves, strict=True)], direction)
    seen: list[Rec] = []
    cursor: str | None = None
    more = True
    for size, down, restart, expire in [*steps, *[(50, set[int](), False, False)] * 12]:
        for which, shelf in enumerate(shelves):
            shelf.down = which in down
            if expire:
                shelf.expire()
        reader.restarts = restart
        try:
            page = await (reader.ask(last=size, before=cursor) if back else reader.ask(first=size, after=cursor))
        except UpstreamUnavailable:
            assert any(shelf.down for shelf in shelves)
            continue
        found = nodes(page)
        assert page.late == 0
        assert set(page.incomplete) <= {shelf.source for shelf in shelves if shelf.down}
        assert page.has_previous_page or not back or not page.incomplete
        assert page.has_next_page or back or not page.incomplete
        seen += reversed(found) if back else found
        more = page.has_previous_page if back else page.has_next_page
        cursor = (page.start_cursor if back else page.end_cursor) or cursor
        if not more:
            break
    assert not more
    walk = direction.flipped if back else direction
    for shelf in shelves:
        assert [rec for rec in seen if rec.source is shelf.source] == in_order(shelf.records, walk)
