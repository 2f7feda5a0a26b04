"""Detail that only one source has, where it takes more than reading a field of the record."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any

from resolvers.context import Context
from resolvers.needs import related_fields
from upstreams.records import ContactRecord, Source


def cloud4wi_devices(context: Context, contact_id: str) -> Awaitable[Any]:
    """A contact's devices as sent; one call a contact."""
    return context.loaders.cloud4wi_devices.of(Source.CLOUD4WI, contact_id)


def cloud4wi_accountings(context: Context, contact_id: str) -> Awaitable[Any]:
    """A contact's Wi-Fi sessions as sent; one call a contact."""
    return context.loaders.cloud4wi_accountings.of(Source.CLOUD4WI, contact_id)


def rechat_duplicates(context: Context, contact_id: str) -> Awaitable[Sequence[ContactRecord]]:
    """The contacts that Rechat takes for the same person, with the contact itself; one call a contact."""
    return context.loaders.rechat_duplicates.of(Source.RECHAT, contact_id)


def own(context: Context, info: Any, record: Any, source: Source) -> Any:
    """A contact as its source alone knows it, with what is asked for below; None when it is of another source.

    A record that does not say what it is related to, since nobody needed it when it was read, is asked for once more.
    """
    if record.source is not source:
        return None
    wanted = context.selected(info) & related_fields(source)
    return record if all(record.tells(name) for name in wanted) else _whole(context, record)


async def _whole(context: Context, record: Any) -> Any:
    found = await context.loaders.whole_contact_by_id.of(record.source, record.source_id)
    return record if found is None else found
