"""What goes out: targets, headers, bodies."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.http.conftest import Laboratory, answer
from upstreams.http.requests import encoded
from upstreams.http.wire import Wire, segment
from upstreams.records import Source


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("base", ["", "/api/v1"])
async def test_one_slash_between_base_and_path(lab: Laboratory, base: str, slash: str) -> None:
    wire = Wire(lab.network, Source.ACQUIRE, lab.upstream.url + base + slash)
    await wire.call("thing", "GET", "/things/1", decode=bytes)
    assert lab.upstream.paths == [f"{base}/things/1"]


@pytest.mark.parametrize(
    "url", ["", "explore.cloud4wi.com", "ftp://host", "http://", "http://host?key=1", "http://host/#x"]
)
def test_a_base_that_is_none_is_refused(url: str) -> None:
    class Unused:
        limits = None

    with pytest.raises(ValueError, match="not the base URL"):
        Wire(Unused(), Source.ACQUIRE, url)  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_segment_is_one_segment(text: str) -> None:
    quoted = segment(text)
    assert re.fullmatch(r"([A-Za-z0-9_.~-]|%[0-9A-F]{2})+", quoted)
    assert quoted not in (".", "..")
    assert unquote(quoted) == text


@given(st.lists(st.tuples(st.text(), st.text()) | st.tuples(st.from_regex(r"[\w.~-]*"), st.text("abc.,:+ &=%"))))
def test_parameters_are_encoded_as_the_standard_library_does_it(pairs: list[tuple[str, str]]) -> None:
    assert encoded(pairs) == urlencode(pairs, errors="replace")


def test_no_segment_is_no_segment() -> None:
    with pytest.raises(ValueError, match="empty"):
        segment("")
    assert segment("\ud800") == "%3F"


@pytest.mark.parametrize("id", ["a/b", "..", ".", "a?b=c", "a#b", "a b", "a%2Fb", "é", "\0", "a\r\nb", "a;b", "a+b"])
async def test_an_id_reaches_the_upstream_as_it_is(lab: Laboratory, id: str) -> None:
    await lab.call(path=f"/things/{segment(id)}/parts")
    assert unquote(lab.upstream.paths[0]) == f"/things/{id}/parts"
    assert lab.upstream.paths[0].count("/") == 3


async def test_parameters_arrive_in_order_and_unharmed(lab: Laboratory) -> None:
    params = [("b", "1"), ("a", "x y&z=1+2"), ("b", "é/?#"), ("c", "")]
    await lab.call(params=params)
    assert list(lab.upstream.requests[0].query.items()) == params


async def test_headers_of_every_call(lab: Laboratory) -> None:
    await lab.call(headers={"X-Brand": "7"})
    headers = lab.upstream.requests[0].headers
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip, deflate"
    assert re.fullmatch(r"contactgraph/\S+", headers["User-Agent"])
    assert headers["X-Brand"] == "7"
    assert "Cookie" not in headers


async def test_cookies_are_not_kept(lab: Laboratory) -> None:
    lab.upstream.script = [answer(200, headers={"Set-Cookie": "session=1"})]
    await lab.call()
    await lab.call()
    assert "Cookie" not in lab.upstream.requests[1].headers


@pytest.mark.parametrize(
    ("body", "kind", "sent"),
    [
        ({"json": {"a": ["é", None]}}, "application/json", '{"a":["é",null]}'.encode()),
        ({"json": []}, "application/json", b"[]"),
        ({"form": [("a", "x y"), ("a", "&")]}, "application/x-www-form-urlencoded", b"a=x+y&a=%26"),
        ({"content": b'{"a" : 1}', "headers": {"Content-Type": "text/x"}}, "text/x", b'{"a" : 1}'),
    ],
)
async def test_bodies(lab: Laboratory, body: dict[str, Any], kind: str, sent: bytes) -> None:
    await lab.call(method="POST", **body)
    assert lab.upstream.requests[0].headers["Content-Type"] == kind
    assert lab.upstream.bodies == [sent]
