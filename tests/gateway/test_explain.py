"""``contactgraph explain``: how operations are run."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli import main

TIMELINE = """
query Timeline($first: Int!, $sizes: Boolean!) {
  kind: __typename
  events(first: $first) {
    nodes {
      id
      occurredAt
      contact { firstName segments { name size @include(if: $sizes) } metrics { totalVisits } }
      ... on VisitEvent { duration }
    }
    pageInfo { hasNextPage }
  }
}
"""
TOLD = """\
Timeline\tcompiled\t33 calls at worst, cloud4wi 33\t{file}
  kind: data
  events(first) -> EventConnection: join, 2 calls at worst
    nodes -> [Event!]!: data, with joins below
      id occurredAt: data
      contact -> Contact: join, all objects of the list at once, 30 calls at worst
        firstName: data
        segments -> [Segment!]: join, all objects of the list at once, 1 call at worst
          name size: data
        metrics -> ContactMetrics: data
          totalVisits: data
      on VisitEvent
        duration: data
    pageInfo -> PageInfo!: data
      hasNextPage: data
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for documents, in a gateway with Cloud4Wi alone."""
    monkeypatch.setenv("CLOUD4WI_CLIENT_KEY", "key")
    monkeypatch.setenv("CLOUD4WI_CLIENT_SECRET", "secret")
    return tmp_path


def explained(folder: Path, capsys: pytest.CaptureFixture[str], text: str, *options: str) -> str:
    """What is printed of a document."""
    (folder / "a.graphql").write_text(text)
    (folder / "variables.json").write_text('{"first": 30}')
    assert main(["explain", str(folder / "a.graphql"), "--variables", str(folder / "variables.json"), *options]) == 0
    return capsys.readouterr().out


def test_the_plan_tells_data_from_joins_and_what_they_cost(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(folder, capsys, TIMELINE) == TOLD.format(file=folder / "a.graphql")


def test_what_is_not_compiled_says_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(folder, capsys, "query Types { __schema { queryType { name } } } query Plain { __typename }")
    assert [line.split("\t")[:2] for line in told.splitlines() if "\t" in line] == [
        ["Types", "graphql-core: introspection"],
        ["Plain", "compiled"],
    ]


@pytest.mark.parametrize("directive", ["@include(if: $yes)", "@skip(if: $yes)"])
def test_conditions_leave_nothing_out(folder: Path, capsys: pytest.CaptureFixture[str], directive: str) -> None:
    told = explained(folder, capsys, f"query Q($yes: Boolean!) {{ a: __typename b: __typename {directive} }}")
    assert "  a b: data\n" in told


def test_the_code_can_be_seen_each_text_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(folder, capsys, TIMELINE, "--code")
    assert told.startswith(TOLD.format(file=folder / "a.graphql"))
    assert "\n# Query\n" in told
    assert "EventConnection.nodes -> LoginEvent" in told
    texts = [part.partition("\n")[2] for part in told.split("\n# ")[1:]]
    assert len(texts) == len(set(texts))
    for text in texts:
        compile(text, "<selection>", "exec")


@pytest.mark.parametrize("text", ["{", "{ nothing }", "query Q($n: [Int!]!) { events(first: $n) { totalCount } }"])
def test_a_document_that_is_no_good_fails(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.graphql").write_text(text)
    assert main(["explain", str(folder / "bad.graphql")]) == 1
    assert "bad.graphql" in capsys.readouterr().err
