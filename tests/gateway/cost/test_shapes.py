"""Estimates are shared by requests that cost the same, and by no others."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from graphql import OperationDefinitionNode, parse
from graphql.execution.values import get_variable_values
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cost import Costs, Estimates
from gateway.cost.shapes import MOST_SHAPES
from resolvers.ids import simple_id
from tests.gateway.cost.support import ALL, SCHEMA, estimate
from upstreams.records import Entity, Source

ONE = simple_id(Entity.CONTACT, Source.CLOUD4WI, "one")
TEXT = """
query ($id: ID!, $ids: [ID!]!, $first: Int, $after: String, $filter: ContactFilter, $names: Boolean!) {
    contact(id: $id) { firstName @include(if: $names) segments { name description } }
    same: contact(id: "%s") { lastName }
    nodes(ids: $ids) { id ... on Contact { firstName } ... on Event { contact { firstName } } }
    contacts(first: $first, after: $after, filter: $filter) { nodes { segments { id name } events { nodes { id } } } }
}
"""
DOCUMENT = parse(TEXT % ONE)
OPERATION = next(node for node in DOCUMENT.definitions if isinstance(node, OperationDefinitionNode))

IDS = st.sampled_from(
    [ONE, "broken", *(simple_id(entity, source, key) for entity in (Entity.CONTACT, Entity.SEGMENT, Entity.LOCATION)
      for source in Source for key in ("one", "two"))]
)  # fmt: skip
FILTERS = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "search": st.sampled_from(["", "ann", "bob"]),
        "segmentIds": st.lists(IDS, max_size=2),
        "hasEmail": st.booleans(),
        "sources": st.lists(st.sampled_from([source.value for source in Source]), max_size=2),
        "createdFrom": st.sampled_from(["2022-01-01T00:00:00Z", "2023-01-01T00:00:00Z"]),
    },
)
VARIABLES = st.fixed_dictionaries(
    {"id": IDS, "ids": st.lists(IDS, max_size=4), "names": st.booleans()},
    optional={
        "first": st.none() | st.integers(0, 30),
        "after": st.none() | st.sampled_from(["", "a", "b"]),
        "filter": FILTERS,
    },
)


def coerced(variables: dict[str, Any]) -> Any:
    return get_variable_values(SCHEMA, OPERATION.variable_definitions or (), variables)


KEPT = Estimates(Costs(SCHEMA, ALL), DOCUMENT, OPERATION)


@settings(max_examples=300)
@given(VARIABLES)
def test_a_kept_estimate_is_what_would_be_worked_out(variables: dict[str, Any]) -> None:
    assert KEPT.of(coerced(variables)) == estimate(TEXT % ONE, variables, ALL)


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({"id": simple_id(Entity.CONTACT, Source.CLOUD4WI, "three")}, False),
        ({"after": "b"}, False),
        ({"filter": {"search": "bob"}}, False),
        ({"id": ONE}, True),
        ({"id": simple_id(Entity.CONTACT, Source.RECHAT, "two")}, True),
        ({"first": 6}, True),
        ({"filter": {"hasEmail": True}}, True),
        ({"ids": [ONE, ONE]}, True),
    ],
)
def test_texts_alone_do_not_make_another_estimate(changes: dict[str, Any], again: bool) -> None:
    kept = Estimates(Costs(SCHEMA, ALL), DOCUMENT, OPERATION)
    given_ = {"first": 5, "after": "a", "ids": [], "names": True, "filter": {"search": "ann"}}
    kept.of(coerced({**given_, "id": simple_id(Entity.CONTACT, Source.CLOUD4WI, "two")}))
    with patch.object(Costs, "estimate", autospec=True, side_effect=Costs.estimate) as worked_out:
        kept.of(coerced({**given_, "id": simple_id(Entity.CONTACT, Source.CLOUD4WI, "two"), **changes}))
    assert worked_out.called == again


def test_only_so_many_are_kept() -> None:
    kept = Estimates(Costs(SCHEMA, ALL), DOCUMENT, OPERATION)
    for first in range(MOST_SHAPES + 9):
        kept.of(coerced({"id": ONE, "ids": [], "names": True, "first": first}))
    assert len(kept._known) == MOST_SHAPES
