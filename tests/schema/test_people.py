"""People through GraphQL: exact data, exact numbers of upstream calls, and what is said when something is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from resolvers.callers import Scope
from resolvers.ids import simple_id
from sandbox.acquire.fields import COUNTRY_IDS
from sandbox.app import Sandbox
from sandbox.clock import micros
from tests.schema.harness import Api
from upstreams.records import Entity, Source

C, R, A = Source.CLOUD4WI, Source.RECHAT, Source.ACQUIRE
PHONE = "+393287654321"


def contact_id(source: Source, id: object) -> str:
    return simple_id(Entity.CONTACT, source, str(id))


def person_id(source: Source, id: object) -> str:
    return simple_id(Entity.PERSON, source, str(id))


@dataclass(frozen=True)
class Ada:
    """One person: in Cloud4Wi and Rechat by the e-mail, in Rechat and Acquire by the phone."""

    cloud4wi: str
    rechat: str
    acquire: str

    @property
    def ids(self) -> list[str]:
        return [contact_id(C, self.cloud4wi), contact_id(R, self.rechat), contact_id(A, self.acquire)]


@pytest.fixture
def ada(box: Sandbox) -> Ada:
    pattern = box.cloud4wi.contacts()[3]
    box.cloud4wi.insert_contact(
        {
            **pattern,
            "cid": "ada",
            "firstName": "Ada",
            "lastName": "Lovelace",
            "email": "Ada@Lovelace.example",
            "phone": None,
            "phoneNumber": None,
            "phonePrefix": None,
        }
    )
    rechat = box.rechat.insert_contact(
        first_name="Ada", last_name="Lovelace", emails=["ada@lovelace.example"], phone_numbers=["+39 328 765 4321"]
    )
    acquire = box.acquire.insert_contact(name="A. Lovelace", phone="3287654321", countryId=COUNTRY_IDS["IT"])
    return Ada("ada", rechat["id"], str(acquire["id"]))


@pytest_asyncio.fixture
async def api(box: Sandbox, ada: Ada) -> AsyncIterator[Api]:
    """A gateway over all three services, whose indexes are complete."""
    async with Api.over(box, sources=(C, R, A)) as api:
        await api.index()
        yield api


PERSON = (
    "id contacts { id source displayName } matches { contact { id } matchedBy confidence } incompleteSources truncated"
)

EXPECTED_MATCHES = [(R, ["EMAIL"], 0.97), (A, ["PHONE"], 0.75)]


def expected(ada: Ada) -> dict[str, Any]:
    by_source = dict(zip((C, R, A), ada.ids, strict=True))
    names = {C: "Ada Lovelace", R: "Ada Lovelace", A: "A. Lovelace"}
    return {
        "id": person_id(C, ada.cloud4wi),
        "contacts": [
            {"id": id, "source": source.value, "displayName": names[source]} for source, id in by_source.items()
        ],
        "matches": [
            {"contact": {"id": by_source[source]}, "matchedBy": kinds, "confidence": sure}
            for source, kinds, sure in EXPECTED_MATCHES
        ],
        "incompleteSources": [],
        "truncated": False,
    }


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_person_is_the_same_whichever_contact_is_asked_for(api: Api, ada: Ada, place: int) -> None:
    answer = await api.query(
        f"query ($id: ID!) {{ person(contactId: $id) {{ {PERSON} asOf }} }}", {"id": ada.ids[place]}
    )
    found = answer["person"]
    assert found.pop("asOf") is not None
    assert found == expected(ada)
    # A search for the e-mail and one for the phone in each source that has one; each contact is loaded once, and
    # Rechat's comes with its search.
    assert answer.calls == {
        "customer": 1,
        "contactSearch": 2,
        "contact": 1,
        "contactsFilter": 3 if place == 1 else 2,
    }


@pytest.mark.parametrize(
    "arguments", ['email: "ADA@lovelace.example"', f'phone: "{PHONE}"', 'phone: "0039 328 765 4321"']
)
async def test_a_person_by_an_email_or_a_phone(box: Sandbox, ada: Ada, arguments: str) -> None:
    async with Api.over(box, sources=(C, R, A), GATEWAY_DEFAULT_REGION="IT") as api:
        await api.index()
        answer = await api.query(f"{{ person({arguments}) {{ {PERSON} }} }}")
        assert answer["person"] == expected(ada)


async def test_counterparts_are_the_others_and_cost_nothing_beside_the_person(api: Api, ada: Ada) -> None:
    text = "query ($id: ID!) { contact(id: $id) { counterparts { id } person { id contacts { id } } } }"
    answer = await api.query(text, {"id": ada.ids[0]})
    assert answer["contact.counterparts"] == [{"id": ada.ids[1]}, {"id": ada.ids[2]}]
    assert answer["contact.person"] == {
        "id": person_id(C, ada.cloud4wi),
        "contacts": [{"id": id} for id in ada.ids],
    }
    assert answer.calls == {"customer": 1, "contactsFilter": 2, "contactSearch": 2, "contact": 1}


async def test_the_id_of_a_person_finds_it_again(api: Api, ada: Ada, box: Sandbox) -> None:
    text = f"query ($id: ID!) {{ node(id: $id) {{ __typename id ... on Person {{ {PERSON} }} }} }}"
    answer = await api.query(text, {"id": person_id(C, ada.cloud4wi)})
    assert answer["node"] == {"__typename": "Person", **expected(ada)}
    for source, id in ((R, ada.rechat), (A, ada.acquire)):
        other = await api.query(text, {"id": person_id(source, id)})
        assert other["node.id"] == person_id(C, ada.cloud4wi), "the person that the contact belongs to now"
    box.cloud4wi.delete_contact(ada.cloud4wi)
    gone = await api.query(text, {"id": person_id(C, ada.cloud4wi)})
    assert gone.data == {"node": None}


async def test_a_contact_that_nobody_is_linked_to_is_a_person_of_one(api: Api, box: Sandbox) -> None:
    box.acquire.insert_contact(identifier=90_001, name="Nobody Else")
    answer = await api.query(
        f"query ($id: ID!) {{ person(contactId: $id) {{ {PERSON} asOf }} }}", {"id": contact_id(A, 90_001)}
    )
    assert answer["person"] == {
        "id": person_id(A, 90_001),
        "contacts": [{"id": contact_id(A, 90_001), "source": "ACQUIRE", "displayName": "Nobody Else"}],
        "matches": [],
        "incompleteSources": [],
        "truncated": False,
        "asOf": None,
    }
    assert answer.calls == {"contact": 1}


async def test_people_of_a_page_are_found_together(api: Api, box: Sandbox) -> None:
    text = "{ contacts(first: 20, filter: {sources: [CLOUD4WI]}) { nodes { sourceId person { id } } } }"
    answer = await api.query(text)
    assert all(node["person"] for node in answer["contacts.nodes"])
    rows = {row["cid"]: row for row in box.cloud4wi.contacts()}
    shown = [rows[node["sourceId"]] for node in answer["contacts.nodes"]]
    emails = {row["email"].strip().casefold() for row in shown if row["email"] and "example" in row["email"]}
    assert answer.calls["customers"] == 1
    assert answer.calls["contactsFilter"] == answer.calls["contactSearch"] >= len(emails)


async def test_what_a_deleted_contact_shared_links_nobody(api: Api, ada: Ada, box: Sandbox) -> None:
    box.cloud4wi.delete_contact(ada.cloud4wi)
    answer = await api.query("query ($id: ID!) { contact(id: $id) { counterparts { id } } }", {"id": ada.ids[1]})
    assert answer["contact.counterparts"] == [{"id": ada.ids[2]}], "the index still names it"


async def test_a_contact_that_changed_since_the_index_links_nobody(api: Api, ada: Ada, box: Sandbox) -> None:
    row = next(row for row in box.cloud4wi.contacts() if row["cid"] == ada.cloud4wi)
    box.cloud4wi.replace_contact({**row, "email": "other@lovelace.example"})
    answer = await api.query("query ($id: ID!) { contact(id: $id) { counterparts { id } } }", {"id": ada.ids[1]})
    assert answer["contact.counterparts"] == [{"id": ada.ids[2]}]


async def test_an_index_that_is_not_complete_is_told(box: Sandbox, ada: Ada) -> None:
    text = f"query ($id: ID!) {{ person(contactId: $id) {{ {PERSON} asOf }} }}"
    async with Api.over(box, sources=(C, R, A)) as api:
        answer = await api.query(text, {"id": ada.ids[1]})
        assert answer["person.incompleteSources"] == ["CLOUD4WI", "RECHAT", "ACQUIRE"]
        assert answer["person.asOf"] is None
        assert [contact["id"] for contact in answer["person.contacts"]] == ada.ids[1:], "searches find these"
        counterparts = await api.query(
            "query ($id: ID!) { contact(id: $id) { counterparts { id } } }", {"id": ada.ids[1]}
        )
        assert counterparts.data == {"contact": {"counterparts": [{"id": ada.ids[2]}]}}
        assert counterparts.codes == ["UPSTREAM_UNAVAILABLE"] * 3
        assert {error["extensions"]["source"] for error in counterparts.errors} == {"CLOUD4WI", "RECHAT", "ACQUIRE"}
        nobody = await api.query('{ person(email: "nobody@nowhere.example") { id } }')
        assert (nobody.data, nobody.codes) == ({"person": None}, ["UPSTREAM_UNAVAILABLE"])
        assert nobody.errors[0]["extensions"]["retryable"] is True
        await api.index()
        answer = await api.query(text, {"id": ada.ids[1]})
        assert answer["person.incompleteSources"] == []
        assert (await api.query('{ person(email: "nobody@nowhere.example") { id } }'))["person"] is None


@pytest.mark.parametrize(
    ("fault", "source", "left"),
    [
        ("rechat.*", "RECHAT", [0]),
        ("acquire.searchContacts", "ACQUIRE", [0, 1, 2]),  # the index knows the phone
        ("acquire.contact", "ACQUIRE", [0, 1, 2]),
    ],
)
@pytest.mark.parametrize("kind", ["status", "html", "reset"])
async def test_a_source_that_fails_leaves_the_others(
    box: Sandbox, ada: Ada, fault: str, source: str, left: list[int], kind: str
) -> None:
    async with Api.over(box, sources=(C, R, A), GATEWAY_UPSTREAM_RETRIES="0") as api:
        await api.index()
        box.faults.add(fault, kind)
        answer = await api.query(f"query ($id: ID!) {{ person(contactId: $id) {{ {PERSON} }} }}", {"id": ada.ids[0]})
        assert answer.data is not None
        person = answer.data["person"]
        assert person["incompleteSources"] == [source]
        assert [contact["id"] for contact in person["contacts"]] == [ada.ids[place] for place in left]
        assert [error["extensions"]["source"] for error in answer.errors] == [source]
        assert answer.errors[0]["path"] == ["person"]


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        'email: "a@example.org", phone: "+393281234567"',
        'email: "n/a"',
        'email: "none@none.com"',
        'phone: "0000000000"',
        'phone: "12"',
        'phone: "555 0123"',
        'email: ""',
    ],
)
async def test_what_cannot_be_a_person_is_refused_before_any_call(api: Api, arguments: str) -> None:
    answer = await api.query(f"{{ person{f'({arguments})' if arguments else ''} {{ id }} }}")
    assert (answer.data, answer.codes, answer.calls) == ({"person": None}, ["BAD_USER_INPUT"], {})


async def test_ids_of_other_types_are_refused(api: Api, ada: Ada) -> None:
    for id in (person_id(C, "ada"), simple_id(Entity.SEGMENT, C, "x"), "nonsense"):
        answer = await api.query("query ($id: ID!) { person(contactId: $id) { id } }", {"id": id})
        assert answer.codes == ["INVALID_ID"]
    answer = await api.query("query ($id: ID!) { contact(id: $id) { id } }", {"id": person_id(C, "ada")})
    assert answer.codes == ["INVALID_ID"]
    gone = await api.query("query ($id: ID!) { person(contactId: $id) { id } }", {"id": contact_id(C, "gone")})
    assert (gone.data, gone.codes) == ({"person": None}, [])


async def test_a_shared_address_links_nobody_and_is_nobody(api: Api, box: Sandbox) -> None:
    ids = [
        box.rechat.insert_contact(first_name=f"N{n}", last_name=f"Family{n}", emails=["info@office.example"])["id"]
        for n in range(11)
    ]
    answer = await api.query('{ person(email: "info@office.example") { id } }')
    assert answer["person"] is None
    one = await api.query(
        "query ($id: ID!) { contact(id: $id) { counterparts { id } } }", {"id": contact_id(R, ids[0])}
    )
    assert one["contact.counterparts"] == []


async def test_a_shared_key_of_the_index_is_told_by_a_few_contacts(api: Api, box: Sandbox) -> None:
    pattern = box.cloud4wi.contacts()[3]
    for n in range(30):
        own = {"cid": f"office{n:02}", "firstName": f"N{n}", "lastName": f"Family{n}", "email": "desk@office.example"}
        phones = {"phone": None, "phoneNumber": None, "phonePrefix": None}
        box.cloud4wi.insert_contact({**pattern, **own, **phones, "created": "2030-01-01T00:00:00Z"})
    async with Api.over(box, sources=(C,)) as other:
        await other.index()
        answer = await other.query(
            "query ($id: ID!) { contact(id: $id) { counterparts { id } } }", {"id": contact_id(C, "office20")}
        )
        assert answer["contact.counterparts"] == []
        assert answer.calls == {"customer": 12}, "itself, and eleven that tell that it is shared"


async def test_the_index_of_each_source_is_told_and_costs_no_call(box: Sandbox) -> None:
    text = "{ sources { source index { state contacts asOf } } }"
    async with Api.over(box, sources=(C, R, A)) as api:
        before = await api.query(text)
        idle = {"state": "IDLE", "contacts": 0, "asOf": None}
        assert before["sources"] == [{"source": source.value, "index": idle} for source in (C, R, A)]
        await api.query("query ($id: ID!) { person(contactId: $id) { id } }", {"id": contact_id(C, first(box))})
        building = await api.query(text)
        assert building["sources.0.index.state"] == "BUILDING"
        await api.index()
        after = await api.query(text)
        assert after.calls == {}
        counts = [len(each.contacts()) for each in (box.cloud4wi, box.rechat, box.acquire)]
        assert [row["index"]["contacts"] for row in after["sources"]] == counts
        assert {row["index"]["state"] for row in after["sources"]} == {"READY"}
        assert all(row["index"]["asOf"] for row in after["sources"])


def first(box: Sandbox) -> str:
    """A contact with an e-mail."""
    return str(next(row["cid"] for row in box.cloud4wi.contacts() if "@example" in (row["email"] or "")))


async def test_without_an_index_that_can_be_read_the_rest_answers(
    box: Sandbox, ada: Ada, tmp_path_factory: pytest.TempPathFactory
) -> None:
    taken = tmp_path_factory.mktemp("state") / "file"
    taken.write_text("")
    async with Api.over(box, sources=(C, R, A), GATEWAY_STATE_DIR=str(taken)) as api:
        answer = await api.query(
            "query ($id: ID!) { person(contactId: $id) { contacts { id } incompleteSources } }", {"id": ada.ids[0]}
        )
        assert [contact["id"] for contact in answer["person.contacts"]] == ada.ids
        assert answer["person.incompleteSources"] == ["CLOUD4WI", "RECHAT", "ACQUIRE"]
        assert (await api.query("{ sources { index { state } } }"))["sources.0.index"] is None


async def test_only_who_may_read_contacts_finds_people(api: Api, ada: Ada) -> None:
    text = "query ($id: ID!) { person(contactId: $id) { id } }"
    denied = await api.query(text, {"id": ada.ids[0]}, scopes=frozenset(Scope) - {Scope.CONTACTS_READ})
    assert (denied.data, denied.codes, denied.calls) == ({"person": None}, ["FORBIDDEN"], {})
    node = await api.query(
        "query ($id: ID!) { node(id: $id) { id } }",
        {"id": person_id(C, "ada")},
        scopes=frozenset(Scope) - {Scope.CONTACTS_READ},
    )
    assert (node.codes, node.calls) == (["FORBIDDEN"], {})
    by_email = await api.query(
        '{ person(email: "ada@lovelace.example") { id } }', scopes=frozenset(Scope) - {Scope.CONTACTS_PII}
    )
    assert (by_email.codes, by_email.calls) == (["FORBIDDEN"], {})


def happened(box: Sandbox, ada: Ada) -> list[tuple[str, str]]:
    """Seven things in each source, one a day; source and time of each, latest first."""
    told: list[tuple[str, str]] = []
    for day in range(1, 8):
        at = f"2029-06-0{day}T10:00:00Z"
        box.cloud4wi.insert_event(box.cloud4wi.make_event(at, ada.cloud4wi))
        box.rechat.insert_event(micros(datetime.fromisoformat(at)) / 1e6, ada.rechat)
        box.acquire.insert_case(int(ada.acquire), at)
        told += [(source.value, at) for source in (A, R, C)]
    return sorted(told, key=lambda row: (row[1], row[0] == "ACQUIRE", row[0] == "RECHAT"), reverse=True)


EVENTS = (
    "query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: EventFilter) {"
    " node(id: $id) { ... on Person { events("
    "first: $first, after: $after, last: $last, before: $before, filter: $filter) {"
    " nodes { source sourceId contactId occurredAt } incompleteSources"
    " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }"
)
SINCE = {"from": "2029-01-01T00:00:00Z"}


async def walk(api: Api, id: str, *, first: int, filter: dict[str, Any]) -> list[dict[str, Any]]:
    """Every event of a person, page by page."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        answer = await api.query(EVENTS, {"id": id, "first": first, "after": after, "filter": filter})
        page = answer["node.events"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        assert page["nodes"]
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("first", [1, 4, 5, 100])
async def test_the_timeline_is_one_over_all_contacts(api: Api, ada: Ada, box: Sandbox, first: int) -> None:
    told = happened(box, ada)
    whose = person_id(C, ada.cloud4wi)
    found = await walk(api, whose, first=first, filter=SINCE)
    assert [(row["source"], row["occurredAt"]) for row in found] == told
    assert len({row["sourceId"] for row in found}) == len(told)
    ids = dict(zip(("CLOUD4WI", "RECHAT", "ACQUIRE"), ada.ids, strict=True))
    assert all(row["contactId"] == ids[row["source"]] for row in found)


async def test_the_timeline_goes_backwards_too(api: Api, ada: Ada, box: Sandbox) -> None:
    told = happened(box, ada)
    found: list[tuple[str, str]] = []
    before = None
    while True:
        variables = {"id": person_id(C, ada.cloud4wi), "last": 4, "before": before, "filter": SINCE}
        page = (await api.query(EVENTS, variables))["node.events"]
        found = [(row["source"], row["occurredAt"]) for row in page["nodes"]] + found
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]
    assert found == told


