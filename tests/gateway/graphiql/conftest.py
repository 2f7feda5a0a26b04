"""Assets to serve: a small set made for the test, and those that ``scripts/build-graphiql`` built."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.graphiql import assets_routes, graphiql_response
from gateway.graphiql.assets import ASSETS

MANIFEST = {"script": "index-AAAAAAA1.js", "style": "index-BBBBBBB2.css", "preload": ["chunk-CCCCCCC3.js"]}


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A folder as the build leaves it, with next to nothing in the files."""
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    for name in ("index-AAAAAAA1.js", "index-BBBBBBB2.css", "chunk-CCCCCCC3.js", "font-DDDDDDD4.woff2"):
        (folder / name).write_text(f"/* {name} */")
    return folder


@pytest.fixture
def no_assets(tmp_path: Path) -> Path:
    """Where a checkout without Node has its assets: nowhere."""
    return tmp_path / "not-built"


@pytest.fixture
def built() -> Path:
    """The assets that the checkout serves."""
    if not (ASSETS / "manifest.json").is_file():
        pytest.skip("needs Node: scripts/build-graphiql was not run")
    return ASSETS


def page_app(assets: Path) -> Starlette:
    """An app that answers every GET of ``/graphql`` with the page."""

    async def page(request: Request) -> Response:
        return graphiql_response(request, assets=assets)

    return Starlette(routes=[Route("/graphql", page), *assets_routes(assets)])
