"""The settings of the gateway's own, a row each, in the order of the documentation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from gateway.cache_control import EXAMPLE, cache_control
from gateway.setting_values import (
    http_url,
    networks,
    one_of,
    origins,
    rate,
    region,
    seconds,
    secret,
    size,
    switch,
    whole,
)
from gateway.trusted import manifest_file
from upstreams.http.clients import CLIENTS, DEFAULT_CLIENT
from upstreams.settings import Setting
from upstreams.shared.address import redis_address

BUILT_IN_SECRET = b"contactgraph: a secret that everybody knows, good for the loopback only"


class Row(NamedTuple):
    """One variable of the gateway.

    Attributes:
        setting: its name, default and help.
        attribute: of :class:`gateway.settings.Settings` that it becomes.
        read: makes the value of the text; raises ValueError with a message that finishes the sentence "NAME ...".
        unset: the value where there is neither a text nor a default.
    """

    setting: Setting
    attribute: str
    read: Callable[[str], Any]
    unset: Any = None


ROWS: tuple[Row, ...] = (
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
        BUILT_IN_SECRET,
    ),
    Row(
        Setting("GATEWAY_CORS_ORIGINS", "origins whose pages may call the gateway, separated by commas"),
        "cors_origins",
        origins,
        (),
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
        {},
    ),
    Row(
        Setting("GATEWAY_RATE_LIMIT", "requests a minute a caller may send; unset: any number"), "rate_limit", whole(1)
    ),
    Row(
        Setting(
            "GATEWAY_TRUSTED_PROXIES",
            "addresses and networks of proxies whose X-Forwarded-For is believed, separated by commas",
        ),
        "trusted_proxies",
        networks,
        (),
    ),
    Row(Setting("GATEWAY_MAX_PAGE", "rows a connection may be asked for", "1000"), "max_page", whole(1)),
    Row(Setting("GATEWAY_MAX_BODY", "size of a request's body", "1MiB"), "max_body", size),
    Row(Setting("GATEWAY_MAX_DEPTH", "levels of nested fields of an operation", "15"), "max_depth", whole(1)),
    Row(Setting("GATEWAY_MAX_TOKENS", "lexical tokens of a document", "5000"), "max_tokens", whole(1)),
    Row(Setting("GATEWAY_MAX_ALIASES", "aliased fields of an operation", "50"), "max_aliases", whole(0)),
    Row(Setting("GATEWAY_MAX_IDS", "ids that a list of ids may hold", "500"), "max_ids", whole(1)),
    Row(Setting("GATEWAY_MAX_COST", "upstream calls an operation may cost at worst", "500"), "max_cost", whole(1)),
    Row(
        Setting("GATEWAY_COMPRESSION", "off: answers are sent uncompressed, for a proxy in front to compress", "on"),
        "compression",
        switch,
    ),
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
        Setting("GATEWAY_HTTP_CLIENT", f"what makes upstream calls: {' or '.join(CLIENTS)}", DEFAULT_CLIENT),
        "http_client",
        one_of(*CLIENTS),
    ),
    Row(
        Setting("GATEWAY_UPSTREAM_RATE", "calls a second to one source, such as 5 or 0.5; unset: any number"),
        "upstream_rate",
        rate,
    ),
    Row(
        Setting("GATEWAY_REQUEST_TIMEOUT", "seconds a whole request may take", "30s"),
        "request_timeout",
        seconds(positive=True),
    ),
    Row(
        Setting("GATEWAY_SHARING", "off: requests share nothing: no query or call in flight, no kept answer", "on"),
        "sharing",
        switch,
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
        Setting("GATEWAY_STALE_IF_ERROR", "seconds lists and entities may be reused while their source is down", "0s"),
        "stale_if_error",
        seconds(positive=False),
    ),
    Row(
        Setting("GATEWAY_CACHE", f"Cache-Control of a type, which goes before the three above, such as `{EXAMPLE}`"),
        "cache",
        cache_control,
        {},
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
        Setting(
            "GATEWAY_EXECUTOR", "what runs operations: compiled, or graphql-core (slower, the same answers)", "compiled"
        ),
        "executor",
        one_of("compiled", "graphql-core"),
    ),
    Row(
        Setting("GATEWAY_DEFAULT_REGION", "country of national telephone numbers whose record names none, such as US"),
        "default_region",
        region,
    ),
    Row(
        Setting(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "where traces are sent, by OTLP over HTTP; OpenTelemetry's other variables count then, too",
        ),
        "otlp_endpoint",
        http_url,
    ),
)
"""What :func:`gateway.settings.read_settings` reads beside the settings of the sources."""