async def test_the_timeline_costs_one_call_a_contact(api: Api, ada: Ada, box: Sandbox) -> None:
    happened(box, ada)
    answer = await api.query(
        "query ($id: ID!, $filter: EventFilter) { person(contactId: $id) { contacts { id segments { name } }"
        " segments { name kind source } events(first: 50, filter: $filter) { nodes { occurredAt } } } }",
        {"id": ada.ids[0], "filter": SINCE},
    )
    assert len(answer["person.events.nodes"]) == 21
    named = {each["name"] for contact in answer["person.contacts"] for each in contact["segments"]}
    assert [segment["name"] for segment in answer["person.segments"]] == sorted(named, key=str.casefold)
    assert answer.calls == {
        "customer": 1,
        "contactsFilter": 2,
        "contactSearch": 2,
        "contact": 2,  # the contact, and its visits
        "organizationCustomerEvents": 1,
        "calendar": 1,
        "cases": 1,
    }


async def test_the_timeline_is_filtered(api: Api, ada: Ada, box: Sandbox) -> None:
    told = happened(box, ada)
    whose = person_id(C, ada.cloud4wi)
    some = await walk(api, whose, first=3, filter={**SINCE, "sources": ["RECHAT", "CLOUD4WI"]})
    assert [(row["source"], row["occurredAt"]) for row in some] == [row for row in told if row[0] != "ACQUIRE"]
    own = await walk(api, whose, first=3, filter={**SINCE, "contactId": ada.ids[2]})
    assert {row["source"] for row in own} == {"ACQUIRE"}
    assert len(own) == 7
    assert await walk(api, whose, first=3, filter={"contactId": contact_id(C, first(box))}) == []
    assert await walk(api, whose, first=3, filter={"sources": []}) == []


