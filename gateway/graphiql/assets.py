"""The files of the GraphiQL page: those built by ``ui/build.js``, and the CDN's where none are built."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PREFIX: Final = "/graphiql"
ASSETS: Final = Path(__file__).with_name("assets")
"""Where ``ui/build.js`` writes: absent in a checkout that never ran it, part of every wheel."""
STATIC: Final = Path(__file__).with_name("static")
"""Our own files that need no build: the script of the fallback page."""

FILE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_HASHED = re.compile(r"-[A-Z0-9]{8}\.\w+$")
"""A name with a hash of the content, as esbuild and ``ui/build.js`` write it: what it names never changes."""


class Manifest(msgspec.Struct, frozen=True):
    """What the page loads, by file name; ``ui/build.js`` writes it last, so it names only files that are there."""

    script: str
    style: str
    preload: tuple[str, ...] = ()


class CdnFile(NamedTuple):
    """One file of a published npm package, as the CDN serves it, with its subresource integrity."""

    url: str
    integrity: str


CDN: Final = "https://cdn.jsdelivr.net"

# GraphiQL 4 is the last version, and React 18 the last, that publish a file which a browser runs as it is.
# The CDN serves the files of the npm packages unchanged, so the hashes are those of the packages' own files.
CDN_SCRIPTS: Final = (
    CdnFile(
        f"{CDN}/npm/react@18.3.1/umd/react.production.min.js",
        "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    ),
    CdnFile(
        f"{CDN}/npm/react-dom@18.3.1/umd/react-dom.production.min.js",
        "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    ),
    CdnFile(
        f"{CDN}/npm/graphiql@4.1.2/graphiql.min.js",
        "sha384-9XdHu7ajgGJziD4J1zNBKQ842Q/+zZfDv+ib1eMhZWBH6hPAs806x+Jbcf0yNO6B",
    ),
)
CDN_STYLE: Final = CdnFile(
    f"{CDN}/npm/graphiql@4.1.2/graphiql.min.css",
    "sha384-1el1QShFBnnXTx9x/Cprg82hZWKt0ry29OAYIXt05swbi0KcZDFoj0CWguMpopJr",
)


def read_manifest(assets: Path) -> Manifest | None:
    """The names of the built files, or None when nothing is built.

    Read anew for each page, so that a build made while the gateway runs is picked up.
    """
    try:
        content = (assets / "manifest.json").read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(content, type=Manifest)


def assets_routes(assets: Path = ASSETS) -> list[Route | Mount]:
    """The route under which the page finds its files: ``/graphiql/<name>``, for GET and HEAD, with ETag and 304."""
    return [Mount(PREFIX, _Files(assets), name="graphiql")]


class _Files(StaticFiles):
    """Static files that may be built later, with our headers: names with a hash are kept for a year, others never."""

    def __init__(self, assets: Path) -> None:
        super().__init__(directory=assets, check_dir=False)
        self.all_directories = [assets, STATIC]

    async def check_config(self) -> None:
        """Absent assets are a state we know (the fallback page), not an error of the set-up: requests get 404."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(FILE_HEADERS)
        hashed = _HASHED.search(os.fspath(full_path)) is not None
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response


def file_url(request: Request, name: str) -> str:
    """The path at which this request's client finds a file of :func:`assets_routes`."""
    root: str = request.scope.get("root_path", "")
    return f"{root}{PREFIX}/{name}"
