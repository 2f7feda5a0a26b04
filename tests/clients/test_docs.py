"""docs/clients.md: its code is the code that runs here, its versions those of the locks, its scalars the schema's."""

from __future__ import annotations

import json
import re

import pytest
from graphql import GraphQLScalarType, build_schema, is_specified_scalar_type

from tests.clients.conftest import CLIENTS, SCHEMA

ROOT = CLIENTS.parents[1]
DOC = (ROOT / "docs" / "clients.md").read_text()
BLOCKS = re.findall(r"^`(tests/clients/[^`]+)`:\n\n```\w+\n(.*?)^```$", DOC, re.M | re.S)


def rows(count: int) -> list[list[str]]:
    """The cells of the rows of tables with so many columns, their heads left out."""
    table = [line.strip("|").split("|") for line in DOC.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in table if len(row) == count]


def test_every_block_of_code_names_its_file() -> None:
    assert len(BLOCKS) == DOC.count("\n```\n") > 10


@pytest.mark.parametrize(("path", "code"), BLOCKS, ids=[path for path, _ in BLOCKS])
def test_a_block_of_code_is_what_runs(path: str, code: str) -> None:
    assert code in (ROOT / path).read_text()


def test_the_versions_are_those_of_the_locks() -> None:
    found = {name: version for names, version in rows(2) for name in re.findall(r"`([^`]+)`", names)}
    python = dict(re.findall(r"^([a-z-]+)==(\S+)", (CLIENTS / "python" / "requirements.lock").read_text(), re.M))
    package = json.loads((CLIENTS / "package.json").read_text())
    locked = python | package["dependencies"] | package["devDependencies"]
    assert found == {name: locked[name] for name in found}
    assert len(found) > 5


def test_the_scalars_are_those_of_the_schema() -> None:
    types = build_schema(SCHEMA.read_text()).type_map.values()
    own = [
        type_.name for type_ in types if isinstance(type_, GraphQLScalarType) and not is_specified_scalar_type(type_)
    ]
    assert sorted(name.strip("`") for name, *_ in rows(4)) == sorted(own)
