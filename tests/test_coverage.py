"""docs/coverage.md: every operation of the sources has a row, and what the row says is so."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLObjectType

from tests.schema.harness import SCHEMA
from upstreams.acquire.client import Client as Acquire
from upstreams.cloud4wi.auth import ServiceAccount
from upstreams.cloud4wi.client import Client as Cloud4Wi
from upstreams.rechat.auth import RenewedToken
from upstreams.rechat.client import Client as Rechat

ROOT = Path(__file__).parent.parent
CLASSES: dict[str, dict[str, type]] = {
    "Cloud4Wi": {"Client": Cloud4Wi, "ServiceAccount": ServiceAccount},
    "Rechat": {"Client": Rechat, "RenewedToken": RenewedToken},
    "Acquire": {"Client": Acquire},
}
NO_OPERATION = {"plain"}
"""Methods that call whatever path they are told: what the doctor looks with."""

PUBLISHED = {
    "Cloud4Wi": """
        GET /v2/customers/organizations/{} | GET /v2/customers/{} | GET /v2/customers/{}/events
        GET /v2/customers/{}/devices | GET /v2/customers/{}/accountings | PUT /v1/customers/{}/policies
        DELETE /v1/customers/{} | GET /v1/organizations/{}/events | GET /v1/organizations/{}/customers/{}/events
    """,
    "Rechat": """
        GET /contacts | POST /contacts | PATCH /contacts | DELETE /contacts | POST /contacts/filter | GET /contacts/{}
        PATCH /contacts/{} | PUT /contacts/{}/owner | PATCH /contacts/{}/touch | DELETE /contacts/{}
        POST /contacts/upload | POST /contacts/import.json | POST /contacts/import.csv | POST /contacts/import.xls
        POST /contacts/import.xlsx | POST /contacts/{}/attributes | PUT /contacts/{}/attributes/{}
        DELETE /contacts/{}/attributes/{} | POST /contacts/attributes | DELETE /contacts/attributes
        GET /contacts/{}/duplicates | POST /contacts/{}/merge | POST /contacts/merge | GET /contacts/tags
        POST /contacts/tags | PATCH /contacts/tags/{} | PATCH /contacts/tags/{}/touch | DELETE /contacts/tags/{}
        GET /contacts/attribute_defs | POST /contacts/attribute_defs | DELETE /contacts/attribute_defs/{}
    """,
    "Acquire": """
        GET /crm/objects/contact | POST /crm/contact/list | GET /crm/objects/contact/{} | POST /crm/objects/contact
        PUT /crm/objects/contact/{} | DELETE /crm/objects/contact/{} | POST /crm/contact/merge/{}
        POST /crm/block-visitor
    """,
}
"""The operations on the pages of contacts and events that the sources publish."""


class Row(NamedTuple):
    """A row of the table."""

    source: str
    operation: str
    method: str
    field: str
    test: str


@cache
def table() -> list[Row]:
    rows, source = [], ""
    for line in (ROOT / "docs" / "coverage.md").read_text().splitlines():
        if line.startswith("## "):
            source = line[3:]
        elif line.startswith(("| `", "| |")):
            cells = [re.sub(r"[`¹²]", "", cell).strip() for cell in line.strip("|").split("|")]
            rows.append(Row(source, *cells))
    return rows


def shape(operation: str) -> str:
    return re.sub(r"\{\w*\}", "{}", operation)


@cache
def names_in(name: str) -> set[str]:
    tree = ast.parse((ROOT / name).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def ids(row: Row) -> str:
    return f"{row.source}-{row.operation}"


def test_there_is_a_row_for_every_source() -> None:
    assert list(dict.fromkeys(row.source for row in table())) == list(CLASSES)
    assert len({(row.source, row.operation) for row in table()}) == len(table())


@pytest.mark.parametrize("row", table(), ids=ids)
def test_a_row_is_true(row: Row) -> None:
    assert all(row)
    class_name, method_name = row.method.split(".")
    method: Any = getattr(CLASSES[row.source][class_name], method_name)
    type_name, field_name = row.field.split(".")
    type_ = SCHEMA._schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    assert field_name in type_.fields
    file, test = row.test.split("::")
    assert test in names_in(file)
    if class_name == "Client":
        verb, path = row.operation.split(" ")
        source = inspect.getsource(method)
        words = re.sub(r"\{\w+\}", "", path).split("/")
        assert all(word in source for word in words) or "organization()" in source or "assumptions." in source
        senders = {
            "GET": ("self._get(", "self._scroll(", "self._service.", "self._wire.ask(self._", "self._wire.ask(_"),
            "POST": ("self._search(",),
            "DELETE": ("self._delete(",),
        }
        assert any(sign in source for sign in (*senders.get(verb, ()), f'"{verb}"'))


@pytest.mark.parametrize("source", CLASSES)
def test_every_method_of_a_client_has_a_row(source: str) -> None:
    client = CLASSES[source]["Client"]
    methods = {name for name, _ in inspect.getmembers(client, inspect.iscoroutinefunction) if name[0] != "_"}
    rows = {row.method.removeprefix("Client.") for row in table() if row.source == source}
    assert methods - NO_OPERATION <= rows


@pytest.mark.parametrize("source", PUBLISHED)
def test_every_published_operation_has_a_row(source: str) -> None:
    published = {text.strip() for line in PUBLISHED[source].splitlines() for text in line.split("|") if text.strip()}
    assert published <= {shape(row.operation) for row in table() if row.source == source}
