"""Two gateways over one Redis have one index: one of them walks, both answer from it, and both outlive the server."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from resolvers.context import Services
from resolvers.people.holders import Directory
from resolvers.people.indexer import IndexState
from resolvers.people.rules import email_key
from sandbox.app import Sandbox
from tests.redis_server import RedisServer
from tests.resolvers.people.settings import services
from tests.upstreams.shared.support import store, until
from upstreams.identity.index import IdentityIndexFailed
from upstreams.records import Source

C = Source.CLOUD4WI


def kept_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_the_second_makes_no_walk(box: Sandbox, tmp_path: Path) -> None:
    contact = next(contact for contact in box.cloud4wi.contacts() if email_key(contact["email"]))
    key = email_key(contact["email"])
    assert key is not None
    async with (
        RedisServer.running() as redis,
        store(redis) as one,
        store(redis) as other,
        services(box, tmp_path / "one", C, shared=one) as first,
        services(box, tmp_path / "other", C, shared=other) as second,
    ):
        assert first.indexer is not None
        assert second.indexer is not None
        await first.indexer.bring_up_to_date(C)
        assert box.calls
        box.reset_calls()
        await second.indexer.bring_up_to_date(C)
        status = await second.indexer.status(C)
        assert status is not None
        assert (status.state, status.contacts) == (IndexState.READY, len(box.cloud4wi.contacts()))
        (holding,) = await Directory(second.sources, second.indexer).holders([key])
        assert contact["cid"] in [found.id for found in holding.ids]
        assert holding.pending == set()
        assert box.calls == []
    assert kept_in(tmp_path) == [], "nothing stays with the machine"


async def test_one_goes_on_where_the_other_stood(box: Sandbox, tmp_path: Path) -> None:
    async with (
        RedisServer.running() as redis,
        store(redis) as shared,
        services(box, tmp_path, C, shared=shared, page=30) as first,
        services(box, tmp_path, C, shared=shared, page=30) as second,
    ):
        assert first.indexer is not None
        assert second.indexer is not None
        for _ in range(3):
            assert await first.indexer.step(C)
        assert await second.indexer.indexes[C].count() == 90
        await second.indexer.bring_up_to_date(C)
        walk = await first.indexer.indexes[C].walk()
        assert (await first.indexer.indexes[C].count(), walk.number) == (len(box.cloud4wi.contacts()), 1)


async def test_without_redis_the_source_is_incomplete_and_the_walk_goes_on_later(box: Sandbox, tmp_path: Path) -> None:
    key = email_key("somebody@example.org")
    assert key is not None
    async with (
        RedisServer.running() as redis,
        store(redis) as shared,
        services(box, tmp_path, C, shared=shared, page=30) as made,
    ):
        assert made.indexer is not None
        await made.indexer.bring_up_to_date(C)
        (holding,) = await Directory(made.sources, made.indexer).holders([key])
        assert holding.pending == set()
        redis.kill()
        (holding,) = await Directory(made.sources, made.indexer).holders([key])
        assert (holding.pending, holding.ids) == ({C}, [])
        with pytest.raises(IdentityIndexFailed):
            await made.indexer.bring_up_to_date(C)
        await redis.start()  # nothing was saved
        await until(shared, connected=True)
        (holding,) = await Directory(made.sources, made.indexer).holders([key])
        assert holding.pending == {C}
        await made.indexer.bring_up_to_date(C)
        (holding,) = await Directory(made.sources, made.indexer).holders([key])
        assert holding.pending == set()


async def test_the_work_in_the_background_outlives_the_server(box: Sandbox, tmp_path: Path) -> None:
    async with (
        RedisServer.running() as redis,
        store(redis) as shared,
        services(box, tmp_path, C, shared=shared, poll=0.01, refresh=0.05) as made,
    ):
        assert made.indexer is not None
        made.indexer.want(C)
        await made.indexer.start()
        await _until_ready(made)
        redis.kill()
        await until(shared, connected=False)
        await redis.start()  # nothing was saved
        await _until_ready(made)
        assert await made.indexer.indexes[C].count() == len(box.cloud4wi.contacts())


async def _until_ready(made: Services) -> None:
    assert made.indexer is not None
    async with asyncio.timeout(60):
        while True:
            with suppress(IdentityIndexFailed):
                status = await made.indexer.status(C)
                if status is not None and status.state is IndexState.READY:
                    return
            await asyncio.sleep(0.02)
