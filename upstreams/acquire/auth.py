"""Proving who we are: a key that an administrator made and that only an administrator can renew."""

from __future__ import annotations

from collections.abc import Mapping


class ApiKey:
    """The key from the settings."""

    def __init__(self, key: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}"}

    def at_hand(self, now: float) -> Mapping[str, str]:
        """See :meth:`headers`."""
        return self._headers

    async def headers(self) -> Mapping[str, str]:
        """The header that proves who we are."""
        return self._headers

    async def renew(self, used: Mapping[str, str]) -> bool:
        """Nothing newer can be had."""
        return False
