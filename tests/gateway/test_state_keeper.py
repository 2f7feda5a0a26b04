"""Where the small values of the sources are kept, as the settings say."""

from __future__ import annotations

from pathlib import Path

from gateway.settings import Settings, read_settings
from gateway.shared import account_names, shared_store, state_keeper
from upstreams.rechat.settings import configure
from upstreams.records import Source
from upstreams.shared.state import SharedState
from upstreams.state import FileState

CLOUD4WI = {"CLOUD4WI_CLIENT_KEY": "key", "CLOUD4WI_CLIENT_SECRET": "secret"}
RECHAT = {"RECHAT_CLIENT_ID": "id", "RECHAT_CLIENT_SECRET": "secret", "RECHAT_REFRESH_TOKEN": "token"}
REDIS = {"GATEWAY_REDIS_URL": "redis://:hunter2@127.0.0.1:1"}


def settings(**environ: str) -> Settings:
    return read_settings({**CLOUD4WI, **environ})


def test_files_without_redis_and_a_copy_in_files_with_it(tmp_path: Path) -> None:
    assert isinstance(state_keeper(shared_store(settings()))(tmp_path), FileState)
    assert isinstance(state_keeper(shared_store(settings(**REDIS)))(tmp_path), SharedState)


async def test_with_redis_a_folder_that_cannot_be_written_to_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "folder"
    kept = state_keeper(shared_store(settings(**REDIS)))(folder)
    await kept.write("name", b"value")
    assert await kept.read("name") == b"value"
    found = configure({**RECHAT, **REDIS, "GATEWAY_STATE_DIR": str(folder)})
    assert found is not None
    assert found.refresh is not None


def test_the_password_is_in_no_representation() -> None:
    made = settings(**REDIS)
    assert "hunter2" not in repr(made)
    assert made.secret.decode() not in repr(made)


def test_accounts_differ_with_their_settings_and_with_the_secret() -> None:
    other = {"CLOUD4WI_ORGANIZATION": "other"}
    names = {
        account_names(settings(**environ))[Source.CLOUD4WI]
        for environ in ({}, other, {"GATEWAY_SECRET": "x" * 32}, {**other, "GATEWAY_SECRET": "x" * 32})
    }
    assert len(names) == 4
    assert account_names(settings()) == account_names(settings())
