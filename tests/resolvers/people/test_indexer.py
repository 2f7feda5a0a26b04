"""How the identity index is filled: walked once, resumed anywhere, kept fresh, shared by workers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from resolvers.context import Services
from resolvers.people.indexer import Indexer, IndexState
from resolvers.people.rules import email_key
from sandbox.app import Sandbox
from tests.resolvers.people.settings import services
from upstreams.errors import UpstreamError
from upstreams.instants import Instant, shift
from upstreams.records import Source

C, R, A = Source.CLOUD4WI, Source.RECHAT, Source.ACQUIRE
START = Instant("2030-01-01T00:00:00")
"""Later than anything in the sandbox."""


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Instant:
        return self.now

    def pass_(self, seconds: int) -> None:
        self.now = shift(self.now, seconds)


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest_asyncio.fixture
async def made(box: Sandbox, tmp_path: Path, clock: Time) -> AsyncIterator[Services]:
    """All sources, read 30 contacts at a time."""
    async with services(box, tmp_path, clock=clock, page=30) as given:
        yield given


def indexer_of(made: Services) -> Indexer:
    assert made.indexer is not None
    return made.indexer


async def found(made: Services, source: Source, email: str) -> list[str]:
    key = email_key(email)
    assert key is not None
    return list((await indexer_of(made).indexes[source].holders([key], 100)).ids[key])


def calls(box: Sandbox) -> int:
    return len([call for call in box.calls if "token" not in call.path and "login" not in call.path])


def newcomer(box: Sandbox, cid: str, **values: Any) -> dict[str, Any]:
    """A contact that Cloud4Wi gets while the index is there."""
    at = "2030-01-01T00:00:30Z"
    return {**box.cloud4wi.contacts()[3], "cid": cid, "created": at, "modified": at, **values}


@pytest.mark.parametrize("source", list(Source))
async def test_a_walk_takes_in_every_contact(made: Services, box: Sandbox, source: Source) -> None:
    indexer = indexer_of(made)
    before = await indexer.status(source)
    assert before is not None
    assert (before.state, before.contacts, before.as_of) == (IndexState.IDLE, 0, None)
    await indexer.bring_up_to_date(source)
    count = {C: len(box.cloud4wi.contacts()), R: len(box.rechat.contacts()), A: len(box.acquire.contacts())}[source]
    after = await indexer.status(source)
    assert after is not None
    assert (after.state, after.contacts, after.as_of) == (IndexState.READY, count, START)
    box.reset_calls()
    await indexer.bring_up_to_date(source)
    assert calls(box) == 0, "nothing is due"


async def test_contacts_are_found_by_their_emails(made: Services, box: Sandbox) -> None:
    await indexer_of(made).bring_up_to_date(C)
    for contact in box.cloud4wi.contacts()[::17]:
        if email_key(contact["email"]) is not None:
            assert contact["cid"] in await found(made, C, contact["email"].upper())


async def test_a_walk_goes_on_where_it_stood_when_the_process_ended(box: Sandbox, tmp_path: Path, clock: Time) -> None:
    async with services(box, tmp_path, C, clock=clock, page=30) as first:
        for _ in range(3):
            assert await indexer_of(first).step(C)
        status = await indexer_of(first).status(C)
        assert status is not None
        assert (status.contacts, status.as_of) == (90, None)
    clock.pass_(1000)
    box.reset_calls()
    async with services(box, tmp_path, C, clock=clock, page=30) as second:
        steps = 1
        while (await indexer_of(second).indexes[C].walk()).started is not None:
            assert await indexer_of(second).step(C)
            steps += 1
        status = await indexer_of(second).status(C)
        assert status is not None
        assert (status.contacts, status.as_of) == (200, START), "as old as the beginning of the walk"
        assert steps <= 6


async def test_a_failure_loses_nothing(made: Services, box: Sandbox) -> None:
    indexer = indexer_of(made)
    await indexer.step(C)
    fault = box.faults.add("cloud4wi.contacts", "status", status=503)
    with pytest.raises(UpstreamError):
        await indexer.bring_up_to_date(C)
    status = await indexer.status(C)
    assert status is not None
    assert status.contacts >= 30
    assert status.as_of is None
    box.faults.remove(fault)
    await indexer.bring_up_to_date(C)
    status = await indexer.status(C)
    assert status is not None
    assert (status.contacts, status.state) == (200, IndexState.READY)


async def test_what_is_new_and_what_has_changed_is_taken_in(made: Services, box: Sandbox, clock: Time) -> None:
    await indexer_of(made).bring_up_to_date(C)
    old = box.cloud4wi.contacts()[5]
    box.cloud4wi.insert_contact(newcomer(box, "fresh", email="new@example.org"))
    box.cloud4wi.replace_contact({**old, "email": "changed@example.org", "modified": "2030-01-01T00:00:40Z"})
    clock.pass_(59)
    await indexer_of(made).bring_up_to_date(C)
    assert await found(made, C, "new@example.org") == []
    clock.pass_(1)
    box.reset_calls()
    await indexer_of(made).bring_up_to_date(C)
    assert await found(made, C, "new@example.org") == ["fresh"]
    assert await found(made, C, "changed@example.org") == [old["cid"]]
    if email_key(old["email"]) is not None:
        assert old["cid"] not in await found(made, C, old["email"])
    status = await indexer_of(made).status(C)
    assert status is not None
    assert (status.contacts, status.as_of) == (201, shift(START, 60))
    assert calls(box) <= 6, "two short lists, not a walk"


async def test_changes_that_an_upstream_shows_late_are_taken_in(made: Services, box: Sandbox, clock: Time) -> None:
    await indexer_of(made).bring_up_to_date(C)
    box.cloud4wi.insert_contact(newcomer(box, "one", email="one@example.org"))
    clock.pass_(60)
    await indexer_of(made).bring_up_to_date(C)
    box.cloud4wi.insert_contact(
        newcomer(box, "late", email="late@example.org", created="2029-12-31T23:58:00Z", modified="2029-12-31T23:58:00Z")
    )
    clock.pass_(60)
    await indexer_of(made).bring_up_to_date(C)
    assert await found(made, C, "late@example.org") == ["late"]


async def test_who_is_gone_is_forgotten_with_the_next_walk(made: Services, box: Sandbox, clock: Time) -> None:
    await indexer_of(made).bring_up_to_date(C)
    gone = next(contact for contact in box.cloud4wi.contacts()[1:] if email_key(contact["email"]))
    box.cloud4wi.delete_contact(gone["cid"])
    clock.pass_(60)
    await indexer_of(made).bring_up_to_date(C)
    assert gone["cid"] in await found(made, C, gone["email"]), "no upstream tells of a deletion"
    clock.pass_(86_400)
    await indexer_of(made).bring_up_to_date(C)
    assert gone["cid"] not in await found(made, C, gone["email"])
    status = await indexer_of(made).status(C)
    assert status is not None
    assert (status.contacts, status.as_of) == (199, clock.now)


async def test_an_upstream_that_does_not_tell_changes_is_walked_more_often(
    box: Sandbox, tmp_path: Path, clock: Time
) -> None:
    async with services(box, tmp_path, A, clock=clock, page=10) as made:
        await indexer_of(made).bring_up_to_date(A)
        row = box.acquire.contacts()[25]
        box.acquire.replace_contact(row["id"], email="changed@example.org")
        clock.pass_(60)
        await indexer_of(made).bring_up_to_date(A)
        status = await indexer_of(made).status(A)
        assert status is not None
        assert status.as_of == START, "its changes are not known"
        assert await found(made, A, "changed@example.org") == []
        clock.pass_(3600)
        await indexer_of(made).bring_up_to_date(A)
        assert await found(made, A, "changed@example.org") == [str(row["id"])]


async def test_a_cursor_that_is_no_longer_good_begins_the_walk_anew(
    box: Sandbox, tmp_path: Path, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with services(box, tmp_path, C, clock=clock, page=30) as first:
        await indexer_of(first).step(C)
    monkeypatch.setattr("tests.resolvers.people.settings.PAGER_SECRET", b"another secret of thirty-two bytes")
    async with services(box, tmp_path, C, clock=clock, page=30) as second:
        await indexer_of(second).bring_up_to_date(C)
        status = await indexer_of(second).status(C)
        assert status is not None
        assert status.contacts == 200


class Heard(logging.Handler):
    """Tells when something has been logged a number of times."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.texts: list[str] = []
        self._logged = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
        self._logged.set()

    async def times(self, count: int, text: str) -> None:
        """Until a text has been logged so many times."""
        async with asyncio.timeout(60):
            while sum(text in line for line in self.texts) < count:
                self._logged.clear()
                await self._logged.wait()


