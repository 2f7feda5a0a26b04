"""The files of the page: types, caching, conditional requests, and that no path leads out of their folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.gateway.graphiql.conftest import page_app
from tests.gateway.support import ask

FOREVER = "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("name", "kind", "cache"),
    [
        ("index-AAAAAAA1.js", "text/javascript", FOREVER),
        ("index-BBBBBBB2.css", "text/css", FOREVER),
        ("font-DDDDDDD4.woff2", "", FOREVER),
        ("manifest.json", "application/json", "no-cache"),
        ("fallback.js", "text/javascript", "no-cache"),
    ],
)
async def test_a_file(assets: Path, name: str, kind: str, cache: str) -> None:
    app = page_app(assets)
    answer = await ask(app, "GET", f"/graphiql/{name}")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == cache
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"

    head = await ask(app, "HEAD", f"/graphiql/{name}")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == answer.headers

    again = await ask(app, "GET", f"/graphiql/{name}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["cache-control"] == cache
    assert again.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "/graphiql/",
        "/graphiql/nothing.js",
        "/graphiql/../secret.txt",
        "/graphiql/../../secret.txt",
        "/graphiql/x/../../secret.txt",
        "/graphiql//etc/passwd",
        "/graphiql/..\\secret.txt",
        "/graphiql/link.txt",
        "/graphiql/folder",
        "/graphiql/a\0b",
        "/graphiql/" + "a" * 5000,
    ],
)
async def test_no_path_leads_out(assets: Path, path: str) -> None:
    (assets.parent / "secret.txt").write_text("secret")
    (assets / "link.txt").symlink_to(assets.parent / "secret.txt")
    (assets / "folder").mkdir()
    answer = await ask(page_app(assets), "GET", path)
    assert answer.status == 404
    assert b"secret" not in answer.body


async def test_files_are_read_only(assets: Path) -> None:
    answer = await ask(page_app(assets), "POST", "/graphiql/index-AAAAAAA1.js")
    assert answer.status == 405


async def test_without_a_build_there_is_the_fallback_script_alone(no_assets: Path) -> None:
    app = page_app(no_assets)
    assert (await ask(app, "GET", "/graphiql/fallback.js")).status == 200
    assert (await ask(app, "GET", "/graphiql/index-AAAAAAA1.js")).status == 404


def names_in(built: Path) -> set[str]:
    """The hashed file names in the manifest, the scripts and the style sheet."""
    manifest = json.loads((built / "manifest.json").read_bytes())
    named = {manifest["script"], manifest["style"], *manifest["preload"]}
    for file in built.iterdir():
        if file.suffix in (".js", ".css"):
            named |= set(re.findall(r"(?:chunk|font|\w+\.worker)-[A-Z0-9]{8}\.\w+", file.read_text()))
    return named


async def test_the_build_is_complete(built: Path) -> None:
    """Whatever a file of the build names by its hash is there and served to be kept."""
    app = page_app(built)
    named = names_in(built)
    assert {name.partition("-")[0] for name in named} == {
        "index",
        "chunk",
        "font",
        "editor.worker",
        "graphql.worker",
        "json.worker",
    }
    for name in sorted(named):
        answer = await ask(app, "HEAD", f"/graphiql/{name}")
        assert (answer.status, answer.headers.get("cache-control")) == (200, FOREVER), name


def test_the_build_names_its_licences(built: Path) -> None:
    text = (built / "licenses.txt").read_text()
    for package in ("graphiql", "graphql", "monaco-editor", "monaco-graphql", "react", "react-dom"):
        assert re.search(rf"^{package} \d+\.\d+\.\d+$", text, re.MULTILINE), package
    assert "Permission is hereby granted" in text
