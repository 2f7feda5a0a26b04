"""Leases are bounded, exclusive and short-lived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import msgspec
import pytest

from resolvers.paging import PageArgs, Pager
from resolvers.paging.leases import FORM, KEY_BYTES, PACKED, SPARSE, Lease, MemoryLeases
from resolvers.paging.positions import Cut
from resolvers.paging.streams.nearly import Frontier
from tests.resolvers.paging.fakes import Rec, Shelf, complete, offset, recs, scroll, window
from upstreams.codecs import RowCodec, StructCodec
from upstreams.feeds import Direction, Feed, Key, ListFeed
from upstreams.records import Source

FEED = complete(Shelf())

TIMED: dict[str, type] = {
    "passed": Cut,
    "begin": Cut,
    "ended": bool,
    "behind": bool,
    "flag": bool,
    "hold": int,
    "sure": bool,
    "trail": list,
    "last": str,
    "page": bytes,
    "pages": list,
    "ready": int,
}


def lease(rows: int) -> Lease:
    return Lease({}, [None] * rows)


async def test_a_lease_is_taken_once() -> None:
    leases = MemoryLeases()
    kept = lease(3)
    await leases.put("a", kept, FEED)
    assert await leases.take("a", FEED) is kept
    assert await leases.take("a", FEED) is None
    assert (len(leases), leases.rows) == (0, 0)


async def test_rows_are_bounded_and_the_oldest_goes_first() -> None:
    leases = MemoryLeases(max_rows=10)
    for name in "abc":
        await leases.put(name, lease(4), FEED)
    assert (len(leases), leases.rows) == (2, 8)
    assert await leases.take("a", FEED) is None
    assert await leases.take("c", FEED) is not None


async def test_a_lease_larger_than_everything_is_not_kept() -> None:
    leases = MemoryLeases(max_rows=10)
    await leases.put("a", lease(11), FEED)
    assert (len(leases), leases.rows) == (0, 0)


async def test_their_number_is_bounded() -> None:
    leases = MemoryLeases(max_leases=2)
    for name in "abc":
        await leases.put(name, lease(0), FEED)
    assert len(leases) == 2


async def test_putting_again_replaces() -> None:
    leases = MemoryLeases()
    await leases.put("a", lease(5), FEED)
    await leases.put("a", lease(2), FEED)
    assert (len(leases), leases.rows) == (1, 2)


async def test_old_leases_are_gone() -> None:
    now = [0.0]
    leases = MemoryLeases(ttl=10, clock=lambda: now[0])
    await leases.put("a", lease(1), FEED)
    now[0] = 9.0
    await leases.put("b", lease(1), FEED)
    now[0] = 11.0
    assert await leases.take("a", FEED) is None
    assert await leases.take("b", FEED) is not None


async def test_what_a_state_remembers_counts_as_rows_do() -> None:
    store = MemoryLeases(max_rows=100)
    for name, held in (("a", list(range(40))), ("b", bytes(40 * KEY_BYTES)), ("c", "s" * (40 * KEY_BYTES))):
        await store.put(name, Lease({"held": held}, []), FEED)
    assert len(store) == 2
    assert await store.take("a", FEED) is None
    assert await store.take("c", FEED) is not None
    await store.put("d", Lease({"page": list(range(60))}, []), FEED)
    assert len(store) == 2


class Row(msgspec.Struct, frozen=True):
    """A record."""

    id: str
    more: Any = None


@dataclass(kw_only=True)
class Written(ListFeed[Row]):
    """A feed whose records can be written."""

    codec: ClassVar[RowCodec[Any] | None] = StructCodec(Row)

    def key(self, row: Row) -> Key:
        return row.id, 0, row.id

    async def read(self) -> Sequence[Row]:
        return ()


@pytest.mark.parametrize("count", [0, 1, PACKED[0] - 1, PACKED[0], PACKED[-1], PACKED[-1] + 1])
@pytest.mark.parametrize("more", [{"a": [1, "x"]}, object()])
@pytest.mark.parametrize("beside", [0, 1])
async def test_records_come_back_whether_they_were_written_or_not(count: int, more: Any, beside: int) -> None:
    feed = Written(source=Source.CLOUD4WI, name="rows")
    rows = [Row(str(number), more) for number in range(count)]
    leases = MemoryLeases()
    among = count * SPARSE - beside
    await leases.put("a", Lease({"page": b"x" * KEY_BYTES}, rows, among), feed)
    assert (len(leases), leases.rows, leases._weight) == (1, count, count + 1)
    taken = await leases.take("a", feed)
    assert taken is not None
    assert (taken.state, taken.rows) == ({"page": b"x" * KEY_BYTES}, rows)
    kept_apart = count in PACKED and isinstance(more, dict) and not beside
    assert [one is other for one, other in zip(taken.rows, rows, strict=True)] == [not kept_apart] * count
    assert (len(leases), leases.rows, leases._weight) == (0, 0, 0)


class Forgetful(StructCodec[Row]):
    """Cannot read what it wrote."""

    def load(self, data: bytes) -> list[Row]:
        """See :class:`~upstreams.codecs.RowCodec`."""
        raise ValueError


async def test_a_lease_whose_records_cannot_be_read_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Written, "codec", Forgetful(Row))
    feed, leases = Written(source=Source.CLOUD4WI, name="rows"), MemoryLeases()
    await leases.put("a", Lease({}, [Row("r")] * PACKED[0], PACKED[0] * SPARSE), feed)
    assert await leases.take("a", feed) is None
    assert (len(leases), leases.rows, leases._weight) == (0, 0, 0)


class Kept(MemoryLeases):
    """Shows the lease that was left last."""

    last: Lease

    async def put(self, key: str, lease: Lease, feed: Feed[Any]) -> None:
        """See :class:`~resolvers.paging.leases.LeaseStore`."""
        self.last = lease


KINDS: dict[str, tuple[Callable[[Shelf], Feed[Rec]], dict[str, type]]] = {
    "scroll": (scroll, {**TIMED, "scroll": str, "bounds": list, "size": int}),
    "window": (window, {**TIMED, "size": int}),
    "offset": (
        offset,
        {"up": bool, "numbers": list, "given": int, "place": int, "passed": Cut, "ended": bool, "behind": bool},
    ),
    "nearly": (
        partial(offset, ordered=False),
        {
            "up": bool,
            "given": Frontier,
            "frontier": Frontier,
            "frontiers": list,
            "trail": list,
            "floor": int,
            "places": list,
            "passed": Cut,
            "found": bool,
            "ended": bool,
            "behind": bool,
        },
    ),
}


async def left(make: Callable[[Shelf], Feed[Rec]], size: int) -> Lease:
    kept = Kept()
    pager = Pager(secret=b"secret", leases=kept)
    feed = make(Shelf(recs(*range(5000))))
    await pager.page([feed], binding="b", direction=Direction.DESC, args=PageArgs(size))
    return kept.last


@pytest.mark.parametrize("kind", KINDS)
async def test_states_have_the_form_that_is_told_by_its_number(kind: str) -> None:
    """Whoever changes this table counts :data:`FORM` on: workers of two releases may share a store."""
    make, expected = KINDS[kind]
    assert FORM == 2
    assert {name: type(value) for name, value in (await left(make, 20)).state.items()} == expected


@pytest.mark.parametrize("make", [scroll, window])
async def test_a_large_page_leaves_few_objects(make: Callable[[Shelf], Feed[Rec]]) -> None:
    lease = await left(make, 1000)
    assert len(lease.rows) == lease.state["ready"] + (4 if make is scroll else 0)
    assert sum(len(held) for held in lease.state.values() if isinstance(held, list)) < 10
    assert len(lease.rows) <= lease.weight < len(lease.rows) + 1125
