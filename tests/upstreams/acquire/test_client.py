"""One method an endpoint: what goes out, what comes back, what is never sent twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.upstreams.acquire.conftest import FakeAcquire, case, contact
from upstreams.acquire import Acquire
from upstreams.acquire.client import Client, PageOf
from upstreams.acquire.decode import Refused
from upstreams.acquire.settings import AcquireSettings
from upstreams.errors import UpstreamMalformed, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable
from upstreams.http.keeping import Keeping
from upstreams.http.wire import Network
from upstreams.instants import Instant
from upstreams.source import SourceState

Work = Callable[[Client], Awaitable[Any]]

LIST = {"data": {"list": [contact(2), contact(1)], "counts": {"total": 2}}}
PAGED = {"data": {"page": 0, "offset": 0, "limit": 20, "count": 1, "data": [{**case(6, 2), "key": "plan"}]}}
ONE = {"data": {**contact(7), "key": "plan"}}
GONE = {"data": {"deleted": 1}}
UNTIL = Instant("2026-01-01T00:00:00")

READS: list[tuple[Work, str, Any]] = [
    (
        lambda c: c.contacts(
            PageOf(2, 50), relations=("company", "tags"), select=("id",), where=(("status", "active"), ("id", "1|2"))
        ),
        "GET /crm/objects/contact?page=2&limit=50&relations=company&relations=tags&select=id"
        "&where=status|eq|active&where=id|eq|1|2",
        LIST,
    ),
    (lambda c: c.contact("7", relations=("visits",)), "GET /crm/objects/contact/7?relations=visits", ONE),
    (
        lambda c: c.blocks(PageOf(0, 5)),
        "GET /crm/block-visitor?page=0&limit=5",
        {"data": {"offset": 0, "count": 0, "data": []}},
    ),
    (lambda c: c.block("3"), "GET /crm/block-visitor/3", {"data": {"id": 3}}),
    (
        lambda c: c.companies(PageOf(0, 20), relations=("contacts",), where=(("id", "12"),)),
        "GET /crm/objects/company?page=0&limit=20&relations=contacts&where=id|eq|12",
        PAGED,
    ),
    (lambda c: c.company("3", relations=("fields",)), "GET /crm/objects/company/3?relations=fields", ONE),
    (lambda c: c.tags(), "GET /crm/tag", PAGED),
    (lambda c: c.tags(search="V&P", relations=("contact",)), "GET /crm/tag?relations=contact&search=V&P", PAGED),
    (lambda c: c.tag("4"), "GET /crm/tag/4", ONE),
    (
        lambda c: c.custom_attributes(PageOf(0, 5), where=(("object", "case"),)),
        "GET /crm/objects/object-field?page=0&limit=5&where=object|eq|case",
        PAGED,
    ),
    (lambda c: c.custom_attribute("9"), "GET /crm/objects/object-field/9", ONE),
    (
        lambda c: c.cases(PageOf(0, 5), relations=("messages",), where=(("contactId", "2"),)),
        "GET /crm/objects/case?page=0&limit=5&relations=messages&where=contactId|eq|2",
        PAGED,
    ),
    (lambda c: c.case("6"), "GET /crm/objects/case/6", ONE),
    (lambda c: c.notes("2", PageOf(0, 5)), "GET /crm/note?contact_id=2&page=0&limit=5", {"data": {"rows": []}}),
    (lambda c: c.note("13"), "GET /crm/note/get/13", {"data": {"id": 13}}),
    (lambda c: c.views("2", PageOf(1, 5)), "GET /crm/view?contact_id=2&page=1&limit=5", {"data": {"data": []}}),
    (lambda c: c.view("a/b"), "GET /crm/view/a%2Fb", {"data": {"id": 1}}),
]

WRITES: list[tuple[Work, str, Any, Any]] = [
    (
        lambda c: c.create_contact({"name": "Ada"}, clientType="web"),
        "POST /crm/objects/contact",
        {"clientType": "web", "fields": {"name": "Ada"}},
        ONE,
    ),
    (lambda c: c.update_contact("7", {"name": "Ada"}), "PUT /crm/objects/contact/7", {"fields": {"name": "Ada"}}, ONE),
    (lambda c: c.delete_contact("7"), "DELETE /crm/objects/contact/7", None, GONE),
    (lambda c: c.merge_contacts("83", [78]), "POST /crm/contact/merge/83", {"sourceIds": [78]}, {"data": {"id": 83}}),
    (
        lambda c: c.block_contacts([827], UNTIL),
        "POST /crm/block-visitor",
        {"data": [827], "type": "contact", "blockTill": "2026-01-01T00:00:00Z"},
        {"data": True},
    ),
    (lambda c: c.unblock("6"), "DELETE /crm/block-visitor?id=6", None, {"data": {"deleted": {"affected": 1}}}),
    (lambda c: c.create_company({"name": "A"}), "POST /crm/objects/company", {"fields": {"name": "A"}}, ONE),
    (lambda c: c.update_company("3", {"name": "A"}), "PUT /crm/objects/company/3", {"fields": {"name": "A"}}, ONE),
    (lambda c: c.delete_company("3"), "DELETE /crm/objects/company/3", None, GONE),
    (
        lambda c: c.create_tag("VIP", color="#FF0000", type=("case", "contact")),
        "POST /crm/tag",
        {"name": "VIP", "color": "#FF0000", "type": ["case", "contact"]},
        ONE,
    ),
    (
        lambda c: c.update_tag("4", "VIP", color=None, type=("contact",)),
        "PUT /crm/tag/4",
        {"name": "VIP", "color": None, "type": ["contact"]},
        ONE,
    ),
    (lambda c: c.delete_tag("4"), "DELETE /crm/tag?id=4", None, GONE),
    (lambda c: c.create_custom_attribute({"key": "a"}), "POST /crm/objects/object-field", {"key": "a"}, ONE),
    (lambda c: c.update_custom_attribute("9", {"key": "a"}), "PUT /crm/objects/object-field/9", {"key": "a"}, ONE),
    (lambda c: c.delete_custom_attribute("9"), "DELETE /crm/objects/object-field/9", None, GONE),
    (
        lambda c: c.create_note("2", "x"),
        "POST /crm/note/create?contactId=2",
        {"type": "note", "message": "x"},
        {"data": {}},
    ),
    (lambda c: c.create_view({"title": "x"}), "POST /crm/view", {"title": "x"}, {"data": {}}),
    (lambda c: c.update_view("5", {"title": "x"}), "PUT /crm/view/5", {"title": "x"}, {"data": {}}),
    (lambda c: c.delete_view("5"), "DELETE /crm/view/5", None, {"data": {"success": True, "message": "It is."}}),
]


def path_of(line: str) -> str:
    return line.partition("?")[0]


@pytest.mark.parametrize(("work", "line", "answer"), READS)
async def test_reads(fake: FakeAcquire, acquire: Acquire, work: Work, line: str, answer: Any) -> None:
    fake.answers[path_of(line)] = answer
    await work(acquire.client)
    assert fake.lines == [line]
    assert fake.calls[0].headers["Authorization"] == "Bearer key-1"
    assert fake.calls[0].body == b""


@pytest.mark.parametrize(("work", "line", "body", "answer"), WRITES)
async def test_writes(fake: FakeAcquire, acquire: Acquire, work: Work, line: str, body: Any, answer: Any) -> None:
    fake.answers[path_of(line)] = answer
    await work(acquire.client)
    assert fake.lines == [line]
    assert (fake.calls[0].json if fake.calls[0].body else None) == body


@pytest.mark.parametrize(("work", "line"), [(work, line) for work, line, _, _ in WRITES])
async def test_no_write_is_sent_twice(fake: FakeAcquire, acquire: Acquire, work: Work, line: str) -> None:
    fake.answers[path_of(line)] = 503
    with pytest.raises(UpstreamUnavailable):
        await work(acquire.client)
    assert len(fake.calls) == 1


async def test_reads_are_sent_again(fake: FakeAcquire, acquire: Acquire) -> None:
    answers: list[Any] = [503, (200, {"error": {"code": "ERROR_SERVER_ERROR"}}), ONE]
    fake.answers["GET /crm/objects/contact/7"] = lambda _: answers.pop(0)
    assert (await acquire.client.contact("7")).source_id == "7"
    assert len(fake.calls) == 3


async def test_a_search(fake: FakeAcquire, acquire: Acquire) -> None:
    rows = [{**contact(900), "mainContactId": 9, "key": "email", "value": "ada@example.com"}]
    fake.answers["POST /crm/contact/list"] = {"data": {"list": rows, "counts": {"filteredCount": 1}}}
    found = await acquire.client.search_contacts("ada", PageOf(0, 20))
    assert [(row.source_id, row.matched_key) for row in found.good] == [("9", "email")]
    assert found.total == 1
    assert fake.calls[0].json == {"payload": {}, "page": 0, "limit": 20, "search": "ada"}


async def test_what_is_written_is_read_anew(fake: FakeAcquire, network: Network) -> None:
    network.keeping = Keeping.of(0.0, 60.0)
    client = Acquire(AcquireSettings(fake.url, "key-1"), network).client
    fake.answers |= {"GET /crm/objects/contact/7": ONE, "PUT /crm/objects/contact/7": ONE}
    await client.contact("7")
    await client.contact("7")
    await client.update_contact("7", {})
    await client.contact("7")
    assert [call.method for call in fake.calls] == ["GET", "PUT", "GET"]


async def test_what_repeats_the_request_is_no_contact(fake: FakeAcquire, acquire: Acquire) -> None:
    """The documents show such an answer to an update."""
    told = {"id": 2, "dateCreated": "string", "dateUpdated": "string", "fields": {"name": "John"}}
    fake.answers |= {"PUT /crm/objects/contact/2": {"data": told}, "POST /crm/objects/contact": {"data": told}}
    assert await acquire.client.update_contact("2", {"name": "John"}) == "2"
    assert await acquire.client.create_contact({"name": "John"}) == "2"
    fake.answers["POST /crm/objects/contact"] = {"data": {}}
    with pytest.raises(UpstreamMalformed):
        await acquire.client.create_contact({"name": "John"})


async def test_a_card_is_unwrapped(fake: FakeAcquire, acquire: Acquire) -> None:
    wrapped = {"success": True, "data": {"id": 10, "title": "x"}, "message": "View added successfully."}
    fake.answers["POST /crm/view"] = {"data": wrapped}
    assert await acquire.client.create_view({"title": "x"}) == {"id": 10, "title": "x"}
    fake.answers["POST /crm/view"] = {"data": {"success": False, "message": "secret"}}
    with pytest.raises(UpstreamMalformed) as raised:
        await acquire.client.create_view({"title": "x"})
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("work", "line"),
    [
        (lambda c: c.delete_contact("7"), "DELETE /crm/objects/contact/7"),
        (lambda c: c.delete_company("7"), "DELETE /crm/objects/company/7"),
        (lambda c: c.delete_tag("7"), "DELETE /crm/tag"),
        (lambda c: c.delete_custom_attribute("7"), "DELETE /crm/objects/object-field/7"),
        (lambda c: c.delete_view("7"), "DELETE /crm/view/7"),
    ],
)
async def test_where_nothing_was_deleted_there_was_nothing(
    fake: FakeAcquire, acquire: Acquire, work: Work, line: str
) -> None:
    fake.answers[line] = {"data": {"deleted": 0}}
    with pytest.raises(UpstreamNotFound):
        await work(acquire.client)


async def test_nothing_is_merged_or_blocked_without_a_choice(fake: FakeAcquire, acquire: Acquire) -> None:
    with pytest.raises(ValueError, match="nothing to merge"):
        await acquire.client.merge_contacts("83", [])
    with pytest.raises(ValueError, match="nobody to block"):
        await acquire.client.block_contacts([], UNTIL)
    with pytest.raises(ValueError, match="empty path segment"):
        await acquire.client.delete_contact("")
    assert fake.calls == []


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (404, UpstreamNotFound),
        ((404, {"error": {"code": "ERROR_RECORD_NOT_FOUND"}}), UpstreamNotFound),
        ((400, {"error": {"code": "ERROR_RECORD_NOT_FOUND"}}), UpstreamNotFound),
        ((200, {"error": {"code": "ERROR_RECORD_NOT_FOUND"}}), UpstreamNotFound),
        ((400, {"error": {"code": "ERROR_INVALID_INPUT", "message": "secret"}}), Refused),
        ((200, {"error": {"code": "CHAT_ALREADY_JOINED", "message": "secret"}}), Refused),
        (400, UpstreamRefused),
        (401, UpstreamRefused),
        (403, UpstreamRefused),
        (b"<html>secret</html>", UpstreamMalformed),
        ({"data": None}, UpstreamMalformed),
    ],
)
async def test_failures(fake: FakeAcquire, acquire: Acquire, answer: Any, failure: type[Exception]) -> None:
    fake.answers["GET /crm/objects/contact/7"] = answer
    with pytest.raises(failure) as raised:
        await acquire.client.contact("7")
    assert type(raised.value) is failure
    assert "secret" not in str(raised.value)
    assert "key-1" not in str(raised.value)
    assert len(fake.calls) == 1


@pytest.mark.parametrize("answer", [401, (200, {"error": {"code": "ERROR_UNAUTHORIZED"}})])
async def test_a_key_that_is_not_accepted_is_told_of(fake: FakeAcquire, acquire: Acquire, answer: Any) -> None:
    assert acquire.health().state is SourceState.HEALTHY
    fake.answers["GET /crm/objects/contact/7"] = answer
    with pytest.raises(UpstreamRefused) as raised:
        await acquire.client.contact("7")
    assert raised.value.status == 401
    assert acquire.health().state is not SourceState.HEALTHY


async def test_malformed_rows_are_counted_and_told_without_what_is_in_them(
    fake: FakeAcquire, acquire: Acquire, caplog: pytest.LogCaptureFixture
) -> None:
    fake.answers["GET /crm/objects/contact"] = {"data": {"list": [contact(1), {"name": "Ada"}, {"id": "Bob"}]}}
    found = await acquire.client.contacts(PageOf(0, 20))
    assert [row.source_id for row in found.good] == ["1"]
    assert acquire.client.malformed_rows == 2
    assert caplog.messages == ["Acquire: contacts: 2 of 3 rows are malformed and left out"]
