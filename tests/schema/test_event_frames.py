"""Where an operation reads no more of events than their frames, no more is decoded, and the answers are the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
)

from resolvers.ids import simple_id
from resolvers.needs import EVENT_PARTS, needs_of
from sandbox.app import Sandbox
from tests.schema.harness import SCHEMA, Api
from upstreams.needs import Need
from upstreams.records import Entity, Source

FIELDS = "sourceId type rawType occurredAt localTime timezone contactId"


def event_types() -> list[GraphQLObjectType]:
    graph = SCHEMA._schema
    event = graph.type_map["Event"]
    assert isinstance(event, GraphQLInterfaceType)
    return list(graph.get_possible_types(event))


def of_type(type_: GraphQLObjectType) -> Iterator[str]:
    """Every field but those that are parts."""
    for name, field in type_.fields.items():
        if name not in EVENT_PARTS:
            yield name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ __typename }}"


def needs(query: str) -> frozenset[Need]:
    document = parse(query)
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return needs_of(document, operation)


def test_the_parts_are_fields_of_events() -> None:
    assert {name for type_ in event_types() for name in type_.fields} >= EVENT_PARTS


@pytest.mark.parametrize("type_", event_types(), ids=str)
async def test_all_that_is_no_part_can_be_read_of_a_frame(box: Sandbox, api: Api, type_: GraphQLObjectType) -> None:
    fields = " ".join(of_type(type_))
    bare = f"{{ events(first: 300) {{ nodes {{ __typename ... on {type_.name} {{ {fields} }} }} }} }}"
    whole = bare.replace("__typename", "__typename locationId", 1)
    assert Need.EVENT_PARTS not in needs(bare)
    assert Need.EVENT_PARTS in needs(whole)
    nodes = (await api.query(whole))["events.nodes"]
    assert {node.pop("locationId") for node in nodes} > {None}
    assert (await api.query(bare))["events.nodes"] == nodes


@pytest.mark.parametrize("order", [(FIELDS, f"{FIELDS} locationId"), (f"{FIELDS} locationId", FIELDS)])
async def test_a_walk_may_read_more_or_less_on_the_way(box: Sandbox, api: Api, order: tuple[str, str]) -> None:
    seen, after = [], None
    for number in range(4):
        fields = order[number % 2]
        page = await api.query(
            f"query ($after: String) {{ events(first: 30, after: $after) {{ nodes {{ {fields} }}"
            " pageInfo { endCursor } } }",
            {"after": after},
        )
        seen += [node["sourceId"] for node in page["events.nodes"]]
        after = page["events.pageInfo.endCursor"]
    assert seen == [row["event"]["id"] for row in box.cloud4wi.events()[::-1][:120]]


async def test_a_filter_by_location_looks_at_what_the_operation_does_not_read(box: Sandbox, api: Api) -> None:
    location = box.cloud4wi.locations()[0]["id"]
    query = "query ($id: ID!) { events(first: 5, filter: {locationId: $id}) { nodes { sourceId } } }"
    assert Need.EVENT_PARTS not in needs(query)
    answer = await api.query(query, {"id": simple_id(Entity.LOCATION, Source.CLOUD4WI, location)})
    here = [row["event"]["id"] for row in box.cloud4wi.events()[::-1] if row["where"].get("locationId") == location]
    assert [node["sourceId"] for node in answer["events.nodes"]] == here[:5]


async def test_operations_that_read_more_and_less_share_a_call(box: Sandbox, api: Api) -> None:
    bare, whole = (f"{{ events(first: 20) {{ nodes {{ {fields} }} }} }}" for fields in (FIELDS, f"{FIELDS} locationId"))
    await api.query("{ locations { nodes { id } } }")
    box.reset_calls()
    less, more = await asyncio.gather(api.query(bare), api.query(whole))
    assert [call.operation for call in box.calls] == ["events"]
    assert {node.pop("locationId") for node in more["events.nodes"]} != {None}
    assert less["events.nodes"] == more["events.nodes"]
