"""Lists that are read whole, whatever part of them an answer holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.upstreams.acquire.conftest import FakeAcquire, Seen
from upstreams.acquire import Acquire
from upstreams.acquire.lists import all_attributes, all_blocks, all_notes, all_views
from upstreams.errors import UpstreamMalformed

FIELDS = [{"id": number, "object": "contact", "key": f"key_{number}", "type": "text"} for number in range(1, 48)]


def pages(rows: list[dict[str, Any]], most: int, name: str = "data") -> Any:
    def answer(seen: Seen) -> Any:
        page, size = int(seen.first("page") or 0), min(int(seen.first("limit") or 20), most)
        return {"data": {"offset": page * size, "count": len(rows), name: rows[page * size : (page + 1) * size]}}

    return answer


@pytest.mark.parametrize(("most", "calls"), [(100, 1), (20, 3), (1, 47)])
async def test_all_rows_come(fake: FakeAcquire, acquire: Acquire, most: int, calls: int) -> None:
    fake.answers["GET /crm/objects/object-field"] = pages(FIELDS, most)
    fake.answers["GET /crm/block-visitor"] = pages(FIELDS, most)
    fake.answers["GET /crm/note"] = pages(FIELDS, most, "rows")
    fake.answers["GET /crm/view"] = pages(FIELDS, most)
    assert [row.source_id for row in await all_attributes(acquire.client)] == [str(row["id"]) for row in FIELDS]
    assert await all_blocks(acquire.client) == FIELDS
    assert await all_notes(acquire.client, "2") == FIELDS
    assert await all_views(acquire.client, "2") == FIELDS
    assert len(fake.calls) == 4 * calls


async def test_a_list_that_knows_no_pages_is_whole(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.answers["GET /crm/block-visitor"] = {"data": {"offset": 0, "count": 47, "data": FIELDS}}
    assert await all_blocks(acquire.client) == FIELDS
    assert len(fake.calls) == 1


async def test_rows_that_never_come_are_no_shorter_list(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.answers["GET /crm/block-visitor"] = {"data": {"offset": 0, "count": 60, "data": FIELDS}}
    with pytest.raises(UpstreamMalformed):
        await all_blocks(acquire.client)
