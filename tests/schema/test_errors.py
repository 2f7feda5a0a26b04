"""What goes wrong, by whose fault, and what it costs: bad input no call, a failing upstream one field."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.schema.harness import Api
from upstreams.records import Entity, Source

C = Source.CLOUD4WI
GONE = simple_id(Entity.CONTACT, C, "0" * 32)
OFF = simple_id(Entity.CONTACT, Source.RECHAT, "a")
SEGMENT = simple_id(Entity.SEGMENT, C, "12d1f8713a1fecb953bcc64220813bc6")
IVAN = simple_id(Entity.CONTACT, C, "f4c6be2cebc56bf4b8a16a2d463d5b60")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ contact(id: "nonsense") { id } }', "INVALID_ID"),
        (f'{{ contact(id: "{SEGMENT}") {{ id }} }}', "INVALID_ID"),
        (f'{{ node(id: "{OFF}") {{ id }} }}', "INVALID_ID"),
        (f'{{ events(filter: {{contactId: "{SEGMENT}"}}) {{ nodes {{ id }} }} }}', "INVALID_ID"),
        ('{ contacts(filter: {segmentIds: ["x"]}) { nodes { id } } }', "INVALID_ID"),
        ("{ contacts(filter: {sources: [RECHAT]}) { nodes { id } } }", "BAD_USER_INPUT"),
        ("{ contacts(first: -1) { nodes { id } } }", "BAD_USER_INPUT"),
        ("{ contacts(first: 1001) { nodes { id } } }", "BAD_USER_INPUT"),
        ("{ contacts(first: 1, last: 1) { nodes { id } } }", "BAD_USER_INPUT"),
        ('{ events(after: "nonsense") { nodes { id } } }', "INVALID_CURSOR"),
        ('{ segments(before: "") { nodes { name } } }', "INVALID_CURSOR"),
        ('{ contacts(filter: {segmentIds: []}, after: "nonsense") { nodes { id } } }', "INVALID_CURSOR"),
        (
            '{ events(filter: {from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z"}) { nodes { id } } }',
            "BAD_USER_INPUT",
        ),
    ],
)
async def test_bad_input_has_its_code_and_costs_no_call(api: Api, query: str, code: str) -> None:
    answer = await api.query(query)
    assert answer.codes == [code]
    assert answer.trace == []
    assert answer.errors[0]["path"] == [next(iter(answer.data or {}))]
    assert len(answer.errors[0]["message"]) > 20


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"at": "2026-01-01T00:00:00"}, "offset"),
        ({"at": "yesterday"}, "DateTime"),
        ({"at": 5}, "DateTime"),
    ],
)
async def test_a_time_without_an_offset_is_refused(api: Api, variables: dict[str, Any], message: str) -> None:
    query = "query ($at: DateTime) { events(filter: {from: $at}) { nodes { id } } }"
    answer = await api.query(query, variables)
    assert (answer.data, answer.codes) == (None, ["BAD_USER_INPUT"])
    assert message in answer.errors[0]["message"]


async def test_a_cursor_of_another_connection_is_refused(api: Api) -> None:
    first = await api.query("{ events(first: 1) { pageInfo { endCursor } } }")
    cursor = first["events.pageInfo.endCursor"]
    for query in (
        "contacts(after: $after) { nodes { id } }",
        "events(after: $after, filter: {types: [VISIT]}) { nodes { id } }",
        "events(after: $after, orderBy: {direction: ASC}) { nodes { id } }",
        f'contact(id: "{IVAN}") {{ events(after: $after) {{ nodes {{ id }} }} }}',
    ):
        answer = await api.query(f"query ($after: String) {{ {query} }}", {"after": cursor})
        assert answer.codes == ["INVALID_CURSOR"], query
    again = await api.query(
        "query ($after: String) { events(first: 3, after: $after) { nodes { id } } }", {"after": cursor}
    )
    assert len(again["events.nodes"]) == 3


@pytest.mark.parametrize("query", ["contact(id: $id) { id displayName }", "node(id: $id) { id }"])
async def test_something_gone_is_null_without_an_error(api: Api, query: str) -> None:
    answer = await api.query(f"query ($id: ID!) {{ {query} }}", {"id": GONE})
    assert answer.errors == []
    assert answer.data is not None
    assert list(answer.data.values()) == [None]


async def test_an_event_whose_contact_is_gone_stays(api: Api, box: Sandbox) -> None:
    newest = box.cloud4wi.events()[-1]
    box.cloud4wi.delete_contact(newest["customerId"])
    answer = await api.query("{ events(first: 1) { nodes { sourceId contactId contact { displayName } } } }")
    node = answer["events.nodes.0"]
    assert node["sourceId"] == newest["event"]["id"]
    assert node["contactId"]
    assert node["contact"] is None


async def test_a_broken_id_among_many_is_null_with_an_error_at_its_place(api: Api) -> None:
    answer = await api.query("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [IVAN, "x", GONE, SEGMENT]})
    assert answer.data == {"nodes": [{"id": IVAN}, None, None, {"id": SEGMENT}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [(["nodes", 1], "INVALID_ID")]


async def test_too_many_ids_are_refused_before_any_call(box: Sandbox) -> None:
    async with Api.over(box, GATEWAY_MAX_IDS="2") as api:
        for query in (
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            "query ($ids: [ID!]) { contacts(filter: {segmentIds: $ids}) { nodes { id } } }",
        ):
            answer = await api.query(query, {"ids": [SEGMENT] * 3})
            assert answer.codes == ["QUERY_TOO_COMPLEX"]
            assert answer.trace == []


FAULTS = [
    ({"kind": "status", "status": 500}, "UPSTREAM_UNAVAILABLE", True),
    ({"kind": "reset"}, "UPSTREAM_UNAVAILABLE", True),
    ({"kind": "html", "status": 502}, "UPSTREAM_UNAVAILABLE", True),
    ({"kind": "truncated"}, "UPSTREAM_UNAVAILABLE", True),
    ({"kind": "hang"}, "UPSTREAM_TIMEOUT", True),
    ({"kind": "status", "status": 429, "retry_after": 60}, "UPSTREAM_RATE_LIMITED", True),
    ({"kind": "html"}, "UPSTREAM_MALFORMED", False),
    ({"kind": "empty"}, "UPSTREAM_MALFORMED", False),
    ({"kind": "broken_json"}, "UPSTREAM_MALFORMED", False),
    ({"kind": "status", "status": 403}, "UPSTREAM_REFUSED", False),
    ({"kind": "status", "status": 409}, "UPSTREAM_REFUSED", False),
    ({"kind": "ko"}, "UPSTREAM_REFUSED", False),
]


@pytest.mark.parametrize(("fault", "code", "retryable"), FAULTS)
async def test_a_failing_field_is_null_and_nothing_beside_it(
    box: Sandbox, fault: dict[str, Any], code: str, retryable: bool
) -> None:
    async with Api.over(box, GATEWAY_UPSTREAM_RETRIES="0", GATEWAY_UPSTREAM_TIMEOUT="0.3") as api:
        await api.query("{ contacts(first: 1) { nodes { id } } }")
        box.faults.add("segments", **fault)
        answer = await api.query("{ segments { nodes { name } } locations(first: 1) { nodes { name } } }")
    assert answer.data is not None
    assert answer.data["segments"] is None
    assert answer.codes == [code]
    extensions = answer.errors[0]["extensions"]
    assert (extensions["source"], extensions["retryable"]) == ("CLOUD4WI", retryable)
    assert answer.errors[0]["path"] == ["segments"]
    for part in (box.url, "127.0.0.1", box.client_secret, "Traceback", "<html"):
        assert part not in str(answer.errors)
    if code != "UPSTREAM_RATE_LIMITED":  # which closes the whole source for a while
        assert answer.data["locations"]["nodes"]


async def test_a_failing_contact_nulls_its_own_field_of_each_event(api: Api, box: Sandbox) -> None:
    await api.query("{ contacts(first: 1) { nodes { id } } }")
    box.faults.add("contact", "status", status=404, times=1)
    answer = await api.query("{ events(first: 20) { nodes { id contact { firstName lastName displayName } } } }")
    assert answer.errors == []
    box.faults.clear()
    box.faults.add("contact", "html")
    answer = await api.query("{ events(first: 20) { nodes { id contact { firstName } } } }")
    assert answer.data is not None
    assert len(answer.data["events"]["nodes"]) == 20
    assert all(node["id"] and node["contact"] is None for node in answer.data["events"]["nodes"])
    assert set(answer.codes) == {"UPSTREAM_MALFORMED"}
    assert len(answer.errors) == 20


async def test_wrong_credentials_are_refused_with_the_source_named(box: Sandbox) -> None:
    async with Api.over(box, CLOUD4WI_CLIENT_SECRET="wrong") as api:
        answer = await api.query("{ contacts { nodes { id } } sources { state } }")
    assert answer.codes == ["UPSTREAM_REFUSED"]
    assert answer.errors[0]["extensions"]["source"] == "CLOUD4WI"
    assert "wrong" not in str(answer.errors)


async def test_a_source_that_does_not_listen_is_unavailable(box: Sandbox) -> None:
    async with Api.over(box, CLOUD4WI_URL="http://127.0.0.1:1", GATEWAY_UPSTREAM_RETRIES="0") as api:
        answer = await api.query("{ events { nodes { id } } __typename }")
    assert answer.data == {"events": None, "__typename": "Query"}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]


async def test_malformed_rows_cost_themselves(api: Api, box: Sandbox) -> None:
    box.faults.add("events", "malformed_rows", rows=5)
    answer = await api.query("{ events(first: 10) { nodes { sourceId } } }")
    expected = [event["event"]["id"] for event in box.cloud4wi.events()[::-1][:10]]
    assert [node["sourceId"] for node in answer["events.nodes"]] == expected


async def test_a_revoked_token_is_renewed_unseen(api: Api, box: Sandbox) -> None:
    await api.query("{ contacts(first: 1) { nodes { id } } }")
    box.revoke_tokens()
    answer = await api.query("{ contacts(first: 1) { nodes { id } } }")
    assert answer.errors == []
    assert [call.operation for call in answer.trace] == ["customers", "signIn", "customers"]
