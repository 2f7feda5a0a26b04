"""The settings: one table, read once into a frozen value.

Each row of :data:`SETTINGS` is one environment variable, in the order of the documentation. A row of the gateway's own
also says which attribute of :class:`Settings` it becomes and how its text is read; the rows of the sources come from
the list of sources, and the sources read them themselves.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gateway.setting_values import (
    SECRET_BYTES,
    http_url,
    one_of,
    origins,
    region,
    seconds,
    secret,
    size,
    switch,
    whole,
)
from gateway.trusted import manifest_file
from upstreams.records import Source
from upstreams.registry import SPECS
from upstreams.settings import Setting, SettingsError
from upstreams.shared.address import RedisAddress, redis_address
from upstreams.state import state_folder

_BUILT_IN_SECRET = b"contactgraph: a secret that everybody knows, good for the loopback only"


class JwtSettings(NamedTuple):
    """Whose tokens are taken.

    Attributes:
        jwks_url: where the issuer publishes its keys.
        issuer: what the claim ``iss`` must be.
        audience: what the claim ``aud`` must be or hold.
    """

    jwks_url: str
    issuer: str
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says.

    Attributes:
        redis: what all workers share state in; None: each keeps its own.
        auth: how callers prove who they are: ``none``, ``api-key`` or ``jwt``.
        jwt: whose tokens are taken; None unless ``auth`` is ``jwt``.
        state_dir: where what must survive a restart is kept.
        allow_anonymous: whether a host that others reach may be served without authentication.
        secret: what cursors are signed with.
        secret_is_built_in: ``GATEWAY_SECRET`` is unset; fit for the loopback only.
        cors_origins: origins whose pages may call the gateway.
        introspection: whether clients may read the schema.
        only_trusted: nothing but trusted documents is run.
        documents: the trusted documents, by SHA-256.
        max_page: rows that a connection may be asked for.
        max_body: bytes of a request's body.
        max_depth: levels of nested fields of an operation.
        max_tokens: lexical tokens of a document.
        max_aliases: aliased fields of an operation, fragments counted where they are spread.
        max_ids: ids that one list argument may hold.
        max_cost: upstream calls that an operation may cost at worst.
        upstream_timeout: seconds that one attempt of an upstream call may take.
        upstream_concurrency: calls to one source at once.
        upstream_retries: repeats of a failed idempotent call.
        request_timeout: seconds that a whole request may take.
        list_ttl: seconds that complete lists may be reused.
        entity_ttl: seconds that single entities may be reused.
        scan_rows: upstream rows that one page may scan for a filter that the upstream lacks.
        prefetch: whether a page's successor is read ahead.
        default_region: ISO 3166-1 alpha-2 country of national telephone numbers; None: they stay as sent.
        sources: what each source that is on read from its own variables.
    """

    redis: RedisAddress | None
    auth: str
    jwt: JwtSettings | None
    state_dir: Path
    allow_anonymous: bool
    secret: bytes = field(repr=False)
    secret_is_built_in: bool
    cors_origins: tuple[str, ...]
    introspection: bool
    only_trusted: bool
    documents: Mapping[str, str] = field(repr=False)
    max_page: int
    max_body: int
    max_depth: int
    max_tokens: int
    max_aliases: int
    max_ids: int
    max_cost: int
    upstream_timeout: float
    upstream_concurrency: int
    upstream_retries: int
    request_timeout: float
    list_ttl: float
    entity_ttl: float
    scan_rows: int
    prefetch: bool
    default_region: str | None
    sources: Mapping[Source, Any]


class Row(NamedTuple):
    """One variable of the gateway: the setting, the attribute it becomes, how its text is read.

    ``read`` raises ValueError with a message that finishes the sentence "NAME ...".
    """

    setting: Setting
    attribute: str
    read: Callable[[str], Any]


