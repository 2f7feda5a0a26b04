"""A fourth source is added by doing what ``docs/adding-a-source.md`` says, and asked over HTTP.

The guide's blocks are the only edits, so a block that no longer fits the code fails here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_layers import breaches, read, undocumented

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
GUIDE = (ROOT / "docs" / "adding-a-source.md").read_text()

SEVERAL = 130
"""More people than one call may ask for, two in a second."""

PEOPLE: list[dict[str, Any]] = [
    {
        "id": f"p{number:03}",
        "name": f"Person {number}",
        "email": f"Person{12 if number == 11 else number}@example.com",
        "phone": None,
        "created": f"2024-03-01T10:{number // 120:02}:{number // 2 % 60:02}Z",
        "tags": ["rare", "all"] if number in (7, 70) else ["all"],
    }
    for number in range(SEVERAL)
]
MALFORMED = {"id": "", "name": "Nobody", "created": "2024-03-01T09:00:00Z", "tags": []}

NEWEST_FIRST = [person["id"] for person in reversed(PEOPLE)]

REQUESTS: dict[str, dict[str, Any]] = {
    "sources": {"query": "{ sources { source name state message } }"},
    "first page": {
        "query": """{ contacts(first: 2) {
            totalCount
            nodes { id sourceId source displayName emails createdAt segments { id source kind name } }
            pageInfo { hasNextPage endCursor }
        } }"""
    },
    "the rest": {
        "query": """query ($after: String) { contacts(first: 1000, after: $after) {
            nodes { id sourceId } pageInfo { hasNextPage hasPreviousPage }
        } }""",
        "take": {"after": [1, "contacts", "pageInfo", "endCursor"]},
    },
    "oldest first": {
        "query": "{ contacts(first: 3, orderBy: {field: CREATED_AT, direction: ASC}) { nodes { sourceId } } }"
    },
    "node": {
        "query": "query ($id: ID!) { node(id: $id) { __typename id ... on Contact { source sourceId displayName } } }",
        "take": {"id": [1, "contacts", "nodes", 0, "id"]},
    },
    "nodes": {
        "query": """query ($one: ID!, $two: ID!) {
            nodes(ids: [$one, $two, $one]) { ... on Contact { displayName } }
        }""",
        "take": {"one": [1, "contacts", "nodes", 0, "id"], "two": [1, "contacts", "nodes", 1, "id"]},
    },
    "segments": {"query": "{ segments { nodes { id source kind name size } } }"},
    "by tag": {
        "query": """query ($id: ID!) { contacts(first: 9, filter: {segmentIds: [$id]}) { nodes { sourceId } } }""",
        "take": {"id": [6, "segments", "nodes", 1, "id"]},
    },
    "contacts of each tag": {
        "query": "{ segments { nodes { name contacts(first: 2) { nodes { sourceId } } } } }",
    },
    "person": {
        "query": """query ($id: ID!) { contact(id: $id) {
            person { contacts { sourceId } matches { matchedBy } incompleteSources }
        } }""",
        "take": {"id": [2, "contacts", "nodes", SEVERAL - 3 - 12, "id"]},
        "index": True,
    },
    "nothing of that kind": {
        "query": "{ events(first: 5) { nodes { id } } locations { nodes { id } } }",
    },
    "declined": {
        "query": """mutation ($id: ID!) {
            contactDelete(input: {id: $id}) { deletedIds userErrors { field message code } }
        }""",
        "take": {"id": [1, "contacts", "nodes", 0, "id"]},
    },
    "declined, new": {
        "query": """mutation { contactCreate(input: {source: MEMO, firstName: "Ada"}) {
            contact { id } userErrors { field message code }
        } }"""
    },
    "down": {"query": "{ contacts(first: 2) { nodes { sourceId } } }", "down": True},
    "node, down": {
        "query": "query ($id: ID!) { node(id: $id) { id } }",
        "take": {"id": [1, "contacts", "nodes", 0, "id"]},
        "down": True,
    },
    "down, then asked": {"query": "{ sources { source state } }"},
}
"""By what they try, in the order in which they are made."""


def edit(tree: Path, block: str) -> None:
    """Apply a block: its first line names the file, ``@@`` parts its hunks, each of which must fit in one place."""
    first, _, hunks = block.partition("\n")
    path = tree / first.removeprefix("--- ")
    text = path.read_text()
    for hunk in re.split(r"^@@\n", hunks, flags=re.M):
        lines = hunk.splitlines(keepends=True)
        assert all(line[0] in " -+" for line in lines), f"{path.name}: not a hunk: {hunk}"
        old = "".join(line[1:] for line in lines if line[0] != "+")
        new = "".join(line[1:] for line in lines if line[0] != "-")
        assert f"\n{text}".count(f"\n{old}") == 1, f"{path.name}: this does not stand in it once:\n{old}"
        text = f"\n{text}".replace(f"\n{old}", f"\n{new}", 1)[1:]
    path.write_text(text)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project to which Memo was added as the guide says."""
    folder = tmp_path_factory.mktemp("tree")
    ignore = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("gateway", "schema", "resolvers", "upstreams", "compiler"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("README.md", "compose.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(FIXTURES / "fourth_source", folder / "upstreams" / "memo", ignore=ignore)
    for block in re.findall(r"```diff\n(.*?)```", GUIDE, re.S):
        edit(folder, block)
    return folder


def run(tree: Path, *command: str, given: str = "") -> str:
    """What a command prints, with the tree's packages in place of ours."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MEMO_", "GATEWAY_"))}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        env={**environment, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def memo(tree: Path) -> dict[str, Any]:
    """What a gateway answers that is connected to Memo alone."""
    given = json.dumps({"people": [*PEOPLE, MALFORMED], "requests": list(REQUESTS.values())})
    told = json.loads(run(tree, str(FIXTURES / "fourth_source_trial.py"), str(tree), given=given))
    return {**told, "answers": dict(zip(REQUESTS, told["answers"], strict=True))}


def test_the_guide_shows_what_the_fixture_holds() -> None:
    shown = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    assert shown
    sources = [path.read_text() for path in (FIXTURES / "fourth_source").glob("*.py")]
    assert [block for block in shown if not any(block in source for source in sources)] == []


def test_an_edit_that_does_not_fit_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1\nx = 10\n")
    edit(tmp_path, "--- a.py\n x = 1\n+z = 1\n@@\n-y = 1\n+y = 2\n")
    assert (tmp_path / "a.py").read_text() == "x = 1\nz = 1\ny = 2\nx = 10\n"
    with pytest.raises(AssertionError, match="does not stand in it once"):
        edit(tmp_path, "--- a.py\n-y = 1\n+y = 2\n")


def test_the_source_answers(memo: dict[str, Any]) -> None:
    answers = memo["answers"]
    for name, answer in answers.items():
        assert answer["seen"] == sum(answer["calls"].values()) <= answer["cost"], name
        assert bool(answer["errors"]) == (REQUESTS[name].get("down", False)), name

    def data(name: str) -> Any:
        (value,) = answers[name]["data"].values()
        return value

    assert data("sources") == [{"source": "MEMO", "name": "Memo", "state": "HEALTHY", "message": None}]
    first = data("first page")
    assert first["totalCount"] == SEVERAL + 1, "the malformed row is in the count that the upstream tells"
    assert first["pageInfo"]["hasNextPage"] is True
    assert [{**node, "id": "", "segments": len(node["segments"])} for node in first["nodes"]] == [
        {
            "id": "",
            "sourceId": person["id"],
            "source": "MEMO",
            "displayName": person["name"],
            "emails": [person["email"]],
            "createdAt": person["created"],
            "segments": 1,
        }
        for person in PEOPLE[:-3:-1]
    ]
    rest = data("the rest")
    assert [node["sourceId"] for node in first["nodes"] + rest["nodes"]] == NEWEST_FIRST
    assert rest["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}
    assert [node["sourceId"] for node in data("oldest first")["nodes"]] == NEWEST_FIRST[:-4:-1]
    assert data("node") == {
        "__typename": "Contact",
        "id": first["nodes"][0]["id"],
        "source": "MEMO",
        "sourceId": NEWEST_FIRST[0],
        "displayName": PEOPLE[-1]["name"],
    }
    assert [node["displayName"] for node in data("nodes")] == [
        PEOPLE[-1]["name"],
        PEOPLE[-2]["name"],
        PEOPLE[-1]["name"],
    ]
    segments = data("segments")["nodes"]
    assert segments[0]["id"] == first["nodes"][0]["segments"][0]["id"]
    assert [{**node, "id": ""} for node in segments] == [
        {"id": "", "source": "MEMO", "kind": "TAG", "name": "all", "size": SEVERAL},
        {"id": "", "source": "MEMO", "kind": "TAG", "name": "rare", "size": 2},
    ]
    assert [node["sourceId"] for node in data("by tag")["nodes"]] == ["p070", "p007"]
    nested = {node["name"]: node["contacts"]["nodes"] for node in data("contacts of each tag")["nodes"]}
    assert {name: [node["sourceId"] for node in nodes] for name, nodes in nested.items()} == {
        "all": NEWEST_FIRST[:2],
        "rare": ["p070", "p007"],
    }
    person = data("person")["person"]
    assert sorted(one["sourceId"] for one in person["contacts"]) == ["p011", "p012"]
    assert person["incompleteSources"] == []
    assert answers["nothing of that kind"]["data"] == {"events": {"nodes": []}, "locations": {"nodes": []}}
    for name, field in (("declined", "id"), ("declined, new", "source")):
        (declined,) = data(name)["userErrors"]
        assert (declined["field"], declined["code"]) == (field, "NOT_SUPPORTED")
    for name in ("down", "node, down"):
        (error,) = answers[name]["errors"]
        assert error["extensions"] == {"code": "UPSTREAM_UNAVAILABLE", "source": "MEMO", "retryable": True}
    assert data("down, then asked") == [{"source": "MEMO", "state": "DEGRADED"}]


def test_the_source_is_called_as_often_as_needed(memo: dict[str, Any]) -> None:
    assert {name: answer["calls"] for name, answer in memo["answers"].items()} == {
        "sources": {},
        "first page": {"people": 1},
        "the rest": {"people": 1},
        "oldest first": {"people": 1},
        "node": {"peopleById": 1},
        "nodes": {"peopleById": 1},
        "segments": {"tags": 1},
        "by tag": {"people": 2},
        "contacts of each tag": {"people": 2},
        "person": {"peopleById": 2},
        "nothing of that kind": {},
        "declined": {},
        "declined, new": {},
        "down": {"people": 1},
        "node, down": {"peopleById": 1},
        "down, then asked": {},
    }


def test_the_schema_names_and_describes_it(memo: dict[str, Any]) -> None:
    (values,) = re.findall(r"^enum Source {\n(.*?)^}", memo["sdl"], re.S | re.M)
    assert '  """Memo: a notebook of people."""\n  MEMO\n' in values


def test_readme_and_compose_name_its_settings(memo: dict[str, Any], tree: Path) -> None:
    assert {"MEMO_URL", "MEMO_TOKEN"} <= set(memo["settings"])
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", (tree / "README.md").read_text(), re.M)
    passed = re.findall(r"^ {6}([A-Z0-9_]+):$", (tree / "compose.yaml").read_text(), re.M)
    assert rows == memo["settings"]
    assert [name for name in memo["settings"] if name.startswith("MEMO_")] == [
        name for name in passed if name.startswith("MEMO_")
    ]


def test_the_example_keeps_the_rules_of_the_house(tree: Path) -> None:
    modules = [read(path, tree) for path in sorted((tree / "upstreams" / "memo").glob("*.py"))]
    assert [line for module in modules for line in breaches(module)] == []
    assert [found for module in modules for found in undocumented(module.tree)] == []
    edited = ("upstreams/memo", "upstreams/records.py", "upstreams/registry.py", "gateway/cost/sources.py")
    run(tree, "-m", "mypy", "--cache-dir", str(tree / ".mypy_cache"), *edited)
    run(tree, "-m", "ruff", "check", "--no-cache", *edited)
    run(tree, "-m", "ruff", "format", "--no-cache", "--check", *edited)
