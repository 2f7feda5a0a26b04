"""The identity index in a file: what lies on the disk, and what happens to it. What it answers is in test_index."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.upstreams.identity.support import EVA, HASHER, IVAN, PHONE, entry
from upstreams.identity.index import IdentityIndexFailed, Walk
from upstreams.identity.sqlite import SqliteIndex

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


async def test_nothing_personal_lies_on_the_disk(path: Path, index: SqliteIndex) -> None:
    await index.put([entry("c1", IVAN, PHONE), entry("c2", EVA)], Walk(number=1))
    files = list(path.parent.iterdir())
    data = b"".join(file.read_bytes() for file in files).lower()
    assert b"c1" in data
    for text in (b"ivan", b"muccini", b"example.org", b"3281234567", b"eva@"):
        assert text not in data
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


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
