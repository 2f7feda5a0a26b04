"""Leases are bounded, exclusive and short-lived."""

from __future__ import annotations

from resolvers.paging.leases import Lease, MemoryLeases
from tests.resolvers.paging.fakes import Shelf, complete

FEED = complete(Shelf())


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
    for name in "abc":
        await store.put(
            name, Lease({"page": [["2024-01-01T00:00:00", 0, str(number)] for number in range(40)]}, []), FEED
        )
    assert len(store) == 2
    assert await store.take("a", FEED) is None
    assert await store.take("c", FEED) is not None
    await store.put("d", Lease({"page": list(range(60))}, []), FEED)
    assert len(store) == 2
