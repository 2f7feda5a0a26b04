"""What each kind of change does to clients; and the changelog, written from a history made here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from graphql import build_schema
from graphql.utilities.find_schema_changes import BreakingChangeType, DangerousChangeType

from gateway.compatibility import Change, Effect, compare, unpromised

ROOT = Path(__file__).parents[2]
MARKS = """
directive @personal(instead: String) on ARGUMENT_DEFINITION | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT
directive @requiresScopes(scopes: [String!]!) on FIELD_DEFINITION | INTERFACE | OBJECT
"""
QUERY = "type Query { a(x: Int = 1, v: Int!, y: I): T, u: U, n: N, e: E }"
REST = "type T implements N { id: ID, b: Int } type S { c: Int } union U = T | S interface N { id: ID } enum E { A B }"
INPUT = "input I { p: Int = 1, q: Int } scalar L"
TRY = "directive @try(hard: Boolean) repeatable on FIELD | QUERY"
OLD = f"{MARKS} {QUERY} {REST} {INPUT} {TRY}"

BREAKS, SURPRISES, SAFE = Effect

CASES = [
    # What graphql-core knows: the kind, what stands in the schema above, and what stands there afterwards.
    (BREAKS, "TYPE_REMOVED", "scalar L", ""),
    (BREAKS, "TYPE_CHANGED_KIND", "union U = T | S", "scalar U"),
    (BREAKS, "TYPE_REMOVED_FROM_UNION", "union U = T | S", "union U = T"),
    (BREAKS, "VALUE_REMOVED_FROM_ENUM", "enum E { A B }", "enum E { A }"),
    (BREAKS, "REQUIRED_INPUT_FIELD_ADDED", "q: Int }", "q: Int, r: Int! }"),
    (BREAKS, "IMPLEMENTED_INTERFACE_REMOVED", "T implements N", "T"),
    (BREAKS, "FIELD_REMOVED", "b: Int }", "}"),
    (BREAKS, "FIELD_REMOVED", "q: Int }", "}"),
    (BREAKS, "FIELD_CHANGED_KIND", "b: Int }", "b: String }"),
    (BREAKS, "FIELD_CHANGED_KIND", "q: Int }", "q: Int! }"),
    (BREAKS, "REQUIRED_ARG_ADDED", "y: I)", "y: I, z: Int!)"),
    (BREAKS, "ARG_REMOVED", ", y: I)", ")"),
    (BREAKS, "ARG_CHANGED_KIND", "y: I)", "y: I!)"),
    (BREAKS, "DIRECTIVE_REMOVED", TRY, ""),
    (BREAKS, "DIRECTIVE_ARG_REMOVED", "@try(hard: Boolean)", "@try"),
    (BREAKS, "REQUIRED_DIRECTIVE_ARG_ADDED", "hard: Boolean)", "hard: Boolean, soft: Boolean!)"),
    (BREAKS, "DIRECTIVE_REPEATABLE_REMOVED", "repeatable on", "on"),
    (BREAKS, "DIRECTIVE_LOCATION_REMOVED", "FIELD | QUERY", "FIELD"),
    (SURPRISES, "VALUE_ADDED_TO_ENUM", "enum E { A B }", "enum E { A B C }"),
    (SURPRISES, "TYPE_ADDED_TO_UNION", "union U = T | S", "union U = T | S | Query"),
    (SURPRISES, "IMPLEMENTED_INTERFACE_ADDED", "type S {", "type S implements N { id: ID"),
    (SURPRISES, "ARG_DEFAULT_VALUE_CHANGE", "x: Int = 1", "x: Int = 2"),
    (SURPRISES, "INPUT_FIELD_DEFAULT_VALUE_CHANGE", "p: Int = 1", "p: Int = 2"),
    (SURPRISES, "OPTIONAL_INPUT_FIELD_ADDED", "q: Int }", "q: Int, r: Int }"),
    (SURPRISES, "OPTIONAL_ARG_ADDED", "y: I)", "y: I, z: Int)"),
    # What is looked at here.
    (SURPRISES, "IMPLEMENTING_TYPE_ADDED", REST, f"{REST} type W implements N {{ id: ID }}"),
    (BREAKS, "MARK_ADDED", "b: Int }", "b: Int @personal }"),
    (BREAKS, "MARK_ADDED", "type S {", 'type S @requiresScopes(scopes: ["x"]) {'),
    (BREAKS, "MARK_ADDED", "x: Int = 1", "x: Int = 1 @personal"),
    (BREAKS, "MARK_ADDED", "q: Int }", "q: Int @personal }"),
    (SAFE, "DEPRECATED", "b: Int }", 'b: Int @deprecated(reason: "Use c.") }'),
    (SAFE, "DEPRECATED", "enum E { A B }", "enum E { A B @deprecated }"),
    (SAFE, "FIELD_ADDED", "b: Int }", "b: Int, d: Int }"),
    (SAFE, "FIELD_CHANGED_KIND_SAFE", "b: Int }", "b: Int! }"),
    (SAFE, "ARG_CHANGED_KIND_SAFE", "v: Int!", "v: Int"),
]


@pytest.mark.parametrize(("effect", "kind", "before", "after"), CASES)
def test_each_kind_of_change_is_known_for_what_it_does(effect: Effect, kind: str, before: str, after: str) -> None:
    assert OLD.count(before) == 1
    found = compare(build_schema(OLD), build_schema(OLD.replace(before, after)))
    assert (effect, kind) in {(change.effect, change.kind) for change in found}
    worst = found[0].effect
    assert worst is effect, found


def test_no_kind_that_harms_is_left_out() -> None:
    known = {kind.name for kind in (*BreakingChangeType, *DangerousChangeType)}
    assert known <= {kind for _, kind, _, _ in CASES}


def test_the_way_back() -> None:
    """A mark that goes opens, one that asks for more closes; a deprecation may be taken back."""
    marked = OLD.replace("b: Int }", 'b: Int @requiresScopes(scopes: ["x"]) @deprecated }')
    more = marked.replace('["x"]', '["x", "y"]')
    assert compare(build_schema(marked), build_schema(more)) == [
        Change(
            BREAKS,
            "MARK_CHANGED",
            'T.b became @requiresScopes(scopes: ["x", "y"]), it was @requiresScopes(scopes: ["x"]).',
        )
    ]
    opened = compare(build_schema(marked), build_schema(OLD))
    assert {(change.effect, change.kind) for change in opened} == {
        (SAFE, "MARK_REMOVED"),
        (SAFE, "DEPRECATION_REMOVED"),
    }


def test_the_same_schema_is_no_change() -> None:
    assert compare(build_schema(OLD), build_schema(OLD)) == []


@pytest.mark.parametrize(
    ("reason", "promised"),
    [
        ("Use c. Removed after 2027-06-01.", True),
        ("Use `c(x:)`, which is exact. Removed after 2027-06-01.", True),
        ("Use c.", False),
        ("Removed after 2027-06-01.", False),
        ("Use c. Removed after summer.", False),
    ],
)
def test_a_deprecation_says_what_to_use_and_until_when(reason: str, promised: bool) -> None:
    schema = build_schema(OLD.replace("b: Int }", f'b: Int @deprecated(reason: "{reason}") }}'))
    assert unpromised(schema) == ([] if promised else ["T.b"])


def git(folder: Path, *arguments: str) -> None:
    own = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "-C", str(folder))
    subprocess.run(["git", *own, *arguments], check=True, capture_output=True)


def commit(folder: Path, sdl: str, subject: str) -> None:
    (folder / "schema.graphql").write_text(sdl)
    git(folder, "add", "schema.graphql")
    git(folder, "commit", "-q", "-m", subject, "--date", "2026-01-02T03:04:05Z")


def changelog(folder: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "scripts" / "schema_changelog.py"
    return subprocess.run(
        [sys.executable, script, "log.md"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_changelog_is_that_of_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")
    git(tmp_path, "init", "-q")
    commit(tmp_path, "type Query { a: Int, b: Int }", "Begin")
    (tmp_path / "other").write_text("")
    commit(tmp_path, '"What is asked." type Query { a: Int, b: Int }', "Only words")
    commit(tmp_path, "type Query { a: Int, t: T } type T { c: Int }", "Another field")
    (tmp_path / "schema.graphql").write_text("type Query { a: Int, t: T, d: Int } type T { c: Int }")
    done = changelog(tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "log.md").read_text()
    assert page[page.index("## ") : page.index("<!--")] == (
        "## Next\n\n- Field Query.d was added.\n\n"
        "## 2026-01-02: Another field\n\n"
        "- **breaks clients**: Field Query.b was removed.\n- Field Query.t was added.\n- New types: `T`.\n\n"
        "## 2026-01-02: Begin\n\nThe first schema: 1 types.\n\n"
    )


def test_a_shallow_clone_has_no_changelog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")
    whole, shallow = tmp_path / "whole", tmp_path / "shallow"
    whole.mkdir()
    git(whole, "init", "-q")
    commit(whole, "type Query { a: Int }", "Begin")
    commit(whole, "type Query { b: Int }", "Go on")
    git(tmp_path, "clone", "-q", "--depth", "1", whole.as_uri(), str(shallow))
    done = changelog(shallow)
    assert done.returncode == 1
    assert "shallow" in done.stderr
    assert not (shallow / "log.md").exists()


def test_the_committed_changelog_is_of_the_committed_schema(tmp_path: Path) -> None:
    """The page ends with the digest of the schema that it was written for, so this needs no history."""
    git(tmp_path, "init", "-q")
    (tmp_path / "schema.graphql").write_text((ROOT / "schema.graphql").read_text())
    git(tmp_path, "add", "schema.graphql")
    git(tmp_path, "commit", "-q", "-m", "Begin")
    assert changelog(tmp_path).returncode == 0
    *_, digest = (tmp_path / "log.md").read_text().splitlines()
    *_, committed = (ROOT / "docs" / "schema-changelog.md").read_text().splitlines()
    assert committed == digest, "run scripts/schema-changelog and commit docs/schema-changelog.md with the schema"
