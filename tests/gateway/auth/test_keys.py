"""API keys: how they are kept, who they let in, and what running gateways notice."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.auth.api_keys import ApiKeys, check_keys
from gateway.auth.keys import KeyRing, KeysUnreadable, id_of, parse_keys
from gateway.errors import RequestRefused
from resolvers.callers import Caller, Scope
from tests.gateway.auth.support import let_in
from upstreams.settings import SettingsError
from upstreams.state import FileState

SOME = frozenset({Scope.CONTACTS_READ, Scope.EVENTS_READ})


@pytest.fixture
def state(tmp_path: Path) -> FileState:
    return FileState(tmp_path / "state")


def kept(state: FileState) -> Path:
    """The file that holds the list."""
    return state.folder / "api-keys.state"


async def ask(door: ApiKeys, text: str) -> Caller:
    return await let_in(door, f"Bearer {text}".encode())


async def test_a_key_is_shown_once_and_kept_as_a_hash(state: FileState) -> None:
    key, text = await KeyRing(state).create([Scope.EVENTS_READ, Scope.CONTACTS_READ], "  a front\tend\n")
    assert text.startswith(f"cgk_{key.id}_")
    assert len(text) == len(f"cgk_{key.id}_") + 43  # 32 bytes in base64
    assert (key.name, key.scopes) == ("a front end", (Scope.CONTACTS_READ, Scope.EVENTS_READ))
    written = kept(state).read_text()
    assert text.partition(f"{key.id}_")[2] not in written
    [entry] = json.loads(written)["keys"]
    assert entry == {
        "id": key.id,
        "name": "a front end",
        "scopes": ["contacts:read", "events:read"],
        "digest": sha256(text.encode()).hexdigest(),
        "createdAt": key.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert stat.S_IMODE(kept(state).stat().st_mode) == 0o600
    assert await KeyRing(state).all() == [key]


async def test_keys_that_are_made_at_once_are_all_there(state: FileState) -> None:
    made = await asyncio.gather(*(KeyRing(FileState(state.folder)).create([Scope.EVENTS_READ]) for _ in range(8)))
    assert {key.id for key in await KeyRing(state).all()} == {key.id for key, _ in made}
    assert len({text for _, text in made}) == 8


async def test_a_key_lets_its_holder_in_with_its_scopes(state: FileState) -> None:
    key, text = await KeyRing(state).create(SOME)
    assert await ask(ApiKeys(state), text) == Caller(f"key:{key.id}", SOME)


async def test_running_gateways_notice_new_and_revoked_keys(state: FileState) -> None:
    ring, doors = KeyRing(state), [ApiKeys(FileState(state.folder)) for _ in range(2)]
    (first, first_text), (_, second_text) = await ring.create(SOME), await ring.create(SOME)
    for door in doors:
        await ask(door, first_text)
    assert await ring.revoke(first.id)
    for door in doors:
        with pytest.raises(RequestRefused):
            await ask(door, first_text)
        assert await ask(door, second_text)
    _, third_text = await ring.create(SOME)
    for door in doors:
        assert await ask(door, third_text)
    assert not await ring.revoke(first.id)


async def test_a_list_that_did_not_change_is_not_read_again(state: FileState, monkeypatch: pytest.MonkeyPatch) -> None:
    _, text = await KeyRing(state).create(SOME)
    door = ApiKeys(state)
    await ask(door, text)

    async def read(name: str) -> bytes | None:
        raise AssertionError

    monkeypatch.setattr(state, "read", read)
    await ask(door, text)


@pytest.mark.parametrize(
    "damage", [b"", b"nonsense", b'{"keys": [{"id": "x"}]}', b'{"keys": [{"id": "x", "scopes": ["all"]}]}']
)
async def test_a_damaged_list_is_left_alone_and_the_known_keys_stay_good(
    state: FileState, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    _, text = await KeyRing(state).create(SOME)
    door = ApiKeys(state)
    await ask(door, text)
    kept(state).write_bytes(damage)
    with caplog.at_level(logging.ERROR, "contactgraph.auth"):
        assert await ask(door, text)
        assert await ask(door, text)
    assert len(caplog.records) == 1
    with pytest.raises(KeysUnreadable):
        await KeyRing(state).create(SOME)
    with pytest.raises(KeysUnreadable):
        await KeyRing(state).revoke("x")
    assert kept(state).read_bytes() == damage
    with pytest.raises(SettingsError, match="GATEWAY_STATE_DIR"):
        check_keys(state)


async def test_a_list_that_is_gone_lets_nobody_in(state: FileState) -> None:
    _, text = await KeyRing(state).create(SOME)
    door = ApiKeys(state)
    await ask(door, text)
    os.unlink(kept(state))
    with pytest.raises(RequestRefused):
        await ask(door, text)


async def test_a_folder_that_cannot_be_written_to_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="GATEWAY_STATE_DIR"):
        check_keys(FileState(tmp_path / "file" / "state"))


def test_a_start_without_keys_is_told_of(state: FileState, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "contactgraph.auth"):
        check_keys(state)
    assert "contactgraph keys create" in caplog.text


HEADERS: dict[str, list[bytes]] = {
    "none": [],
    "empty": [b""],
    "no token": [b"Bearer"],
    "a blank token": [b"Bearer  "],
    "another scheme": [b"Basic dXNlcjpwYXNz"],
    "no scheme": [b"cgk_abc_def"],
    "two headers": [b"Bearer KEY", b"Bearer KEY"],
    "two tokens": [b"Bearer KEY, Bearer KEY"],
    "a token with a quote": [b'Bearer "KEY"'],
    "a null byte": [b"Bearer KEY\x00"],
    "not ASCII": [b"Bearer \xff\xfe"],
    "very long": [b"Bearer " + b"a" * 9000],
    "no key": [b"Bearer abc"],
    "an unknown id": [b"Bearer cgk_aaaaaaaaaa_" + b"b" * 43],
    "a known id": [b"Bearer ID_" + b"b" * 43],
    "less of a key": [b"Bearer KEY-"],
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
async def test_whoever_has_no_key_is_refused(state: FileState, headers: list[bytes]) -> None:
    key, text = await KeyRing(state).create(SOME)
    place = [header.replace(b"KEY", text.encode()).replace(b"ID", f"cgk_{key.id}".encode()) for header in headers]
    with pytest.raises(RequestRefused) as caught:
        await let_in(ApiKeys(state), *place)
    assert (caught.value.status, caught.value.errors[0]["extensions"]) == (401, {"code": "UNAUTHENTICATED"})
    expected = "" if not headers else ', error="invalid_token"'
    assert caught.value.headers == {"www-authenticate": f'Bearer realm="contactgraph"{expected}'}
    assert key.id not in str(caught.value.errors)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER  "])
async def test_the_scheme_is_written_in_any_case(state: FileState, scheme: str) -> None:
    _, text = await KeyRing(state).create(SOME)
    assert await let_in(ApiKeys(state), f"{scheme} {text} ".encode())


async def test_of_those_let_in_so_many_are_remembered(state: FileState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.auth.api_keys._MOST_LET_IN", 2)
    _, text = await KeyRing(state).create(SOME)
    door = ApiKeys(state)
    for blanks in range(1, 6):
        caller = await let_in(door, b"Bearer" + b" " * blanks + text.encode())
        assert caller.scopes == SOME
        assert len(door._let_in) <= 2
    with pytest.raises(RequestRefused):
        await let_in(door, *[f"Bearer {text}".encode()] * 2)


async def test_a_long_header_is_let_in_but_not_remembered(state: FileState) -> None:
    """Else one caller could have the gateway remember as many blanks as heads of requests hold."""
    _, text = await KeyRing(state).create(SOME)
    door = ApiKeys(state)
    for header in (b"Bearer" + b" " * 5000 + text.encode(), f"Bearer {text}{' ' * 5000}".encode()):
        assert (await let_in(door, header)).scopes == SOME
    assert not door._let_in


@given(st.text() | st.from_regex(r"cgk_\w{0,12}_.{0,10}", fullmatch=True))
def test_any_text_has_an_id_or_none(text: str) -> None:
    id = id_of(text)
    assert id is None or text.startswith(f"cgk_{id}_")


@given(
    st.binary() | st.recursive(st.none() | st.text(), st.lists).map(lambda keys: json.dumps({"keys": keys}).encode())
)
def test_any_bytes_are_a_list_of_keys_or_unreadable(data: bytes) -> None:
    with suppress(KeysUnreadable):
        assert isinstance(parse_keys(data), dict)
