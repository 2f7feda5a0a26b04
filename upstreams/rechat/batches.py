"""Many contacts by id in few calls, so that one bad id fails no other.

Rechat may answer 404 for a whole call when one of its ids is gone. Such a call is halved, and the halves are asked for
at once: a bad id costs two calls a halving, so about twice the logarithm of the call's size. How many rows it gives at
a time is not documented either: what it cuts off is asked for once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from upstreams.errors import UpstreamError, UpstreamNotFound
from upstreams.rechat import assumptions
from upstreams.rechat.client import Client, Selection
from upstreams.rechat.records import Contact
from upstreams.rechat.values import is_uuid

R = TypeVar("R")

Ask = Callable[[Sequence[str]], Awaitable[Mapping[str, R]]]
"""One call for some ids: what was found, by id."""


async def by_id(ids: Iterable[str], size: int, ask: Ask[R]) -> dict[str, R | UpstreamError]:
    """What was found, or why not, by id; an id that is gone is missing.

    Args:
        ids: which; each is asked for once.
        size: how many ids one call may hold.
        ask: makes the call.
    """
    distinct = list(dict.fromkeys(ids))
    chunks = [distinct[start : start + size] for start in range(0, len(distinct), size)]
    found: dict[str, R | UpstreamError] = {}
    for part in await asyncio.gather(*(_some(chunk, ask) for chunk in chunks)):
        found.update(part)
    return found


async def contacts_by_id(
    client: Client, ids: Iterable[str], associations: Sequence[str] = ()
) -> dict[str, Contact | UpstreamError]:
    """Contacts, or why not, by id in lower case; one that is gone is missing, and so is what cannot be an id.

    One call for each hundred; more where the upstream gives fewer rows at a time than it is asked for.
    """

    async def ask(some: Sequence[str]) -> Mapping[str, Contact]:
        found: dict[str, Contact] = {}
        left = some
        while left:
            named = Selection(ids=left)
            part = await client.contacts_filter(named, start=0, limit=len(left), associations=associations)
            found.update((row.source_id.lower(), row) for row in part.rows)
            cut = part.total is not None and part.received < min(part.total, len(left))
            missing = [id for id in left if id not in found]
            if not cut or len(missing) == len(left):
                break
            left = missing
        return {id: row for id, row in found.items() if row.deleted_at is None}

    return await by_id(filter(is_uuid, (id.lower() for id in ids)), assumptions.MAX_IDS.assumed, ask)


async def _some(ids: Sequence[str], ask: Ask[R]) -> Mapping[str, R | UpstreamError]:
    try:
        return await ask(ids)
    except UpstreamNotFound:
        if len(ids) == 1:
            return {}
    except UpstreamError as error:
        return dict.fromkeys(ids, error)
    middle = len(ids) // 2
    left, right = await asyncio.gather(_some(ids[:middle], ask), _some(ids[middle:], ask))
    return {**left, **right}
