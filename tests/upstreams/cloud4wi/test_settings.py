"""When Cloud4Wi is on, and what is said when half of it is."""

from __future__ import annotations

import pytest

from upstreams.cloud4wi.settings import SETTINGS, Cloud4WiSettings, configure
from upstreams.settings import SettingsError

BOTH = {"CLOUD4WI_CLIENT_KEY": "ck-1", "CLOUD4WI_CLIENT_SECRET": "s3cret"}


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"CLOUD4WI_URL": "https://elsewhere.example"},
        {"CLOUD4WI_ORGANIZATION": "155d"},
        {"CLOUD4WI_CLIENT_KEY": "", "CLOUD4WI_CLIENT_SECRET": " "},
    ],
)
def test_without_credentials_it_is_off(environment: dict[str, str]) -> None:
    assert configure(environment) is None


def test_credentials_alone_are_enough() -> None:
    assert configure(BOTH) == Cloud4WiSettings("https://explore.cloud4wi.com", "ck-1", "s3cret", None)


def test_everything_can_be_set() -> None:
    more = {"CLOUD4WI_URL": "http://127.0.0.1:1/", "CLOUD4WI_ORGANIZATION": "155d"}
    assert configure(BOTH | more) == Cloud4WiSettings("http://127.0.0.1:1", "ck-1", "s3cret", "155d")


@pytest.mark.parametrize("missing", BOTH)
def test_half_of_the_credentials_is_an_error_that_names_the_other_half(missing: str) -> None:
    with pytest.raises(SettingsError, match=f"^{missing} is not set"):
        configure({name: value for name, value in BOTH.items() if name != missing})


def test_a_bad_url_is_an_error_that_names_its_variable() -> None:
    with pytest.raises(SettingsError, match=r"^CLOUD4WI_URL "):
        configure(BOTH | {"CLOUD4WI_URL": "explore.cloud4wi.com"})


def test_the_secret_shows_nowhere() -> None:
    assert "s3cret" not in repr(configure(BOTH))
    assert [setting.name for setting in SETTINGS if setting.secret] == ["CLOUD4WI_CLIENT_SECRET"]