ALL = "Cloud4Wi: all its contacts are indexed: 200"


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler = Heard()
    logger = logging.getLogger("contactgraph.people")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.setLevel(level)
    logger.removeHandler(handler)


async def test_nothing_is_read_until_somebody_asks_and_then_in_the_background(
    box: Sandbox, tmp_path: Path, heard: Heard
) -> None:
    async with services(box, tmp_path, C, poll=0.01) as made:
        indexer = indexer_of(made)
        await indexer.start()
        assert not await indexer.indexes[C].wanted()
        assert box.calls == []
        indexer.want(C)
        await heard.times(1, ALL)
        assert await indexer.indexes[C].wanted()
        assert "@" not in " ".join(heard.texts)
    async with services(box, tmp_path, C, poll=0.01, walk=0) as again:
        await indexer_of(again).start()
        await heard.times(2, ALL)  # it was wanted before the restart


async def test_one_of_two_workers_fills_the_index_and_the_other_takes_over(
    box: Sandbox, tmp_path: Path, heard: Heard
) -> None:
    async with services(box, tmp_path, C, poll=0.01, walk=0) as second:
        async with services(box, tmp_path, C, poll=0.01, walk=86_400) as first:
            indexer_of(first).want(C)
            await indexer_of(first).start()
            await heard.times(1, ALL)
            box.reset_calls()
            await indexer_of(second).start()
            assert (await indexer_of(second).indexes[C].walk()).walked is not None, "both see it"
            async with indexer_of(second).indexes[C].lead() as leads:
                assert not leads
            assert box.calls == []
        await heard.times(2, ALL)


async def test_a_failing_source_is_tried_again(box: Sandbox, tmp_path: Path, heard: Heard) -> None:
    box.faults.add("cloud4wi.contacts", "status", status=500, times=1)
    async with services(box, tmp_path, C, poll=0.01) as made:
        indexer_of(made).want(C)
        await indexer_of(made).start()
        await heard.times(1, ALL)
    assert "people are not indexed for now" in " ".join(heard.texts)
