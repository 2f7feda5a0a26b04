"""Random walks against a model: the promises of paging, whatever happens on the way.

The machine is a client with a list of cursors. It walks on, turns round, starts anywhere again; meanwhile records come
and go, scrolls expire, answers get lost, the gateway restarts. After each page the promises are checked against what
the upstreams held.

Buffered rows may be as old as the oldest lease. So a record *must* be on a page that covers its place when it was there
before all leases were last lost and still is; it *may* be there when it was there at some time since then.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from resolvers.paging import Page, PageArgs, Pager
from tests.resolvers.paging.client import SECRET, PlainLeases
from tests.resolvers.paging.fakes import Rec, Shelf, complete, moment, offset, scroll, window
from upstreams.feeds import Direction, Feed, Key
from upstreams.records import Source

KINDS: dict[str, Callable[[Shelf], Feed[Rec]]] = {
    "scroll": scroll,
    "window": window,
    "list": complete,
    "offset": offset,
}


@dataclass(frozen=True)
class Mark:
    """A cursor that the client holds, and the record it stands at."""

    cursor: str
    key: Key


class Walks(RuleBasedStateMachine):
    """One to three sources of any kind, all of them up."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.leases = PlainLeases()
        self.direction = Direction.DESC
        self.kinds: list[str] = []
        self.max_size = 10_000
        self.shelves: list[Shelf] = []
        self.born: dict[Key, int] = {}
        self.died: dict[Key, int] = {}
        self.step = 0
        self.fresh = 0
        self.marks: list[Mark] = []
        self.right: Mark | None = None
        self.left: Mark | None = None
        self.names = 0

    def teardown(self) -> None:
        self.runner.close()

    @initialize(
        direction=st.sampled_from(Direction),
        kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
        seconds=st.lists(st.integers(0, 40), max_size=300),
        bulk=st.sampled_from((0, 0, 150, 600)),
        burst=st.sampled_from((0, 0, 120)),
        max_size=st.sampled_from((60, 10_000)),
        reverse=st.booleans(),
        live=st.booleans(),
        short=st.booleans(),
        final_id=st.booleans(),
        seed=st.integers(0, 2**16),
    )
    def begin(
        self,
        direction: Direction,
        kinds: list[str],
        seconds: list[int],
        bulk: int,
        burst: int,
        max_size: int,
        reverse: bool,
        live: bool,
        short: bool,
        final_id: bool,
        seed: int,
    ) -> None:
        self.direction = direction
        self.kinds = kinds
        self.shelves = [
            Shelf(source=source, reverse_descends=reverse, live=live, short=short, final_id=final_id, seed=seed)
            for source, _ in zip(Source, kinds, strict=False)
        ]
        self.max_size = max_size
        spread = random.Random(seed)
        for index, second in enumerate([*seconds, *([20] * burst), *(spread.randint(0, 40) for _ in range(bulk))]):
            self.insert(index, second)
        self.restart()

    def insert(self, which: int, second: int) -> None:
        """A record arrives."""
        self.step += 1
        shelf = self.shelves[which % len(self.shelves)]
        self.names += 1
        rec = Rec(
            moment(second, "5" if self.names % 5 == 0 else ""), f"r{self.names * 7919 % 10007:05d}", source=shelf.source
        )
        shelf.records.append(rec)
        self.born[rec.key] = self.step

    @rule(which=st.integers(0, 2), second=st.integers(0, 40))
    def arrive(self, which: int, second: int) -> None:
        self.insert(which, second)

    @rule(which=st.integers(0, 2), index=st.integers(0, 1000))
    def delete(self, which: int, index: int) -> None:
        shelf = self.shelves[which % len(self.shelves)]
        if shelf.records:
            self.step += 1
            self.died[shelf.records.pop(index % len(shelf.records)).key] = self.step

    @rule()
    def restart(self) -> None:
        """Another process takes over: no lease is left."""
        self.step += 1
        self.leases = PlainLeases()
        self.fresh = self.step

    @rule()
    def expire(self) -> None:
        for shelf in self.shelves:
            shelf.expire()

    @rule(which=st.integers(0, 2), times=st.integers(1, 2))
    def lose(self, which: int, times: int) -> None:
        self.shelves[which % len(self.shelves)].lose = times

    @rule(size=st.integers(0, 130))
    def forward(self, size: int) -> None:
        """Walk on from where the client is."""
        page = self.ask(PageArgs(first=size, after=self.right and self.right.cursor), self.right, None)
        self.remember(page)

    @rule(size=st.integers(0, 130))
    def backward(self, size: int) -> None:
        """Walk back from where the client is."""
        page = self.ask(PageArgs(last=size, before=self.left and self.left.cursor), None, self.left)
        self.remember(page)

    @precondition(lambda self: self.marks)
    @rule(index=st.integers(0, 10_000), size=st.integers(0, 60), back=st.booleans())
    def anywhere(self, index: int, size: int, back: bool) -> None:
        """Resume from a cursor of long ago."""
        mark = self.marks[index % len(self.marks)]
        if back:
            self.remember(self.ask(PageArgs(last=size, before=mark.cursor), None, mark))
        else:
            self.remember(self.ask(PageArgs(first=size, after=mark.cursor), mark, None))

    @precondition(lambda self: self.marks)
    @rule(one=st.integers(0, 10_000), other=st.integers(0, 10_000), size=st.integers(0, 60), back=st.booleans())
    def between(self, one: int, other: int, size: int, back: bool) -> None:
        """A range with both ends."""
        after, before = self.marks[one % len(self.marks)], self.marks[other % len(self.marks)]
        first, last = (None, size) if back else (size, None)
        self.ask(PageArgs(first=first, last=last, after=after.cursor, before=before.cursor), after, before)

    @rule()
    def anew(self) -> None:
        """Start again at the ends."""
        self.left = self.right = None

    def remember(self, page: Page[Rec]) -> None:
        new = [Mark(edge.cursor, edge.node.key) for edge in page.edges]
        self.marks = [*self.marks, *new][-200:]
        if new:
            assert (page.start_cursor, page.end_cursor) == (new[0].cursor, new[-1].cursor)
            self.left, self.right = new[0], new[-1]

    def feeds(self) -> Sequence[Feed[Rec]]:
        return [self.feed(kind, shelf) for kind, shelf in zip(self.kinds, self.shelves, strict=True)]

    def feed(self, kind: str, shelf: Shelf) -> Feed[Rec]:
        return scroll(shelf, max_size=self.max_size) if kind == "scroll" else KINDS[kind](shelf)

    def ask(self, args: PageArgs, after: Mark | None, before: Mark | None) -> Page[Rec]:
        self.step += 1
        pager = Pager(secret=SECRET, leases=self.leases)
        page = self.runner.run(pager.page(self.feeds(), binding="walk", direction=self.direction, args=args))
        self.check(page, args, after, before)
        return page

    def between_marks(self, key: Key, after: Mark | None, before: Mark | None) -> bool:
        if self.direction is Direction.ASC:
            return (after is None or key > after.key) and (before is None or key < before.key)
        return (after is None or key < after.key) and (before is None or key > before.key)

    def check(self, page: Page[Rec], args: PageArgs, after: Mark | None, before: Mark | None) -> None:
        backward = args.last is not None
        size = args.last if args.last is not None else args.first
        assert size is not None
        keys = [edge.node.key for edge in page.edges]
        must = {key for key, born in self.born.items() if born <= self.fresh and key not in self.died}
        may = {key for key in self.born if self.died.get(key, self.step) > self.fresh}
        assert not page.incomplete
        assert page.late == 0
        assert keys == sorted(set(keys), reverse=self.direction is Direction.DESC), "order, once"
        assert set(keys) <= may
        assert all(self.between_marks(key, after, before) for key in keys), "within the range"
        here = {key for key in must if self.between_marks(key, after, before)}
        missing = here - set(keys)
        more = page.has_previous_page if backward else page.has_next_page
        assert len(keys) <= size
        assert len(keys) == size or not more
        if not more:
            assert not missing, "nothing is lost"
        elif keys:
            far = keys[0] if backward else keys[-1]
            assert all(self.beyond(key, far, backward) for key in missing), "nothing is skipped"
        if more:
            assert {key for key in may if self.between_marks(key, after, before)} - set(keys), "more is there"
        behind = page.has_next_page if backward else page.has_previous_page
        anchor = before if backward else after
        if anchor is None:
            assert not behind
            return
        outside = {key for key in may if key == anchor.key or self.beyond(key, anchor.key, not backward)}
        assert outside or not behind
        if backward and not behind:
            assert not outside & must, "hasNextPage of a backward page is exact"
        if not backward and not behind and (before is None or self.between_marks(anchor.key, None, before)):
            assert anchor.key not in must, "the record of the cursor was seen"

    def beyond(self, key: Key, other: Key, backward: bool) -> bool:
        return key > other if (self.direction is Direction.ASC) != backward else key < other
