"""Normalised caches: one entry for each object, and nothing lost."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType, build_schema

from sandbox.app import Sandbox
from tests.clients.conftest import SCHEMA, Run

ONLY_FROM_CHANGES = {"Job"}
"""What no query leads to."""


@pytest.mark.parametrize("client", ["apollo", "urql"])
async def test_a_cache_holds_each_object_once_and_loses_nothing(client: str, run: Run) -> None:
    """Over all types that have an id and both interfaces; objects without one keep what two queries select of them."""
    schema = build_schema(SCHEMA.read_text())
    objects = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    found = await run(f"{client}/cache")
    kinds = {entry.partition(":")[0] for entry in found["found"]}
    assert kinds == {type_.name for type_ in objects if "id" in type_.fields} - ONLY_FROM_CHANGES
    assert found["unchanged"]
    # Only Apollo Client shows the keys of its entries.
    assert found.get("entries", found["found"]) == found["found"]
    events = [answer["node"] for answer in found["nodes"] if answer["node"]["__typename"].endswith("Event")]
    assert events
    assert all({"source", "sourceId", "type", "occurredAt", "contactId"} <= event.keys() for event in events)


async def test_relay_refetches_by_node(run: Run, box: Sandbox) -> None:
    found = await run("relay/refetch")
    assert found["heading"] == found["first"]["displayName"]
    assert found["second"].items() >= found["first"].items()
    (contact,) = (row for row in box.cloud4wi.contacts() if row["email"] == found["second"]["email"])
    assert {segment["name"] for segment in found["second"]["segments"]} == {row["name"] for row in contact["segments"]}
