"""What people are found by, as the gateway sets it up."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.app import build_network, build_services, build_sources
from gateway.cli import main
from gateway.people import build_indexer
from gateway.settings import read_settings
from gateway.shared import shared_store
from tests.redis_server import RedisServer
from tests.upstreams.shared.support import store
from upstreams.identity.index import Entry, Walk
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.identity.sqlite import SqliteIndex
from upstreams.records import Source
from upstreams.shared.identity import RedisIndex
from upstreams.shared.protocol import SharedStore

ACCOUNT = {"CLOUD4WI_CLIENT_KEY": "ck", "CLOUD4WI_CLIENT_SECRET": "cs", "GATEWAY_SECRET": "s" * 32}
KEY = IdentityKey(MatchKey.EMAIL, "someone@example.org")


async def kept(environ: dict[str, str], state: Path, shared: SharedStore | None = None) -> list[str]:
    """Put a contact into the index of a gateway with these settings; what was there before."""
    settings = read_settings({**ACCOUNT, "GATEWAY_STATE_DIR": str(state), **environ})
    network = build_network(settings)
    indexer = build_indexer(settings, build_sources(settings, network), shared)
    index = indexer.indexes[Source.CLOUD4WI]
    before = list((await index.holders([KEY], 10)).ids[KEY])
    await index.put([Entry("someone", frozenset({KEY}))], Walk(number=1))
    await indexer.close()
    await network.close()
    return before


async def test_an_index_is_there_again_after_a_restart(tmp_path: Path) -> None:
    assert await kept({}, tmp_path) == []
    assert await kept({"GATEWAY_MAX_PAGE": "10"}, tmp_path) == ["someone"]


def files(state: Path, which: str = "identity-cloud4wi-*.sqlite3") -> list[Path]:
    """The indexes in a folder."""
    return list(state.glob(which))


OTHERS = pytest.mark.parametrize(
    "other",
    [
        {"CLOUD4WI_URL": "https://elsewhere.example"},
        {"CLOUD4WI_ORGANIZATION": "another"},
        {"GATEWAY_SECRET": "t" * 32},
        {"GATEWAY_DEFAULT_REGION": "IT"},
    ],
)


@OTHERS
async def test_an_index_is_of_one_account_secret_and_region(tmp_path: Path, other: dict[str, str]) -> None:
    assert await kept({}, tmp_path) == []
    assert await kept(other, tmp_path) == []
    assert len(files(tmp_path)) == 2


@OTHERS
async def test_with_redis_machines_share_the_index_of_one_account_secret_and_region(
    tmp_path: Path, other: dict[str, str]
) -> None:
    async with RedisServer.running() as redis, store(redis) as shared:
        assert await kept({}, tmp_path / "one", shared) == []
        assert await kept({}, tmp_path / "two", shared) == ["someone"]
        assert await kept(other, tmp_path / "two", shared) == []
    assert files(tmp_path, "**/*") == []


async def test_the_app_keeps_its_index_where_redis_is_set(tmp_path: Path) -> None:
    for url, kind in (("", SqliteIndex), ("redis://127.0.0.1:1/0", RedisIndex)):
        environ = {**ACCOUNT, "GATEWAY_STATE_DIR": str(tmp_path), "GATEWAY_REDIS_URL": url}
        settings = read_settings(environ)
        shared = shared_store(settings)
        services = build_services(settings, build_network(settings, shared), shared)
        assert services.indexer is not None
        assert [type(index) for index in services.indexer.indexes.values()] == [kind]


def test_serve_needs_a_folder_that_it_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    for name, value in {**ACCOUNT, "GATEWAY_STATE_DIR": str(tmp_path / "file")}.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--port", "0"]) == 2
    assert "GATEWAY_STATE_DIR" in capsys.readouterr().err
