"""The settings: one table, read once into a frozen value.

Each row of :data:`SETTINGS` is one environment variable, in the order of the documentation. A row of the gateway's own
also says which attribute of :class:`Settings` it becomes and how its text is read; the rows of the sources come from
the list of sources, and the sources read them themselves.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from upstreams.records import Source
from upstreams.registry import SPECS
from upstreams.settings import Setting, SettingsError
from upstreams.shared.address import RedisAddress, redis_address
from upstreams.state import state_folder

_BUILT_IN_SECRET = b"contactgraph: a secret that everybody knows, good for the loopback only"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says.

    Attributes:
        redis: what all workers share state in; None: each keeps its own.
        auth: how callers prove who they are: ``none``, ``api-key`` or ``jwt``.
        jwt: for ``jwt``, the URL of the issuer's keys, the issuer and the audience.
        state_dir: where what must survive a restart is kept.
        allow_anonymous: whether a host that others reach may be served without authentication.
        secret: what cursors are signed with.
        secret_is_built_in: ``GATEWAY_SECRET`` is unset; fit for the loopback only.
        cors_origins: origins whose pages may call the gateway.
        introspection: whether clients may read the schema.
        max_page: rows that a connection may be asked for.
        max_body: bytes of a request's body.
        max_depth: levels of nested fields of an operation.
        max_tokens: lexical tokens of a document.
        max_aliases: aliased fields of an operation, fragments counted where they are spread.
        max_ids: ids that one list argument may hold.
        upstream_timeout: seconds that one attempt of an upstream call may take.
        upstream_concurrency: calls to one source at once.
        upstream_retries: repeats of a failed idempotent call.
        request_timeout: seconds that a whole request may take.
        list_ttl: seconds that complete lists may be reused.
        entity_ttl: seconds that single entities may be reused.
        scan_rows: upstream rows that one page may scan for a filter that the upstream lacks.
        default_region: ISO 3166-1 alpha-2 country of national telephone numbers; None: they stay as sent.
        sources: what each source that is on read from its own variables.
    """

    redis: RedisAddress | None
    auth: str
    jwt: tuple[str, str, str] | None
    state_dir: Path
    allow_anonymous: bool
    secret: bytes = field(repr=False)
    secret_is_built_in: bool
    cors_origins: tuple[str, ...]
    introspection: bool
    max_page: int
    max_body: int
    max_depth: int
    max_tokens: int
    max_aliases: int
    max_ids: int
    upstream_timeout: float
    upstream_concurrency: int
    upstream_retries: int
    request_timeout: float
    list_ttl: float
    entity_ttl: float
    scan_rows: int
    default_region: str | None
    sources: Mapping[Source, Any]


class Row(NamedTuple):
    """One variable of the gateway: the setting, the attribute it becomes, how its text is read.

    ``read`` raises ValueError with a message that finishes the sentence "NAME ...".
    """

    setting: Setting
    attribute: str
    read: Callable[[str], Any]


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be {' or '.join(choices)}")
        return text.lower()

    return read


def _http_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+[^\s#]*", text):
        raise ValueError("must be an http or https URL without credentials")
    return text


def _switch(text: str) -> bool:
    match text.lower():
        case "1" | "on" | "true" | "yes":
            return True
        case "0" | "off" | "false" | "no":
            return False
    raise ValueError("must be on or off")


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) < least:
            raise ValueError(f"must be a whole number, {least} or more")
        return int(text)

    return read


def _seconds(*, positive: bool) -> Callable[[str], float]:
    def read(text: str) -> float:
        found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(ms|s|m|h)?", text)
        value = float(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2] or "s"] if found else -1.0
        if value < 0 or (positive and value == 0):
            raise ValueError(f"must be a duration in seconds, such as 10, 0.5 or 10s{', above 0' if positive else ''}")
        return value

    return read


