"""Base URLs, and the list of sources."""

from __future__ import annotations

import pytest

from upstreams.records import Source
from upstreams.registry import SPECS
from upstreams.settings import SettingsError, base_url


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://explore.cloud4wi.com", "https://explore.cloud4wi.com"),
        ("https://explore.cloud4wi.com/", "https://explore.cloud4wi.com"),
        (" http://127.0.0.1:8080// ", "http://127.0.0.1:8080"),
        ("https://a.example/api/v1/", "https://a.example/api/v1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_base_url_has_no_slash_at_its_end(text: str, base: str) -> None:
    assert base_url("SOME_URL", text) == base


@pytest.mark.parametrize(
    "text",
    [
        "",
        "explore.cloud4wi.com",
        "ftp://explore.cloud4wi.com",
        "https://",
        "https://host:port",
        "https://host:99999",
        "http://[::1",
        "https://user:hunter2@host",
        "https://host/?q=hunter2",
        "https://host/#x",
    ],
)
def test_a_bad_url_names_the_variable_and_shows_nothing_of_the_value(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^SOME_URL ") as caught:
        base_url("SOME_URL", text)
    assert "hunter2" not in str(caught.value)


def test_the_sources_stand_in_the_order_of_ties() -> None:
    order = list(Source)
    places = [order.index(spec.source) for spec in SPECS]
    assert places == sorted(set(places))


def test_no_variable_belongs_to_two_sources() -> None:
    names = [setting.name for spec in SPECS for setting in spec.settings]
    assert len(names) == len(set(names))
