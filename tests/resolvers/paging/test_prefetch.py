"""The next upstream page is read while the client reads the current one, and costs no call more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from resolvers.paging.prefetch import Prefetch
from tests.resolvers.paging.client import Client, in_order, nodes, pager
from tests.resolvers.paging.fakes import Rec, Shelf, complete, offset, recs, scroll, window
from upstreams.errors import UpstreamUnavailable
from upstreams.feeds import Direction, Feed
from upstreams.http.scope import RequestScope, current_scope
from upstreams.records import Source

Make = Callable[[Shelf], Feed[Rec]]
KINDS: dict[str, Make] = {"scroll": scroll, "window": window, "list": complete, "offset": offset}
KIND = pytest.mark.parametrize("make", list(KINDS.values()), ids=list(KINDS))


def reader(*makes: Make, prefetch: Prefetch | None = None, count: int = 400) -> tuple[Client, list[Shelf]]:
    """A client of one shelf a feed."""
    shelves = [
        Shelf(recs(*range(0, count * 2, 2), source=source), source=source)
        for source, _ in zip(Source, makes, strict=False)
    ]
    client = Client(lambda: [make(shelf) for make, shelf in zip(makes, shelves, strict=True)])
    client.pager.prefetch = prefetch
    return client, shelves


async def walk(client: Client, size: int, prefetch: Prefetch | None) -> list[Rec]:
    """To the end; a client that reads each page for as long as the next one takes to arrive."""
    seen: list[Rec] = []
    after: str | None = None
    while True:
        page = await client.ask(first=size, after=after)
        seen += nodes(page)
        after = page.end_cursor
        if prefetch is not None:
            await prefetch.idle()
        if not page.has_next_page:
            return seen


@KIND
@pytest.mark.parametrize("size", [7, 50, 60, 400])
async def test_a_walk_costs_no_more_calls(make: Make, size: int) -> None:
    prefetch = Prefetch()
    without, [shelf] = reader(make)
    ahead, [other] = reader(make, prefetch=prefetch)
    assert await walk(without, size, None) == in_order(shelf.records, Direction.DESC)
    assert await walk(ahead, size, prefetch) == in_order(other.records, Direction.DESC)
    assert len(other.calls) <= len(shelf.calls)


async def test_the_page_that_was_read_ahead_costs_nothing() -> None:
    prefetch = Prefetch()
    client, [shelf] = reader(scroll, prefetch=prefetch)
    page = await client.ask(first=60)
    await prefetch.idle()
    assert shelf.calls == ["open 70", "advance"]
    assert len(nodes(await client.ask(first=60, after=page.end_cursor))) == 60
    assert shelf.calls == ["open 70", "advance"]
    # That page has asked for the third one meanwhile, as soon as the loop had a turn.
    await prefetch.idle()
    assert shelf.calls == ["open 70", "advance", "advance"]


async def test_nothing_is_read_while_enough_is_there() -> None:
    prefetch = Prefetch()
    client, [shelf] = reader(scroll, prefetch=prefetch)
    await client.ask(first=10)
    await prefetch.idle()
    assert shelf.calls == ["open 50"]


async def test_a_page_waits_for_what_is_on_its_way() -> None:
    prefetch = Prefetch()
    client, [shelf] = reader(scroll, prefetch=prefetch)
    page = await client.ask(first=60)
    one, other = await asyncio.gather(*(client.ask(first=60, after=page.end_cursor) for _ in range(2)))
    assert nodes(one) == nodes(other) == in_order(shelf.records, Direction.DESC)[60:120]
    # Who takes it pays nothing; the other one resumes by position.
    assert shelf.calls[:3] == ["open 70", "advance", "open 70"]


async def test_only_what_the_merge_waits_for_is_read() -> None:
    prefetch = Prefetch()
    client, [events, visits] = reader(scroll, window, prefetch=prefetch)
    events.records = recs(*range(1000, 1400))
    seen = await walk(client, 60, prefetch)
    assert seen == in_order([*events.records, *visits.records], Direction.DESC)
    assert len(visits.calls) <= 8


async def test_a_failure_is_left_to_the_page_that_needs_it() -> None:
    prefetch = Prefetch()
    client, [shelf] = reader(scroll, prefetch=prefetch)
    page = await client.ask(first=60)
    shelf.down = True
    await prefetch.idle()
    assert not len(client.pager.leases)  # type: ignore[arg-type]
    with pytest.raises(UpstreamUnavailable):
        await client.ask(first=60, after=page.end_cursor)
    shelf.down = False
    assert nodes(await client.ask(first=60, after=page.end_cursor)) == in_order(shelf.records, Direction.DESC)[60:120]
    await prefetch.close()


class Held(Prefetch):
    """Reads nothing until it is let go."""

    def __init__(self, **options: int) -> None:
        super().__init__(**options)
        self.gate = asyncio.Event()

    def start(self, key: str, work: Callable[[], object]) -> bool:
        """See the base."""

        async def later() -> None:
            await self.gate.wait()
            await work()  # type: ignore[misc]

        return super().start(key, later)


async def test_a_page_waits_no_longer_than_its_deadline() -> None:
    prefetch = Held()
    client, [shelf] = reader(scroll, prefetch=prefetch)
    page = await client.ask(first=60)
    token = current_scope.set(RequestScope(deadline=asyncio.get_running_loop().time()))
    try:
        assert len(nodes(await client.ask(first=60, after=page.end_cursor))) == 60
    finally:
        current_scope.reset(token)
    assert shelf.calls == ["open 70", "open 70"]
    await prefetch.close()
    assert shelf.calls == ["open 70", "open 70"]


async def test_reads_are_bounded_and_end_with_the_process() -> None:
    prefetch = Held(most=1)
    client, [shelf] = reader(scroll, prefetch=prefetch)
    first = await client.ask(first=60)
    last = await client.ask(last=60)
    assert len(client.pager.leases) == 1  # type: ignore[arg-type]
    assert last.start_cursor != first.end_cursor
    await prefetch.close()
    assert shelf.calls == ["open 70", "open 70"]
    assert len(client.pager.leases) == 1  # type: ignore[arg-type]


def test_it_is_off_unless_asked_for() -> None:
    assert pager().prefetch is None
