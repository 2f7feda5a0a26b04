"""``GATEWAY_AUTH=api-key``: a caller is who holds a key of the list. Each worker notices by itself when it changes."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from gateway.auth.bearer import bearer_token, unauthenticated
from gateway.auth.keys import NAME, ApiKey, KeysUnreadable, id_of, parse_keys
from resolvers.callers import Caller
from upstreams.settings import SettingsError
from upstreams.state import FileState

logger = logging.getLogger("contactgraph.auth")

Stamp = tuple[int, int, int]

_MOST_LET_IN = 10_000
"""Headers that are remembered; a key can be written in several ways, by the case and the blanks before it."""
_LONGEST_LET_IN = 256
"""Bytes of one that is; clients write a key in 65, and blanks up to the end of a head would be the memory's."""


class ApiKeys:
    """Knows callers by their keys.

    Args:
        state: where the list of keys is kept.
    """

    def __init__(self, state: FileState) -> None:
        self._state = state
        self._keys: Mapping[str, ApiKey] = {}
        self._callers: Mapping[str, Caller] = {}
        self._let_in: dict[bytes, Caller] = {}  # by the header of each, since the list was last read
        self._stamp: Stamp | None = None
        self._damaged: Stamp | str | None = None

    def caller(self, headers: Sequence[bytes]) -> Caller | Coroutine[Any, Any, Caller]:
        """See :class:`gateway.auth.bearer.Authenticator`."""
        return self._read_first(headers) if self._has_changed() else self._holder(headers)

    async def _read_first(self, headers: Sequence[bytes]) -> Caller:
        await self._read()
        return self._holder(headers)

    def _holder(self, headers: Sequence[bytes]) -> Caller:
        """Who holds the key that is sent."""
        known = self._let_in.get(headers[0]) if len(headers) == 1 else None
        if known is not None:
            return known
        text = bearer_token(headers)
        key = self._keys.get(id_of(text) or "")
        if key is None or not key.opens(text):
            raise unauthenticated("The API key is unknown or was revoked.")
        caller = self._callers[key.id]
        if len(headers[0]) <= _LONGEST_LET_IN:
            if len(self._let_in) >= _MOST_LET_IN:
                self._let_in.clear()
            self._let_in[headers[0]] = caller
        return caller

    async def close(self) -> None:
        """Holds nothing."""

    def _has_changed(self) -> bool:
        """Whether the list is another one than was read, or cannot be looked at."""
        try:
            stamp = self._state.stamp(NAME)
        except OSError:
            return True
        return stamp != self._stamp and (stamp is None or stamp != self._damaged)

    async def _read(self) -> None:
        """Read the list anew; one that cannot be read leaves what was known, and is logged once."""
        stamp: Stamp | None = None
        try:
            stamp = self._state.stamp(NAME)
            self._keys = parse_keys(await self._state.read(NAME))
            self._callers = {id: Caller(f"key:{id}", frozenset(key.scopes)) for id, key in self._keys.items()}
            self._let_in.clear()
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
