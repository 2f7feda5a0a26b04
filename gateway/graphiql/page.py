"""The GraphiQL page: one HTML document, its settings in data attributes, and the headers it is sent with.

Until a script has drawn GraphiQL, and for good where none can, the page shows how to ask the same query with curl.
"""

from __future__ import annotations

import json
import shlex
from html import escape
from itertools import dropwhile
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.graphiql.assets import ASSETS, CDN, CDN_SCRIPTS, CDN_STYLE, CdnFile, Manifest, file_url, read_manifest

DEFAULT_QUERY: Final = """\
# The latest events, with contacts and locations.
# Ctrl-Enter runs it. Its upstream calls are listed
# under extensions.upstream: see Headers below.
query LatestEvents {
  events(first: 10) {
    nodes {
      type
      occurredAt
      contact {
        displayName
        segments {
          name
        }
      }
      location {
        name
        timezone
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
"""

DEFAULT_HEADERS: Final = {"x-contactgraph-trace": "1"}

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self' data:"
)
"""Content security policy of the page. Monaco and CodeMirror set style attributes, hence 'unsafe-inline' for styles."""

# The CDN serves every npm package there is, so the policy names the files, not the origin alone.
CDN_POLICY: Final = (
    f"default-src 'none'; script-src 'self' {' '.join(file.url for file in CDN_SCRIPTS)}; "
    f"style-src 'self' 'unsafe-inline' {CDN_STYLE.url}; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self' data:"
)
"""Content security policy of the fallback page."""

_STYLE = """\
:root { color-scheme: light dark; }
html, body { height: 100%; margin: 0; }
#graphiql { height: 100dvh; }
.plain { max-width: 60rem; padding: 2rem; font: 1rem/1.5 system-ui, sans-serif; }
.plain pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid; border-radius: 0.5rem; }\
"""


def graphiql_response(
    request: Request, *, default_query: str = DEFAULT_QUERY, assets: Path = ASSETS, status_code: int = 200
) -> Response:
    """The page for a browser that opened the GraphQL endpoint; it sends its operations to the path of ``request``.

    Where ``assets`` holds no build, the page loads GraphiQL from the pinned files of a CDN instead.
    """
    manifest = read_manifest(assets)
    if manifest is not None:
        head, note, policy = _local_head(request, manifest), "GraphiQL is loading.", POLICY
    else:
        note = f"GraphiQL is loading from {CDN}; this text stays while it does not answer."
        head, policy = _cdn_head(request), CDN_POLICY
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-cache",
        "Vary": "Accept",
    }
    html = _document(request, head, note, default_query, local=manifest is not None)
    return HTMLResponse(html, status_code=status_code, headers=headers)


def _document(request: Request, head: str, note: str, query: str, *, local: bool) -> str:
    endpoint = quote(request.scope["path"])
    settings = {"endpoint": endpoint, "query": query, "headers": json.dumps(DEFAULT_HEADERS, indent=2)}
    if not local:
        settings |= {"style": CDN_STYLE.url, "style-integrity": CDN_STYLE.integrity}
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in settings.items())
    build = "To have the gateway serve GraphiQL itself, install Node and run <code>scripts/build-graphiql</code>."
    advice = "" if local else f"<p>{build}</p>"
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Contactgraph GraphiQL</title>
<link rel="icon" href="data:,">
<style>
{_STYLE}
</style>
{head}
</head>
<body>
<div id="graphiql" {data}>
<div class="plain">
<h1>Contactgraph</h1>
<p id="note">{escape(note)}</p>
<noscript><p>GraphiQL needs JavaScript.</p></noscript>
{advice}
<p>The same API from a shell:</p>
<pre>{escape(_curl(request, endpoint, query))}</pre>
</div>
</div>
</body>
</html>
"""


def _local_head(request: Request, manifest: Manifest) -> str:
    preload = "".join(
        f'<link rel="modulepreload" href="{escape(file_url(request, name))}">\n' for name in manifest.preload
    )
    style = f'<link rel="stylesheet" href="{escape(file_url(request, manifest.style))}">\n'
    return f'{preload}{style}<script type="module" src="{escape(file_url(request, manifest.script))}"></script>'


def _cdn_head(request: Request) -> str:
    """Deferred scripts run in this order, ours last; one that fails to load or has another hash is left out.

    The style sheet is added by our script, because one that hangs would hide the plain text.
    """
    scripts = [_cdn_script(file) for file in CDN_SCRIPTS]
    return "\n".join([*scripts, f'<script defer src="{escape(file_url(request, "fallback.js"))}"></script>'])


def _cdn_script(file: CdnFile) -> str:
    return f'<script defer src="{file.url}" integrity="{file.integrity}" crossorigin="anonymous"></script>'


def _curl(request: Request, endpoint: str, query: str) -> str:
    """A command for any POSIX shell, on one line where no string or comment of the query forbids that."""
    text = "\n".join(dropwhile(lambda line: line.startswith("#"), query.strip().splitlines()))
    if not set(text) & set('"#'):
        text = " ".join(text.split())
    host = request.headers.get("host", "127.0.0.1")
    url = f"{request.scope['scheme']}://{host}{endpoint}"
    headers = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in DEFAULT_HEADERS.items()]
    return " ".join(["curl", "--get", shlex.quote(url), *headers, "--data-urlencode", shlex.quote(f"query={text}")])
