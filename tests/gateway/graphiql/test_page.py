"""The page: its headers to the letter, what it loads, and that nothing in it can be taken for markup."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from gateway.graphiql import DEFAULT_QUERY, graphiql_response
from gateway.sdl import current_sdl
from tests.gateway.graphiql.conftest import MANIFEST, page_app
from tests.gateway.support import ask

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self' data:"
)
CDN = "https://cdn.jsdelivr.net/npm"
CDN_POLICY = (
    "default-src 'none'; "
    f"script-src 'self' {CDN}/react@18.3.1/umd/react.production.min.js "
    f"{CDN}/react-dom@18.3.1/umd/react-dom.production.min.js {CDN}/graphiql@4.1.2/graphiql.min.js; "
    f"style-src 'self' 'unsafe-inline' {CDN}/graphiql@4.1.2/graphiql.min.css; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self' data:"
)

Tag = tuple[str, dict[str, str]]


class Document(HTMLParser):
    """The tags of a page with their attributes, the text of the page, and the text within script elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.text = ""
        self.inline = ""
        self._within = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._within == "script":
            self.inline += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def settings(self) -> dict[str, str]:
        (mount,) = (attributes for attributes in self.all("div") if attributes.get("id") == "graphiql")
        return {name.removeprefix("data-"): value for name, value in mount.items() if name.startswith("data-")}


def document(assets: Path, query: str = DEFAULT_QUERY, **scope: object) -> Document:
    """The page that answers a request, given by what differs from a plain one."""
    plain = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/graphql",
        "headers": [(b"host", b"gateway.test:8000")],
    }
    response = graphiql_response(Request(plain | scope), default_query=query, assets=assets)
    return Document(bytes(response.body).decode())


@pytest.mark.parametrize(("folder", "policy"), [("assets", POLICY), ("no_assets", CDN_POLICY)])
async def test_headers(folder: str, policy: str, request: pytest.FixtureRequest) -> None:
    app = page_app(request.getfixturevalue(folder))
    answer = await ask(app, "GET", headers={"accept": "text/html", "host": "gateway.test"})
    assert answer.status == 200
    assert {name: value for name, value in answer.headers.items() if name != "content-length"} == {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "cache-control": "no-cache",
        "vary": "Accept",
    }


def test_the_page_loads_the_files_that_the_manifest_names(assets: Path) -> None:
    page = document(assets)
    assert page.all("script") == [{"type": "module", "src": f"/graphiql/{MANIFEST['script']}"}]
    links = [(link["rel"], link["href"]) for link in page.all("link")]
    assert links == [
        ("icon", "data:,"),
        ("modulepreload", "/graphiql/chunk-CCCCCCC3.js"),
        ("stylesheet", "/graphiql/index-BBBBBBB2.css"),
    ]


def test_a_build_made_while_the_gateway_runs_is_picked_up(no_assets: Path) -> None:
    assert "style" in document(no_assets).settings
    no_assets.mkdir()
    (no_assets / "manifest.json").write_text(json.dumps(MANIFEST))
    assert "style" not in document(no_assets).settings


@pytest.mark.parametrize("folder", ["assets", "no_assets"])
def test_no_script_stands_in_the_page(folder: str, request: pytest.FixtureRequest) -> None:
    page = document(request.getfixturevalue(folder))
    assert page.inline == ""
    assert all("src" in script for script in page.all("script"))
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_settings(assets: Path) -> None:
    page = document(assets)
    assert page.settings.keys() == {"endpoint", "query", "headers"}
    assert page.settings["endpoint"] == "/graphql"
    assert page.settings["query"] == DEFAULT_QUERY
    assert json.loads(page.settings["headers"]) == {"x-contactgraph-trace": "1"}


def test_behind_a_prefix(assets: Path) -> None:
    page = document(assets, root_path="/api", path="/api/graph ql")
    assert page.settings["endpoint"] == "/api/graph%20ql"
    assert page.all("script")[0]["src"] == "/api/graphiql/index-AAAAAAA1.js"


def test_the_default_query_is_one_of_the_schema() -> None:
    assert validate(build_schema(current_sdl()), parse(DEFAULT_QUERY)) == []


HTML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"))


@given(query=HTML_TEXT | st.sampled_from(['"><script>alert(1)</script>', "</div>", "&quot;&lt;", '{ a(b: "\'") }']))
def test_any_default_query_arrives_as_it_is(query: str) -> None:
    page = document(Path("not-built"), query)
    assert page.settings["query"] == query
    assert page.inline == ""
    assert len(page.all("script")) == 4


def test_a_host_that_is_markup_stays_text(assets: Path) -> None:
    page = document(assets, headers=[(b"host", b"x'\"><script>alert(1)</script>")])
    assert len(page.all("script")) == 1
    assert "<script>alert(1)</script>" in page.text


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("# A comment.\n{\n  a\n  b\n}\n", "{ a b }"),
        ('{\n  a(b: "c  d\'e")\n}', '{\n  a(b: "c  d\'e")\n}'),
        ("{\n  a # why\n  b\n}", "{\n  a # why\n  b\n}"),
    ],
)
def test_the_curl_line_asks_the_query(no_assets: Path, query: str, sent: str) -> None:
    """A shell that has another ``curl`` says what the line would have called."""
    text = document(no_assets, query).text
    line = text[text.index("curl ") :].strip()
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{line}"
    said = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.split("\0")[:-1] == [
        "--get",
        "http://gateway.test:8000/graphql",
        "-H",
        "x-contactgraph-trace: 1",
        "--data-urlencode",
        f"query={sent}",
    ]


def test_the_fallback_loads_pinned_files_of_one_origin(no_assets: Path) -> None:
    page = document(no_assets)
    *foreign, own = page.all("script")
    assert own == {"defer": "", "src": "/graphiql/fallback.js"}
    files = [(script["src"], script["integrity"]) for script in foreign]
    files.append((page.settings["style"], page.settings["style-integrity"]))
    for url, integrity in files:
        assert re.fullmatch(r"https://cdn\.jsdelivr\.net/npm/[a-z-]+@\d+\.\d+\.\d+/[\w./-]+\.min\.(js|css)", url)
        assert re.fullmatch(r"sha384-[A-Za-z0-9+/]{64}", integrity)
        assert url in CDN_POLICY
    assert all(script["crossorigin"] == "anonymous" and "defer" in script for script in foreign)
    # A style sheet in the page would hide the text while the CDN hangs.
    assert [link["rel"] for link in page.all("link")] == ["icon"]


def test_the_fallback_says_what_to_do(no_assets: Path) -> None:
    text = document(no_assets).text
    assert "scripts/build-graphiql" in text
    assert "https://cdn.jsdelivr.net" in text
