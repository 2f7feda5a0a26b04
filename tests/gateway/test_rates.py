"""``GATEWAY_RATE_LIMIT``: who is counted as whom, before what, and how one too many is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.auth.keys import KeyRing
from gateway.errors import RequestRefused
from gateway.http.negotiation import GRAPHQL, JSON
from gateway.http.peers import peer_of
from gateway.rates import Rates
from resolvers.callers import ALL_SCOPES
from sandbox.app import Sandbox
from tests.gateway.support import Answer, FakeServices, ask, make_app, post
from tests.gateway.test_cli import process
from tests.redis_server import RedisServer
from tests.schema.harness import credentials
from upstreams.records import Source
from upstreams.shared.address import redis_address
from upstreams.shared.store import RedisStore
from upstreams.state import FileState


async def key_in(folder: Path) -> dict[str, str]:
    """The header of a new API key."""
    _, text = await KeyRing(FileState(folder)).create(ALL_SCOPES)
    return {"authorization": f"Bearer {text}"}


def with_keys(folder: Path, limit: int) -> dict[str, str]:
    return {"GATEWAY_AUTH": "api-key", "GATEWAY_STATE_DIR": str(folder), "GATEWAY_RATE_LIMIT": str(limit)}


def refused(answer: Answer) -> bool:
    """Whether an answer tells of the limit, and rightly; otherwise it must be one that ran."""
    if answer.status == 200:
        assert "errors" not in answer.json
        return False
    assert (answer.status, answer.codes) == (429, ["RATE_LIMITED"])
    (error,) = answer.json["errors"]
    seconds = int(answer.headers["retry-after"])
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryable": True, "retryAfter": seconds}
    assert 1 <= seconds <= 60
    return True


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_one_request_too_many_is_refused_under_both_types(accept: str) -> None:
    services = FakeServices()
    app = make_app(services, GATEWAY_RATE_LIMIT="3")
    answers = [await post(app, "{ hello }", accept=accept) for _ in range(5)]
    assert [refused(answer) for answer in answers] == [False, False, False, True, True]
    assert answers[-1].headers["content-type"].startswith(accept)
    assert answers[-1].headers["retry-after"] == "20"
    assert services.opened == 3


@pytest.mark.parametrize(
    ("method", "body", "headers"),
    [
        ("POST", b"nonsense", {"content-type": "application/json"}),
        ("POST", b'{"query": "{"}', {"content-type": "application/json"}),
        ("POST", b"x", {"content-type": "text/plain"}),
        ("GET", b"", {}),
    ],
)
async def test_requests_that_make_no_sense_count_too(method: str, body: bytes, headers: Mapping[str, str]) -> None:
    app = make_app(GATEWAY_RATE_LIMIT="2")
    statuses = [(await ask(app, method, body=body, headers=headers)).status for _ in range(3)]
    assert statuses[2] == 429
    assert 429 not in statuses[:2]


async def test_each_key_has_a_count_of_its_own(tmp_path: Path) -> None:
    app = make_app(**with_keys(tmp_path, 2))
    first, second = await key_in(tmp_path), await key_in(tmp_path)
    assert [refused(await post(app, "{ hello }", headers=first)) for _ in range(3)] == [False, False, True]
    assert [refused(await post(app, "{ hello }", headers=second)) for _ in range(3)] == [False, False, True]


async def test_guessing_keys_is_counted_by_where_it_comes_from(tmp_path: Path) -> None:
    app = make_app(**with_keys(tmp_path, 2))
    guesses = [
        (await post(app, "{ hello }", headers={"authorization": f"Bearer cgk_{n:032}_x"})).status for n in range(3)
    ]
    assert guesses == [401, 401, 429]
    # Who has a key is not kept out by guesses from the same address.
    assert not refused(await post(app, "{ hello }", headers=await key_in(tmp_path)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("203.0.113.7", 1), ("203.0.113.7", 2), True),
        (("203.0.113.7", 1), ("203.0.113.8", 1), False),
        (("2001:db8::1", 1), ("2001:db8::ffff:2", 1), True),
        (("2001:db8::1", 1), ("2001:db8:0:1::1", 1), False),
        (("::ffff:203.0.113.7", 1), ("203.0.113.7", 1), True),
        (("fe80::1%eth0", 1), ("fe80::2%eth1", 1), True),
        (None, None, True),
        (None, ("203.0.113.7", 1), False),
    ],
)
def test_who_is_one_caller(one: object, other: object, same: bool) -> None:
    assert (peer_of(one) == peer_of(other)) is same


@given(st.text())
def test_any_text_names_a_peer(host: str) -> None:
    assert isinstance(peer_of((host, 1)), str)


async def test_what_a_client_says_of_its_address_is_not_believed() -> None:
    app = make_app(GATEWAY_RATE_LIMIT="1")
    answers = [await post(app, "{ hello }", headers={"x-forwarded-for": f"198.51.100.{n}"}) for n in range(2)]
    assert [refused(answer) for answer in answers] == [False, True]


async def test_a_trusted_proxy_says_whom_it_speaks_for(box: Sandbox) -> None:
    """The last address that is no proxy's; what stands before it anybody may have written."""
    environ = {**credentials(box, Source.CLOUD4WI), "GATEWAY_RATE_LIMIT": "1", "GATEWAY_TRUSTED_PROXIES": "127.0.0.0/8"}
    async with process("serve", "--port", "0", **environ) as (_, url), aiohttp.ClientSession() as session:

        async def status(forwarded: str) -> int:
            headers = {"x-forwarded-for": forwarded}
            async with session.post(f"{url}/graphql", json={"query": "{ __typename }"}, headers=headers) as answer:
                return answer.status

        assert await status("198.51.100.1") == 200
        assert await status("198.51.100.2") == 200
        assert await status("198.51.100.1, 127.0.0.5") == 429
        assert await status("203.0.113.9, 198.51.100.2") == 429


