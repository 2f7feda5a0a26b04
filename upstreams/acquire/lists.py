"""Lists that are read whole: the pages that follow are asked for where one answer holds fewer than it says there are.

Without asking for more, an answer holds 20 rows, and says so in ``count`` only: ``assumptions.LISTS_COMPLETE``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from upstreams.acquire import assumptions
from upstreams.acquire.client import Client, PageOf
from upstreams.acquire.decode import Json, Listing
from upstreams.acquire.records import CustomAttribute, Tag
from upstreams.acquire.values import id_text
from upstreams.errors import UpstreamMalformed, UpstreamNotFound
from upstreams.records import Source

R = TypeVar("R")


async def all_tags(client: Client) -> list[Tag]:
    """All tags. Nothing is documented that would page them, so the first call asks for no page.

    Raises:
        UpstreamMalformed: the upstream says that there are more than it gives.
    """
    return await _whole(client.tags, "tags", _source_id, await client.tags())


async def all_attributes(client: Client) -> list[CustomAttribute]:
    """The fields of contacts, cases and companies. See :func:`all_tags` for what may go wrong here and below."""
    return await _whole(client.custom_attributes, "customAttributes", _source_id)


async def all_blocks(client: Client) -> list[Json]:
    """Who is blocked, as plain JSON."""
    return await _whole(client.blocks, "blocks", _id)


async def all_notes(client: Client, contact_id: str) -> list[Json]:
    """A contact's notes, as plain JSON; none of a contact that is gone."""
    return await _of_contact(lambda page: client.notes(contact_id, page), "notes")


async def all_views(client: Client, contact_id: str) -> list[Json]:
    """The cards on a contact's timeline, as plain JSON; none of a contact that is gone."""
    return await _of_contact(lambda page: client.views(contact_id, page), "views")


async def _of_contact(ask: Callable[[PageOf], Awaitable[Listing[Json]]], operation: str) -> list[Json]:
    try:
        return await _whole(ask, operation, _id)
    except UpstreamNotFound:
        return []


async def _whole(
    ask: Callable[[PageOf], Awaitable[Listing[R]]],
    operation: str,
    key: Callable[[R], str | None],
    first: Listing[R] | None = None,
) -> list[R]:
    answer = await ask(PageOf(0, assumptions.PAGE_SIZE.assumed)) if first is None else first
    found = {key(row): row for row in answer.good}
    received, size, number = answer.received, answer.received, 1
    while answer.total is not None and received < answer.total:
        answer = await ask(PageOf(number, size))
        fresh = {key(row): row for row in answer.good if key(row) not in found}
        if not fresh:
            raise UpstreamMalformed(Source.ACQUIRE, operation, "the list is shorter than it says")
        found |= fresh
        received += answer.received
        number += 1
    return list(found.values())


def _source_id(row: Tag | CustomAttribute) -> str:
    return row.source_id


def _id(row: Any) -> str | None:
    return id_text(row.get("id"))
