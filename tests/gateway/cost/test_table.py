"""What operations cost at worst, case by case, and that no field is forgotten."""

from __future__ import annotations

import pytest
from graphql import get_named_type, is_interface_type, is_object_type

from gateway.cost import Config
from gateway.cost.table import TABLE
from resolvers.ids import simple_id
from tests.gateway.cost.support import ALL, SCHEMA, estimate
from upstreams.records import Entity, Source

README = """{
  events(first: 1, filter: {from: "2022-07-21T18:50:00Z", to: "2022-07-21T19:00:00Z", types: [VISIT]}) {
    nodes {
      occurredAt localTime
      contact { displayName birthday { year month day } segments { name } }
      location { name timezone }
      ... on VisitEvent { startedAt duration }
    }
    pageInfo { hasNextPage }
  }
}"""
PLAIN = """{ events(first: 50) {
  edges { cursor node { type occurredAt contactId contact { id } location { id name } } }
  pageInfo { hasNextPage endCursor }
} }"""
Q1 = """{ events(first: 50) { edges { cursor node { id type occurredAt location { id name timezone }
  contact { id firstName lastName email segments { id name } metrics { totalVisits } } } }
  pageInfo { hasNextPage endCursor } } }"""


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("{ __typename }", 0),
        ("{ sources { name state } }", 0),
        ("{ __schema { types { name } } }", 0),
        (README, 2 + 1 + 1),
        (PLAIN, 2),
        (Q1, 2 + 50 + 1),
        ("{ events { nodes { type } } }", 2),
        ("{ events(first: 1000) { nodes { type } } }", 2),
        ("{ events(first: 2000) { nodes { type } } }", 2),
        ("{ contacts(first: 100) { totalCount nodes { displayName segments { name } customFields { key } } } }", 2),
        ("{ contacts(first: 100) { nodes { segments { name size } } } }", 3),
        ("{ segments { nodes { name } totalCount } }", 1),
        ("{ locations { nodes { name hotspots { name } } } }", 2),
        ("{ a: locations { nodes { name } } b: locations { nodes { tags } } }", 1),
        ("{ a: events(first: 5) { nodes { id } } b: events(first: 5) { nodes { contact { email } } } }", 2 + 5),
        ("{ events(first: 5) { nodes { a: contact { email } b: contact { phone } } } }", 2 + 5),
        ("{ events(first: 5) { nodes { contact { id email @skip(if: true) } } } }", 2),
        ("{ events(first: 5) { nodes { contact { id email @include(if: false) } } } }", 2),
        ("{ contacts(first: 10) { nodes { events(first: 3) { nodes { type } } } } }", 2 + 10 * 2),
        ("{ segments(first: 10) { nodes { contacts(first: 3) { nodes { id } } } } }", 1 + 1 + 10 * 2),
        ("{ contacts(first: 10) { nodes { cloud4wi { devices accountings } } } }", 2 + 20),
        ("{ events(first: 5, filter: {types: [PAGE_VIEW]}) { nodes { id } } }", 0),
        ("{ events(first: 5, filter: {sources: [RECHAT]}) { nodes { id } } }", 0),
    ],
)
def test_what_an_operation_costs_with_cloud4wi(text: str, calls: int) -> None:
    assert estimate(text).requested == calls


def test_fragments_and_variables_count_as_what_they_stand_for() -> None:
    text = """query ($first: Int, $with: Boolean!) { events(first: $first) { nodes { ...Row } } }
    fragment Row on Event { ... on VisitEvent { contact { ...Who } } ... on LoginEvent { contact { ...Who } } }
    fragment Who on Contact { id lastName @include(if: $with) }"""
    assert estimate(text, {"first": 30, "with": True}).requested == 32
    assert estimate(text, {"with": True}).requested == 22
    assert estimate(text, {"first": 30, "with": False}).requested == 2


