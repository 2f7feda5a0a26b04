"""The settings: one table, read once into a frozen value.

Each row of :data:`SETTINGS` is one environment variable, in the order of the documentation. Those of the gateway's own
are in :mod:`gateway.setting_rows`; the rows of the sources come from the list of sources, and the sources read them
themselves.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gateway.setting_rows import BUILT_IN_SECRET, ROWS
from gateway.setting_values import SECRET_BYTES
from upstreams.http.keeping import CacheableType, CacheControl
from upstreams.records import Source
from upstreams.registry import SPECS
from upstreams.settings import Setting, SettingsError
from upstreams.shared.address import RedisAddress
from upstreams.state import state_folder


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
        rate_limit: requests a minute that a caller may send; None: any number.
        trusted_proxies: networks of proxies whose ``X-Forwarded-For`` is believed.
        max_page: rows that a connection may be asked for.
        max_body: bytes of a request's body.
        max_depth: levels of nested fields of an operation.
        max_tokens: lexical tokens of a document.
        max_aliases: aliased fields of an operation, fragments counted where they are spread.
        max_ids: ids that one list argument may hold.
        max_cost: upstream calls that an operation may cost at worst.
        compression: whether answers are compressed for clients that take that.
        upstream_timeout: seconds that one attempt of an upstream call may take.
        upstream_concurrency: calls to one source at once.
        upstream_retries: repeats of a failed idempotent call.
        http_client: what upstream calls are made with, one of :data:`upstreams.http.clients.CLIENTS`.
        upstream_rate: calls a second to one source; None: any number.
        request_timeout: seconds that a whole request may take.
        sharing: whether requests share queries and calls in flight and kept answers.
        list_ttl: seconds that complete lists may be reused.
        entity_ttl: seconds that single entities may be reused.
        stale_if_error: seconds that lists and entities may be reused while their source is down.
        cache: what goes before these three for a type.
        scan_rows: upstream rows that one page may scan for a filter that the upstream lacks.
        prefetch: whether a page's successor is read ahead.
        executor: what runs operations; a value of :class:`gateway.executors.Executor`.
        default_region: ISO 3166-1 alpha-2 country of national telephone numbers; None: they stay as sent.
        otlp_endpoint: where traces are sent; None: there are none.
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
    rate_limit: int | None
    trusted_proxies: tuple[str, ...]
    max_page: int
    max_body: int
    max_depth: int
    max_tokens: int
    max_aliases: int
    max_ids: int
    max_cost: int
    compression: bool
    upstream_timeout: float
    upstream_concurrency: int
    upstream_retries: int
    http_client: str
    upstream_rate: float | None
    request_timeout: float
    sharing: bool
    list_ttl: float
    entity_ttl: float
    stale_if_error: float
    cache: Mapping[CacheableType, CacheControl]
    scan_rows: int
    prefetch: bool
    executor: str
    default_region: str | None
    otlp_endpoint: str | None
    sources: Mapping[Source, Any]


SETTINGS: tuple[Setting, ...] = (
    *(setting for spec in SPECS for setting in spec.settings),
    *(row.setting for row in ROWS),
)
"""Every variable that means something here."""


def read_settings(environ: Mapping[str, str], *, need_source: bool = True) -> Settings:
    """The settings that the environment makes. An empty value is as good as none.

    Raises:
        SettingsError: a value makes no sense, half of a source's credentials are set, or no source is on.
    """
    values: dict[str, Any] = {}
    for setting, attribute, read, unset in ROWS:
        text = environ.get(setting.name, "").strip() or setting.default
        try:
            values[attribute] = unset if text is None else read(text)
        except ValueError as error:
            raise SettingsError(f"{setting.name} {error}") from error
    if values["only_trusted"] and not values["documents"]:
        raise SettingsError("GATEWAY_DOCUMENTS must name the trusted documents where GATEWAY_ONLY_TRUSTED is on")
    values["state_dir"] = state_folder(environ)
    of_jwt = {
        setting.name: values.pop(attribute)
        for setting, attribute, _, _ in ROWS
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
    return Settings(**values, secret_is_built_in=values["secret"] is BUILT_IN_SECRET, sources=sources)


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
