"""The identity index in a file: what it holds, what it hides, and how workers share it."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from upstreams.identity.index import Entry, IdentityIndexFailed, KeyHasher, Walk
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.identity.sqlite import SqliteIndex
from upstreams.instants import Instant

HASHER = KeyHasher(b"a secret of thirty-two bytes or so")
IVAN = IdentityKey(MatchKey.EMAIL, "ivan.muccini@example.org")
PHONE = IdentityKey(MatchKey.PHONE, "+393281234567")
EVA = IdentityKey(MatchKey.EMAIL, "eva@example.org")
NOON = Instant("2022-07-21T12:00:00")


LEADER = """
import asyncio, sys
from pathlib import Path
from upstreams.identity.index import KeyHasher
from upstreams.identity.sqlite import SqliteIndex

async def main():
    async with SqliteIndex(Path(sys.argv[1]), KeyHasher(b"x")).lead() as leads:
        print(leads, flush=True)
        sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "identity.sqlite3"


@pytest_asyncio.fixture
async def index(path: Path) -> AsyncIterator[SqliteIndex]:
    made = SqliteIndex(path, HASHER)
    yield made
    await made.close()


def entry(id: str, *keys: IdentityKey) -> Entry:
    return Entry(id, frozenset(keys))


async def test_a_new_index_holds_nothing_and_says_so(index: SqliteIndex) -> None:
    assert await index.holders([IVAN], 10) == ({IVAN: []}, None)
    assert (await index.count(), await index.walk(), await index.wanted()) == (0, Walk(), False)


async def test_it_says_who_has_a_key_in_the_order_of_ids(index: SqliteIndex) -> None:
    walk = Walk(number=1, cursor="c", as_of=NOON)
    await index.put([entry("9", IVAN, PHONE), entry("10", IVAN), entry("1", EVA)], walk)
    assert await index.holders([IVAN, PHONE, EVA], 10) == ({IVAN: ["10", "9"], PHONE: ["9"], EVA: ["1"]}, NOON)
    assert (await index.holders([IVAN], 1)).ids == {IVAN: ["10"]}
    assert (await index.holders([], 1)).ids == {}
    assert (await index.count(), await index.walk()) == (3, walk)


async def test_what_is_put_again_replaces_what_was_known(index: SqliteIndex) -> None:
    await index.put([entry("1", IVAN, PHONE)], Walk(number=1))
    await index.put([entry("1", PHONE, EVA), entry("1", EVA)], Walk(number=1))
    assert (await index.holders([IVAN, PHONE, EVA], 10)).ids == {IVAN: [], PHONE: [], EVA: ["1"]}
    assert await index.count() == 1


async def test_a_sweep_forgets_who_was_not_met(index: SqliteIndex) -> None:
    await index.put([entry("1", IVAN), entry("2", IVAN), entry("3")], Walk(number=1))
    await index.put([entry("2", IVAN)], Walk(number=2))
    await index.sweep(Walk(number=2, as_of=NOON))
    assert await index.holders([IVAN], 10) == ({IVAN: ["2"]}, NOON)
    assert await index.count() == 1


async def test_it_outlives_the_process_and_other_workers_see_it(path: Path, index: SqliteIndex) -> None:
    await index.put([entry("1", IVAN)], Walk(number=3, cursor="here"))
    await index.want()
    other = SqliteIndex(path, HASHER)
    assert (await other.holders([IVAN], 10)).ids == {IVAN: ["1"]}
    assert ((await other.walk()).cursor, await other.wanted()) == ("here", True)
    await index.put([entry("2", IVAN)], Walk(number=3))
    assert (await other.holders([IVAN], 10)).ids == {IVAN: ["1", "2"]}
    await other.close()


async def test_many_read_while_one_writes(path: Path, index: SqliteIndex) -> None:
    others = [SqliteIndex(path, HASHER) for _ in range(4)]
    writes = [index.put([entry(str(n), IVAN)], Walk(number=1)) for n in range(40)]
    reads = [other.holders([IVAN], 100) for other in others for _ in range(20)]
    await asyncio.gather(*writes, *reads)
    assert len((await others[0].holders([IVAN], 100)).ids[IVAN]) == 40
    for other in others:
        await other.close()


async def test_nothing_personal_lies_on_the_disk(path: Path, index: SqliteIndex) -> None:
    await index.put([entry("c1", IVAN, PHONE), entry("c2", EVA)], Walk(number=1))
    files = list(path.parent.iterdir())
    data = b"".join(file.read_bytes() for file in files).lower()
    assert b"c1" in data
    for text in (b"ivan", b"muccini", b"example.org", b"3281234567", b"eva@"):
        assert text not in data
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_hashes_cannot_be_compared_without_the_secret(path: Path, index: SqliteIndex) -> None:
    await index.put([entry("1", IVAN)], Walk(number=1))
    stranger = SqliteIndex(path, KeyHasher(b"another secret of thirty-two bytes"))
    assert (await stranger.holders([IVAN], 10)).ids == {IVAN: []}
    await stranger.close()


async def test_a_value_of_one_kind_is_no_key_of_another(index: SqliteIndex) -> None:
    await index.put([entry("1", IdentityKey(MatchKey.EMAIL, PHONE.value))], Walk(number=1))
    assert (await index.holders([PHONE], 10)).ids == {PHONE: []}


async def test_one_worker_leads(path: Path, index: SqliteIndex) -> None:
    other = SqliteIndex(path, HASHER)
    async with index.lead() as first, other.lead() as second:
        assert (first, second) == (True, False)
    async with other.lead() as second:
        assert second
    await other.close()


async def test_the_lead_falls_free_when_its_process_ends(path: Path, index: SqliteIndex) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LEADER, str(path)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"True\n"
        async with index.lead() as leads:
            assert not leads
    finally:
        process.kill()
        await process.communicate()
    async with index.lead() as leads:
        assert leads


@pytest.fixture
def damaged(path: Path) -> Path:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but long enough to look at" * 100)
    return path


async def test_a_damaged_file_begins_anew(damaged: Path, caplog: pytest.LogCaptureFixture) -> None:
    index = SqliteIndex(damaged, HASHER)
    await index.put([entry("1", IVAN)], Walk(number=1))
    assert (await index.holders([IVAN], 10)).ids == {IVAN: ["1"]}
    assert "damaged" in caplog.text
    await index.close()


async def test_a_path_that_is_taken_is_one_kind_of_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    index = SqliteIndex(tmp_path / "file" / "identity.sqlite3", HASHER)
    for attempt in (index.count(), index.holders([IVAN], 1), index.put([], Walk())):
        with pytest.raises(IdentityIndexFailed) as failed:
            await attempt
        assert str(tmp_path) not in str(failed.value)
    with pytest.raises(IdentityIndexFailed):
        async with index.lead():
            pass
    await index.close()
