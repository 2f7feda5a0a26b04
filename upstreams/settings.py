"""What a setting is, and how a source says which ones it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from upstreams.http.wire import Network
    from upstreams.records import Source
    from upstreams.source import SourceApi


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable.

    Attributes:
        name: the variable.
        help: what it means, in one line.
        default: the text that stands in when it is unset; None when there is none.
        secret: its value is never printed.
    """

    name: str
    help: str
    default: str | None = None
    secret: bool = False


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message names the variable and says what to do."""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source package's entry in the one list of sources (:mod:`upstreams.registry`).

    Attributes:
        source: which source it is.
        settings: its variables, in the order of the documentation.
        configure: reads them; None when no credential is set (the source is off).
            Raises SettingsError when half of the credentials are set or a value makes no sense.
        build: makes the client from what ``configure`` returned. Makes no call.
    """

    source: Source
    settings: tuple[Setting, ...]
    configure: Callable[[Mapping[str, str]], Any | None]
    build: Callable[[Any, Network], SourceApi]


def base_url(variable: str, text: str) -> str:
    """The base of a REST service's addresses, without a trailing slash.

    Raises:
        SettingsError: the text is not an absolute http or https URL, or carries credentials, a query or a fragment.
    """
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"{variable} is not a URL: it begins with https:// or http:// and names a host")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise SettingsError(f"{variable} must be a plain address: no user, password, query or fragment")
    return parts._replace(path=parts.path.rstrip("/")).geturl()
