"""When Rechat is on, and what is said when a part of it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from upstreams.rechat import SPEC
from upstreams.rechat.settings import SETTINGS, RechatSettings, Refresh, configure
from upstreams.records import Source
from upstreams.settings import SettingsError

TRIO = {"RECHAT_CLIENT_ID": "ci", "RECHAT_CLIENT_SECRET": "s3cret", "RECHAT_REFRESH_TOKEN": "r3fresh"}


@pytest.mark.parametrize(
    "environment",
    [{}, {"RECHAT_URL": "https://elsewhere.example"}, {"RECHAT_BRAND": "b"}, {"RECHAT_ACCESS_TOKEN": " "}],
)
def test_without_credentials_it_is_off(environment: dict[str, str]) -> None:
    assert configure(environment) is None


def test_an_access_token_is_enough() -> None:
    assert configure({"RECHAT_ACCESS_TOKEN": "at"}) == RechatSettings("https://api.rechat.com", "at")


def test_the_three_renew_tokens_and_go_before_an_access_token(tmp_path: Path) -> None:
    more = {"GATEWAY_STATE_DIR": str(tmp_path / "state"), "RECHAT_ACCESS_TOKEN": "at", "RECHAT_BRAND": "b"}
    refresh = Refresh("ci", "s3cret", "r3fresh", tmp_path / "state")
    assert configure(TRIO | more) == RechatSettings("https://api.rechat.com", None, refresh, "b")


@pytest.mark.parametrize("missing", TRIO)
@pytest.mark.parametrize("more", [{}, {"RECHAT_ACCESS_TOKEN": "at"}])
def test_a_part_of_the_three_is_an_error_that_names_what_is_missing(missing: str, more: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=f"^{missing} is not set"):
        configure({name: value for name, value in TRIO.items() if name != missing} | more)


def test_one_of_the_three_alone_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"^RECHAT_CLIENT_ID is not set, but RECHAT_REFRESH_TOKEN is"):
        configure({"RECHAT_REFRESH_TOKEN": "r3fresh"})


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^GATEWAY_STATE_DIR"):
        configure(TRIO | {"GATEWAY_STATE_DIR": str(tmp_path / "file" / "state")})


@pytest.mark.parametrize(
    ("name", "value"),
    [("RECHAT_URL", "api.rechat.com"), ("RECHAT_ACCESS_TOKEN", "t\nX: y"), ("RECHAT_BRAND", "a b")],
)
def test_a_value_that_cannot_be_used_is_an_error_that_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} "):
        configure({"RECHAT_ACCESS_TOKEN": "at", name: value})


def test_no_secret_shows(tmp_path: Path) -> None:
    shown = repr(configure(TRIO | {"GATEWAY_STATE_DIR": str(tmp_path)})) + repr(
        configure({"RECHAT_ACCESS_TOKEN": "t0p"})
    )
    assert not any(secret in shown for secret in ("s3cret", "r3fresh", "t0p"))
    secrets = {"RECHAT_ACCESS_TOKEN", "RECHAT_CLIENT_SECRET", "RECHAT_REFRESH_TOKEN"}
    assert {setting.name for setting in SETTINGS if setting.secret} == secrets


def test_the_entry_in_the_list_of_sources() -> None:
    assert (SPEC.source, SPEC.settings, SPEC.configure) == (Source.RECHAT, SETTINGS, configure)
