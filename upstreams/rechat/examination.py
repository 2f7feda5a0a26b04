"""What the doctor finds out about Rechat: one cheap read of each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from upstreams.errors import UpstreamError
from upstreams.instants import now, shift, to_unix
from upstreams.rechat import assumptions
from upstreams.rechat.client import Client, Selection
from upstreams.source import Finding

WEEK = 7 * 24 * 3600


async def examine(client: Client) -> AsyncIterator[Finding]:
    """Make one read of each kind, and say what came and which assumption held; a failure is a finding too."""

    async def contacts() -> str:
        found = await client.contacts(start=0, limit=2, order=f"-{assumptions.ORDER_CREATED.assumed}")
        times = [row.created_at for row in found.rows]
        order = "newest first, as asked" if times == sorted(times, reverse=True) else "not in the order asked for"
        return f"{found.received} read, total {_told(found.total)}; {order}"

    async def by_id() -> str:
        some = await client.contacts(start=0, limit=2)
        ids = [row.source_id for row in some.rows]
        if not ids:
            return "nothing to try it with"
        found = await client.contacts_filter(Selection(ids=ids), start=0, limit=len(ids))
        same = {row.source_id for row in found.rows} == set(ids)
        return "ids are taken from the body, as assumed" if same else "other contacts came than were asked for"

    async def tags() -> str:
        return f"{(await client.tags()).received} read"

    async def lists() -> str:
        return f"{(await client.lists()).received} read"

    async def definitions() -> str:
        return f"{(await client.attribute_defs()).received} read"

    async def calendar() -> str:
        present = now()
        found = await client.calendar(int(to_unix(shift(present, -WEEK))), int(to_unix(present)), limit=100)
        return f"{found.received} of the last week read; the answer's own limit is {_told(found.limit)}"

    checks: dict[str, Callable[[], Awaitable[str]]] = {
        "contacts": contacts,
        "contacts by id": by_id,
        "tags": tags,
        "contact lists": lists,
        "attribute definitions": definitions,
        "calendar": calendar,
    }
    for name, check in checks.items():
        try:
            yield Finding(name, True, await check())
        except UpstreamError as error:
            yield Finding(name, False, error.reason)


def _told(number: int | None) -> str:
    return "not told" if number is None else str(number)
