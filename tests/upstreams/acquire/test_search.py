"""Who has an e-mail or a telephone number."""

from __future__ import annotations

from typing import Any

import pytest

from tests.upstreams.acquire.conftest import FakeAcquire, Seen, contact
from upstreams.acquire import Acquire
from upstreams.errors import UpstreamUnavailable
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.source import Searchable

EMAIL = IdentityKey(MatchKey.EMAIL, "ada@example.com")
PHONE = IdentityKey(MatchKey.PHONE, "+442079460018")


class Found:
    """The search over rows, in pages of at most so many."""

    def __init__(self, rows: list[dict[str, Any]], most: int = 1_000, total: bool = True) -> None:
        self.rows, self.most, self.total = rows, most, total

    def __call__(self, seen: Seen) -> Any:
        page, size = seen.json["page"], min(seen.json["limit"], self.most)
        counts = {"filteredCount": len(self.rows)} if self.total else {}
        return {"data": {"list": self.rows[page * size : (page + 1) * size], "counts": counts}}


def row(number: int, of: int) -> dict[str, Any]:
    return {**contact(number), "mainContactId": of, "key": "email", "value": "ada@example.com"}


async def ids(acquire: Acquire, key: IdentityKey, limit: int = 51) -> list[str]:
    (found,) = await acquire.find_contacts([key], limit)
    assert not isinstance(found, Exception)
    return [record.source_id for record in found]


async def test_each_contact_comes_once(fake: FakeAcquire, acquire: Acquire) -> None:
    assert isinstance(acquire, Searchable)
    assert acquire.finds_all == {MatchKey.EMAIL}
    fake.answers["POST /crm/contact/list"] = Found([row(900, 9), row(901, 8), row(902, 9)])
    assert await ids(acquire, EMAIL) == ["9", "8"]
    assert [call.json["search"] for call in fake.calls] == ["ada@example.com"]


async def test_of_a_phone_the_digits_that_every_spelling_has(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.answers["POST /crm/contact/list"] = Found([])
    assert await ids(acquire, PHONE) == []
    assert await ids(acquire, IdentityKey(MatchKey.PHONE, "12 34")) == []
    assert [call.json["search"] for call in fake.calls] == ["2079460018", "12 34"]


@pytest.mark.parametrize("most", [1_000, 7, 1])
async def test_all_are_found_in_pages_of_any_length(fake: FakeAcquire, acquire: Acquire, most: int) -> None:
    fake.answers["POST /crm/contact/list"] = Found([row(number, number // 3) for number in range(30, 90)], most)
    assert await ids(acquire, EMAIL) == [str(number) for number in range(10, 30)]


async def test_enough_are_enough(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.answers["POST /crm/contact/list"] = Found([row(number, number) for number in range(1, 1_000)])
    assert len(await ids(acquire, EMAIL)) == 51
    assert len(fake.calls) == 1


async def test_without_a_total_one_page_is_all(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.answers["POST /crm/contact/list"] = Found([row(1, 1)], total=False)
    assert await ids(acquire, EMAIL) == ["1"]
    assert len(fake.calls) == 1


async def test_without_a_total_a_full_page_is_not_the_last(fake: FakeAcquire, acquire: Acquire) -> None:
    fake.answers["POST /crm/contact/list"] = Found([row(number, number // 3) for number in range(30, 90)], total=False)
    assert await ids(acquire, EMAIL, 30) == [str(number) for number in range(10, 30)]


async def test_a_search_that_knows_no_pages_comes_to_an_end(fake: FakeAcquire, acquire: Acquire) -> None:
    whole = {"data": {"list": [row(number, number // 3) for number in range(30, 60)]}}
    fake.answers["POST /crm/contact/list"] = whole
    assert await ids(acquire, EMAIL, 30) == [str(number) for number in range(10, 20)]
    assert len(fake.calls) == 2


async def test_a_total_of_contacts_is_none_of_rows(fake: FakeAcquire, acquire: Acquire) -> None:
    rows = Found([row(number, number // 3) for number in range(30, 90)])

    def answer(seen: Seen) -> Any:
        told = rows(seen)
        told["data"]["counts"]["filteredCount"] = 20
        return told

    fake.answers["POST /crm/contact/list"] = answer
    assert await ids(acquire, EMAIL, 30) == [str(number) for number in range(10, 30)]


async def test_a_key_that_fails_fails_alone(fake: FakeAcquire, acquire: Acquire) -> None:
    def answer(seen: Seen) -> Any:
        return Found([row(1, 1)])(seen) if seen.json["search"] == EMAIL.value else 503

    fake.answers["POST /crm/contact/list"] = answer
    found, failed = await acquire.find_contacts([EMAIL, PHONE], 51)
    assert not isinstance(found, Exception)
    assert len(found) == 1
    assert isinstance(failed, UpstreamUnavailable)
