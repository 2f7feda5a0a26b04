"""The commands of a front-end's build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.trusted import read_manifest

TIMELINE = "query Timeline($first: Int!) { events(first: $first) { nodes { occurredAt contact { ...Who } } } }"
WHO = "fragment Who on Contact { displayName segments { name } }"
LIST = "query Segments { segments { nodes { name } } }"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files of documents, in a gateway with Cloud4Wi alone."""
    (tmp_path / "a.graphql").write_text(f"{TIMELINE}\n{LIST}")
    (tmp_path / "b.graphql").write_text(WHO)
    monkeypatch.setenv("CLOUD4WI_CLIENT_KEY", "key")
    monkeypatch.setenv("CLOUD4WI_CLIENT_SECRET", "secret")
    return tmp_path


def paths(folder: Path) -> list[str]:
    return [str(folder / "a.graphql"), str(folder / "b.graphql")]


def costs(text: str) -> dict[str, int]:
    """Operations and what they cost, as printed."""
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith(" ")]
    return {row[0]: int(row[1]) for row in rows}


def test_check_prints_what_operations_cost(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "variables.json").write_text(json.dumps({"first": 30}))
    assert main(["check", *paths(folder), "--variables", str(folder / "variables.json")]) == 0
    assert costs(capsys.readouterr().out) == {"Timeline": 32, "Segments": 1}


def test_check_takes_variables_by_operation(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "variables.json").write_text(json.dumps({"Timeline": {"first": 10}}))
    assert main(["check", *paths(folder), "--variables", str(folder / "variables.json")]) == 0
    assert costs(capsys.readouterr().out)["Timeline"] == 12


def test_what_is_not_known_counts_as_the_worst(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *paths(folder)]) == 1
    out = capsys.readouterr().out
    assert costs(out)["Timeline"] == 1002
    assert "over the limit of 500" in out


def test_check_knows_the_limit(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_MAX_COST", "1002")
    assert main(["check", *paths(folder)]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    "text",
    ["{", "{ nothing }", "query ($n: Int!) { events(first: $n) { nothing } }", "{ contacts { nodes { ...Missing } } }"],
)
def test_a_document_that_is_no_good_fails(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    bad = folder / "bad.graphql"
    bad.write_text(text)
    assert main(["check", str(bad)]) == 1
    assert main(["documents", "build", str(bad), "--out", str(folder / "out.json")]) == 1
    assert "bad.graphql" in capsys.readouterr().err
    assert not (folder / "out.json").exists()


def test_variables_that_do_not_fit_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ('{"first": "many"}', "[]", "{"):
        (folder / "variables.json").write_text(text)
        assert main(["check", *paths(folder), "--variables", str(folder / "variables.json")]) == 1
    assert capsys.readouterr().err.count("contactgraph: ") == 3


def test_documents_build_writes_a_manifest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "manifest.json"
    assert main(["documents", "build", *paths(folder), "--out", str(out)]) == 0
    manifest = read_manifest(out.read_text())
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == ["Timeline", "Segments"]
    assert sorted(text.count("fragment Who") for text in manifest.values()) == [0, 1]
