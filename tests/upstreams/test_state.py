"""Small values that survive a restart."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from upstreams.settings import SettingsError
from upstreams.state import FileState, state_folder


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"GATEWAY_STATE_DIR": "/a/b", "XDG_STATE_HOME": "/c", "HOME": "/d"}, "/a/b"),
        ({"GATEWAY_STATE_DIR": " ", "XDG_STATE_HOME": "/c", "HOME": "/d"}, "/c/contactgraph"),
        ({"HOME": "/d"}, "/d/.local/state/contactgraph"),
    ],
)
def test_where_values_are_kept(environment: dict[str, str], folder: str) -> None:
    assert state_folder(environment) == Path(folder)


async def test_a_value_is_there_again_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "state"
    assert await FileState(folder).read("some.token") is None
    await FileState(folder).write("some.token", b"one")
    await FileState(folder).write("some.token", b"two")
    assert await FileState(folder).read("some.token") == b"two"
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_write_that_fails_leaves_the_old_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = FileState(tmp_path)
    await state.write("token", b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, fail)
            with pytest.raises(OSError, match="No space"):
                await state.write("token", b"new")
        assert await state.read("token") == b"old"
        assert os.listdir(tmp_path) == ["token.state"]


@pytest.mark.parametrize("name", ["", "../token", "a/b", "Token", "a b", "." * 3])
async def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        await FileState(tmp_path).write(name, b"")


async def test_one_task_holds_a_name_at_a_time(tmp_path: Path) -> None:
    one, other = FileState(tmp_path), FileState(tmp_path)
    await one.write("count", b"0")

    async def add(state: FileState) -> None:
        async with state.lock("count"):
            value = int(await state.read("count") or b"")
            await state.write("count", str(value + 1).encode())

    await asyncio.gather(*(add(state) for state in (one, other) * 10))
    assert await one.read("count") == b"20"


HOLD = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=True); sys.stdin.read()"


async def test_a_name_held_by_another_process_is_waited_for(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, str(tmp_path / "token.lock"), stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert await process.stdout.readline() == b"held\n"
    order: list[str] = []

    async def take() -> None:
        async with FileState(tmp_path).lock("token"):
            order.append("taken")

    waiting = asyncio.create_task(take())
    async with FileState(tmp_path).lock("another"):
        order.append("another")
    assert not waiting.done()
    process.stdin.close()
    await waiting
    assert order == ["another", "taken"]
    assert await process.wait() == 0


async def test_one_who_stops_waiting_leaves_nothing_held(tmp_path: Path) -> None:
    state = FileState(tmp_path)
    async with state.lock("token"):
        waiting = asyncio.ensure_future(state.lock("token").__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(5), state.lock("token"):
        pass


def test_a_folder_that_can_be_written_is_left_empty(tmp_path: Path) -> None:
    FileState(tmp_path / "state").require_writable()
    assert list((tmp_path / "state").iterdir()) == []


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^GATEWAY_STATE_DIR .*Not a directory"):
        FileState(tmp_path / "file" / "state").require_writable()
