"""The schema as a whole: complete, described, the committed text, and what the contract asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    find_breaking_changes,
)

from schema.build import sdl
from schema.names import type_name
from tests.schema.harness import SCHEMA
from upstreams.records import Entity, EventType

GRAPHQL = SCHEMA._schema
OWN = {name: type_ for name, type_ in GRAPHQL.type_map.items() if not name.startswith("__")}


def test_the_committed_text_is_this_schema() -> None:
    assert (Path(__file__).parents[2] / "schema.graphql").read_text() == sdl(SCHEMA)


def test_it_holds_the_core_schema() -> None:
    core = build_schema((Path(__file__).parent / "core.graphql").read_text())
    assert [change.description for change in find_breaking_changes(core, GRAPHQL)] == []


@pytest.mark.parametrize("name", sorted(OWN))
def test_everything_is_described(name: str) -> None:
    type_ = OWN[name]
    assert type_.description
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for field_name, field in type_.fields.items():
            assert field.description, f"{name}.{field_name}"
            for argument_name, argument in field.args.items():
                assert argument.description, f"{name}.{field_name}({argument_name})"
    elif isinstance(type_, GraphQLInputObjectType):
        for field_name, input_field in type_.fields.items():
            assert input_field.description, f"{name}.{field_name}"
    elif isinstance(type_, GraphQLEnumType):
        for value_name, value in type_.values.items():
            assert value.description, f"{name}.{value_name}"


@pytest.mark.parametrize("event_type", EventType)
def test_every_type_of_event_that_a_source_sends_has_a_type(event_type: EventType) -> None:
    class Record:
        entity = Entity.EVENT
        type = event_type

    named = GRAPHQL.type_map[type_name(Record)]
    assert isinstance(named, GraphQLObjectType)
    assert "Event" in {interface.name for interface in named.interfaces}


def test_what_has_an_id_is_a_node() -> None:
    """Caches of clients keep an object under its ``id``; one that is not global would be taken for another object."""
    objects = [type_ for type_ in OWN.values() if isinstance(type_, GraphQLObjectType) and "id" in type_.fields]
    assert [str(type_) for type_ in objects if "Node" not in {each.name for each in type_.interfaces}] == []
