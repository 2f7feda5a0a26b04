"""What the doctor finds out about Acquire: one cheap read of each kind, and which assumptions held."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from upstreams.acquire import assumptions
from upstreams.acquire.client import Client, PageOf
from upstreams.acquire.decode import Listing
from upstreams.errors import UpstreamError
from upstreams.source import Finding


async def examine(client: Client) -> AsyncIterator[Finding]:
    """Make one read of each kind, and say what came and which assumption held; a failure is a finding too."""

    async def contacts() -> str:
        found = await client.contacts(PageOf(0, 2), relations=assumptions.ALWAYS_RELATED.assumed)
        return f"{found.received} read, total {_told(found.total)}; {_order(found)}"

    async def pages() -> str:
        whole = [row.source_id for row in (await client.contacts(PageOf(0, 2))).good]
        second = [row.source_id for row in (await client.contacts(PageOf(1, 1))).good]
        if len(whole) < 2:
            return "nothing to try it with"
        return "page and limit work, as assumed" if whole[1:] == second else "page 1 does not follow page 0"

    async def by_id() -> str:
        row = next(iter((await client.contacts(PageOf(0, 1))).good), None)
        if row is None:
            return "nothing to try it with"
        whole = await client.contact(row.source_id, relations=("fields", "company", "tags", "visits"))
        missing = [name for name in ("tags", "visits") if getattr(whole, name) is None]
        return f"without the relations {', '.join(missing)}" if missing else "with its tags and visits"

    async def tags() -> str:
        found = await client.tags()
        return f"{found.received} read, total {_told(found.total)}"

    async def cases() -> str:
        found = await client.cases(PageOf(0, 2))
        return f"{found.received} read, total {_told(found.total)}; {_order(found)}"

    async def companies() -> str:
        return f"total {_told((await client.companies(PageOf(0, 1))).total)}"

    async def attributes() -> str:
        found = await client.custom_attributes(PageOf(0, 2))
        return f"{found.received} read, total {_told(found.total)}"

    checks: dict[str, Callable[[], Awaitable[str]]] = {
        "contacts": contacts,
        "paging": pages,
        "one contact": by_id,
        "tags": tags,
        "cases": cases,
        "companies": companies,
        "custom attributes": attributes,
    }
    for name, check in checks.items():
        try:
            yield Finding(name, True, await check())
        except UpstreamError as error:
            yield Finding(name, False, error.reason)


def _order(found: Listing[Any]) -> str:
    ids = [int(row.source_id) for row in found.good]
    if len(ids) < 2:
        return "too few to see an order"
    return "newest first, as assumed" if ids == sorted(ids, reverse=True) else "not newest first"


def _told(number: int | None) -> str:
    return "not told" if number is None else str(number)
