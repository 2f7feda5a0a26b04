"""Which media type an answer takes."""

from __future__ import annotations

import pytest

from gateway.http.negotiation import GRAPHQL, HTML, JSON, negotiate, negotiate_coding

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


@pytest.mark.parametrize(
    ("accept_encoding", "chosen"),
    [
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("zstd;q=0.5, gzip;q=0.5", "zstd"),
        ("zstd;q=0, gzip", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=nonsense", None),
        ("*", "zstd"),
        ("*;q=0", None),
        ("gzip;q=0.1, *;q=0", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("gzip;q=0, gzip", None),
        ("x-gzip", None),
        (",;=,;q=1", None),
    ],
)
def test_negotiate_coding(accept_encoding: str, chosen: str | None) -> None:
    assert negotiate_coding(accept_encoding, ("zstd", "gzip")) == chosen
