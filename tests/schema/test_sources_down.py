"""One source down, slow, or sending garbage: for every root field the rest answers, and the error names the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.conftest import StartSandbox
from tests.schema.harness import SCHEMA, Answer, Api
from tests.schema.merged import ALL
from upstreams.records import Entity, Source

C, R, A = ALL
FAULTS = {
    "down": ({"kind": "status", "status": 503}, "UPSTREAM_UNAVAILABLE", True),
    "slow": ({"kind": "hang"}, "UPSTREAM_TIMEOUT", True),
    "garbage": ({"kind": "html"}, "UPSTREAM_MALFORMED", False),
}
QUERY_TYPE = SCHEMA._schema.query_type
assert QUERY_TYPE is not None


@dataclass(frozen=True)
class Field:
    """A root field, and whose data it shows.

    Attributes:
        text: the field with its selection; ``{name}`` stands for what :func:`known` knows.
        sources: who is asked. One: the field is null without it. Several: it shows the others.
        by_alias: it is asked once for each source, under the source's name.
    """

    text: str
    sources: tuple[Source, ...]
    by_alias: bool = False


def each(field: str, argument: str, thing: str, fields: str, sources: tuple[Source, ...] = ALL) -> Field:
    """A field that is asked for one thing of each source."""
    parts = (f"{source.value}: {field}({argument}: {{{thing}_{source.value}}}) {fields}" for source in sources)
    return Field(" ".join(parts), sources, by_alias=True)


_PAGE = "incompleteSources pageInfo { hasNextPage }"
FIELDS = {
    "contacts": Field(f"contacts(first: 1000) {{ nodes {{ id source displayName }} {_PAGE} }}", ALL),
    "events": Field(f"events(first: 1000) {{ nodes {{ id source type }} {_PAGE} }}", ALL),
    "segments": Field(f"segments(first: 1000) {{ nodes {{ id source name }} {_PAGE} }}", ALL),
    "locations": Field(f"locations(first: 1000) {{ nodes {{ id source name }} {_PAGE} }}", (C,)),
    "attributeDefinitions": Field("attributeDefinitions { source sourceId key }", (R, A)),
    "nodes": Field("nodes(ids: {contacts}) { id ... on Contact { displayName } }", ALL),
    "node": each("node", "id", "contact", "{ id ... on Contact { displayName } }"),
    "contact": each("contact", "id", "contact", "{ id displayName }"),
    "segment": each("segment", "id", "segment", "{ id name }"),
    "location": each("location", "id", "location", "{ id name }", (C,)),
    "person": each("person", "contactId", "contact", "{ contacts { source sourceId } incompleteSources }"),
    "companies": Field("companies { nodes { sourceId name } }", (A,)),
    "company": each("company", "id", "company", "{ sourceId name }", (A,)),
    "duplicates": Field("duplicates { nodes { contacts { sourceId } } }", (R,)),
    "contactDuplicates": each("contactDuplicates", "contactId", "contact", "{ contacts { sourceId } }", (R,)),
    "segmentOptions": Field("segmentOptions", (R,)),
    "contactBlocks": Field("contactBlocks { sourceId }", (A,)),
    "contactBlock": Field('contactBlock(sourceId: "1") { sourceId }', (A,)),
    "contactNotes": each("contactNotes", "contactId", "contact", "{ sourceId }", (A,)),
    "contactCards": each("contactCards", "contactId", "contact", "{ sourceId }", (A,)),
    "sources": Field("sources { source name }", ()),
}


def test_every_root_field_is_tried() -> None:
    assert set(FIELDS) == set(QUERY_TYPE.fields)


def first_contacts(box: Sandbox) -> dict[Source, str]:
    """A contact of each source, by the source's id."""
    return {
        C: box.cloud4wi.contacts()[0]["cid"],
        R: box.rechat.contacts()[0]["id"],
        A: str(box.acquire.contacts()[0]["id"]),
    }


def known(box: Sandbox) -> dict[str, str]:
    """Ids of things that there are, as arguments."""
    contacts = first_contacts(box)
    segments = {
        C: box.cloud4wi.segments()[0]["id"],
        R: box.rechat.lists()[0]["id"],
        A: str(next(row["id"] for row in box.acquire.tags() if row["type"] is None or "contact" in row["type"])),
    }
    found = {f"contact_{source.value}": simple_id(Entity.CONTACT, source, id) for source, id in contacts.items()}
    found |= {f"segment_{source.value}": simple_id(Entity.SEGMENT, source, id) for source, id in segments.items()}
    found["location_CLOUD4WI"] = simple_id(Entity.LOCATION, C, box.cloud4wi.locations()[0]["id"])
    found["company_ACQUIRE"] = simple_id(Entity.COMPANY, A, str(box.acquire.companies()[0]["id"]))
    quoted = {name: f'"{id}"' for name, id in found.items()}
    return quoted | {"contacts": "[" + ", ".join(quoted[f"contact_{source.value}"] for source in ALL) + "]"}


