"""The table of settings and how it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings import (
    SETTINGS,
    JwtSettings,
    check_exposure,
    describe,
    is_loopback,
    read_settings,
    unknown_settings,
)
from tests.gateway.support import settings
from upstreams.settings import SettingsError


def test_defaults_are_those_of_the_contract() -> None:
    found = settings()
    assert (found.auth, found.allow_anonymous, found.secret_is_built_in) == ("none", False, True)
    assert (found.cors_origins, found.introspection) == ((), True)
    assert (found.max_page, found.max_body, found.max_depth, found.max_tokens, found.max_aliases, found.max_ids) == (
        1000,
        1_048_576,
        15,
        5000,
        50,
        500,
    )
    assert (found.upstream_timeout, found.upstream_concurrency, found.upstream_retries) == (10.0, 32, 2)
    assert (found.request_timeout, found.list_ttl, found.entity_ttl) == (30.0, 60.0, 0.0)
    assert (found.scan_rows, found.default_region, found.sources) == (20_000, None, {})


@pytest.mark.parametrize(
    ("name", "text", "attribute", "value"),
    [
        ("GATEWAY_REQUEST_TIMEOUT", "10", "request_timeout", 10.0),
        ("GATEWAY_REQUEST_TIMEOUT", " 10s ", "request_timeout", 10.0),
        ("GATEWAY_REQUEST_TIMEOUT", "0.5", "request_timeout", 0.5),
        ("GATEWAY_REQUEST_TIMEOUT", "250ms", "request_timeout", 0.25),
        ("GATEWAY_LIST_TTL", "2m", "list_ttl", 120.0),
        ("GATEWAY_LIST_TTL", "0", "list_ttl", 0.0),
        ("GATEWAY_LIST_TTL", "", "list_ttl", 60.0),
        ("GATEWAY_STALE_IF_ERROR", "5m", "stale_if_error", 300.0),
        ("GATEWAY_STALE_IF_ERROR", "", "stale_if_error", 0.0),
        ("GATEWAY_UPSTREAM_RATE", "", "upstream_rate", None),
        ("GATEWAY_UPSTREAM_RATE", "0.5", "upstream_rate", 0.5),
        ("GATEWAY_UPSTREAM_RATE", "20", "upstream_rate", 20.0),
        ("GATEWAY_MAX_BODY", "2048", "max_body", 2048),
        ("GATEWAY_MAX_BODY", "2MiB", "max_body", 2 * 2**20),
        ("GATEWAY_MAX_BODY", "2 MB", "max_body", 2_000_000),
        ("GATEWAY_MAX_ALIASES", "0", "max_aliases", 0),
        ("GATEWAY_EXECUTOR", "GraphQL-Core", "executor", "graphql-core"),
        ("GATEWAY_INTROSPECTION", "off", "introspection", False),
        ("GATEWAY_INTROSPECTION", "0", "introspection", False),
        ("GATEWAY_INTROSPECTION", "TRUE", "introspection", True),
        ("GATEWAY_ALLOW_ANONYMOUS", "1", "allow_anonymous", True),
        ("GATEWAY_AUTH", "none", "auth", "none"),
        ("GATEWAY_AUTH", "API-key", "auth", "api-key"),
        ("GATEWAY_STATE_DIR", "/srv/state", "state_dir", Path("/srv/state")),
        ("GATEWAY_SECRET", "x" * 32, "secret", b"x" * 32),
        ("GATEWAY_DEFAULT_REGION", "us", "default_region", "US"),
        (
            "GATEWAY_CORS_ORIGINS",
            "https://a.example/, http://localhost:3000",
            "cors_origins",
            ("https://a.example", "http://localhost:3000"),
        ),
    ],
)
def test_values_are_read(name: str, text: str, attribute: str, value: object) -> None:
    assert getattr(settings(**{name: text}), attribute) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GATEWAY_REQUEST_TIMEOUT", "soon"),
        ("GATEWAY_REQUEST_TIMEOUT", "0"),
        ("GATEWAY_REQUEST_TIMEOUT", "-1"),
        ("GATEWAY_REQUEST_TIMEOUT", "nan"),
        ("GATEWAY_REQUEST_TIMEOUT", "1e9"),
        ("GATEWAY_MAX_PAGE", "0"),
        ("GATEWAY_MAX_PAGE", "1.5"),
        ("GATEWAY_MAX_PAGE", "٣"),
        ("GATEWAY_MAX_BODY", "0"),
        ("GATEWAY_MAX_BODY", "1 barrel"),
        ("GATEWAY_UPSTREAM_RATE", "0"),
        ("GATEWAY_UPSTREAM_RATE", "inf"),
        ("GATEWAY_STALE_IF_ERROR", "-1"),
        ("GATEWAY_EXECUTOR", "fast"),
        ("GATEWAY_INTROSPECTION", "maybe"),
        ("GATEWAY_JWT_JWKS_URL", "issuer.example/keys"),
        ("GATEWAY_JWT_JWKS_URL", "https://user:secret@issuer.example/keys"),
        ("GATEWAY_AUTH", "password"),
        ("GATEWAY_SECRET", "short"),
        ("GATEWAY_DEFAULT_REGION", "USA"),
        ("GATEWAY_CORS_ORIGINS", "example.org"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_without_the_value_of_a_secret(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(**{name: text})
    message = str(caught.value)
    assert message.startswith(f"{name} ")
    assert name != "GATEWAY_SECRET" or text not in message


JWT = {
    "GATEWAY_JWT_JWKS_URL": "https://issuer.example/keys?v=1",
    "GATEWAY_JWT_ISSUER": "https://issuer.example/",
    "GATEWAY_JWT_AUDIENCE": "contactgraph",
}


def test_tokens_need_an_issuer_an_audience_and_keys() -> None:
    found = settings(GATEWAY_AUTH="jwt", **JWT)
    assert found.jwt == JwtSettings("https://issuer.example/keys?v=1", "https://issuer.example/", "contactgraph")
    assert settings(**JWT).jwt is None


@pytest.mark.parametrize("missing", JWT)
def test_a_part_of_what_tokens_need_is_refused_by_name(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        settings(GATEWAY_AUTH="jwt", **{name: value for name, value in JWT.items() if name != missing})


def test_a_source_is_on_when_its_credentials_are_set() -> None:
    found = read_settings({"CLOUD4WI_CLIENT_KEY": "key", "CLOUD4WI_CLIENT_SECRET": "secret"})
    assert [source.value for source in found.sources] == ["CLOUD4WI"]


def test_half_of_a_sources_credentials_are_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="CLOUD4WI_CLIENT_SECRET"):
        read_settings({"CLOUD4WI_CLIENT_KEY": "key", "CLOUD4WI_CLIENT_SECRET": " "})


def test_no_source_is_refused_and_the_message_names_what_to_set() -> None:
    with pytest.raises(SettingsError, match=r"CLOUD4WI_CLIENT_SECRET.*contactgraph demo"):
        read_settings({})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_the_loopback_needs_nothing(host: str) -> None:
    assert is_loopback(host)
    check_exposure(settings(), host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "gateway.example.org", "127.0.0.1.example.org"])
def test_other_hosts_need_consent_and_a_secret(host: str) -> None:
    secret = "s" * 32
    with pytest.raises(SettingsError, match="GATEWAY_ALLOW_ANONYMOUS"):
        check_exposure(settings(GATEWAY_SECRET=secret), host)
    with pytest.raises(SettingsError, match="GATEWAY_SECRET"):
        check_exposure(settings(GATEWAY_ALLOW_ANONYMOUS="1"), host)
    check_exposure(settings(GATEWAY_ALLOW_ANONYMOUS="1", GATEWAY_SECRET=secret), host)


def test_each_setting_has_one_row_and_a_meaning() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(set(names)) == len(names)
    assert all(setting.help and "\n" not in setting.help and "|" not in setting.help for setting in SETTINGS)
    assert {setting.name for setting in SETTINGS if setting.secret} >= {"GATEWAY_SECRET", "CLOUD4WI_CLIENT_SECRET"}


def test_every_default_is_a_value_that_is_accepted() -> None:
    environ = {setting.name: setting.default for setting in SETTINGS if setting.default is not None}
    assert read_settings(environ, need_source=False) == settings()


def test_describe_says_what_is_set() -> None:
    found = {setting.name: is_set for setting, is_set in describe({"GATEWAY_SECRET": "x", "GATEWAY_AUTH": ""})}
    assert (found["GATEWAY_SECRET"], found["GATEWAY_AUTH"]) == (True, False)


def test_names_that_look_like_settings_are_found() -> None:
    assert unknown_settings({"GATEWAY_MAX_DEPHT": "3", "GATEWAY_AUTH": "none", "PATH": ""}) == ["GATEWAY_MAX_DEPHT"]