async def shared_rates(server: RedisServer, a_minute: int) -> tuple[Rates, RedisStore]:
    store = RedisStore(redis_address(server.url), "test")
    await store.start()
    return Rates(a_minute, store), store


async def admitted(rates: Rates, caller: str, requests: int) -> int:
    passed = 0
    for _ in range(requests):
        try:
            await rates.count(caller)
        except RequestRefused:
            continue
        passed += 1
    return passed


async def test_workers_count_together_and_each_by_itself_while_redis_is_away() -> None:
    async with RedisServer.running() as server:
        first, store = await shared_rates(server, 6)
        second, other_store = await shared_rates(server, 6)
        try:
            together = await asyncio.gather(*(admitted(rates, "a", 5) for rates in (first, second)))
            assert sum(together) == 6
            assert await admitted(first, "b", 1) == 1
            server.kill()
            assert [await admitted(rates, "a", 8) for rates in (first, second)] == [6, 6]
            back = asyncio.Event()

            async def on_return() -> None:
                back.set()

            store.on_return(on_return)
            await server.start()
            await back.wait()
            assert await admitted(first, "a", 8) == 6  # a server that lost its data counts anew
        finally:
            await store.close()
            await other_store.close()


async def test_a_request_makes_one_operation_and_leaves_no_name() -> None:
    async with RedisServer.running() as server:
        rates, store = await shared_rates(server, 600)
        try:
            await rates.count("jwt:issuer:somebody@example.org")

            async def commands() -> int:
                found = await store.run("info", lambda life: life.client.info("stats"))
                return int(found["total_commands_processed"])

            before = await commands()
            for _ in range(10):
                await rates.count("jwt:issuer:somebody@example.org")
            # INFO counts itself; a script's inner calls are counted as commands too (TIME, GET, SET and EVALSHA).
            assert await commands() - before - 1 == 10 * 4
            keys = await store.run("keys", lambda life: life.client.keys("*"))
            assert len(keys) >= 1
            assert not any(b"somebody" in key for key in keys)
        finally:
            await store.close()