async def test_a_cursor_belongs_to_its_person_and_filter(api: Api, ada: Ada, box: Sandbox) -> None:
    happened(box, ada)
    page = await api.query(EVENTS, {"id": person_id(C, ada.cloud4wi), "first": 2, "filter": SINCE})
    after = page["node.events.pageInfo.endCursor"]
    other = await api.query(EVENTS, {"id": person_id(C, first(box)), "first": 2, "filter": SINCE, "after": after})
    assert other.codes == ["INVALID_CURSOR"]
    filtered = await api.query(EVENTS, {"id": person_id(C, ada.cloud4wi), "first": 2, "after": after})
    assert filtered.codes == ["INVALID_CURSOR"]


async def test_a_contact_that_joins_takes_its_place_in_a_walk(api: Api, ada: Ada, box: Sandbox) -> None:
    told = happened(box, ada)
    whose = person_id(C, ada.cloud4wi)
    page = (await api.query(EVENTS, {"id": whose, "first": 6, "filter": SINCE}))["node.events"]
    twin = box.rechat.insert_contact(first_name="Ada", last_name="Lovelace", emails=["ada@lovelace.example"])
    for at in ("2029-06-07T12:00:00Z", "2029-06-02T12:00:00Z"):
        box.rechat.insert_event(micros(datetime.fromisoformat(at)) / 1e6, twin["id"])
    variables = {"id": whose, "first": 100, "filter": SINCE, "after": page["pageInfo"]["endCursor"]}
    rest = (await api.query(EVENTS, variables))["node.events"]["nodes"]
    seen = [(row["source"], row["occurredAt"]) for row in [*page["nodes"], *rest]]
    assert [row for row in seen if "T12" not in row[1]] == told
    assert [row for row in seen if "T12" in row[1]] == [("RECHAT", "2029-06-02T12:00:00Z")], "what lies ahead"


