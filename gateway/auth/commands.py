"""``contactgraph keys``: make, list and revoke API keys from a shell."""

from __future__ import annotations

import sys
from collections.abc import Collection

from gateway.auth.keys import KeyRing, KeysUnreadable
from resolvers.callers import Scope
from upstreams.settings import SettingsError
from upstreams.state import FileState


async def create(state: FileState, scopes: Collection[Scope], name: str) -> int:
    """Make a key. Standard output gets the key and nothing else; it cannot be shown again.

    Raises:
        SettingsError: the list of keys cannot be read or written.
    """
    state.require_writable()
    try:
        key, text = await KeyRing(state).create(scopes, name)
    except (OSError, KeysUnreadable) as error:
        raise _unusable(error) from error
    print(text)
    print(f"This is key {key.id}. It is shown this once: only its hash is kept.", file=sys.stderr)
    return 0


async def show(state: FileState) -> int:
    """Print the keys, one a line: id, scopes, when it was made, name.

    Raises:
        SettingsError: the list of keys cannot be read.
    """
    try:
        keys = await KeyRing(state).all()
    except (OSError, KeysUnreadable) as error:
        raise _unusable(error) from error
    for key in keys:
        scopes = ",".join(scope.value for scope in key.scopes)
        print(f"{key.id}\t{scopes}\t{key.created_at:%Y-%m-%dT%H:%M:%SZ}\t{key.name}")
    return 0


async def revoke(state: FileState, id: str) -> int:
    """End a key.

    Returns:
        1 when there is none of that id.

    Raises:
        SettingsError: the list of keys cannot be read or written.
    """
    try:
        revoked = await KeyRing(state).revoke(id)
    except (OSError, KeysUnreadable) as error:
        raise _unusable(error) from error
    if not revoked:
        print(f"contactgraph: there is no key {id}; `contactgraph keys list` shows them", file=sys.stderr)
        return 1
    print(f"Key {id} is revoked.", file=sys.stderr)
    return 0


def _unusable(error: Exception) -> SettingsError:
    why = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
    return SettingsError(f"GATEWAY_STATE_DIR: {why}")
