"""Proxies: where the environment names one, the general client goes through it in the lean one's place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.upstreams.http.clients.certificates import Authority
from tests.upstreams.http.clients.conftest import get
from tests.upstreams.http.clients.peer import OK, Line, always, once, peer
from upstreams.http.clients import DirectOrNot
from upstreams.http.exchange import NoConnection, Patience, Place
from upstreams.http.proxies import proxy_of


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own proxies are no part of these tests."""
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


@pytest.fixture
async def client(authority: Authority) -> AsyncIterator[DirectOrNot]:
    client = DirectOrNot(Patience(5.0), authority.trusted())
    yield client
    await client.close()


CASES: list[tuple[dict[str, str], str, str | None]] = [
    ({}, "http://upstream.test", None),
    ({"HTTP_PROXY": "http://proxy:1"}, "http://upstream.test", "http://proxy:1"),
    ({"http_proxy": "http://proxy:1"}, "http://upstream.test", "http://proxy:1"),
    ({"HTTP_PROXY": "http://proxy:1"}, "https://upstream.test", None),
    ({"HTTPS_PROXY": "http://proxy:1"}, "https://upstream.test", "http://proxy:1"),
    ({"ALL_PROXY": "http://proxy:1"}, "https://upstream.test", "http://proxy:1"),
    ({"ALL_PROXY": "http://proxy:1", "HTTPS_PROXY": "http://proxy:2"}, "https://upstream.test", "http://proxy:2"),
    ({"HTTP_PROXY": "http://proxy:1", "NO_PROXY": "upstream.test"}, "http://upstream.test", None),
    ({"HTTP_PROXY": "http://proxy:1", "NO_PROXY": "test"}, "http://upstream.test", None),
    ({"HTTP_PROXY": "http://proxy:1", "NO_PROXY": "*"}, "http://upstream.test", None),
    ({"HTTP_PROXY": "http://proxy:1", "NO_PROXY": "other.test"}, "http://upstream.test", "http://proxy:1"),
    ({"HTTP_PROXY": "http://proxy:1"}, "http://localhost:9000", None),
    ({"HTTP_PROXY": "http://proxy:1"}, "http://127.1.2.3:9000", None),
    ({"HTTP_PROXY": "http://proxy:1"}, "http://[::1]:9000", None),
    ({"HTTP_PROXY": "http://proxy:1"}, "http://10.0.0.1", "http://proxy:1"),
]


@pytest.mark.parametrize(("environ", "url", "proxy"), CASES)
def test_what_stands_in_the_way(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], url: str, proxy: str | None
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(Place.of(url)) == proxy


async def test_a_call_through_a_proxy(client: DirectOrNot, monkeypatch: pytest.MonkeyPatch) -> None:
    async with peer(always(OK)) as proxy, peer(always(OK)) as near:
        monkeypatch.setenv("HTTP_PROXY", proxy.place.base)
        answer = await client.send(Place.of("http://upstream.test/base"), "GET", "/thing?a=%2F", {}, None)
        assert answer.body == b"ok"
        assert (await get(client, near, "/near")).body == b"ok"
    assert proxy.targets == ["http://upstream.test/base/thing?a=%2F"]
    assert near.targets == ["/near"]


async def test_a_tunnel_through_a_proxy(
    client: DirectOrNot, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    async with peer(always(OK), tls=authority.serve_as("upstream.test"), name="upstream.test") as at:

        async def tunnel(line: Line) -> None:
            await line.hear()
            reader, writer = await asyncio.open_connection("127.0.0.1", at.place.port)
            await line.say(b"HTTP/1.1 200 Connected\r\n\r\n")
            await line.join(reader, writer)

        async with peer(tunnel) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.place.base)
            assert (await get(client, at)).body == b"ok"
            await client.close()
            await proxy.ended(1)
    assert proxy.requests[0].startswith(f"CONNECT upstream.test:{at.place.port} HTTP/1.1\r\n".encode())
    assert at.targets == ["/thing"]


async def test_a_proxy_that_refuses(client: DirectOrNot, monkeypatch: pytest.MonkeyPatch) -> None:
    async with peer(once(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.place.base)
        with pytest.raises(NoConnection) as caught:
            await client.send(Place.of("https://upstream.test"), "POST", "/thing", {}, b"{}")
    assert not caught.value.sent