@pytest.mark.parametrize(("fault", "source"), [("rechat.calendar", "RECHAT"), ("cloud4wi.customerEvents", "CLOUD4WI")])
async def test_a_source_that_is_down_is_caught_up_with(box: Sandbox, ada: Ada, fault: str, source: str) -> None:
    told = happened(box, ada)
    async with Api.over(box, sources=(C, R, A), GATEWAY_UPSTREAM_RETRIES="0") as api:
        await api.index()
        down = box.faults.add(fault, "status", status=503)
        whose = person_id(C, ada.cloud4wi)
        answer = await api.query(EVENTS, {"id": whose, "first": 5, "filter": SINCE})
        assert answer.data is not None
        page = answer.data["node"]["events"]
        assert page["incompleteSources"] == [source]
        assert [error["extensions"]["source"] for error in answer.errors] == [source]
        box.faults.remove(down)
        variables = {"id": whose, "first": 100, "filter": SINCE, "after": page["pageInfo"]["endCursor"]}
        rest = (await api.query(EVENTS, variables))["node.events"]["nodes"]
        seen = [(row["source"], row["occurredAt"]) for row in [*page["nodes"], *rest]]
        assert sorted(seen) == sorted(told)


async def test_segments_of_a_source_that_fails_leave_the_others(box: Sandbox, ada: Ada) -> None:
    async with Api.over(box, sources=(C, R, A), GATEWAY_UPSTREAM_RETRIES="0") as api:
        await api.index()
        text = "query ($id: ID!) { person(contactId: $id) { segments { source name size } } }"
        whole = (await api.query(text, {"id": ada.ids[0]}))["person.segments"]
        assert {row["source"] for row in whole} == {"CLOUD4WI", "RECHAT"}
        assert whole == sorted(whole, key=lambda row: str(row["name"]).casefold())
    async with Api.over(box, sources=(C, R, A), GATEWAY_UPSTREAM_RETRIES="0") as api:
        await api.index()
        box.faults.add("cloud4wi.segments", "status", status=503)
        answer = await api.query(text, {"id": ada.ids[0]})
        assert answer.data == {"person": {"segments": [row for row in whole if row["source"] == "RECHAT"]}}
        assert [error["extensions"]["source"] for error in answer.errors] == ["CLOUD4WI"]
