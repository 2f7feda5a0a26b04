"""What a setting is, and how a source says which ones it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
