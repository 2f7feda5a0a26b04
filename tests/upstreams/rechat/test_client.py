"""Every endpoint: what goes out, exactly, and that a change goes out once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from aiohttp import web

from tests.upstreams.rechat.conftest import FakeRechat, RechatMaker, collection, contact, example, published, uuid
from upstreams.errors import (
    UpstreamError,
    UpstreamMalformed,
    UpstreamNotFound,
    UpstreamRefused,
    UpstreamUnavailable,
)
from upstreams.rechat import Rechat
from upstreams.rechat.client import (
    AttributeValue,
    ChangedContact,
    Client,
    Cluster,
    Column,
    Condition,
    ListChange,
    NewAttributeDef,
    NewContact,
    Selection,
)

TAG = "5b3c994e-7569-4df8-b8db-f37421a684f7"
A, B = uuid(1), uuid(2)

Call = Callable[[Client], Awaitable[Any]]


def request(name: str, kind: Any) -> Any:
    """A published request body as what the client takes."""
    return msgspec.convert(example(f"{name}.request"), kind)


READS: dict[str, tuple[Call, str, list[tuple[str, str]], Any, str]] = {
    "list": (
        lambda client: client.contacts(start=10, limit=5, order="-created_at", associations=["contact.attributes"]),
        "GET /contacts",
        [("start", "10"), ("limit", "5"), ("order", "-created_at"), ("associations[]", "contact.attributes")],
        None,
        "contacts",
    ),
    "get": (
        lambda client: client.contact(A, associations=["contact.summary", "contact.lists"]),
        f"GET /contacts/{A}",
        [("associations[]", "contact.summary"), ("associations[]", "contact.lists")],
        None,
        "contact",
    ),
    "filter by query": (
        lambda client: client.contacts_filter(Selection(q="kate@example.com", alphabet="a"), start=0, limit=10),
        "POST /contacts/filter",
        [("q", "kate@example.com"), ("alphabet", "a"), ("start", "0"), ("limit", "10")],
        {},
        "filter_query",
    ),
    "filter by attributes": (
        lambda client: client.contacts_filter(request("filter_attributes", Selection), start=0, limit=10),
        "POST /contacts/filter",
        [("start", "0"), ("limit", "10")],
        example("filter_attributes.request"),
        "filter_attributes",
    ),
    "filter by several tags": (
        lambda client: client.contacts_filter(request("filter_tags", Selection), start=0, limit=10),
        "POST /contacts/filter",
        [("start", "0"), ("limit", "10")],
        example("filter_tags.request"),
        "filter_tags",
    ),
    "filter inverted": (
        lambda client: client.contacts_filter(request("filter_inverted", Selection), start=0, limit=10),
        "POST /contacts/filter",
        [("start", "0"), ("limit", "10")],
        example("filter_inverted.request"),
        "filter_inverted",
    ),
    "filter by ids and lists": (
        lambda client: client.contacts_filter(
            Selection(ids=[A], excludes=[B], lists=["l"], flows=["f"], users=["u"]),
            start=0,
            limit=1,
            order="sort_field",
        ),
        "POST /contacts/filter",
        [("start", "0"), ("limit", "1"), ("order", "sort_field")],
        {"ids": [A], "excludes": [B], "lists": ["l"], "flows": ["f"], "users": ["u"]},
        "filter_query",
    ),
    "filter by times": (
        lambda client: client.contacts_filter(
            Selection(
                created_gte=1,
                created_lte=1778872035.913689,
                updated_gte=2.5,
                updated_lte=3.0,
                last_touch_gte=4,
                last_touch_lte=5,
                next_touch_gte=6,
                next_touch_lte=7,
                created_by="u",
                updated_by="v",
                crm_task="t",
            ),
            start=0,
            limit=1,
        ),
        "POST /contacts/filter",
        [
            ("crm_task", "t"),
            ("created_by", "u"),
            ("updated_by", "v"),
            ("created_gte", "1"),
            ("created_lte", "1778872035.913689"),
            ("updated_gte", "2.5"),
            ("updated_lte", "3"),
            ("last_touch_gte", "4"),
            ("last_touch_lte", "5"),
            ("next_touch_gte", "6"),
            ("next_touch_lte", "7"),
            ("start", "0"),
            ("limit", "1"),
        ],
        {},
        "filter_query",
    ),
    "tags": (lambda client: client.tags(), "GET /contacts/tags", [], None, "tags"),
    "attribute definitions": (
        lambda client: client.attribute_defs(),
        "GET /contacts/attribute_defs",
        [],
        None,
        "attribute_defs",
    ),
    "all duplicates": (
        lambda client: client.duplicates(start=0, limit=5, associations=["contact.summary"]),
        "GET /contacts/duplicates",
        [("start", "0"), ("limit", "5"), ("associations[]", "contact.summary")],
        None,
        "duplicates",
    ),
    "duplicates of one": (
        lambda client: client.contact_duplicates(A),
        f"GET /contacts/{A}/duplicates",
        [],
        None,
        "contact_duplicates",
    ),
}

MAPPINGS = dict[str, Column]

WRITES: dict[str, tuple[Call, str, list[tuple[str, str]], Any, str | None]] = {
    "create": (
        lambda client: client.create_contacts(
            msgspec.convert(example("create_contacts.request")["contacts"], list[NewContact]),
            associations=["contact.summary"],
        ),
        "POST /contacts",
        [("get", "true"), ("relax", "false"), ("activity", "true"), ("associations[]", "contact.summary")],
        example("create_contacts.request"),
        "create_contacts",
    ),
    "bulk update": (
        lambda client: client.update_contacts(
            msgspec.convert(example("update_contacts.request")["contacts"], list[ChangedContact])
        ),
        "PATCH /contacts",
        [("get", "false")],
        example("update_contacts.request"),
        None,
    ),
    "update": (
        lambda client: client.update_contact(
            A, [AttributeValue(id="x", text="General"), AttributeValue(attribute_def=TAG, text="New")]
        ),
        f"PATCH /contacts/{A}",
        [],
        {"attributes": [{"id": "x", "text": "General"}, {"attribute_def": TAG, "text": "New"}]},
        "update_contact",
    ),
    "owner": (
        lambda client: client.set_owner(A, example("set_owner.request")["user"]),
        f"PUT /contacts/{A}/owner",
        [],
        example("set_owner.request"),
        "set_owner",
    ),
    "touch": (
        lambda client: client.set_touch(A, 43),
        f"PATCH /contacts/{A}/touch",
        [],
        example("set_touch.request"),
        "set_touch",
    ),
    "delete": (lambda client: client.delete_contact(A), f"DELETE /contacts/{A}", [], None, None),
    "bulk delete": (
        lambda client: client.delete_contacts(example("delete_contacts.request")["ids"]),
        "DELETE /contacts",
        [],
        example("delete_contacts.request"),
        None,
    ),
    "import from JSON": (
        lambda client: client.import_json(
            msgspec.convert(example("import_json.request")["contacts"], list[NewContact])
        ),
        "POST /contacts/import.json",
        [],
        example("import_json.request"),
        "import_json",
    ),
    **{
        f"import from {ext.upper()}": (
            lambda client, ext=ext: getattr(client, f"import_{ext}")(
                example(f"import_{ext}.request")["file_id"],
                example(f"import_{ext}.request")["owner"],
                msgspec.convert(example(f"import_{ext}.request")["mappings"], MAPPINGS),
            ),
            f"POST /contacts/import.{ext}",
            [],
            example(f"import_{ext}.request"),
            f"import_{ext}",
        )
        for ext in ("csv", "xls", "xlsx")
    },
    "add attributes": (
        lambda client: client.add_attributes(
            A, [AttributeValue(attribute_def=TAG, text="PastClient")], associations=["contact_attribute.attribute_def"]
        ),
        f"POST /contacts/{A}/attributes",
        [("associations[]", "contact_attribute.attribute_def")],
        example("add_attributes.request"),
        "add_attributes",
    ),
    "replace an attribute": (
        lambda client: client.replace_attribute(A, B, AttributeValue(text="+989028202679", is_primary=True, index=1)),
        f"PUT /contacts/{A}/attributes/{B}",
        [],
        {"text": "+989028202679", "is_primary": True, "index": 1},
        "replace_attribute",
    ),
    "delete an attribute": (
        lambda client: client.delete_attribute(A, B, associations=["contact.attributes"]),
        f"DELETE /contacts/{A}/attributes/{B}",
        [("associations[]", "contact.attributes")],
        None,
        "delete_attribute",
    ),
    "bulk add attributes": (
        lambda client: client.add_attributes_to_all(
            msgspec.convert(example("add_attributes_to_all.request")["filters"], list[Condition]),
            msgspec.convert(example("add_attributes_to_all.request")["attributes"], list[AttributeValue]),
            users=["u1", "u2"],
        ),
        "POST /contacts/attributes",
        [("get", "true"), ("users[]", "u1"), ("users[]", "u2")],
        example("add_attributes_to_all.request"),
        "add_attributes_to_all",
    ),
    "bulk delete attributes": (
        lambda client: client.delete_attributes([A, B]),
        "DELETE /contacts/attributes",
        [],
        {"ids": [A, B]},
        None,
    ),
    "create an attribute definition": (
        lambda client: client.create_attribute_def(request("create_attribute_def", NewAttributeDef)),
        "POST /contacts/attribute_defs",
        [],
        example("create_attribute_def.request"),
        "create_attribute_def",
    ),
    "delete an attribute definition": (
        lambda client: client.delete_attribute_def(A),
        f"DELETE /contacts/attribute_defs/{A}",
        [],
        None,
        None,
    ),
    "merge": (
        lambda client: client.merge_contacts(
            A, example("merge_contacts.request")["sub_contacts"], associations=["contact.attributes"]
        ),
        f"POST /contacts/{A}/merge",
        [("associations[]", "contact.attributes")],
        example("merge_contacts.request"),
        "merge_contacts",
    ),
    "bulk merge": (
        lambda client: client.merge_clusters(
            msgspec.convert(example("merge_clusters.request")["clusters"], list[Cluster])
        ),
        "POST /contacts/merge",
        [],
        example("merge_clusters.request"),
        "merge_clusters",
    ),
    "create a tag": (
        lambda client: client.create_tag("baz", 60),
        "POST /contacts/tags",
        [],
        example("create_tag.request"),
        None,
    ),
    "create a tag without touches": (
        lambda client: client.create_tag("baz"),
        "POST /contacts/tags",
        [],
        {"tag": "baz"},
        None,
    ),
    "rename a tag": (
        lambda client: client.rename_tag("50% off/?#", "bar"),
        "PATCH /contacts/tags/50%25%20off%2F%3F%23",
        [],
        example("rename_tag.request"),
        None,
    ),
    "touch of a tag": (
        lambda client: client.set_tag_touch("New", 10),
        "PATCH /contacts/tags/New/touch",
        [],
        example("set_tag_touch.request"),
        None,
    ),
    "delete a tag": (lambda client: client.delete_tag(".."), "DELETE /contacts/tags/%2E%2E", [], None, None),
    "delete a list": (lambda client: client.delete_list(A), f"DELETE /contacts/lists/{A}", [], None, None),
}


@pytest.mark.parametrize("name", READS)
async def test_what_a_read_sends(fake: FakeRechat, rechat: Rechat, name: str) -> None:
    call, line, query, body, answer = READS[name]
    fake.default = published(answer)
    assert await call(rechat.client)
    (seen,) = fake.calls
    assert (seen.line, seen.query) == (line, query)
    assert (seen.json if seen.body else None) == body


@pytest.mark.parametrize("name", READS)
async def test_a_read_is_sent_again(fake: FakeRechat, rechat: Rechat, name: str) -> None:
    call, _, _, _, answer = READS[name]
    answers = [503, published(answer)]
    fake.default = lambda _: answers.pop(0)
    assert await call(rechat.client)
    assert len(fake.calls) == 2


@pytest.mark.parametrize("name", WRITES)
async def test_what_a_change_sends(fake: FakeRechat, rechat: Rechat, name: str) -> None:
    call, line, query, body, answer = WRITES[name]
    fake.default = web.Response(status=204) if answer is None else published(answer)
    changed = await call(rechat.client)
    assert (changed is None) == (answer is None)
    (seen,) = fake.calls
    assert (seen.line, seen.query) == (line, query)
    assert (seen.json if seen.body else None) == body


@pytest.mark.parametrize("name", WRITES)
async def test_a_change_is_never_sent_twice(fake: FakeRechat, rechat: Rechat, name: str) -> None:
    fake.default = 503
    with pytest.raises(UpstreamUnavailable):
        await WRITES[name][0](rechat.client)
    assert len(fake.calls) == 1


LIST = {"id": A, "name": "Buyers", "member_count": 3}


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda client, change: client.create_list(change), "POST /contacts/lists"),
        (lambda client, change: client.update_list(A, change), f"PUT /contacts/lists/{A}"),
    ],
)
async def test_lists_are_written(fake: FakeRechat, rechat: Rechat, call: Any, line: str) -> None:
    fake.default = {"code": "OK", "data": LIST}
    change = ListChange(
        name="Buyers", filters=[Condition(attribute_def=TAG, value="New", operator="eq")], args={"filter_type": "or"}
    )
    assert (await call(rechat.client, change)).size == 3
    (seen,) = fake.calls
    assert seen.line == line
    assert seen.json == {
        "name": "Buyers",
        "filters": [{"attribute_def": TAG, "value": "New", "operator": "eq"}],
        "args": {"filter_type": "or"},
    }


async def test_lists_and_their_options_are_read(fake: FakeRechat, rechat: Rechat) -> None:
    options = {"tag": {"values": ["New"], "operator": "all"}}
    fake.answers = {
        "GET /contacts/lists": collection([LIST], total=0),
        "GET /contacts/lists/options": {"code": "OK", "data": options},
    }
    assert [row.name for row in (await rechat.client.lists()).rows] == ["Buyers"]
    assert await rechat.client.list_options() == options


async def test_the_calendar_is_read(fake: FakeRechat, rechat: Rechat) -> None:
    row = {"id": "e", "object_type": "crm_task", "timestamp": 5}
    fake.default = collection([row], low=1, high=9, limit=50)
    found = await rechat.client.calendar(
        1, 9, limit=50, contact=A, object_types=["crm_association"], event_types=["Call"], users=["u"]
    )
    assert (found.rows[0].source_id, found.limit) == ("e", 50)
    assert fake.calls[0].query == [
        ("low", "1"),
        ("high", "9"),
        ("limit", "50"),
        ("contact", A),
        ("object_types[]", "crm_association"),
        ("event_types[]", "Call"),
        ("users[]", "u"),
    ]


async def test_an_upload_is_a_form_with_one_file(fake: FakeRechat, rechat: Rechat) -> None:
    content = b"Name\r\n--boundary\r\n\x00\xff"
    received: list[tuple[str | None, str | None, str | None, bytes]] = []

    async def parse(seen: Any) -> bytes:
        import asyncio

        from aiohttp import MultipartReader, StreamReader
        from aiohttp.base_protocol import BaseProtocol

        stream = StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**20)
        stream.feed_data(seen.body)
        stream.feed_eof()
        async for part in MultipartReader(seen.headers, stream):
            received.append((part.name, part.filename, part.headers.get("Content-Type"), bytes(await part.read())))
        return published("upload")

    fake.default = parse
    file = await rechat.client.upload('my "contacts"\r\nX: y.csv', content, "text/csv")
    assert file.source_id == example("upload")["data"]["id"]
    assert fake.lines == ["POST /contacts/upload"]
    ((field, name, mime, body),) = received
    assert (field, mime, body) == ("file", "text/csv", content)
    assert "\r" not in (name or "")
    assert fake.calls[0].body.count(b"Content-Type") == 1


async def test_a_media_type_cannot_carry_a_header(rechat: Rechat, fake: FakeRechat) -> None:
    with pytest.raises(ValueError, match="media type"):
        await rechat.client.upload("x", b"", "text/csv\r\nX: y")
    assert fake.calls == []


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.delete_contacts([]),
        lambda client: client.delete_attributes([]),
        lambda client: client.add_attributes_to_all([], [AttributeValue(attribute_def=TAG, text="x")]),
        lambda client: client.merge_contacts(A, []),
        lambda client: client.merge_clusters([]),
        lambda client: client.delete_tag(""),
    ],
)
async def test_an_empty_selection_never_goes_out(fake: FakeRechat, rechat: Rechat, call: Call) -> None:
    with pytest.raises(ValueError, match="empty"):
        await call(rechat.client)
    assert fake.calls == []


VALUE = AttributeValue(text="x")


@pytest.mark.parametrize(
    "call",
    [
        lambda client, id: client.update_contact(id, [VALUE]),
        lambda client, id: client.set_owner(id, B),
        lambda client, id: client.set_touch(id, 1),
        lambda client, id: client.delete_contact(id),
        lambda client, id: client.add_attributes(id, [VALUE]),
        lambda client, id: client.replace_attribute(id, B, VALUE),
        lambda client, id: client.replace_attribute(A, id, VALUE),
        lambda client, id: client.delete_attribute(id, B),
        lambda client, id: client.delete_attribute(A, id),
        lambda client, id: client.merge_contacts(id, [B]),
    ],
)
@pytest.mark.parametrize("id", ["", "attributes", "tags", "..", A + "x"])
async def test_what_is_no_id_never_takes_the_place_of_one(
    fake: FakeRechat, rechat: Rechat, call: Callable[[Client, str], Awaitable[Any]], id: str
) -> None:
    with pytest.raises(UpstreamNotFound):
        await call(rechat.client, id)
    assert fake.calls == []


@pytest.mark.parametrize("id", ["", "tags", "duplicates", A + "/duplicates"])
async def test_what_is_no_id_is_not_asked_for(fake: FakeRechat, rechat: Rechat, id: str) -> None:
    assert await rechat.client.contact(id) is None
    assert await rechat.client.contact_duplicates(id) is None
    assert fake.calls == []


@pytest.mark.parametrize(
    "shape", [[], [{"id": 3, "contacts": [contact(1)]}], {"id": 3, "contacts": [contact(1)]}, None]
)
async def test_a_cluster_comes_alone_or_in_a_list(fake: FakeRechat, rechat: Rechat, shape: Any) -> None:
    fake.default = {"code": "OK", "data": shape}
    cluster = await rechat.client.contact_duplicates(A)
    assert (cluster is None) == (not shape)
    assert cluster is None or [row.source_id for row in cluster.contacts] == [A]


async def test_what_is_gone_is_none(fake: FakeRechat, rechat: Rechat) -> None:
    fake.default = (404, {"code": "ResourceNotFound", "message": "Contact x not found", "http": 404})
    assert await rechat.client.contact(A) is None
    assert await rechat.client.contact_duplicates(A) is None


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((404, {"code": "ResourceNotFound", "message": "secret"}), UpstreamNotFound),
        ((400, {"code": "ResourceNotFound", "message": "secret"}), UpstreamNotFound),
        ((400, {"code": "Validation", "message": "secret"}), UpstreamRefused),
        ((200, {"code": "Validation", "message": "secret"}), UpstreamRefused),
        ((409, {"code": "Conflict", "message": "secret"}), UpstreamRefused),
        ((403, {"code": "Forbidden", "message": "secret"}), UpstreamRefused),
        (b"<html>secret</html>", UpstreamMalformed),
        ({"code": "OK", "data": {"secret": 1}}, UpstreamMalformed),
    ],
)
async def test_failures_tell_nothing_of_the_body(
    fake: FakeRechat, rechat: Rechat, answer: Any, failure: type[UpstreamError]
) -> None:
    fake.default = answer
    with pytest.raises(failure) as caught:
        await rechat.client.tags()
    assert "secret" not in str(caught.value)


async def test_every_call_says_who_we_are(fake: FakeRechat, make: RechatMaker) -> None:
    fake.default = published("tags")
    await make(brand="b-1").client.tags()
    await make().client.tags()
    first, second = (call.headers for call in fake.calls)
    assert (first["Authorization"], first["X-RECHAT-BRAND"]) == ("Bearer at-1", "b-1")
    assert "X-RECHAT-BRAND" not in second


async def test_lists_are_kept_until_something_changes(fake: FakeRechat, rechat: Rechat) -> None:
    fake.answers = {"GET /contacts/tags": published("tags"), "POST /contacts/tags": 204}
    await rechat.client.tags()
    await rechat.client.tags()
    await rechat.client.create_tag("new")
    await rechat.client.tags()
    assert fake.lines == ["GET /contacts/tags", "POST /contacts/tags", "GET /contacts/tags"]


async def test_lost_rows_are_counted(fake: FakeRechat, rechat: Rechat, caplog: pytest.LogCaptureFixture) -> None:
    fake.default = collection([contact(1), {"id": "secret"}])
    assert len((await rechat.client.contacts(start=0, limit=2)).rows) == 1
    assert rechat.client.malformed_rows == 1
    assert "1 of 2 rows" in caplog.text
    assert "secret" not in caplog.text