_ROWS: tuple[Row, ...] = (
    Row(
        Setting("GATEWAY_REDIS_URL", "Redis or Valkey that all workers share; unset: each keeps its own", secret=True),
        "redis",
        redis_address,
    ),
    Row(
        Setting("GATEWAY_AUTH", "how callers prove who they are: none, api-key or jwt", "none"),
        "auth",
        one_of("none", "api-key", "jwt"),
    ),
    Row(
        Setting("GATEWAY_JWT_JWKS_URL", "where the issuer of tokens publishes its keys; for jwt"), "jwks_url", http_url
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
        switch,
    ),
    Row(
        Setting(
            "GATEWAY_SECRET",
            "signs cursors, the same on all machines, 32 bytes or more; a built-in one serves on the loopback only",
            secret=True,
        ),
        "secret",
        secret,
    ),
    Row(
        Setting("GATEWAY_CORS_ORIGINS", "origins whose pages may call the gateway, separated by commas"),
        "cors_origins",
        origins,
    ),
    Row(
        Setting("GATEWAY_INTROSPECTION", "whether clients may read the schema; off also ends suggestions", "on"),
        "introspection",
        switch,
    ),
    Row(
        Setting("GATEWAY_ONLY_TRUSTED", "on: run trusted documents only; no introspection, no GraphiQL", "off"),
        "only_trusted",
        switch,
    ),
    Row(
        Setting("GATEWAY_DOCUMENTS", "file of trusted documents, as `contactgraph documents build` makes it"),
        "documents",
        manifest_file,
    ),
    Row(Setting("GATEWAY_MAX_PAGE", "rows a connection may be asked for", "1000"), "max_page", whole(1)),
    Row(Setting("GATEWAY_MAX_BODY", "size of a request's body", "1MiB"), "max_body", size),
    Row(Setting("GATEWAY_MAX_DEPTH", "levels of nested fields of an operation", "15"), "max_depth", whole(1)),
    Row(Setting("GATEWAY_MAX_TOKENS", "lexical tokens of a document", "5000"), "max_tokens", whole(1)),
    Row(Setting("GATEWAY_MAX_ALIASES", "aliased fields of an operation", "50"), "max_aliases", whole(0)),
    Row(Setting("GATEWAY_MAX_IDS", "ids that a list of ids may hold", "500"), "max_ids", whole(1)),
    Row(Setting("GATEWAY_MAX_COST", "upstream calls an operation may cost at worst", "500"), "max_cost", whole(1)),
    Row(
        Setting("GATEWAY_UPSTREAM_TIMEOUT", "seconds one attempt of an upstream call may take", "10s"),
        "upstream_timeout",
        seconds(positive=True),
    ),
    Row(
        Setting("GATEWAY_UPSTREAM_CONCURRENCY", "calls to one source at once", "32"),
        "upstream_concurrency",
        whole(1),
    ),
    Row(
        Setting("GATEWAY_UPSTREAM_RETRIES", "repeats of a failed upstream call that is safe to repeat", "2"),
        "upstream_retries",
        whole(0),
    ),
    Row(
        Setting("GATEWAY_REQUEST_TIMEOUT", "seconds a whole request may take", "30s"),
        "request_timeout",
        seconds(positive=True),
    ),
    Row(
        Setting("GATEWAY_LIST_TTL", "seconds complete lists (segments, locations, hotspots) may be reused", "60s"),
        "list_ttl",
        seconds(positive=False),
    ),
    Row(
        Setting("GATEWAY_ENTITY_TTL", "seconds single entities may be reused", "0s"),
        "entity_ttl",
        seconds(positive=False),
    ),
    Row(
        Setting("GATEWAY_SCAN_ROWS", "upstream rows one page may scan for a filter that the upstream lacks", "20000"),
        "scan_rows",
        whole(1),
    ),
    Row(
        Setting("GATEWAY_PREFETCH", "on: ask for the next upstream page while the client reads the current one", "off"),
        "prefetch",
        switch,
    ),
    Row(
        Setting("GATEWAY_DEFAULT_REGION", "country of national telephone numbers whose record names none, such as US"),
        "default_region",
        region,
    ),
)

_UNSET: Mapping[str, Any] = {
    "redis": None,
    "secret": _BUILT_IN_SECRET,
    "cors_origins": (),
    "default_region": None,
    "documents": {},
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
    if values["only_trusted"] and not values["documents"]:
        raise SettingsError("GATEWAY_DOCUMENTS must name the trusted documents where GATEWAY_ONLY_TRUSTED is on")
    values["state_dir"] = state_folder(environ)
    of_jwt = {
        setting.name: values.pop(attribute)
        for setting, attribute, _ in _ROWS
        if setting.name.startswith("GATEWAY_JWT_")
    }
    values["jwt"] = _jwt(of_jwt) if values["auth"] == "jwt" else None
    present = {name: value for name, value in environ.items() if value.strip()}
    sources = {spec.source: config for spec in SPECS if (config := spec.configure(present)) is not None}
    if need_source and not sources:
        names = ", ".join(setting.name for spec in SPECS for setting in spec.settings if setting.default is None)
        raise SettingsError(
            f"no source is configured: set the credentials of one ({names}); `contactgraph demo` needs none"
        )
    return Settings(**values, secret_is_built_in=values["secret"] is _BUILT_IN_SECRET, sources=sources)


def _jwt(given: Mapping[str, str | None]) -> JwtSettings:
    for name, value in given.items():
        if not value:
            raise SettingsError(f"{name} must be set where GATEWAY_AUTH is jwt")
    return JwtSettings(*(value or "" for value in given.values()))


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
            f"GATEWAY_SECRET must be set to serve on {host}: {SECRET_BYTES} bytes or more, the same on all machines"
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
