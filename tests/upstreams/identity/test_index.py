"""The identity index, in a file and in Redis: what it holds, what it hides, and how workers share it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.redis_server import RedisServer
from tests.upstreams.identity.support import EVA, HASHER, IVAN, PHONE, entry
from tests.upstreams.shared.support import store
from upstreams.identity.index import IdentityIndex, KeyHasher, Walk
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.identity.sqlite import SqliteIndex
from upstreams.instants import Instant
from upstreams.shared.identity import PIECE, RedisIndex

NOON = Instant("2022-07-21T12:00:00")

Another = Callable[[KeyHasher], IdentityIndex]
"""Makes another worker's view of one index."""


@pytest_asyncio.fixture(params=["file", "redis"])
async def another(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Another]:
    made: list[IdentityIndex] = []

    def keep(index: IdentityIndex) -> IdentityIndex:
        made.append(index)
        return index

    if request.param == "file":
        yield lambda hasher: keep(SqliteIndex(tmp_path / "identity.sqlite3", hasher))
    else:
        async with RedisServer.running() as redis, store(redis) as shared:
            yield lambda hasher: keep(RedisIndex(shared, "index", hasher))
    for index in made:
        await index.close()


@pytest.fixture
def index(another: Another) -> IdentityIndex:
    return another(HASHER)


async def test_a_new_index_holds_nothing_and_says_so(index: IdentityIndex) -> None:
    assert await index.holders([IVAN], 10) == ({IVAN: []}, None)
    assert (await index.count(), await index.walk(), await index.wanted()) == (0, Walk(), False)


async def test_that_it_is_wanted_is_no_part_of_what_it_holds(index: IdentityIndex) -> None:
    await index.want()
    assert (await index.count(), await index.walk(), await index.wanted()) == (0, Walk(), True)
    await index.put([entry("1", IVAN)], Walk(number=1, as_of=NOON))
    assert (await index.count(), await index.wanted()) == (1, True)


async def test_it_says_who_has_a_key_in_the_order_of_ids(index: IdentityIndex) -> None:
    walk = Walk(number=1, cursor="c", as_of=NOON)
    await index.put([entry("9", IVAN, PHONE), entry("10", IVAN), entry("1", EVA)], walk)
    assert await index.holders([IVAN, PHONE, EVA], 10) == ({IVAN: ["10", "9"], PHONE: ["9"], EVA: ["1"]}, NOON)
    assert (await index.holders([IVAN], 1)).ids == {IVAN: ["10"]}
    assert await index.holders([], 1) == ({}, NOON)
    assert (await index.count(), await index.walk()) == (3, walk)


async def test_ids_are_any_text_and_come_by_code_point(index: IdentityIndex) -> None:
    ids = ["", "-", "a", "a b", "ab", "\x7f", "é", "\uffff", "\U0001f600"]
    await index.put([entry(f"1{id}", IVAN) for id in reversed(ids)], Walk(number=1))
    assert (await index.holders([IVAN], 100)).ids == {IVAN: [f"1{id}" for id in ids]}


async def test_what_is_put_again_replaces_what_was_known(index: IdentityIndex) -> None:
    await index.put([entry("1", IVAN, PHONE), entry("2", IVAN)], Walk(number=1))
    await index.put([entry("1", PHONE, EVA), entry("1", EVA), entry("2")], Walk(number=1))
    assert (await index.holders([IVAN, PHONE, EVA], 10)).ids == {IVAN: [], PHONE: [], EVA: ["1"]}
    assert await index.count() == 2
    await index.put([entry("2", IVAN)], Walk(number=1))
    assert (await index.holders([IVAN], 10)).ids == {IVAN: ["2"]}


async def test_a_sweep_forgets_who_was_not_met(index: IdentityIndex) -> None:
    await index.put([entry("1", IVAN), entry("2", IVAN), entry("3")], Walk(number=1))
    await index.put([entry("2", IVAN)], Walk(number=2))
    await index.sweep(Walk(number=2, as_of=NOON))
    assert await index.holders([IVAN], 10) == ({IVAN: ["2"]}, NOON)
    assert await index.count() == 1


@pytest.mark.parametrize("number", [PIECE - 1, PIECE, 2 * PIECE, 2 * PIECE + 1])
async def test_many_are_put_found_and_swept(index: IdentityIndex, number: int) -> None:
    keys = [IdentityKey(MatchKey.EMAIL, f"{n}@example.org") for n in range(number)]
    await index.put([entry(str(n), key, EVA) for n, key in enumerate(keys)], Walk(number=1, cursor="all", as_of=NOON))
    assert (await index.count(), (await index.walk()).cursor) == (number, "all")
    assert await index.holders(keys, 10) == ({key: [str(n)] for n, key in enumerate(keys)}, NOON)
    assert len((await index.holders([EVA], 10_000)).ids[EVA]) == number
    await index.put([entry("last", IVAN)], Walk(number=2))
    await index.sweep(Walk(number=2))
    assert (await index.count(), (await index.walk()).number) == (1, 2)
    found = await index.holders([*keys, EVA, IVAN], 10)
    assert found.ids == {**{key: [] for key in keys}, EVA: [], IVAN: ["last"]}


async def test_other_workers_see_it(another: Another, index: IdentityIndex) -> None:
    await index.put([entry("1", IVAN)], Walk(number=3, cursor="here"))
    await index.want()
    other = another(HASHER)
    assert (await other.holders([IVAN], 10)).ids == {IVAN: ["1"]}
    assert ((await other.walk()).cursor, await other.wanted()) == ("here", True)
    await index.put([entry("2", IVAN)], Walk(number=3))
    assert (await other.holders([IVAN], 10)).ids == {IVAN: ["1", "2"]}


async def test_many_read_while_one_writes(another: Another, index: IdentityIndex) -> None:
    others = [another(HASHER) for _ in range(4)]
    writes = [index.put([entry(str(n), IVAN)], Walk(number=1)) for n in range(40)]
    reads = [other.holders([IVAN], 100) for other in others for _ in range(20)]
    await asyncio.gather(*writes, *reads)
    assert len((await others[0].holders([IVAN], 100)).ids[IVAN]) == 40


async def test_hashes_cannot_be_compared_without_the_secret(another: Another, index: IdentityIndex) -> None:
    await index.put([entry("1", IVAN)], Walk(number=1))
    stranger = another(KeyHasher(b"another secret of thirty-two bytes"))
    assert (await stranger.holders([IVAN], 10)).ids == {IVAN: []}


async def test_a_value_of_one_kind_is_no_key_of_another(index: IdentityIndex) -> None:
    await index.put([entry("1", IdentityKey(MatchKey.EMAIL, PHONE.value))], Walk(number=1))
    assert (await index.holders([PHONE], 10)).ids == {PHONE: []}


async def test_one_worker_leads(another: Another, index: IdentityIndex) -> None:
    other = another(HASHER)
    async with index.lead() as first, other.lead() as second:
        assert (first, second) == (True, False)
        await index.put([entry("1", IVAN)], Walk(number=1))
    async with other.lead() as second:
        assert second
        await other.put([entry("2", IVAN)], Walk(number=1))
    assert (await index.holders([IVAN], 10)).ids == {IVAN: ["1", "2"]}
