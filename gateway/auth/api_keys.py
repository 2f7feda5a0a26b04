"""``GATEWAY_AUTH=api-key``: a caller is who holds a key of the list. Each worker notices by itself when it changes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from gateway.auth.bearer import bearer_token, unauthenticated
from gateway.auth.keys import NAME, ApiKey, KeysUnreadable, id_of, parse_keys
from resolvers.callers import Caller
from upstreams.settings import SettingsError
from upstreams.state import FileState

logger = logging.getLogger("contactgraph.auth")

Stamp = tuple[int, int, int]


class ApiKeys:
    """Knows callers by their keys.

    Args:
        state: where the list of keys is kept.
    """

    def __init__(self, state: FileState) -> None:
        self._state = state
        self._keys: Mapping[str, ApiKey] = {}
        self._callers: Mapping[str, Caller] = {}
        self._stamp: Stamp | None = None
        self._damaged: Stamp | str | None = None

    async def caller(self, headers: Sequence[bytes]) -> Caller:
        """See :class:`gateway.auth.bearer.Authenticator`."""
        text = bearer_token(headers)
        await self._refresh()
        key = self._keys.get(id_of(text) or "")
        if key is None or not key.opens(text):
            raise unauthenticated("The API key is unknown or was revoked.")
        return self._callers[key.id]

    async def close(self) -> None:
        """Holds nothing."""

    async def _refresh(self) -> None:
        """Read the list anew when it changed; one that cannot be read leaves what was known, and is logged once."""
        stamp: Stamp | None = None
        try:
            stamp = self._state.stamp(NAME)
            if stamp == self._stamp or (stamp is not None and stamp == self._damaged):
                return
            self._keys = parse_keys(await self._state.read(NAME))
            self._callers = {id: Caller(f"key:{id}", frozenset(key.scopes)) for id, key in self._keys.items()}
            self._stamp, self._damaged = stamp, None
        except (OSError, KeysUnreadable) as error:
            now = stamp or type(error).__name__
            if now != self._damaged:
                self._damaged = now
                logger.error("the list of API keys cannot be read, so the keys known before stay good: %s", error)


def check_keys(state: FileState) -> None:
    """Refuse to start with a state in which no key can be found or made, and tell when there is none yet.

    Raises:
        SettingsError: ``GATEWAY_STATE_DIR`` cannot be written to, or the list in it is damaged.
    """
    state.require_writable()
    try:
        file = state.folder / f"{NAME}.state"
        keys = parse_keys(file.read_bytes() if file.exists() else None)
    except (OSError, KeysUnreadable) as error:
        raise SettingsError(f"GATEWAY_STATE_DIR: {error}") from error
    if not keys:
        logger.warning("there is no API key yet, so nobody is let in; `contactgraph keys create` makes one")