def _bytes(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,12}) ?(B|KiB|MiB|GiB|kB|MB|GB)?", text)
    units = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "kB": 10**3, "MB": 10**6, "GB": 10**9}
    if not found or int(found[1]) == 0:
        raise ValueError("must be a size in bytes, such as 1048576 or 1MiB")
    return int(found[1]) * units[found[2] or "B"]


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[^\s/?#@]+", origin):
            raise ValueError("must be a list of origins such as https://app.example.org, separated by commas")
    return origins


def _secret(text: str) -> bytes:
    secret = text.encode()
    if len(secret) < _SECRET_BYTES:
        raise ValueError(f"must be {_SECRET_BYTES} bytes or more; `openssl rand -hex 32` makes one")
    return secret


def _region(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError("must be an ISO 3166-1 alpha-2 country code such as US")
    return text.upper()


_ROWS: tuple[Row, ...] = (
    Row(
        Setting("GATEWAY_REDIS_URL", "Redis or Valkey that all workers share; unset: each keeps its own", secret=True),
        "redis",
        redis_address,
    ),
    Row(
        Setting("GATEWAY_AUTH", "how callers prove who they are: none, api-key or jwt", "none"),
        "auth",
        _one_of("none", "api-key", "jwt"),
    ),
    Row(
        Setting("GATEWAY_JWT_JWKS_URL", "where the issuer of tokens publishes its keys; for jwt"), "jwks_url", _http_url
    ),
    Row(Setting("GATEWAY_JWT_ISSUER", "what the claim iss of a token must be; for jwt"), "issuer", str),
    Row(Setting("GATEWAY_JWT_AUDIENCE", "what the claim aud of a token must be or hold; for jwt"), "audience", str),
    Row(
        Setting(
            "GATEWAY_STATE_DIR",
            "folder of what must survive a restart, such as API keys; "
            "unset: $XDG_STATE_HOME/contactgraph, else ~/.local/state/contactgraph",
        ),
        "state_dir",
        Path,
    ),
    Row(
        Setting("GATEWAY_ALLOW_ANONYMOUS", "on: serve others than this machine without authentication", "off"),
        "allow_anonymous",
        _switch,
    ),
    Row(
        Setting(
            "GATEWAY_SECRET",
            "signs cursors, the same on all machines, 32 bytes or more; a built-in one serves on the loopback only",
            secret=True,
        ),
        "secret",
        _secret,
    ),
    Row(
        Setting("GATEWAY_CORS_ORIGINS", "origins whose pages may call the gateway, separated by commas"),
        "cors_origins",
        _origins,
    ),
    Row(
        Setting("GATEWAY_INTROSPECTION", "whether clients may read the schema; off also ends suggestions", "on"),
        "introspection",
        _switch,
    ),
    Row(Setting("GATEWAY_MAX_PAGE", "rows a connection may be asked for", "1000"), "max_page", _whole(1)),
    Row(Setting("GATEWAY_MAX_BODY", "size of a request's body", "1MiB"), "max_body", _bytes),
    Row(Setting("GATEWAY_MAX_DEPTH", "levels of nested fields of an operation", "15"), "max_depth", _whole(1)),
    Row(Setting("GATEWAY_MAX_TOKENS", "lexical tokens of a document", "5000"), "max_tokens", _whole(1)),
    Row(Setting("GATEWAY_MAX_ALIASES", "aliased fields of an operation", "50"), "max_aliases", _whole(0)),
    Row(Setting("GATEWAY_MAX_IDS", "ids that a list of ids may hold", "500"), "max_ids", _whole(1)),
    Row(
        Setting("GATEWAY_UPSTREAM_TIMEOUT", "seconds one attempt of an upstream call may take", "10s"),
        "upstream_timeout",
        _seconds(positive=True),
    ),
    Row(
        Setting("GATEWAY_UPSTREAM_CONCURRENCY", "calls to one source at once", "32"),
        "upstream_concurrency",
        _whole(1),
    ),
    Row(
        Setting("GATEWAY_UPSTREAM_RETRIES", "repeats of a failed upstream call that is safe to repeat", "2"),
        "upstream_retries",
        _whole(0),
    ),
    Row(
        Setting("GATEWAY_REQUEST_TIMEOUT", "seconds a whole request may take", "30s"),
        "request_timeout",
        _seconds(positive=True),
    ),
    Row(
        Setting("GATEWAY_LIST_TTL", "seconds complete lists (segments, locations, hotspots) may be reused", "60s"),
        "list_ttl",
        _seconds(positive=False),
    ),
    Row(
        Setting("GATEWAY_ENTITY_TTL", "seconds single entities may be reused", "0s"),
        "entity_ttl",
        _seconds(positive=False),
    ),
    Row(
        Setting("GATEWAY_SCAN_ROWS", "upstream rows one page may scan for a filter that the upstream lacks", "20000"),
        "scan_rows",
        _whole(1),
    ),
    Row(
        Setting("GATEWAY_DEFAULT_REGION", "country of national telephone numbers whose record names none, such as US"),
        "default_region",
        _region,
    ),
)

_UNSET: Mapping[str, Any] = {
    "redis": None,
    "secret": _BUILT_IN_SECRET,
    "cors_origins": (),
    "default_region": None,
} | dict.fromkeys(("jwks_url", "issuer", "audience", "state_dir"))
"""What stands in for a setting without a default."""

SETTINGS: tuple[Setting, ...] = (
    *(setting for spec in SPECS for setting in spec.settings),
    *(row.setting for row in _ROWS),
)
"""Every variable that means something here."""


def read_settings(environ: Mapping[str, str], *, need_source: bool = True) -> Settings:
    """The settings that the environment makes. An empty value is as good as none.

    Raises:
        SettingsError: a value makes no sense, half of a source's credentials are set, or no source is on.
    """
    values: dict[str, Any] = {}
    for setting, attribute, read in _ROWS:
        text = environ.get(setting.name, "").strip() or setting.default
        try:
            values[attribute] = _UNSET[attribute] if text is None else read(text)
        except ValueError as error:
            raise SettingsError(f"{setting.name} {error}") from error
    values["state_dir"] = state_folder(environ)
    values["jwt"] = _jwt(values["auth"], *(values.pop(name) for name in ("jwks_url", "issuer", "audience")))
    present = {name: value for name, value in environ.items() if value.strip()}
    sources = {spec.source: config for spec in SPECS if (config := spec.configure(present)) is not None}
    if need_source and not sources:
        names = ", ".join(setting.name for spec in SPECS for setting in spec.settings if setting.default is None)
        raise SettingsError(
            f"no source is configured: set the credentials of one ({names}); `contactgraph demo` needs none"
        )
    return Settings(**values, secret_is_built_in=values["secret"] is _BUILT_IN_SECRET, sources=sources)


def _jwt(auth: str, *given: str | None) -> tuple[str, str, str] | None:
    names = ("GATEWAY_JWT_JWKS_URL", "GATEWAY_JWT_ISSUER", "GATEWAY_JWT_AUDIENCE")
    if auth != "jwt":
        return None
    for name, value in zip(names, given, strict=True):
        if not value:
            raise SettingsError(f"{name} must be set where GATEWAY_AUTH is jwt")
    url, issuer, audience = given
    return url or "", issuer or "", audience or ""


def check_exposure(settings: Settings, host: str) -> None:
    """Refuse to serve others than this machine unprotected.

    Raises:
        SettingsError: ``host`` is not a loopback address, and a setting that guards it is missing.
    """
    if is_loopback(host):
        return
    if settings.auth == "none" and not settings.allow_anonymous:
        raise SettingsError(
            f"GATEWAY_AUTH is none, and {host} can be reached by others: serve on 127.0.0.1, "
            "or set GATEWAY_ALLOW_ANONYMOUS=1 if something in front of the gateway knows the callers"
        )
    if settings.secret_is_built_in:
        raise SettingsError(
            f"GATEWAY_SECRET must be set to serve on {host}: {_SECRET_BYTES} bytes or more, the same on all machines"
        )


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def unknown_settings(environ: Mapping[str, str]) -> list[str]:
    """Names that look like settings of the gateway and are none: typing errors, or of another version."""
    known = {setting.name for setting in SETTINGS}
    return sorted(name for name in environ if name.startswith("GATEWAY_") and name not in known)


def describe(environ: Mapping[str, str]) -> Iterator[tuple[Setting, bool]]:
    """Each setting, and whether it is set."""
    for setting in SETTINGS:
        yield setting, bool(environ.get(setting.name, "").strip())
