"""Documents that are named instead of sent, and a gateway that runs no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import read_settings
from gateway.trusted import BadDocuments, hash_of, read_manifest, read_operations, write_manifest
from tests.gateway.support import GRAPHQL, Answer, ask, get, make_app, post
from upstreams.settings import SettingsError

HELLO = "query Hello($name: String) { hello(name: $name) }"
TWICE = "{ twice(number: 4) }"
CHANGE = "mutation Change { change }"


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    """A manifest of two documents."""
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({hash_of(HELLO): HELLO, f"sha256:{hash_of(CHANGE)}": CHANGE}))
    return str(path)


async def send(app: Any, body: dict[str, Any], **headers: str) -> Answer:
    return await ask(
        app, body=json.dumps(body).encode(), headers={"content-type": "application/json", "accept": GRAPHQL, **headers}
    )


def apq(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}


@pytest.mark.parametrize("only", ["0", "1"])
async def test_a_trusted_document_runs_by_its_id(manifest: str, only: str) -> None:
    app = make_app(GATEWAY_DOCUMENTS=manifest, GATEWAY_ONLY_TRUSTED=only)
    id = f"sha256:{hash_of(HELLO)}"
    for _ in range(2):
        answer = await send(app, {"documentId": id, "variables": {"name": "Zoë"}})
        assert (answer.status, answer.said) == (200, {"data": {"hello": "hello Zoë"}})
    assert (await get(app, documentId=id, variables='{"name": "B"}')).said == {"data": {"hello": "hello B"}}
    assert (await send(app, {"documentId": f"sha256:{hash_of(CHANGE)}"})).said == {"data": {"change": "changed"}}
    assert (await get(app, documentId=f"sha256:{hash_of(CHANGE)}")).status == 405


@pytest.mark.parametrize("only", ["0", "1"])
async def test_a_trusted_document_runs_by_its_hash(manifest: str, only: str) -> None:
    app = make_app(GATEWAY_DOCUMENTS=manifest, GATEWAY_ONLY_TRUSTED=only)
    named = await send(app, {"extensions": apq(HELLO)})
    sent = await send(app, {"query": HELLO, "extensions": apq(HELLO)})
    assert named.said == sent.said == {"data": {"hello": "hello world"}}


async def test_with_trusted_documents_only_nothing_else_runs(manifest: str) -> None:
    app = make_app(GATEWAY_DOCUMENTS=manifest, GATEWAY_ONLY_TRUSTED="1")
    for body in (
        {"query": TWICE},
        {"query": HELLO},
        {"query": "{ nonsense"},
        {"query": "{ __schema { types { name } } }"},
        {"query": TWICE, "extensions": apq(TWICE)},
        {"extensions": apq(TWICE)},
        {"documentId": f"sha256:{hash_of(TWICE)}"},
        {"documentId": "Hello"},
    ):
        answer = await send(app, body)
        assert (answer.status, answer.codes) == (400, ["DOCUMENT_NOT_TRUSTED"]), body
        assert "data" not in answer.json
    forged = await send(app, {"query": TWICE, "extensions": apq(HELLO)})
    assert (forged.status, forged.codes) == (400, ["BAD_REQUEST"])


async def test_with_trusted_documents_only_there_is_no_graphiql(manifest: str) -> None:
    app = make_app(GATEWAY_DOCUMENTS=manifest, GATEWAY_ONLY_TRUSTED="1")
    page = await ask(app, "GET", headers={"accept": "text/html"})
    assert "text/html" not in page.headers["content-type"]


async def test_what_was_sent_with_its_hash_is_known_by_it() -> None:
    app = make_app()
    missing = await send(app, {"extensions": apq(TWICE)})
    assert (missing.status, missing.codes) == (400, ["PERSISTED_QUERY_NOT_FOUND"])
    assert missing.json["errors"][0]["message"] == "PersistedQueryNotFound"
    as_json = await send(app, {"extensions": apq(TWICE)}, accept="application/json")
    assert (as_json.status, as_json.codes) == (200, ["PERSISTED_QUERY_NOT_FOUND"])
    assert (await send(app, {"query": TWICE, "extensions": apq(TWICE)})).said == {"data": {"twice": 8}}
    assert (await send(app, {"extensions": apq(TWICE)})).said == {"data": {"twice": 8}}
    assert (await get(app, extensions=json.dumps(apq(TWICE)))).said == {"data": {"twice": 8}}
    by_id = await send(app, {"documentId": f"sha256:{hash_of(TWICE)}"})
    assert by_id.codes == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_a_document_that_does_not_fit_the_schema_is_not_registered() -> None:
    app, wrong = make_app(), "{ nothing }"
    assert (await send(app, {"query": wrong, "extensions": apq(wrong)})).codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert (await send(app, {"extensions": apq(wrong)})).codes == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_what_was_registered_makes_room_for_more() -> None:
    app = make_app()
    texts = [f"{{ twice(number: {number}) }} # {'x' * 40_000}" for number in range(20)]
    for text in texts:
        assert (await send(app, {"query": text, "extensions": apq(text)})).status == 200
    assert (await send(app, {"extensions": apq(texts[0])})).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    assert (await send(app, {"extensions": apq(texts[-1])})).said == {"data": {"twice": 38}}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"documentId": 7},
        {"query": TWICE, "documentId": f"sha256:{hash_of(TWICE)}"},
        {"documentId": f"sha256:{hash_of(TWICE)}", "extensions": apq(TWICE)},
        {"query": TWICE, "extensions": apq(HELLO)},
        {"query": TWICE, "extensions": {"persistedQuery": "x"}},
        {"query": TWICE, "extensions": {"persistedQuery": {"version": 2, "sha256Hash": hash_of(TWICE)}}},
        {"query": TWICE, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "abc"}}},
        {"query": TWICE, "extensions": {"persistedQuery": {"version": 1}}},
    ],
)
async def test_names_that_make_no_sense_are_refused(body: dict[str, Any]) -> None:
    answer = await send(make_app(), body)
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


async def test_the_doubled_name_of_a_document_is_refused() -> None:
    twice = b'{"documentId": "sha256:a", "documentId": "sha256:b"}'
    answer = await ask(make_app(), body=twice, headers={"content-type": "application/json"})
    assert answer.codes == ["BAD_REQUEST"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"a": "{ x }"}', json.dumps({hash_of("{ x }"): "{ y }"}), json.dumps({hash_of("{ x }"): 1})],
)
def test_a_manifest_that_is_none_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"^GATEWAY_DOCUMENTS "):
        read_settings({"GATEWAY_DOCUMENTS": str(path)}, need_source=False)


def test_a_manifest_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^GATEWAY_DOCUMENTS "):
        read_settings({"GATEWAY_DOCUMENTS": str(tmp_path / "none.json")}, need_source=False)
    with pytest.raises(SettingsError, match=r"^GATEWAY_DOCUMENTS "):
        read_settings({"GATEWAY_ONLY_TRUSTED": "1"}, need_source=False)


def files(folder: Path, *texts: str) -> list[str]:
    paths = [folder / f"{number}.graphql" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return [str(path) for path in paths]


def test_each_operation_takes_the_fragments_it_uses(tmp_path: Path) -> None:
    found = read_operations(
        files(
            tmp_path,
            "query A { x { ...F } } query B { y }",
            "fragment F on X { a ...G } fragment G on X { b } fragment H on X { c }",
        )
    )
    assert [operation.name for operation in found] == ["A", "B"]
    assert [text.count("fragment") for text in (found[0].text, found[1].text)] == [2, 0]
    assert read_manifest(write_manifest(found)) == {operation.hash: operation.text for operation in found}


@pytest.mark.parametrize(
    "texts",
    [
        ["query A { x"],
        ["query A { ...F }"],
        ["query A { x } query A { y }"],
        ["query A { ...F } fragment F on X { a }", "fragment F on X { b }"],
        ["fragment F on X { a }"],
    ],
)
def test_files_that_do_not_fit_together_are_refused(tmp_path: Path, texts: list[str]) -> None:
    with pytest.raises(BadDocuments, match=r"graphql|operation"):
        read_operations(files(tmp_path, *texts))


def test_a_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadDocuments, match=r"none\.graphql"):
        read_operations([str(tmp_path / "none.graphql")])


async def test_both_ways_to_ask_give_the_same(manifest: str) -> None:
    app = make_app(GATEWAY_DOCUMENTS=manifest)
    named = await send(app, {"documentId": f"sha256:{hash_of(HELLO)}"})
    assert named.said == (await post(app, HELLO)).said