def test_a_fragment_spread_many_times_takes_no_time() -> None:
    """Each fragment spreads the next twice at one place: executed, that is one field."""
    parts = ["{ contacts { nodes { ...F0 } } }"]
    parts += [f"fragment F{n} on Contact {{ person {{ ...P{n} ...P{n} }} }}" for n in range(12)]
    parts += [f"fragment P{n} on Person {{ contacts {{ ...F{n + 1} ...F{n + 1} }} }}" for n in range(12)]
    parts.append("fragment F12 on Contact { id }")
    assert estimate("\n".join(parts)).requested > 500


def test_objects_of_one_page_are_of_one_source_each() -> None:
    """Fifty contacts are fifty calls, not fifty of each source that takes a call for each; a batch comes on top."""
    text = "{ contacts(first: 50) { nodes { id events(first: 0) { nodes { contact { email } } } } } }"
    assert estimate(Q1, config=ALL).fields["events.edges.node.contact"] == 51
    found = estimate(text, config=ALL)
    assert found.requested < sum(found.sources.values())


def test_ids_cost_what_they_name() -> None:
    people = [simple_id(Entity.CONTACT, Source.CLOUD4WI, str(n)) for n in range(7)]
    places = [simple_id(Entity.LOCATION, Source.CLOUD4WI, str(n)) for n in range(7)]
    rechat = [simple_id(Entity.CONTACT, Source.RECHAT, f"{n:032x}") for n in range(150)]
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert estimate(text, {"ids": [*people, *people, *places]}).requested == 8
    assert estimate(text, {"ids": rechat}, ALL).requested == 2
    assert estimate(text, {"ids": rechat}).requested == 0
    assert estimate(text, {"ids": ["nonsense"]}).requested == 0


def test_a_filter_that_a_source_lacks_costs_its_budget() -> None:
    text = '{ contacts(first: 50, filter: {search: "a"}) { nodes { id } } }'
    whole = estimate(text).requested
    half = estimate(text, config=Config((Source.CLOUD4WI,), scan_rows=10_000)).requested
    assert 20_000 / 60 < whole < 500
    assert 10_000 / 60 < half < whole
    assert (
        estimate('{ contacts(first: 50, filter: {createdFrom: "2022-01-01T00:00:00Z"}) { nodes { id } } }').requested
        == 2
    )


def test_locations_share_a_scan() -> None:
    def cost(count: int) -> int:
        return estimate(
            f"{{ locations(first: {count}) {{ nodes {{ events(first: 3) {{ nodes {{ id }} }} }} }} }}"
        ).requested

    assert cost(20) == cost(2)


def test_a_person_costs_its_bound() -> None:
    one = estimate('{ person(email: "a@example.org") { displayed: contacts { id } } }', config=ALL).requested
    assert one <= 500
    assert estimate("{ contacts(first: 3) { nodes { counterparts { id } } } }", config=ALL).requested > 3 * 200


def test_the_dearest_fields_come_first() -> None:
    assert list(estimate(Q1).fields)[:2] == ["events.edges.node.contact", "events"]


def test_every_field_that_leads_to_objects_is_in_the_table() -> None:
    """A field that leads to objects of a source, or that has arguments, says what it costs."""
    objects = {"Contact", "Event", "Segment", "Location", "Person", "Hotspot", "Company", "Node"}
    missing = []
    for name, type_ in SCHEMA.type_map.items():
        if name.startswith("__") or name == "Mutation" or not (is_object_type(type_) or is_interface_type(type_)):
            continue
        if is_object_type(type_) and any(interface.name == "Event" for interface in type_.interfaces):
            continue
        for field_name, field in type_.fields.items():
            leads = get_named_type(field.type).name in objects and not name.endswith(("Connection", "Edge", "Payload"))
            if (leads or field.args) and f"{name}.{field_name}" not in TABLE:
                missing.append(f"{name}.{field_name}")
    assert missing == []


def test_the_table_names_fields_that_there_are() -> None:
    for place in TABLE:
        parent, _, name = place.partition(".")
        type_ = SCHEMA.type_map[parent]
        assert is_object_type(type_) or is_interface_type(type_)
        assert name in type_.fields, place
