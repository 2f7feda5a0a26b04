"""What goes out: exactly what was meant, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.http.clients.peer import OK, always, peer
from upstreams.http.exchange import EVERY_CALL, Client, Place, Unsendable
from upstreams.http.lean.client import written

SENDABLE = [
    ("GET", "/thing", {}, None),
    ("GET", "/thing?a=%0D%0A&b=%25", {"Authorization": "Bearer a.b-c_d~e+f/g="}, None),
    ("POST", "/thing", {"Content-Type": "application/json"}, b'{"a": "\r\n\r\n"}'),
    ("POST", "/thing", {}, b""),
    ("POST", "/thing", {}, None),
    ("PUT", "/thing", {"X-Odd": " a,b;c\"d'"}, b"\0" * 300_000),
    ("PATCH", "/thing", {}, None),
    ("DELETE", "/thing", {}, None),
    ("DELETE", "/thing", {}, b"{}"),
]

UNSENDABLE = [
    *(("GET", f"/thing{text}", {}) for text in ("#a", " HTTP/1.1\r\nA: b", "\r", "\n", "\0", " ", "\t", "é", "\x7f")),
    *((method, "/thing", {}) for method in ("GET /x HTTP/1.1\r\n", "GE T", "", "GÉT", "GET\n", "GET\0")),
    *(
        ("GET", "/thing", {"X-A": f"a{text}b"})
        for text in ("\r\nX-B: c", "\r", "\n", "\0", "é", "\x7f", "\x0b", "\u2028")
    ),
    *(("GET", "/thing", {name: "a"}) for name in ("", "X A", "X:A", "X\r\nA", "X\0", "Xé", " X", "X\t")),
    *(("POST", "/thing", {name: "0"}) for name in ("Content-Length", "content-length", "CONTENT-LENGTH", "Host", "TE")),
    *(("POST", "/thing", {name: "chunked"}) for name in ("Transfer-Encoding", "transfer-encoding", "Connection")),
]


@pytest.mark.parametrize(("method", "target", "headers", "body"), SENDABLE)
async def test_a_request_arrives_as_it_is(
    client: Client, method: str, target: str, headers: dict[str, str], body: bytes | None
) -> None:
    async with peer(always(OK)) as at:
        place = Place.of(f"{at.place.base}/base%2Fpath/")
        for _ in range(2):
            assert (await client.send(place, method, target, headers, body)).status == 200
    for request in at.requests:
        head, _, arrived = request.partition(b"\r\n\r\n")
        line, *fields = head.decode("ascii").split("\r\n")
        assert line == f"{method} /base%2Fpath{target} HTTP/1.1"
        assert arrived == (body or b"")
        sent = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        assert len(sent) == len(fields)
        meant = {name.lower(): value.strip() for name, value in {**EVERY_CALL, **headers}.items()}
        assert {name: sent[name].strip() for name in meant} == meant
        assert sent["host"] == at.place.authority
        if body is not None or method in ("POST", "PUT", "PATCH"):
            assert sent["content-length"] == str(len(body or b""))
        else:
            assert sent.get("content-length", "0") == "0"
        assert "transfer-encoding" not in sent
    assert at.lines == 1


@pytest.mark.parametrize(("method", "target", "headers"), UNSENDABLE)
async def test_what_could_be_read_as_more_than_one_request_is_not_sent(
    client: Client, method: str, target: str, headers: dict[str, str]
) -> None:
    async with peer(always(OK)) as at:
        with pytest.raises(Unsendable) as caught:
            await client.send(at.place, method, target, headers, None)
        assert not caught.value.sent
    assert at.lines == 0


@given(
    method=st.text(max_size=8),
    target=st.text(max_size=20),
    headers=st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=3),
    body=st.none() | st.binary(max_size=20),
)
def test_a_request_is_one_head_and_one_body(
    method: str, target: str, headers: dict[str, str], body: bytes | None
) -> None:
    place = Place.of("http://upstream.test/base")
    try:
        request = written(place, method, target, headers, body)
    except Unsendable:
        return
    head, end, rest = request.partition(b"\r\n\r\n")
    assert end
    assert rest == (body or b"")
    lines = head.split(b"\r\n")
    assert lines[0].split(b" ") == [method.encode(), b"/base" + target.encode(), b"HTTP/1.1"]
    length = body is not None or method in ("POST", "PUT", "PATCH")
    assert len(lines) == 2 + len(EVERY_CALL) + len(headers) + length
    assert not any(byte in head.replace(b"\r\n", b"") for byte in b"\r\n\0")


PLACES = {
    "http://host": ("http", "host", 80, "", "host"),
    "http://host:80/": ("http", "host", 80, "", "host"),
    "https://host/v1/": ("https", "host", 443, "/v1", "host"),
    "https://host:8443/v1": ("https", "host", 8443, "/v1", "host:8443"),
    "http://[::1]:8080": ("http", "::1", 8080, "", "[::1]:8080"),
    "https://bücher.example/ä": ("https", "xn--bcher-kva.example", 443, "/%C3%A4", "xn--bcher-kva.example"),
}


@pytest.mark.parametrize("url", PLACES)
def test_where_a_base_url_leads(url: str) -> None:
    place = Place.of(url)
    assert (place.scheme, place.host, place.port, place.prefix, place.authority) == PLACES[url]


@pytest.mark.parametrize(
    "url", ["", "host", "ftp://host", "http://", "http://host?a=1", "http://host/#a", "http://user:password@host"]
)
def test_what_is_no_base_url(url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        Place.of(url)
