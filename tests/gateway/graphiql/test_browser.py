"""GraphiQL as a person uses it, in headless Chromium, under its policy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.graphiql.page import POLICY
from tests.browser import Page, open_page
from tests.gateway.graphiql.conftest import page_app
from tests.gateway.support import make_app, served

QUERY_EDITOR = ".graphiql-query-editor .monaco-editor"
HEADERS_EDITOR = ".graphiql-editor-tool .monaco-editor:not([style*='display: none'])"


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as page:
        yield page


@pytest_asyncio.fixture
async def gateway(built: Path) -> AsyncIterator[str]:
    """The URL of a gateway's endpoint: the real app, around a schema of fake fields."""
    async with served(make_app()) as base:
        yield f"{base}/graphql"


def shown(selector: str) -> str:
    """JavaScript: the text that the elements show, with plain spaces."""
    elements = f"[...document.querySelectorAll({json.dumps(selector)})]"
    return f"{elements}.map(e => e.innerText).join('\\n').replaceAll('\\u00a0', ' ')"


RESPONSE = shown(".graphiql-response .view-line")


async def opened(page: Page, url: str) -> None:
    """Opens GraphiQL and waits until it has drawn its query and read the schema."""
    await page.goto(url)
    await page.wait_for(f"!!document.querySelector({json.dumps(QUERY_EDITOR + ' .view-line')})")
    await page.click("[aria-label='Show Documentation Explorer']")
    await page.wait_for(f"{shown('.graphiql-plugin')}.includes('Root Types')")
    await page.click("[aria-label='Hide Documentation Explorer']")


async def write(page: Page, editor: str, text: str) -> None:
    """Replaces what an editor holds."""
    await page.click(editor)
    await page.press("a", 65, ctrl=True)
    await page.press("Delete", 46)
    await page.write(text)


async def write_operation(page: Page, name: str, selection: str) -> None:
    """Writes a named query, and waits until GraphiQL has read the name: until then it would ask for the one before."""
    await write(page, QUERY_EDITOR, f"query {name} {selection}")
    await page.wait_for(f"{shown('.graphiql-tabs')}.includes({json.dumps(name)})")


async def test_a_query_is_typed_and_run_and_its_answer_read(page: Page, gateway: str) -> None:
    await opened(page, gateway)
    assert await page.evaluate("document.title") == "Contactgraph GraphiQL"
    await page.wait_for(f"{shown(QUERY_EDITOR + ' .view-line')}.includes('query LatestEvents')")

    await write_operation(page, "Greeting", '{ hello(name: "Ada") called }')
    await page.press("Enter", 13, ctrl=True)
    await page.wait_for(f'{RESPONSE}.includes(\'"hello": "hello Ada"\')')

    # The trace is on, so the calls that the answer cost stand in it.
    response = await page.evaluate(RESPONSE)
    assert '"upstream"' in response
    assert '"operation": "segments"' in response

    assert page.problems == []
    assert {url.partition("/graph")[0] for url in page.requests} == {gateway.removesuffix("/graphql")}


async def test_the_editor_knows_the_schema(page: Page, gateway: str) -> None:
    """Monaco's workers run under the policy: it is the GraphQL worker that finds the unknown field."""
    await opened(page, gateway)
    await write(page, QUERY_EDITOR, "{ hello nothing }")
    await page.wait_for(f"!!document.querySelector({json.dumps(QUERY_EDITOR + ' .squiggly-error')})")
    workers = {url.rpartition("/")[2].partition(".")[0] for url in page.requests if ".worker-" in url}
    assert workers == {"editor", "graphql", "json"}
    assert page.problems == []


async def test_tabs_and_history_stay_but_no_header_does(page: Page, gateway: str) -> None:
    await opened(page, gateway)
    await write(page, HEADERS_EDITOR, '{ "authorization": "Bearer hunter2" }')
    await write_operation(page, "Kept", "{ twice(number: 21) }")
    await page.click(".graphiql-execute-button")
    await page.wait_for(f"{RESPONSE}.includes('42')")
    await page.wait_for("(localStorage.getItem('graphiql:queries') ?? '').includes('Kept')")
    await page.wait_for("(localStorage.getItem('graphiql:tabState') ?? '').includes('Kept')")
    assert "hunter2" not in await page.evaluate("JSON.stringify(localStorage)")

    await opened(page, gateway)
    await page.wait_for(f"{shown('.graphiql-tabs')}.includes('Kept')")
    await page.wait_for(f"{shown(HEADERS_EDITOR + ' .view-line')}.includes('x-contactgraph-trace')")
    await page.click("[aria-label='Show History']")
    await page.wait_for(f"{shown('.graphiql-plugin')}.includes('Kept')")
    assert page.problems == []


async def test_a_link_opens_its_query_and_does_not_run_it(page: Page, gateway: str) -> None:
    await opened(page, f"{gateway}?query={quote('query Linked { hello }')}")
    await page.wait_for(f"{shown('.graphiql-tabs')}.includes('Linked')")
    assert await page.evaluate(RESPONSE) == ""
    assert page.problems == []


@pytest.mark.parametrize("answer", [None, b"window.stolen = true;"], ids=["no answer", "another file"])
async def test_without_the_cdn_the_page_is_text(page: Page, no_assets: Path, answer: bytes | None) -> None:
    await page.intercept("https://cdn.jsdelivr.net/*", lambda url: answer)
    async with served(page_app(no_assets)) as base:
        await page.goto(f"{base}/graphql")
        text = await page.wait_for(f"{shown('.plain')}.includes('could not be loaded') && {shown('.plain')}")
        assert f"curl --get {base}/graphql -H 'x-contactgraph-trace: 1'" in text
        assert await page.evaluate("window.stolen") is None


async def test_what_breaks_a_policy_is_seen(page: Page) -> None:
    """The other tests can fail: a page and a worker that break the policy are reported."""

    async def html(request: Request) -> Response:
        markup = "<script>document.title = 'inline'</script><script src=/page.js></script>"
        return HTMLResponse(markup, headers={"Content-Security-Policy": POLICY})

    async def script(request: Request) -> Response:
        code = "new Worker('/worker.js').onmessage = (event) => { document.title = event.data }"
        return Response(code, media_type="text/javascript")

    async def worker(request: Request) -> Response:
        code = "fetch('https://elsewhere.test/').catch(() => postMessage('refused'))"
        return Response(code, media_type="text/javascript", headers={"Content-Security-Policy": POLICY})

    app = Starlette(routes=[Route("/", html), Route("/page.js", script), Route("/worker.js", worker)])
    async with served(app) as base:
        await page.goto(base)
        await page.wait_for("document.title === 'refused'")
        await page.wait_for("fetch('/').then(() => true)")
    assert [problem for problem in page.problems if "inline" in problem]
    assert [problem for problem in page.problems if "elsewhere.test" in problem]
