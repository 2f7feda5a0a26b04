"""What an operation will read of contacts, told from its document."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, parse

from resolvers.needs import needs_of
from upstreams.needs import Need

SEGMENTS, FIELDS, COMPANY, RELATIONS = Need.SEGMENTS, Need.CUSTOM_FIELDS, Need.COMPANY, Need.RELATIONS
PARTS = Need.EVENT_PARTS


@pytest.mark.parametrize(
    ("document", "needs"),
    [
        ("{ contacts { nodes { id } } }", set()),
        ("{ segments { nodes { name } } }", set()),
        ("{ contacts { nodes { segments { id } } } }", {SEGMENTS}),
        ("{ segments { nodes { contacts { nodes { segments { id } } } } } }", {SEGMENTS}),
        ("{ contacts { nodes { customFields { key } s: segments { id } } } }", {SEGMENTS, FIELDS}),
        ("{ ...A } fragment A on Q { x { ... on X { nodes { ...B } } } } fragment B on C { segments }", {SEGMENTS}),
        ("{ contacts { nodes { rechat { nickname } } } }", set()),
        ("{ contacts { nodes { rechat { flows } } } }", {RELATIONS}),
        ("{ contacts { nodes { rechat { ...R } } } } fragment R on RechatContact { attributes { text } }", {RELATIONS}),
        ("{ a: x { flows } }", set()),
        ("{ contacts { nodes { name: displayName } } }", {COMPANY}),
        ("{ contacts { nodes { company segments { id } } } }", {COMPANY, SEGMENTS}),
        ("{ contacts { nodes { acquire { clientType flows } } } }", set()),
        ("{ contacts { nodes { acquire { company tags visits } } } }", {COMPANY, SEGMENTS, RELATIONS}),
        ("{ contacts { nodes { rechat { tags } } } }", set()),
        ("{ ...A } fragment A on Query { ...A }", set()),
        ("{ events { edges { cursor node { id type occurredAt contactId } } } }", set()),
        ("{ events { nodes { where: locationId } } }", {PARTS}),
        ("{ events { nodes { ...E } } } fragment E on Event { ... on VisitEvent { duration } }", {PARTS}),
    ],
)
def test_what_an_operation_needs(document: str, needs: set[Need]) -> None:
    node = parse(document)
    operation = next(part for part in node.definitions if isinstance(part, OperationDefinitionNode))
    assert needs_of(node, operation) == needs


def test_another_operation_of_the_document_does_not_count() -> None:
    node = parse("query A { contacts { nodes { id } } } query B { contacts { nodes { customFields { key } } } }")
    found = [needs_of(node, part) for part in node.definitions if isinstance(part, OperationDefinitionNode)]
    assert found == [set(), {FIELDS}]


def test_what_a_caller_gets_nothing_of_needs_nothing() -> None:
    node = parse(
        "{ contacts { nodes { displayName customFields { key } acquire { company tags } rechat { users } } } }"
    )
    operation = next(part for part in node.definitions if isinstance(part, OperationDefinitionNode))
    names = {("Contact", "displayName"), ("Contact", "customFields"), ("AcquireContact", "company")}
    assert needs_of(node, operation, names) == {SEGMENTS, RELATIONS}
    assert needs_of(node, operation, {*names, ("RechatContact", "users")}) == {SEGMENTS}
