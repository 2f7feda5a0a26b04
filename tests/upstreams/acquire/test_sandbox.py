"""The whole way against the sandbox's Acquire: every record, every switch that its documents leave open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from resolvers.paging import PageArgs, Pager
from sandbox.app import Sandbox
from upstreams.acquire import Acquire
from upstreams.acquire.client import PageOf
from upstreams.acquire.decode import Refused
from upstreams.acquire.lists import all_blocks
from upstreams.acquire.settings import AcquireSettings
from upstreams.errors import UpstreamRefused
from upstreams.feeds import Direction, Feed
from upstreams.http.wire import Network, WireLimits
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.instants import parse_instant
from upstreams.needs import ALL, current_needs
from upstreams.records import EventType
from upstreams.source import ContactQuery, EventQuery

SWITCHES: list[dict[str, Any]] = [
    {},
    {"errors_as_200": True},
    {"not_found": 400},
    {"max_limit": 30},
    {"max_limit": 150, "disorder": 0.3},
]


@asynccontextmanager
async def running(*, key: str | None = None, **switches: Any) -> AsyncIterator[tuple[Sandbox, Acquire]]:
    async with Sandbox.start(contacts=40, events=40, acquire_contacts=260, acquire_cases=320, acquire=switches) as box:
        network = Network(WireLimits(timeout=5.0), backoff=lambda _: 0.0)
        await network.start()
        yield box, Acquire(AcquireSettings(box.acquire_url, key or box.acquire_key), network)
        await network.close()


async def walk(feed_of: Any, direction: Direction, sizes: Sequence[int] = (60, 7, 200)) -> list[Any]:
    """All records of a feed, by pages that each begin anew from a cursor."""
    found: list[Any] = []
    after, more, turn = None, True, 0
    while more:
        args = PageArgs(first=sizes[turn % len(sizes)], after=after)
        feed: Feed[Any] = feed_of()
        page = await Pager(secret=b"s" * 32).page([feed], binding="walk", direction=direction, args=args)
        found += [edge.node for edge in page.edges]
        after, more, turn = page.end_cursor, page.has_next_page, turn + 1
    return found


@pytest.mark.parametrize("switches", SWITCHES)
@pytest.mark.parametrize("direction", Direction)
async def test_every_contact_once(switches: dict[str, Any], direction: Direction) -> None:
    async with running(**switches) as (box, acquire):
        rows = await walk(lambda: acquire.contacts(ContactQuery()), direction)
        expected = {str(row["id"]): row["dateCreated"] for row in box.acquire.contacts()}
        assert {row.source_id: row.created_at for row in rows} == {
            id: parse_instant(time) for id, time in expected.items()
        }
        assert len(rows) == len(expected)


async def test_contacts_say_all_that_the_sandbox_knows() -> None:
    async with running() as (box, acquire):
        current_needs.set(ALL)
        rows = await walk(lambda: acquire.contacts(ContactQuery()), Direction.DESC)
        whole = await acquire.contacts_by_id([row.source_id for row in rows])
        assert [getattr(one, "source_id", None) for one in whole] == [row.source_id for row in rows]
        known = {str(row["id"]): row for row in box.acquire.contacts()}
        for row in [*rows, *whole]:
            plain = known[row.source_id]
            assert (row.name or "") == (plain["fields"].get("name") or "")
            assert row.emails_as_sent == ((plain["fields"]["email"],) if plain["fields"].get("email") else ())
            assert row.company == ((plain["company"] or {}).get("fields") or {}).get("name")
            assert [ref.id for ref in row.segment_refs] == [str(tag["id"]) for tag in plain["tags"]]
            assert len(row.visits) == len(box.acquire.visits(int(row.source_id)))
            assert len(row.cases) == len(box.acquire.cases(int(row.source_id)))


@pytest.mark.parametrize("switches", SWITCHES)
async def test_every_case_once(switches: dict[str, Any]) -> None:
    async with running(**switches) as (box, acquire):
        rows = await walk(lambda: acquire.events(EventQuery()), Direction.DESC)
        expected = {str(row["id"]): row for row in box.acquire.cases()}
        assert sorted(row.source_id for row in rows) == sorted(expected)
        for row in rows:
            plain = expected[row.source_id]
            assert (row.type, row.contact_source_id) == (EventType.CONVERSATION, str(plain["contactId"]))
            assert (row.channel, row.status, row.title) == (plain["channel"], plain["status"], plain["title"])


async def test_a_timeline_and_its_events_found_again() -> None:
    async with running() as (box, acquire):
        busy = max(box.acquire.contacts(), key=lambda row: len(box.acquire.cases(row["id"])))["id"]
        box.acquire.insert_visit(busy, "2024-05-01T10:00:00.250Z", "Prices", "https://shop.example.com/prices")
        rows = await walk(lambda: acquire.events(EventQuery(contact_id=str(busy))), Direction.ASC)
        expected = {("visit", str(row["id"])) for row in box.acquire.visits(busy)}
        expected |= {("case", str(row["id"])) for row in box.acquire.cases(busy)}
        assert {(row.raw_type, row.source_id) for row in rows} == expected
        for row in rows:
            again = await acquire.event(row.contact_source_id, row.occurred_at, row.source_id)
            assert again is not None
            assert (again.raw_type, again.source_id) == (row.raw_type, row.source_id)


async def test_tags_and_who_has_them() -> None:
    async with running() as (box, acquire):
        tags = await acquire.segments().read()
        of_contacts = [row for row in box.acquire.tags() if not row["type"] or "contact" in row["type"]]
        assert sorted(tag.source_id for tag in tags) == sorted(str(row["id"]) for row in of_contacts)
        tag = max(of_contacts, key=lambda row: len(box.acquire.tagged(row["id"])))
        rows = await walk(lambda: acquire.contacts(ContactQuery(segment_ids=(str(tag["id"]),))), Direction.DESC)
        having = {row.source_id for row in rows if str(tag["id"]) in {ref.id for ref in row.segment_refs}}
        assert having == {str(id) for id in box.acquire.tagged(tag["id"])}
        assert having


@pytest.mark.parametrize("switches", SWITCHES[:3])
async def test_what_is_gone(switches: dict[str, Any]) -> None:
    async with running(**switches) as (box, acquire):
        ids = [row["id"] for row in box.acquire.contacts()[:2]]
        box.acquire.delete_contact(ids[0])
        found = await acquire.contacts_by_id([str(id) for id in (*ids, 10**12)])
        assert [getattr(one, "source_id", one) for one in found] == [None, str(ids[1]), None]
        assert await acquire.event(None, parse_instant("2024-01-01T00:00:00Z"), "999999999") is None


async def test_who_has_an_email() -> None:
    async with running() as (box, acquire):
        row = next(row for row in box.acquire.contacts() if row["fields"].get("email"))
        key = IdentityKey(MatchKey.EMAIL, row["fields"]["email"].strip().casefold())
        (found,) = await acquire.find_contacts([key], 51)
        assert not isinstance(found, Exception)
        assert str(row["id"]) in {record.source_id for record in found}
        for record in found:
            assert key.value in record.emails_as_sent[0].casefold()


async def test_writing() -> None:
    async with running() as (_, acquire):
        client = acquire.client
        made = await client.create_contact({"name": "Ada Lovelace", "email": "ada@analytical.example"})
        assert (await client.contact(made, relations=("fields",))).name == "Ada Lovelace"
        assert await client.update_contact(made, {"name": "Ada King"}) == made
        assert (await client.contact(made, relations=("fields",))).last_name == "King"
        other = await client.create_contact({"name": "A. Lovelace"})
        answer = await client.merge_contacts(made, [int(other)])
        assert str(answer["id"]) == made
        assert await acquire.contacts_by_id([other]) == [None]
        await client.block_contacts([int(made)], parse_instant("2030-01-01T00:00:00Z"))
        blocks = await all_blocks(client)
        assert [str(block["data"]["id"]) for block in blocks] == [made]
        await client.unblock(str(blocks[0]["id"]))
        assert await all_blocks(client) == []
        assert await client.delete_contact(made) == 1
        assert await acquire.contacts_by_id([made]) == [None]
        tag = await client.create_tag("New tag", color="#00FF00")
        assert (await client.tag(tag.source_id)).name == "New tag"
        with pytest.raises(Refused) as raised:
            await client.create_tag("New tag")
        assert raised.value.code == "ERROR_DUPLICATE_RECORD_FOUND"
        await client.delete_tag(tag.source_id)
        company = await client.create_company({"name": "Analytical"})
        assert (await client.company(company.source_id, relations=("fields",))).name == "Analytical"
        assert await client.delete_company(company.source_id) == 1


async def test_a_key_that_is_not_known_is_refused() -> None:
    async with running(key="revoked") as (_, acquire):
        with pytest.raises(UpstreamRefused) as raised:
            await acquire.client.contacts(PageOf(0, 1))
        assert raised.value.status == 401


async def test_the_doctor_finds_nothing_wrong() -> None:
    async with running() as (_, acquire):
        findings = [finding async for finding in acquire.examine()]
        assert [finding for finding in findings if not finding.ok] == []
        assert "newest first, as assumed" in findings[0].detail
