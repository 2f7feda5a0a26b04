"""What the variables of Acquire may say."""

from __future__ import annotations

import pytest

from upstreams.acquire import SPEC
from upstreams.acquire.settings import AcquireSettings, configure
from upstreams.settings import SettingsError


def test_off_without_both() -> None:
    assert configure({}) is None
    assert configure({"ACQUIRE_URL": " ", "ACQUIRE_API_KEY": ""}) is None


@pytest.mark.parametrize("slash", ["", "/"])
def test_on_with_both(slash: str) -> None:
    settings = configure({"ACQUIRE_URL": f"https://acme.acquire.io/api/v1{slash}", "ACQUIRE_API_KEY": " k "})
    assert settings == AcquireSettings("https://acme.acquire.io/api/v1", "k")
    assert "k'" not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"ACQUIRE_API_KEY": "k"}, "ACQUIRE_URL is not set"),
        ({"ACQUIRE_URL": "https://acme.acquire.io/api/v1"}, "ACQUIRE_API_KEY is not set"),
        ({"ACQUIRE_URL": "acme.acquire.io", "ACQUIRE_API_KEY": "k"}, "ACQUIRE_URL is not a URL"),
        ({"ACQUIRE_URL": "https://acme.acquire.io", "ACQUIRE_API_KEY": "k\u00e9y"}, "ACQUIRE_API_KEY has a character"),
        ({"ACQUIRE_URL": "https://acme.acquire.io", "ACQUIRE_API_KEY": "a b"}, "ACQUIRE_API_KEY has a character"),
    ],
)
def test_half_or_nonsense_names_the_variable(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        configure(environment)


def test_the_key_is_a_secret() -> None:
    assert {setting.name: setting.secret for setting in SPEC.settings} == {
        "ACQUIRE_URL": False,
        "ACQUIRE_API_KEY": True,
    }
