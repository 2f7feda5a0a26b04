"""Detail that only one source has, read with a call of its own."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from resolvers.context import Context
from resolvers.loaders import Key
from upstreams.records import Source


def cloud4wi_devices(context: Context, contact_id: str) -> Awaitable[Any]:
    """A contact's devices as sent; one call a contact."""
    return context.loaders.cloud4wi_devices.load(Key(Source.CLOUD4WI, contact_id))


def cloud4wi_accountings(context: Context, contact_id: str) -> Awaitable[Any]:
    """A contact's Wi-Fi sessions as sent; one call a contact."""
    return context.loaders.cloud4wi_accountings.load(Key(Source.CLOUD4WI, contact_id))