def document(field: Field, things: Mapping[str, str]) -> str:
    """A query for a field."""
    text = field.text
    for name, value in things.items():
        text = text.replace(f"{{{name}}}", value)
    return f"{{ {text} }}"


def without(value: Any, source: Source) -> Any:
    """A list, or a page, without what is of a source."""
    if isinstance(value, list):
        return [row for row in value if row["source"] != source.value]
    return {
        "nodes": without(value["nodes"], source),
        "incompleteSources": [source.value],
        "pageInfo": {"hasNextPage": True},
    }


def expected(name: str, field: Field, healthy: dict[str, Any], source: Source) -> dict[str, Any]:
    """What a field still shows without a source."""
    if source not in field.sources:
        return healthy
    if field.by_alias:
        return healthy | {source.value: None}
    if name == "nodes":
        return {"nodes": [None if one is source else node for one, node in zip(ALL, healthy["nodes"], strict=True)]}
    if len(field.sources) == 1:
        return {name: None}
    return {name: without(healthy[name], source)}


def path_of(name: str, field: Field, source: Source) -> list[Any]:
    """Where the error stands."""
    if field.by_alias:
        return [source.value]
    return [name, ALL.index(source)] if name == "nodes" else [name]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("source", ALL, ids=lambda source: source.value)
@pytest.mark.parametrize("name", [name for name in FIELDS if name != "person"])
async def test_the_rest_answers(start_sandbox: StartSandbox, name: str, source: Source, fault: str) -> None:
    box = await start_sandbox(contacts=40, events=150)
    field, (options, code, retryable) = FIELDS[name], FAULTS[fault]
    text = document(field, known(box))
    async with Api.over(box, sources=ALL) as api:
        healthy = await api.query(text)
        assert healthy.errors == []
        assert healthy.data is not None
    settings = {"GATEWAY_UPSTREAM_RETRIES": "0", "GATEWAY_UPSTREAM_TIMEOUT": "1"}
    async with Api.over(box, sources=ALL, **settings) as api:
        box.faults.add(f"{source.value.lower()}.*", **options)
        answer = await api.query(text)
        box.faults.clear()
    assert answer.data == expected(name, field, healthy.data, source)
    check(answer, path_of(name, field, source) if source in field.sources else None, source, code, retryable)


def check(answer: Answer, path: list[Any] | None, source: Source, code: str, retryable: bool) -> None:
    """One error, at the place, that names the source and says whether to try again; none where there is no place."""
    told = [(error["path"], error["extensions"]["code"]) for error in answer.errors]
    assert told == ([] if path is None else [(path, code)])
    for error in answer.errors:
        assert (error["extensions"]["source"], error["extensions"]["retryable"]) == (source.value, retryable)
        assert "127.0.0.1" not in str(error)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("source", ALL, ids=lambda source: source.value)
async def test_a_person_is_found_in_the_rest(start_sandbox: StartSandbox, source: Source, fault: str) -> None:
    """By a contact of the source there is nobody; by one of another the person says who could not be asked."""
    box = await start_sandbox(contacts=40, events=150)
    text, asked = document(FIELDS["person"], known(box)), first_contacts(box)
    options, code, _ = FAULTS[fault]
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0", GATEWAY_UPSTREAM_TIMEOUT="1") as api:
        await api.index()
        healthy = await api.query(text)
        assert healthy.errors == []
        assert healthy.data is not None
        box.faults.add(f"{source.value.lower()}.*", **options)
        answer = await api.query(text)
        box.faults.clear()
    assert answer.data is not None
    assert answer.data[source.value] is None
    assert {error["extensions"]["source"] for error in answer.errors} == {source.value}
    assert set(answer.codes) == {code}
    for other in ALL:
        if other is not source:
            whole, found = healthy.data[other.value], answer.data[other.value]
            told = {(contact["source"], contact["sourceId"]) for contact in found["contacts"]}
            assert source.value not in {name for name, _ in told}
            assert (other.value, asked[other]) in told
            if source.value in {contact["source"] for contact in whole["contacts"]}:
                assert found["incompleteSources"] == [source.value]


async def test_how_a_source_does_is_told(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(contacts=40, events=150)
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        box.faults.add("acquire.*", "status", status=503)
        for _ in range(3):
            await api.query("{ contacts(first: 1) { nodes { id } } }")
        answer = await api.query("{ sources { source state message } }")
    states = {each["source"]: each["state"] for each in answer["sources"]}
    assert states == {"CLOUD4WI": "HEALTHY", "RECHAT": "HEALTHY", "ACQUIRE": "DOWN"}
    assert [each["source"] for each in answer["sources"] if each["message"]] == ["ACQUIRE"]


async def test_all_sources_down_is_nothing_to_show_and_every_source_is_named(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(contacts=40, events=150)
    async with Api.over(box, sources=ALL, GATEWAY_UPSTREAM_RETRIES="0") as api:
        box.faults.add("*", "status", status=503)
        answer = await api.query("{ contacts { nodes { id } } __typename }")
    assert answer.data == {"contacts": None, "__typename": "Query"}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
