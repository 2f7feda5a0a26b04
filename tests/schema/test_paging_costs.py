"""What a page costs in upstream calls, for each connection, as docs/paging.md says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.conftest import StartSandbox
from tests.schema.harness import Api
from upstreams.records import Entity, Source

DOCUMENT = Path(__file__).parents[2] / "docs" / "paging.md"
PAGE = "{ nodes { sourceId } pageInfo { hasNextPage startCursor endCursor } }"


def busiest(entity: Entity, count: Callable[[Sandbox], Counter[str]]) -> Callable[[Sandbox], str]:
    """The id of the object that has most."""
    return lambda box: simple_id(entity, Source.CLOUD4WI, count(box).most_common(1)[0][0])


def events_by_contact(box: Sandbox) -> Counter[str]:
    known = {contact["cid"] for contact in box.cloud4wi.contacts()}
    return Counter(event["customerId"] for event in box.cloud4wi.events() if event["customerId"] in known)


def members(box: Sandbox) -> Counter[str]:
    return Counter(segment["cid"] for contact in box.cloud4wi.contacts() for segment in contact["segments"])


def guests(box: Sandbox) -> Counter[str]:
    return Counter(contact["locationCid"] for contact in box.cloud4wi.contacts())


class Case(NamedTuple):
    """A connection: the fields that lead to it, a filter, the parent's id and what reading it costs, the sources."""

    path: tuple[str, ...]
    filter: str
    parent: Callable[[Sandbox], str] | None = None
    parents_call: str = ""
    sources: tuple[Source, ...] = (Source.CLOUD4WI,)


CONNECTIONS = {
    "Query.events": Case(("events",), "types: [LOGIN, VISIT]"),
    "Contact.events": Case(
        ("contact", "events"), "types: [LOGIN, VISIT]", busiest(Entity.CONTACT, events_by_contact), "customer"
    ),
    "Location.events": Case(
        ("location", "events"), "types: [LOGIN, VISIT]", busiest(Entity.LOCATION, guests), "locations"
    ),
    "Query.contacts": Case(("contacts",), 'search: "a"'),
    "Segment.contacts": Case(("segment", "contacts"), "hasEmail: true", busiest(Entity.SEGMENT, members), "segments"),
    "Location.contacts": Case(
        ("location", "contacts"), "hasEmail: true", busiest(Entity.LOCATION, guests), "locations"
    ),
    "Query.contacts of Rechat": Case(("contacts",), 'search: "a"', sources=(Source.RECHAT,)),
    "Query.contacts of Acquire": Case(("contacts",), 'search: "a"', sources=(Source.ACQUIRE,)),
    "Query.contacts of all three": Case(("contacts",), 'search: "a"', sources=tuple(Source)),
    "Query.segments": Case(("segments",), 'search: "e"'),
    "Query.locations": Case(("locations",), 'search: "e"'),
}


async def read(api: Api, case: Case, id: str | None, arguments: str) -> tuple[int, Any]:
    """A page of a connection, and the calls that it made beside its parent's."""
    if id is None:
        answer = await api.query(f"{{ {case.path[0]}({arguments}) {PAGE} }}")
    else:
        text = f"query ($id: ID!) {{ {case.path[0]}(id: $id) {{ {case.path[1]}({arguments}) {PAGE} }} }}"
        answer = await api.query(text, {"id": id})
    return sum(answer.calls.values()) - answer.calls.get(case.parents_call, 0), answer[".".join(case.path)]


async def costs(start_sandbox: StartSandbox, name: str) -> dict[str, int]:
    """The numbers of one row of the table."""
    box = await start_sandbox(contacts=600, events=4000, short_pages=0.0)
    case = CONNECTIONS[name]
    id = None if case.parent is None else case.parent(box)
    found: dict[str, int] = {}
    async with Api.over(box, sources=case.sources, GATEWAY_LIST_TTL="0") as api:
        found["first page"], first = await read(api, case, id, "first: 10")
        after = f'after: "{first["pageInfo"]["endCursor"]}"'
        found["next page, live"], second = await read(api, case, id, f"first: 10, {after}")
    box.expire_scrolls()
    async with Api.over(box, sources=case.sources, GATEWAY_LIST_TTL="0") as restarted:
        found["resumed"], again = await read(restarted, case, id, f"first: 10, {after}")
        assert again == second
        before = f'before: "{second["pageInfo"]["startCursor"]}"'
        found["backward"], back = await read(restarted, case, id, f"last: 10, {before}")
        assert back["nodes"] == first["nodes"]
        found["last page"], _ = await read(restarted, case, id, "last: 10")
        found["filtered"], _ = await read(restarted, case, id, f"first: 10, filter: {{{case.filter}}}")
    return found


def rows_of_tables() -> list[list[str]]:
    """The rows of the document's tables, cell by cell."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.read_text().splitlines()
        if line.startswith("|")
    ]


def documented() -> dict[str, dict[str, int]]:
    """The table of the document: calls by connection and situation."""
    rows = rows_of_tables()
    head = next(row for row in rows if row[0] == "connection")
    found = {row[0].replace("`", ""): row[1:] for row in rows}
    return {name: {label: int(cell) for label, cell in zip(head[1:], found[name], strict=True)} for name in CONNECTIONS}


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_the_table_of_costs_is_true(start_sandbox: StartSandbox, name: str) -> None:
    assert await costs(start_sandbox, name) == documented()[name]


REQUESTS = {row[0].strip("`"): int(row[1]) for row in rows_of_tables() if row[0].startswith("`{")}
"""The other table: calls by request."""


@pytest.mark.parametrize("request_text", REQUESTS)
async def test_what_fields_cost_together_is_true(start_sandbox: StartSandbox, request_text: str) -> None:
    box = await start_sandbox(contacts=600, events=4000, short_pages=0.0)
    async with Api.over(box, GATEWAY_LIST_TTL="0") as api:
        answer = await api.query(request_text)
    assert answer.errors == []
    assert sum(answer.calls.values()) == REQUESTS[request_text]
