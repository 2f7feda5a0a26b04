"""The variables that configure Acquire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from upstreams.settings import Setting, SettingsError, base_url

URL = Setting("ACQUIRE_URL", "whole base URL of Acquire's API: https://{account}.acquire.io/api/v1")
API_KEY = Setting("ACQUIRE_API_KEY", "API key of Acquire; switches the source on", secret=True)

SETTINGS = (URL, API_KEY)


@dataclass(frozen=True, slots=True)
class AcquireSettings:
    """What the variables say.

    Attributes:
        url: the base URL, without a trailing slash.
        api_key: who we are.
    """

    url: str
    api_key: str = field(repr=False)


def configure(environment: Mapping[str, str]) -> AcquireSettings | None:
    """Read the variables; None when neither is set.

    Raises:
        SettingsError: one without the other, a URL that is none, or a key that cannot be sent.
    """
    url, key = (environment.get(setting.name, "").strip() for setting in SETTINGS)
    if not url and not key:
        return None
    if not key:
        raise SettingsError(f"{API_KEY.name} is not set, but {URL.name} is: set both, or neither")
    if not url:
        raise SettingsError(
            f"{URL.name} is not set, but {API_KEY.name} is: it names the account, as in https://{{account}}.acquire.io/api/v1"
        )
    if not all("!" <= char <= "~" for char in key):
        raise SettingsError(f"{API_KEY.name} has a character that cannot be sent in a header")
    return AcquireSettings(base_url(URL.name, url), key)
