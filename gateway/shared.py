"""What the workers of a gateway share, made from the settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gateway.settings import Settings
from upstreams.records import Source
from upstreams.settings import SettingsError
from upstreams.shared.state import MemoryState, SharedState
from upstreams.state import FileState, StateStore

if TYPE_CHECKING:
    from gateway.rates import Rates
    from upstreams.shared.store import RedisStore

logger = logging.getLogger("contactgraph.shared")


def shared_store(settings: Settings) -> RedisStore | None:
    """The store that ``GATEWAY_REDIS_URL`` names; None: every worker keeps its own state. Makes no connection."""
    if settings.redis is None:
        return None
    # The client library is loaded only where it is used.
    from upstreams.shared.store import RedisStore

    return RedisStore(settings.redis, _digest(settings, b"shared state"))


def build_rates(settings: Settings, shared: RedisStore | None) -> Rates | None:
    """What counts the requests of callers; None where they may send any number."""
    if settings.rate_limit is None:
        return None
    from gateway.rates import Rates

    return Rates(settings.rate_limit, shared)


def account_names(settings: Settings) -> Mapping[Source, str]:
    """A name for the account of each source, which says nothing about it and differs when a setting of it does."""
    return {
        source: _digest(settings, msgspec.json.encode(asdict(config), enc_hook=str, order="deterministic"))
        for source, config in settings.sources.items()
    }


def state_keeper(shared: RedisStore | None) -> Callable[[Path], StateStore]:
    """What keeps the small values of the sources, given the folder for this machine's files."""
    if shared is None:
        return FileState

    def keeper(folder: Path) -> StateStore:
        files = FileState(folder)
        try:
            files.require_writable()
        except SettingsError:
            logger.warning("GATEWAY_STATE_DIR cannot be written to: what Redis loses, this machine has no copy of")
            return SharedState(shared, MemoryState())
        return SharedState(shared, files)

    return keeper


def _digest(settings: Settings, what: bytes) -> str:
    """Keyed, so that it can be told from the secret alone by nobody, and differs with the secret."""
    key = blake2b(settings.secret, digest_size=32).digest()
    return blake2b(what, key=key, digest_size=8).hexdigest()
