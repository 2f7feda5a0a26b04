"""The variables that configure Cloud4Wi."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from upstreams.settings import Setting, SettingsError, base_url

URL = Setting("CLOUD4WI_URL", "base URL of Cloud4Wi", "https://explore.cloud4wi.com")
CLIENT_KEY = Setting("CLOUD4WI_CLIENT_KEY", "client key of the Cloud4Wi service; switches the source on")
CLIENT_SECRET = Setting("CLOUD4WI_CLIENT_SECRET", "client secret of the Cloud4Wi service", secret=True)
ORGANIZATION = Setting(
    "CLOUD4WI_ORGANIZATION", "organization cid in Cloud4Wi; unset: discovered from the token, if the upstream allows"
)

SETTINGS = (URL, CLIENT_KEY, CLIENT_SECRET, ORGANIZATION)


@dataclass(frozen=True, slots=True)
class Cloud4WiSettings:
    """What the variables say.

    Attributes:
        url: the base URL, without a trailing slash.
        client_key: half of the credentials.
        client_secret: the other half.
        organization: the organization's cid; None: the token says.
    """

    url: str
    client_key: str
    client_secret: str = field(repr=False)
    organization: str | None = None


def configure(environment: Mapping[str, str]) -> Cloud4WiSettings | None:
    """Read the variables; None when neither credential is set.

    Raises:
        SettingsError: one credential without the other, or a URL that is none.
    """
    values = {setting: environment.get(setting.name, "").strip() or setting.default for setting in SETTINGS}
    key, secret = values[CLIENT_KEY], values[CLIENT_SECRET]
    if key is None and secret is None:
        return None
    if key is None or secret is None:
        missing, present = (CLIENT_KEY, CLIENT_SECRET) if key is None else (CLIENT_SECRET, CLIENT_KEY)
        raise SettingsError(f"{missing.name} is not set, but {present.name} is: set both, or neither")
    return Cloud4WiSettings(base_url(URL.name, values[URL] or ""), key, secret, values[ORGANIZATION])
