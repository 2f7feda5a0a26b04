"""Which way callers prove who they are: what ``GATEWAY_AUTH`` says."""

from __future__ import annotations

from gateway.auth.api_keys import ApiKeys, check_keys
from gateway.auth.bearer import Anonymous, Authenticator
from gateway.settings import Settings
from upstreams.state import FileState


def check_auth(settings: Settings) -> None:
    """Refuse to start without what finding out who asks needs.

    Raises:
        SettingsError: it is not there.
    """
    if settings.auth == "api-key":
        check_keys(FileState(settings.state_dir))


def build_authenticator(settings: Settings) -> Authenticator:
    """What finds out who asks."""
    if settings.auth == "api-key":
        return ApiKeys(FileState(settings.state_dir))
    if settings.jwt is not None:
        from gateway.auth.jwks import KeySet
        from gateway.auth.tokens import Tokens

        return Tokens(KeySet(settings.jwt.jwks_url), settings.jwt.issuer, settings.jwt.audience)
    return Anonymous()
