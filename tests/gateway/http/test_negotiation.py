"""Which media type an answer takes."""

from __future__ import annotations

import pytest

from gateway.http.negotiation import GRAPHQL, HTML, JSON, negotiate

API = (JSON, GRAPHQL)
PAGE = (JSON, GRAPHQL, HTML)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "offers", "chosen"),
    [
        (None, API, JSON),
        ("", API, JSON),
        ("*/*", API, JSON),
        ("application/*", API, JSON),
        (JSON, API, JSON),
        (GRAPHQL, API, GRAPHQL),
        ("application/GraphQL-Response+JSON; charset=utf-8", API, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", API, GRAPHQL),
        (f"{JSON}, {GRAPHQL}", API, JSON),
        (f"{GRAPHQL};q=0.5, {JSON};q=0.9", API, JSON),
        (f"{GRAPHQL};q=0.9, {JSON};q=0.5", API, GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9, */*;q=0.1", API, GRAPHQL),
        (f"*/*, {GRAPHQL}", API, GRAPHQL),
        (f"*/*, {JSON};q=0", API, GRAPHQL),
        (f"{JSON};q=0", API, None),
        (f"{JSON};q=nonsense", API, None),
        ("text/plain", API, None),
        ("text/html", API, None),
        ("text/html, text/plain;q=0.9", PAGE, HTML),
        (BROWSER, PAGE, HTML),
        (BROWSER, API, JSON),
        ("*/*", PAGE, JSON),
        (f"{JSON}, text/html;q=0.9", PAGE, JSON),
        ("text/*", PAGE, HTML),
        (",".join(["text/plain"] * 100_000), API, None),
    ],
)
def test_negotiate(accept: str | None, offers: tuple[str, ...], chosen: str | None) -> None:
    assert negotiate(accept, offers) == chosen
