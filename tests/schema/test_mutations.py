"""Contacts are written: what the source has afterwards, the payload, the exact calls, what the user can put right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType, get_named_type

from gateway.auth.marks import read_marks
from resolvers.callers import ALL_SCOPES, Scope
from sandbox.app import Sandbox
from tests.schema.harness import SCHEMA, Api
from tests.schema.writing import change, contact_id, refusals, writer
from upstreams.records import Source

C, R, A = Source.CLOUD4WI, Source.RECHAT, Source.ACQUIRE
CONTACT = "contact { id source sourceId firstName lastName emails phones company jobTitle }"


@pytest_asyncio.fixture
async def api(box: Sandbox, tmp_path: Path) -> AsyncIterator[Api]:
    """A gateway over all three services of the small sandbox."""
    async with writer(box, tmp_path) as api:
        yield api


def of_rechat(box: Sandbox, place: int = 0) -> dict[str, Any]:
    return box.rechat.contacts(["contact.attributes"])[place]


def of_acquire(box: Sandbox, place: int = 0) -> dict[str, Any]:
    return box.acquire.contacts()[place]


async def test_a_contact_is_created_at_rechat(api: Api, box: Sandbox) -> None:
    given = {
        "source": "RECHAT",
        "firstName": "Ada",
        "lastName": "Byron",
        "emails": ["ada@example.com", "a.byron@example.org"],
        "phones": ["+442079460958"],
        "company": "Engines",
        "jobTitle": "Analyst",
        "birthday": {"year": 1915, "month": 12, "day": 10},
        "tags": ["Buyer"],
        "rechat": {"nickname": "Countess", "notes": ["likes numbers"]},
    }
    answer = await change(
        api, "contactCreate", given, CONTACT + " contact { segments { name kind } birthday { year } }"
    )
    assert refusals(answer, "contactCreate") == []
    made = answer["contactCreate.contact"]
    assert made["firstName"] == "Ada"
    assert made["emails"] == ["ada@example.com", "a.byron@example.org"]
    assert made["birthday"] == {"year": 1915}
    assert made["segments"] == [{"name": "Buyer", "kind": "TAG"}]
    there = box.rechat.contact(made["sourceId"])
    assert there is not None
    assert (there["first_name"], there["last_name"], there["company"]) == ("Ada", "Byron", "Engines")
    assert (there["email"], there["emails"]) == ("ada@example.com", ["ada@example.com", "a.byron@example.org"])
    assert (there["nickname"], there["tags"]) == ("Countess", ["Buyer"])
    assert there["birthday"] == "1915-12-10T00:00:00.000Z"
    assert answer.calls == {"attributeDefs": 1, "createContacts": 1}


async def test_a_contact_is_created_at_acquire(api: Api, box: Sandbox) -> None:
    given = {
        "source": "ACQUIRE",
        "firstName": "Ada",
        "lastName": "Byron",
        "emails": ["ada@example.com"],
        "phones": ["+442079460958"],
        "acquire": {"city": "London", "countryId": "287", "clientType": "web", "clientName": "Firefox"},
    }
    answer = await change(api, "contactCreate", given, CONTACT + " contact { country }")
    assert refusals(answer, "contactCreate") == []
    made = answer["contactCreate.contact"]
    assert (made["firstName"], made["lastName"], made["country"]) == ("Ada", "Byron", "GB")
    there = box.acquire.contact(int(made["sourceId"]))
    assert there is not None
    fields = there["fields"]
    assert (fields["name"], fields["email"], fields["phone"]) == ("Ada Byron", "ada@example.com", "+442079460958")
    assert (fields["city"], there["clientName"]) == ("London", "Firefox")
    assert answer.calls == {"contactCreate": 1, "contact": 1}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"source": "CLOUD4WI", "firstName": "Ada"}, [("source", "NOT_SUPPORTED")]),
        ({"source": "RECHAT"}, [(None, "REQUIRED")]),
        ({"source": "ACQUIRE"}, [(None, "REQUIRED")]),
        ({"source": "RECHAT", "acquire": {"city": "Rome"}}, [("acquire", "NOT_SUPPORTED")]),
        ({"source": "RECHAT", "emails": ["a@example.com", " "]}, [("emails.1", "INVALID")]),
        ({"source": "RECHAT", "birthday": {"month": 2, "day": 30}}, [("birthday", "INVALID")]),
        ({"source": "RECHAT", "birthday": {"year": 1999, "month": 2, "day": 30}}, [("birthday", "INVALID")]),
        (
            {"source": "RECHAT", "customFields": [{"key": "nothing", "value": "x"}], "rechat": {"title": "King"}},
            [("rechat.title", "INVALID"), ("customFields.0.key", "NOT_FOUND")],
        ),
        (
            {
                "source": "RECHAT",
                "rechat": {"attributes": [{"name": "email"}, {"text": "x"}, {"name": "no", "text": "x"}]},
            },
            [
                ("rechat.attributes.0", "REQUIRED"),
                ("rechat.attributes.1", "REQUIRED"),
                ("rechat.attributes.2.name", "NOT_FOUND"),
            ],
        ),
        (
            {"source": "ACQUIRE", "emails": ["a@example.com", "b@example.com"], "company": "X", "tags": ["y"]},
            [("company", "NOT_SUPPORTED"), ("tags", "NOT_SUPPORTED"), ("emails", "NOT_SUPPORTED")],
        ),
        (
            {"source": "ACQUIRE", "customFields": [{"key": "email", "value": "x"}]},
            [("customFields.0.key", "INVALID")],
        ),
    ],
)
async def test_what_cannot_be_created_is_said_before_anything_is_sent(
    api: Api, given: dict[str, Any], errors: list[tuple[str | None, str]]
) -> None:
    answer = await change(api, "contactCreate", given, CONTACT)
    assert refusals(answer, "contactCreate") == errors
    assert answer["contactCreate.contact"] is None
    assert answer.calls.keys() <= {"attributeDefs"}


async def test_what_acquire_refuses_is_a_user_error(api: Api, box: Sandbox) -> None:
    box.acquire_behaviour.change(duplicates=True)
    taken = next(row["fields"]["email"] for row in box.acquire.contacts() if row["fields"].get("email"))
    answer = await change(api, "contactCreate", {"source": "ACQUIRE", "emails": [taken]}, CONTACT)
    assert refusals(answer, "contactCreate") == [(None, "DUPLICATE")]
    given = {"source": "ACQUIRE", "emails": ["x@example.com"], "customFields": [{"key": "unheard_of", "value": "1"}]}
    answer = await change(api, "contactCreate", given, CONTACT)
    assert refusals(answer, "contactCreate") == [(None, "INVALID")]
    assert answer.calls == {"contactCreate": 1}


async def test_a_contact_of_rechat_becomes_what_is_wanted(api: Api, box: Sandbox) -> None:
    made = box.rechat.insert_contact(
        first_name="Ada",
        last_name="Byron",
        company="Engines",
        emails=["a@example.com", "b@example.com"],
        tags=["Buyer", "Hot"],
    )
    given = {
        "id": contact_id(R, made["id"]),
        "lastName": "King",
        "company": None,
        "emails": ["c@example.com", "b@example.com"],
        "tags": ["Hot"],
        "phones": ["+442079460958"],
    }
    answer = await change(api, "contactUpdate", given, CONTACT)
    assert refusals(answer, "contactUpdate") == []
    there = box.rechat.contact(made["id"])
    assert there is not None
    assert (there["first_name"], there["last_name"], there["company"]) == ("Ada", "King", None)
    assert (there["email"], sorted(there["emails"])) == ("c@example.com", ["b@example.com", "c@example.com"])
    assert (there["tags"], there["phone_numbers"]) == (["Hot"], ["+442079460958"])
    contact = answer["contactUpdate.contact"]
    assert (contact["firstName"], contact["lastName"], contact["company"]) == ("Ada", "King", None)
    assert contact["emails"] == ["c@example.com", "b@example.com"]
    assert answer.calls == {
        "attributeDefs": 1,
        "contact": 1,
        "updateContact": 1,
        "deleteAttributes": 1,
        "contactsFilter": 1,
    }


async def test_a_contact_that_is_as_wanted_is_not_written(api: Api, box: Sandbox) -> None:
    made = box.rechat.insert_contact(first_name="Ada", emails=["a@example.com"], tags=["Hot"])
    given = {"id": contact_id(R, made["id"]), "firstName": "Ada", "tags": ["Hot"], "lastName": None}
    answer = await change(api, "contactUpdate", given, CONTACT)
    assert answer["contactUpdate.contact.firstName"] == "Ada"
    assert answer.calls == {"attributeDefs": 1, "contact": 1, "contactsFilter": 1}
    there = box.rechat.contact(made["id"])
    assert there is not None
    assert there["updated_at"] == made["updated_at"]


@pytest.mark.parametrize("put", ["merge", "replace"])
async def test_a_contact_of_acquire_keeps_what_is_not_named(api: Api, box: Sandbox, put: str) -> None:
    box.acquire_behaviour.change(put=put)
    made = box.acquire.insert_contact(name="Ada Byron", email="ada@example.com", city="London", countryId="287")
    given = {"id": contact_id(A, made["id"]), "lastName": "King", "phones": ["+442079460958"], "emails": None}
    answer = await change(api, "contactUpdate", given, CONTACT)
    assert refusals(answer, "contactUpdate") == []
    there = box.acquire.contact(made["id"])
    assert there is not None
    fields = there["fields"]
    assert (fields["name"], fields.get("email"), fields["phone"]) == ("Ada King", None, "+442079460958")
    assert (fields["city"], fields["countryId"]) == ("London", "287")
    assert answer["contactUpdate.contact.lastName"] == "King"
    assert answer.calls == {"contact": 2, "contactUpdate": 1}


async def test_contacts_of_two_sources_change_at_once(api: Api, box: Sandbox) -> None:
    first, second = (box.rechat.insert_contact(first_name=name, tags=["Hot"]) for name in ("Ada", "Eve"))
    third = box.acquire.insert_contact(name="Bob Stone", email="bob@example.com")
    rows = [
        {"id": contact_id(R, first["id"]), "lastName": "One", "tags": []},
        {"id": contact_id(A, third["id"]), "lastName": "Two"},
        {"id": contact_id(R, second["id"]), "lastName": "Three"},
    ]
    answer = await change(api, "contactsUpdate", {"contacts": rows}, "contacts { sourceId lastName }")
    assert refusals(answer, "contactsUpdate") == []
    assert [(row["sourceId"], row["lastName"]) for row in answer["contactsUpdate.contacts"]] == [
        (first["id"], "One"),
        (str(third["id"]), "Two"),
        (second["id"], "Three"),
    ]
    assert answer.calls == {
        "attributeDefs": 1,
        "contactsFilter": 2,
        "updateContacts": 1,
        "deleteAttributes": 1,
        "contact": 2,
        "contactUpdate": 1,
    }
    changed = box.rechat.contact(first["id"])
    assert changed is not None
    assert changed["tags"] is None


async def test_one_wrong_contact_keeps_all_from_being_sent(api: Api, box: Sandbox) -> None:
    rows = [
        {"id": contact_id(R, of_rechat(box)["id"]), "lastName": "One"},
        {"id": contact_id(R, "00000000-0000-4000-8000-000000000000"), "lastName": "Two"},
    ]
    answer = await change(api, "contactsUpdate", {"contacts": rows}, "contacts { id }")
    assert refusals(answer, "contactsUpdate") == [("contacts.1.id", "NOT_FOUND")]
    assert answer.calls == {"attributeDefs": 1, "contactsFilter": 1}
    rows[1] = {"id": contact_id(C, box.cloud4wi.contacts()[0]["cid"]), "lastName": "Two"}
    answer = await change(api, "contactsUpdate", {"contacts": rows}, "contacts { id }")
    assert refusals(answer, "contactsUpdate") == [("contacts.1.id", "NOT_SUPPORTED")]
    assert answer.calls == {}


async def test_a_contact_is_deleted_and_later_fields_see_it(api: Api, box: Sandbox) -> None:
    ids = {
        C: (contact_id(C, box.cloud4wi.contacts()[0]["cid"]), "deleteCustomer", "customer"),
        R: (contact_id(R, of_rechat(box)["id"]), "deleteContact", "contactsFilter"),
        A: (contact_id(A, of_acquire(box)["id"]), "contactDelete", "contact"),
    }
    text = (
        "mutation ($id: ID!) { before: contactTouch(input: {id: $id, days: 3}) { userErrors { code } } "
        "contactDelete(input: {id: $id}) { deletedIds userErrors { code } } "
        "again: contactDelete(input: {id: $id}) { deletedIds userErrors { field code } } }"
    )
    for source, (id, write, read) in ids.items():
        seen = await api.query("query ($id: ID!) { contact(id: $id) { firstName } }", {"id": id})
        assert seen["contact"] is not None
        answer = await api.query(text, {"id": id})
        assert answer["contactDelete"] == {"deletedIds": [id], "userErrors": []}
        assert answer["again"] == {"deletedIds": [], "userErrors": [{"field": "id", "code": "NOT_FOUND"}]}
        assert answer.calls[write] == 2, source
        gone = await api.query("query ($id: ID!) { contact(id: $id) { firstName } }", {"id": id})
        assert gone["contact"] is None
        assert gone.calls == {read: 1}


async def test_contacts_of_all_sources_are_deleted_and_the_unknown_are_told(api: Api, box: Sandbox) -> None:
    wifi = [contact_id(C, row["cid"]) for row in box.cloud4wi.contacts()[:2]]
    clients = [contact_id(R, row["id"]) for row in box.rechat.contacts()[:3]]
    visitors = [contact_id(A, row["id"]) for row in box.acquire.contacts()[:2]]
    unknown = [contact_id(R, "00000000-0000-4000-8000-000000000000"), contact_id(A, 99_999_999)]
    ids = [*wifi, unknown[0], *clients, *visitors, unknown[1], clients[0]]
    answer = await change(api, "contactsDelete", {"ids": ids}, "deletedIds")
    assert answer["contactsDelete.deletedIds"] == [*wifi, *clients, *visitors]
    assert sorted(refusals(answer, "contactsDelete")) == [("ids.2", "NOT_FOUND"), ("ids.8", "NOT_FOUND")]
    assert answer.calls == {"contactsFilter": 1, "deleteContacts": 1, "deleteCustomer": 2, "contactDelete": 3}
    left = {contact_id(R, row["id"]) for row in box.rechat.contacts()}
    assert not left & set(clients)


@pytest.mark.parametrize(
    ("field", "input", "selection", "place"),
    [
        ("contactsDelete", {"ids": []}, "deletedIds", "ids"),
        ("contactsUpdate", {"contacts": []}, "contacts { id }", "contacts"),
        ("contactsAttributesDelete", {"attributeIds": []}, "deletedIds", "attributeIds"),
        (
            "contactsAttributesAdd",
            {"conditions": [], "attributes": [{"name": "tag", "text": "x"}]},
            "contacts { id }",
            "conditions",
        ),
        ("contactsImport", {"contacts": []}, "job { id }", "contacts"),
        ("duplicatesMerge", {"clusters": []}, "job { id }", "clusters"),
        ("contactsBlock", {"ids": [], "until": "2030-01-01T00:00:00Z"}, "contacts { id }", "ids"),
    ],
)
async def test_an_empty_selection_is_refused_before_any_call(
    api: Api, field: str, input: dict[str, Any], selection: str, place: str
) -> None:
    answer = await change(api, field, input, selection)
    assert refusals(answer, field) == [(place, "EMPTY_SELECTION")]
    assert answer.calls == {}


async def test_ids_that_are_unknown_nowhere_delete_nothing(api: Api, box: Sandbox) -> None:
    before = len(box.rechat.contacts())
    ids = [contact_id(R, "00000000-0000-4000-8000-000000000000")]
    answer = await change(api, "contactsDelete", {"ids": ids}, "deletedIds")
    assert refusals(answer, "contactsDelete") == [("ids.0", "NOT_FOUND")]
    assert answer.calls == {"contactsFilter": 1}
    assert len(box.rechat.contacts()) == before


@pytest.mark.parametrize("id", ["nonsense", "segment"])
async def test_an_id_that_does_not_parse_is_an_error_at_the_field(api: Api, box: Sandbox, id: str) -> None:
    text = (
        id if id == "nonsense" else (await api.query("{ segments(first: 1) { nodes { id } } }"))["segments.nodes.0.id"]
    )
    answer = await change(api, "contactUpdate", {"id": text, "firstName": "x"}, CONTACT)
    assert answer.codes == ["INVALID_ID"]
    assert answer.errors[0]["path"] == ["contactUpdate"]
    assert answer.data == {"contactUpdate": None}


async def test_consents_are_written_at_cloud4wi(api: Api, box: Sandbox) -> None:
    contact = next(row for row in box.cloud4wi.contacts() if len(row["policies"]) > 1)
    name, accepted = contact["policies"][0]["name"], not contact["policies"][0]["accepted"]
    given = {"contactId": contact_id(C, contact["cid"]), "consents": [{"name": name, "accepted": accepted}]}
    answer = await change(api, "consentsUpdate", given, "contact { consents { name accepted } }")
    assert refusals(answer, "consentsUpdate") == []
    told = {row["name"]: row["accepted"] for row in answer["consentsUpdate.contact.consents"]}
    assert told == {row["name"]: row["accepted"] for row in contact["policies"]} | {name: accepted}
    assert answer.calls == {"putPolicies": 1, "customer": 1}
    given["contactId"] = contact_id(R, of_rechat(box)["id"])
    answer = await change(api, "consentsUpdate", given, "contact { id }")
    assert refusals(answer, "consentsUpdate") == [("contactId", "NOT_SUPPORTED")]


async def test_a_caller_without_the_scope_changes_nothing(api: Api, box: Sandbox) -> None:
    id = contact_id(R, of_rechat(box)["id"])
    text = "mutation ($id: ID!) { contactDelete(input: {id: $id}) { deletedIds } }"
    answer = await api.query(text, {"id": id}, scopes=ALL_SCOPES - {Scope.CONTACTS_WRITE})
    assert answer.codes == ["FORBIDDEN"]
    assert answer.data == {"contactDelete": None}
    assert answer.calls == {}
    allowed = await api.query(text, {"id": id}, scopes={Scope.CONTACTS_WRITE})
    assert allowed["contactDelete"] == {"deletedIds": [id]}


def test_every_mutation_takes_the_scope_and_one_input() -> None:
    type_ = SCHEMA._schema.mutation_type
    assert type_ is not None
    marks = read_marks(SCHEMA._schema)
    for name, field in type_.fields.items():
        assert Scope.CONTACTS_WRITE in marks["Mutation", name].scopes, name
        assert list(field.args) == ["input"], name
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        assert {"userErrors", "clientMutationId"} <= payload.fields.keys(), name


async def test_a_contact_of_rechat_gets_an_owner_and_a_touch(api: Api, box: Sandbox) -> None:
    contact, owner = of_rechat(box), box.rechat.data.users[1]["id"]
    id = contact_id(R, contact["id"])
    answer = await change(api, "contactOwnerSet", {"id": id, "ownerId": owner}, "contact { sourceId }")
    assert refusals(answer, "contactOwnerSet") == []
    assert answer.calls == {"setOwner": 1}
    answer = await change(api, "contactTouch", {"id": id, "days": 43}, "contact { rechat { userId touchFreq } }")
    assert answer["contactTouch.contact.rechat"] == {"userId": owner, "touchFreq": 43}
    assert answer.calls == {"setTouch": 1}
    answer = await change(api, "contactTouch", {"id": id, "days": 43}, "contact { segments { name } }")
    assert answer.calls == {"setTouch": 1, "contactsFilter": 1}
    there = box.rechat.contact(contact["id"])
    assert there is not None
    assert (there["user_id"], there["touch_freq"]) == (owner, 43)
    answer = await change(api, "contactOwnerSet", {"id": id, "ownerId": "nobody"}, "contact { sourceId }")
    assert refusals(answer, "contactOwnerSet") == [("ownerId", "INVALID")]
    assert answer["contactOwnerSet.contact"] is None


async def test_a_source_that_fails_leaves_the_others_deleted(api: Api, box: Sandbox) -> None:
    wifi, client = contact_id(C, box.cloud4wi.contacts()[0]["cid"]), contact_id(R, of_rechat(box)["id"])
    box.faults.add("rechat.deleteContacts", "status", status=503)
    given = {"ids": [client, wifi], "clientMutationId": "both"}
    answer = await change(api, "contactsDelete", given, "deletedIds")
    assert answer.data is not None
    assert answer.data["contactsDelete"]["deletedIds"] == [wifi]
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert answer.errors[0]["path"] == ["contactsDelete"]
    assert answer.errors[0]["extensions"] == {
        "code": "UPSTREAM_UNAVAILABLE",
        "source": "RECHAT",
        "retryable": False,
    }
    again = await change(api, "contactsDelete", given, "deletedIds")
    assert again.codes == ["UPSTREAM_UNAVAILABLE"]
    assert again.calls == {}
    alone = await change(api, "contactsDelete", {"ids": [client]}, "deletedIds")
    assert alone.data == {"contactsDelete": None}
