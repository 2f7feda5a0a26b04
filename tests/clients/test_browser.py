"""A page with Apollo Client in headless Chromium, from another origin than the gateway's."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.app import Sandbox
from tests.browser import Page, open_page
from tests.clients.conftest import CLIENTS, serve
from tests.gateway.support import served
from tests.schema.merged import events

ROWS = "[...document.querySelectorAll('li')].map(row => [row.dataset.source, row.dataset.id])"
STATUS = "document.querySelector('[role=status]')?.innerText"


def front_end() -> Starlette:
    """Serves the page, and knows nothing of the gateway."""

    async def page(request: object) -> FileResponse:
        return FileResponse(CLIENTS / "page" / "index.html")

    return Starlette(routes=[Route("/", page), Mount("/", StaticFiles(directory=CLIENTS / "dist" / "page"))])


async def rows(page: Page) -> list[tuple[str, str]]:
    """The rows on the page by source and id, each of which must be there once."""
    found = [(source, id) for source, id in await page.evaluate(ROWS)]
    assert len(set(found)) == len(found)
    return found


async def scroll(page: Page, until: str) -> list[tuple[str, str]]:
    """Scrolls to the end of the page until an expression is true; the rows."""
    step = "scrollTo(0, document.body.scrollHeight)"
    await page.wait_for(f"({step}, {until})")
    return await rows(page)


async def test_a_page_scrolls_through_an_outage_and_forgotten_scrolls(node: str, box: Sandbox, tmp_path: Path) -> None:
    """It shows what there is, says what is missing, and in the end holds every event once."""
    held = [(place.source.value, place.id) for place in events(box)]
    async with (
        served(front_end()) as origin,
        serve(box, tmp_path, GATEWAY_CORS_ORIGINS=origin) as endpoint,
        open_page() as page,
    ):
        await page.goto(f"{origin}/?endpoint={quote(endpoint, safe='')}")
        shown = await scroll(page, "document.querySelectorAll('li').length >= 200")
        assert shown == held[: len(shown)]
        assert await page.evaluate(STATUS) == ""

        box.expire_scrolls()
        box.faults.add("cloud4wi.*", "status", status=503)
        before = await scroll(page, "!!document.querySelector('button')")
        assert "Cloud4Wi does not answer: more will follow." in await page.evaluate(STATUS)
        assert {source for source, _ in set(held) - set(before)} == {"CLOUD4WI"}

        # Somebody who presses the button until it helps.
        box.faults.clear()
        shown = await scroll(
            page, "(document.querySelector('button')?.click(), document.body.innerText.includes('That is all'))"
        )
        assert shown[: len(before)] == before
        assert sorted(shown) == sorted(held)
        assert await page.evaluate(STATUS) == ""
        assert page.problems == []
