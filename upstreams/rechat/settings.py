"""The variables that configure Rechat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from upstreams.settings import Setting, SettingsError, base_url
from upstreams.state import FileState, state_folder

URL = Setting("RECHAT_URL", "base URL of Rechat", "https://api.rechat.com")
ACCESS_TOKEN = Setting("RECHAT_ACCESS_TOKEN", "access token of Rechat; switches the source on", secret=True)
CLIENT_ID = Setting("RECHAT_CLIENT_ID", "id of the client at Rechat; with the next two it renews access tokens")
CLIENT_SECRET = Setting("RECHAT_CLIENT_SECRET", "secret of the client at Rechat", secret=True)
REFRESH_TOKEN = Setting(
    "RECHAT_REFRESH_TOKEN", "refresh token of Rechat; a new value replaces a rotated one", secret=True
)
BRAND = Setting("RECHAT_BRAND", "id of the team (brand) in Rechat; unset: the one that the token was given for")

SETTINGS = (URL, ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, BRAND)
_TRIO = (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN)


@dataclass(frozen=True, slots=True)
class Refresh:
    """What renews access tokens.

    Attributes:
        client_id: whose they are.
        client_secret: proves it.
        refresh_token: as the environment says; the one in use may have been rotated since.
        state: the folder that keeps rotated ones.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    state: Path


@dataclass(frozen=True, slots=True)
class RechatSettings:
    """What the variables say.

    Attributes:
        url: the base URL, without a trailing slash.
        access_token: a token that nobody renews; None when there is a refresh token.
        refresh: what renews tokens.
        brand: the team's id; None: the token says.
    """

    url: str
    access_token: str | None = field(default=None, repr=False)
    refresh: Refresh | None = None
    brand: str | None = None


def configure(environment: Mapping[str, str]) -> RechatSettings | None:
    """Read the variables; None when no credential is set. With both kinds of credentials tokens are renewed.

    Raises:
        SettingsError: some of the three that belong together are missing, a value cannot be sent, or there is no
            place for rotated tokens: neither a Redis nor a folder that can be written to.
    """
    values = {setting: environment.get(setting.name, "").strip() or setting.default for setting in SETTINGS}
    if all(values[setting] is None for setting in (ACCESS_TOKEN, *_TRIO)):
        return None
    for setting in (ACCESS_TOKEN, BRAND):
        value = values[setting]
        if value is not None and not all("!" <= char <= "~" for char in value):
            raise SettingsError(f"{setting.name} has a character that cannot be sent in a header")
    present = [setting for setting in _TRIO if values[setting] is not None]
    refresh = None
    if present:
        missing = next((setting for setting in _TRIO if values[setting] is None), None)
        if missing is not None:
            raise SettingsError(f"{missing.name} is not set, but {present[0].name} is: set all three, or none")
        state = state_folder(environment)
        refresh = Refresh(values[CLIENT_ID] or "", values[CLIENT_SECRET] or "", values[REFRESH_TOKEN] or "", state)
    url = base_url(URL.name, values[URL] or "")
    if refresh is not None:
        if not environment.get("GATEWAY_REDIS_URL", "").strip():
            FileState(refresh.state).require_writable()
        return RechatSettings(url, None, refresh, values[BRAND])
    return RechatSettings(url, values[ACCESS_TOKEN], None, values[BRAND])
