"""What a sandbox's three services hold, in the order that a merged connection promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sandbox.app import Sandbox
from sandbox.clock import instant
from tests.schema.harness import Answer, Api
from upstreams.records import Source

ALL = tuple(Source)


class Place(NamedTuple):
    """Where a record stands: its time in microseconds, the place of its source among the sources, its id."""

    at: int
    rank: int
    id: str

    @property
    def source(self) -> Source:
        return ALL[self.rank]


def contacts(box: Sandbox, sources: Collection[Source] = ALL) -> list[Place]:
    """All contacts, the latest first."""
    found: list[Place] = []
    if Source.CLOUD4WI in sources:
        found += (Place(instant(row["created"]), 0, row["cid"]) for row in box.cloud4wi.contacts())
    if Source.RECHAT in sources:
        found += (Place(round(row["created_at"] * 1e6), 1, row["id"]) for row in box.rechat.contacts())
    if Source.ACQUIRE in sources:
        found += (Place(instant(row["dateCreated"]), 2, str(row["id"])) for row in box.acquire.contacts())
    return sorted(found, reverse=True)


def events(box: Sandbox, sources: Collection[Source] = ALL) -> list[Place]:
    """All events that a source can list for the organization, the latest first."""
    found: list[Place] = []
    if Source.CLOUD4WI in sources:
        rows = box.cloud4wi.events()
        found += (Place(instant(row["when"]["createdAt"]), 0, row["event"]["id"]) for row in rows)
    if Source.RECHAT in sources:
        found += (Place(round(row["timestamp"] * 1e6), 1, row["id"]) for row in box.rechat.events(dual=False))
    if Source.ACQUIRE in sources:
        found += (Place(instant(row["dateCreated"]), 2, str(row["id"])) for row in box.acquire.cases())
    return sorted(found, reverse=True)


def segments(box: Sandbox, sources: Collection[Source] = ALL) -> list[tuple[str, str, str, str]]:
    """All segments by name: source, id, kind, name."""
    found: list[tuple[str, str, str, str]] = []
    if Source.CLOUD4WI in sources:
        found += (("CLOUD4WI", row["id"], "DYNAMIC", row["name"]) for row in box.cloud4wi.segments())
    if Source.RECHAT in sources:
        found += (("RECHAT", row["id"], "LIST", row["name"]) for row in box.rechat.lists())
        found += (("RECHAT", row["id"], "TAG", row["tag"]) for row in box.rechat.tags())
    if Source.ACQUIRE in sources:
        rows = (row for row in box.acquire.tags() if row["type"] is None or "contact" in row["type"])
        found += (("ACQUIRE", str(row["id"]), "TAG", row["name"]) for row in rows)
    return sorted(found, key=lambda row: (row[3].casefold(), Source[row[0]].rank, row[1]))


CONNECTIONS = {"contacts": contacts, "events": events}
TIMES = {"contacts": "createdAt", "events": "occurredAt"}


def places(name: str, nodes: Iterable[dict[str, Any]]) -> list[Place]:
    """Where the nodes of an answer stand; they must ask for source, id and time."""
    return [Place(instant(node[TIMES[name]]), Source[node["source"]].rank, node["sourceId"]) for node in nodes]


def made(answer: Answer) -> dict[str, int]:
    """The calls that were made, by source and operation."""
    lines = (call for call in answer.trace if not (call.shared or call.cached or call.operation == "signIn"))
    return dict(Counter(f"{call.source.value}.{call.operation}" for call in lines))


def members(box: Sandbox, source: str, id: str, kind: str, name: str) -> list[Place]:
    """The contacts of a segment, the latest first."""
    match source, kind:
        case "RECHAT", "LIST":
            ids = set(box.rechat.members(id))
        case "RECHAT", _:
            ids = {row["id"] for row in box.rechat.contacts() if name in (row["tags"] or ())}
        case "ACQUIRE", _:
            ids = {str(number) for number in box.acquire.tagged(int(id))}
        case _:
            rows = box.cloud4wi.contacts()
            ids = {row["cid"] for row in rows if any(segment["cid"] == id for segment in row["segments"])}
    return [place for place in contacts(box, [Source(source)]) if place.id in ids]


def page_query(name: str) -> str:
    """A query for a page of a connection, with all that :func:`places` and a walk need."""
    order = {"contacts": "ContactOrder", "events": "EventOrder"}[name]
    filter = {"contacts": "ContactFilter", "events": "EventFilter"}[name]
    return (
        f"query ($first: Int, $after: String, $last: Int, $before: String, $filter: {filter}, $order: {order}) {{"
        f" {name}(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order) {{"
        f" nodes {{ source sourceId {TIMES[name]} }} incompleteSources"
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )


async def page(api: Api, name: str, **variables: Any) -> tuple[list[Place], dict[str, Any], Answer]:
    """A page of a connection: where its records stand, ``pageInfo``, and the answer."""
    answer = await api.query(page_query(name), variables)
    assert answer.data is not None
    assert answer.data[name] is not None, answer.errors
    return places(name, answer.data[name]["nodes"]), answer.data[name]["pageInfo"], answer
