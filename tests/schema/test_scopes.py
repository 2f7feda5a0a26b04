"""What callers without a scope get of the real schema: exact data, exact errors, exact upstream calls."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.callers import ALL_SCOPES, Scope
from sandbox.app import Sandbox
from tests.schema.harness import Answer, Api
from upstreams.records import Source

PII = frozenset({Scope.CONTACTS_PII})
WITHOUT_PII = ALL_SCOPES - PII

CONTACTS = """{
  contacts(first: 5) {
    nodes {
      id source sourceId displayName firstName lastName email emails phone phones language country company jobTitle
      birthday { year month day } createdAt updatedAt consents { name accepted } customFields { key value }
      metrics { totalVisits }
      cloud4wi { username age birthDate zipCode extId { value } personalId locked enabled signupMethod logins devices }
    }
  }
}"""
MASKED = {
    "firstName": None,
    "lastName": None,
    "email": None,
    "emails": [],
    "phone": None,
    "phones": [],
    "company": None,
    "jobTitle": None,
    "birthday": None,
    "customFields": [],
}
MASKED_DETAILS = ("username", "age", "birthDate", "zipCode", "extId", "personalId", "devices")


def denied(answer: Answer) -> dict[tuple[Any, ...], int]:
    """How often fields were denied, by the path of the first; every error must be such a denial."""
    assert set(answer.codes) <= {"FORBIDDEN"}
    return {tuple(error["path"]): error["extensions"]["count"] for error in answer.errors}


async def test_personal_fields_are_withheld_and_nothing_else_is(api: Api) -> None:
    whole = (await api.query(CONTACTS))["contacts.nodes"]
    answer = await api.query(CONTACTS, scopes=WITHOUT_PII)
    assert answer.data is not None
    expected = [
        contact
        | MASKED
        | {"displayName": contact["sourceId"]}
        | {"cloud4wi": contact["cloud4wi"] | dict.fromkeys(MASKED_DETAILS)}
        for contact in whole
    ]
    assert answer.data["contacts"]["nodes"] == expected
    first = ("contacts", "nodes", 0)
    assert denied(answer) == {
        **{(*first, name): 5 for name in (*MASKED, "displayName")},
        **{(*first, "cloud4wi", name): 5 for name in MASKED_DETAILS},
    }
    assert answer.calls == {"customers": 1}


async def test_an_error_names_the_scope(api: Api) -> None:
    answer = await api.query("{ contacts(first: 1) { nodes { email } } }", scopes=WITHOUT_PII)
    assert answer.errors == [
        {
            "message": "This needs the scope contacts:pii, which the caller does not have.",
            "locations": [{"line": 1, "column": 32}],
            "path": ["contacts", "nodes", 0, "email"],
            "extensions": {"code": "FORBIDDEN", "scopes": ["contacts:pii"], "count": 1},
        }
    ]


async def test_each_field_of_the_document_is_told_once(api: Api) -> None:
    """Two aliases are two fields; a fragment that is spread twice holds one."""
    query = """{
      events(first: 4) { edges { node { contact { one: email two: email ...names } } } }
      contacts(first: 3) { nodes { ...names } }
    }
    fragment names on Contact { displayName }"""
    answer = await api.query(query, scopes=WITHOUT_PII)
    counts = denied(answer)
    assert {path[-1]: count for path, count in counts.items()} == {"one": 4, "two": 4, "displayName": 7}
    assert len(counts) == 3


async def test_events_keep_to_themselves_where_messages_went_and_what_was_answered(api: Api) -> None:
    query = """query ($types: [EventType!]) { events(first: 3, filter: {types: $types}) { nodes {
      id type
      ... on EmailEvent { address campaign { name } }
      ... on SmsEvent { address phonePrefix phoneNumber campaign { name } }
      ... on SurveyEvent { answers { key question answer } campaign { name } }
    } } }"""
    for types, hidden in (
        (["SEND_EMAIL"], {"address": None}),
        (["SEND_SMS"], {"address": None, "phonePrefix": None, "phoneNumber": None}),
        (["SURVEY"], {"answers": []}),
    ):
        whole = (await api.query(query, {"types": types}))["events.nodes"]
        assert len(whole) == 3
        assert all(any(event[name] for event in whole) for name in hidden)
        answer = await api.query(query, {"types": types}, scopes=WITHOUT_PII)
        assert answer.data is not None
        assert answer.data["events"]["nodes"] == [event | hidden for event in whole]
        assert denied(answer) == {("events", "nodes", 0, name): 3 for name in hidden}


@pytest.mark.parametrize("part", ['search: "a"', "hasEmail: true", "hasEmail: false", "hasPhone: true", 'search: ""'])
@pytest.mark.parametrize("by_variable", [False, True])
async def test_a_filter_by_something_personal_is_refused_before_any_call(
    api: Api, part: str, by_variable: bool
) -> None:
    query, variables = f"{{ contacts(filter: {{{part}}}) {{ nodes {{ id }} }} }}", None
    if by_variable:
        name, value = part.split(": ")
        query = "query ($filter: ContactFilter) { contacts(filter: $filter) { nodes { id } } }"
        variables = {"filter": {name: {"true": True, "false": False}.get(value, value.strip('"'))}}
    answer = await api.query(query, variables, scopes=WITHOUT_PII)
    assert (answer.data, denied(answer), answer.calls) == ({"contacts": None}, {("contacts",): 1}, {})


async def test_what_is_not_filtered_by_is_no_filter(api: Api) -> None:
    query = "{ contacts(first: 1, filter: {search: null, hasEmail: null, sources: [CLOUD4WI]}) { nodes { id } } }"
    answer = await api.query(query, scopes=WITHOUT_PII)
    assert (answer.errors, answer.calls) == ([], {"customers": 1})


async def test_a_personal_filter_below_is_refused_where_it_stands(api: Api) -> None:
    query = '{ segments(first: 2) { nodes { id name contacts(first: 1, filter: {search: "a"}) { nodes { id } } } } }'
    answer = await api.query(query, scopes=WITHOUT_PII)
    assert answer.data is not None
    assert [node["contacts"] for node in answer.data["segments"]["nodes"]] == [None, None]
    assert all(node["name"] for node in answer.data["segments"]["nodes"])
    assert denied(answer) == {("segments", "nodes", 0, "contacts"): 2}
    assert answer.calls == {"segments": 1}


@pytest.mark.parametrize(
    ("field", "scope"),
    [
        ("contacts(first: 1) { nodes { id } }", Scope.CONTACTS_READ),
        ("events(first: 1) { nodes { id } }", Scope.EVENTS_READ),
        ("segments(first: 1) { nodes { id } }", Scope.SEGMENTS_READ),
        ("locations(first: 1) { nodes { id } }", Scope.LOCATIONS_READ),
    ],
)
async def test_what_may_not_be_read_is_null_and_costs_no_call(api: Api, field: str, scope: Scope) -> None:
    answer = await api.query(f"{{ it: {field} sources {{ source }} }}", scopes=ALL_SCOPES - {scope})
    assert answer.data == {"it": None, "sources": [{"source": "CLOUD4WI"}]}
    assert (denied(answer), answer.calls) == ({("it",): 1}, {})
    assert answer.errors[0]["extensions"]["scopes"] == [scope.value]


async def test_by_its_id_nothing_is_read_that_may_not_be(api: Api) -> None:
    ids: dict[str, str] = {}
    for kind in ("contacts", "events", "segments", "locations"):
        [node] = (await api.query(f"{{ {kind}(first: 1) {{ nodes {{ id }} }} }}"))[f"{kind}.nodes"]
        ids[kind] = node["id"]
    lists = list(ids.values())
    for kind, scope in (
        ("contacts", Scope.CONTACTS_READ),
        ("events", Scope.EVENTS_READ),
        ("segments", Scope.SEGMENTS_READ),
        ("locations", Scope.LOCATIONS_READ),
    ):
        one = await api.query(
            "query ($id: ID!) { node(id: $id) { id } }", {"id": ids[kind]}, scopes=ALL_SCOPES - {scope}
        )
        assert (one.data, denied(one), one.calls) == ({"node": None}, {("node",): 1}, {})
        query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        many = await api.query(query, {"ids": [*lists, ids[kind]]}, scopes=ALL_SCOPES - {scope})
        assert many.data == {"nodes": [*(None if id == ids[kind] else {"id": id} for id in lists), None]}
        assert denied(many) == {("nodes", lists.index(ids[kind])): 2}


async def test_links_stop_where_a_scope_ends(api: Api) -> None:
    query = """{ contacts(first: 2) { nodes {
      id segments { name } location { name } lastVisitedLocation { id } events(first: 1) { nodes { id } }
    } } }"""
    answer = await api.query(query, scopes={Scope.CONTACTS_READ})
    assert answer.data is not None
    for contact in answer.data["contacts"]["nodes"]:
        assert contact.pop("id")
        assert contact == dict.fromkeys(("segments", "location", "lastVisitedLocation", "events"))
    assert denied(answer) == {
        ("contacts", "nodes", 0, name): 2 for name in ("segments", "location", "lastVisitedLocation", "events")
    }
    assert answer.calls == {"customers": 1}


async def test_without_any_scope_there_is_the_schema_and_the_state_of_the_sources(api: Api) -> None:
    answer = await api.query("{ __schema { queryType { name } } __typename sources { name state } }", scopes=set())
    assert answer["__schema.queryType.name"] == answer["__typename"] == "Query"
    assert answer.calls == {}


@pytest.mark.parametrize("source", [Source.RECHAT, Source.ACQUIRE])
async def test_what_is_withheld_is_not_asked_of_the_source(box: Sandbox, source: Source) -> None:
    """Where records say only what was asked for, they are not asked for what the caller gets nothing of."""

    async def asked(fields: str, scopes: frozenset[Scope]) -> list[object]:
        async with Api.over(box, sources=(source,)) as api:
            box.reset_calls()
            answer = await api.query(f"{{ contacts(first: 3) {{ nodes {{ id {fields} }} }} }}", scopes=scopes)
            assert set(answer.codes) <= ({"FORBIDDEN"} if scopes != ALL_SCOPES else set())
            return [(call.operation, call.query) for call in box.calls]

    plain = await asked("", ALL_SCOPES)
    assert await asked("displayName company customFields { key }", WITHOUT_PII) == plain
    if source is Source.RECHAT:
        assert await asked("customFields { key }", ALL_SCOPES) != plain
