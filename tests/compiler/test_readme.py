"""The example in the compiler's README is what the compiler makes."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import strawberry

from compiler.source import generate
from tests.compiler.both import coerced, plan_of

COMPILER = Path(__file__).parent.parent.parent / "compiler"
README = (COMPILER / "README.md").read_text()


def test_the_code_is_what_is_generated(monkeypatch: pytest.MonkeyPatch) -> None:
    example = README.partition("## An example")[2]
    types, code = re.findall(r"```(?:python)?\n(.+?)```\n", example, re.S)
    query = re.search(r"`(\{ books .*?)` makes", example)
    assert query is not None
    module = ModuleType("example")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    module.__dict__["strawberry"] = strawberry
    exec(types, module.__dict__)
    schema = strawberry.Schema(module.__dict__["Query"])
    plan, variables = plan_of(schema, query[1]), coerced(schema, query[1])
    books = plan.program(variables).root.fields[0]
    selection = books.selection(schema._schema.type_map["Book"])  # type: ignore[arg-type]
    generate(selection)
    assert selection.text == code


def test_every_reason_to_fall_back_is_listed() -> None:
    source = (COMPILER / "plan.py").read_text()
    raised = re.findall(r'raise Fallback\("([^"]+)"\)', source)
    listed = re.findall(r"^\| `([^`]+)` \|", README, re.M)
    assert sorted(raised) == sorted(listed)


def test_every_module_has_its_place_in_it() -> None:
    assert [file.name for file in COMPILER.glob("[!_]*.py") if file.name not in README] == []
