"""Clients that are many, slow, half there or too big: the gateway lets them go, answers others, and keeps its size."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from tests.abuse.target import GRAPHQL, Target, codes_of, target

QUICK = {"GATEWAY_REQUEST_TIMEOUT": "3s", "GATEWAY_MAX_BODY": "100kB"}
QUERY = json.dumps({"query": "{ contacts(first: 2) { nodes { id displayName } } }"}).encode()
HEAD = b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
JSON = {"content-type": "application/json", "accept": GRAPHQL}
MEBIBYTE = 2**20


async def raw(attacked: Target, sent: bytes) -> bytes:
    """What comes back on a connection of its own until the gateway ends it; what it resets gives what came before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    received = b""
    try:
        writer.write(sent)
        while part := await reader.read(65536):
            received += part
    except ConnectionError:
        pass
    finally:
        writer.close()
    return received


async def test_500_clients_at_once_are_all_answered() -> None:
    async with target() as attacked:

        async def one(session: aiohttp.ClientSession) -> int:
            async with session.post(f"{attacked.url}/graphql", data=QUERY, headers=JSON) as answer:
                assert codes_of(await answer.json(content_type=None)) == []
                return answer.status

        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            statuses = Counter(await asyncio.gather(*(one(session) for _ in range(500))))
        assert statuses == {200: 500}
        await attacked.is_well()


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n",
        HEAD + b"content-length: 1000\r\n\r\n" + QUERY,
        HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n{",
    ],
    ids=["nothing", "a head", "a body", "a chunk"],
)
async def test_half_open_clients_keep_nobody_out_and_are_let_go(half: bytes) -> None:
    async with target(**QUICK) as attacked:
        clients = [asyncio.create_task(raw(attacked, half)) for _ in range(300)]
        await attacked.is_well()
        answers = await asyncio.gather(*clients)
        assert {answer.partition(b"\r\n")[0] for answer in answers} <= {b"", b"HTTP/1.1 408 Request Timeout"}
        assert attacked.calls() == []
        await attacked.is_well()


async def parts(size: int) -> AsyncIterator[bytes]:
    """A body of unknown size, in chunks."""
    for _ in range(size // 65536):
        yield b" " * 65536


async def giant(attacked: Target) -> list[int | None]:
    """Bodies over the limit, with a length and without; None: the gateway hung up before it was all sent."""
    found: list[int | None] = []
    for body in (io.BytesIO(b" " * 20_000_000), parts(20_000_000), io.BytesIO(b" " * 150_000)):
        try:
            async with attacked.session.post(f"{attacked.url}/graphql", data=body, headers=JSON) as answer:
                assert codes_of(await answer.json(content_type=None)) == ["BAD_REQUEST"]
                found.append(answer.status)
        except aiohttp.ClientError:
            found.append(None)
    return found


async def test_giant_bodies_are_refused_unread() -> None:
    async with target(**QUICK) as attacked:
        first, second, third = await giant(attacked)
        assert {first, second} <= {413, None}
        assert third == 413
        assert attacked.calls() == []
        await attacked.is_well()


async def test_a_body_that_unpacks_to_much_is_not_unpacked() -> None:
    bomb = gzip.compress(b'{"query": "' + b" " * 50_000_000)
    assert len(bomb) < 100_000
    async with target(**QUICK) as attacked:
        before = attacked.memory()
        async with attacked.session.post(
            f"{attacked.url}/graphql", data=bomb, headers={**JSON, "content-encoding": "gzip"}
        ) as answer:
            assert (answer.status, codes_of(await answer.json(content_type=None))) == (415, ["BAD_REQUEST"])
        assert attacked.memory() - before < 16 * MEBIBYTE


LIES: dict[str, tuple[bytes, set[bytes]]] = {
    "shorter than the body": (HEAD + b"content-length: 10\r\n\r\n" + QUERY, {b"400"}),
    "longer than the body": (HEAD + b"content-length: 90000\r\n\r\n" + QUERY, {b"408"}),
    "larger than the limit": (HEAD + b"content-length: 9000000\r\n\r\n", {b"413"}),
    "larger than numbers are": (HEAD + b"content-length: 99999999999999999999999\r\n\r\n", {b"400"}),
    "negative": (HEAD + b"content-length: -5\r\n\r\n" + QUERY, {b"400"}),
    "said twice": (HEAD + b"content-length: 1\r\ncontent-length: 60\r\n\r\n" + QUERY, {b"400"}),
    "said in two ways": (HEAD + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", {b"400"}),
    "a chunk that is no number": (HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n", {b"400"}),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10, {b"400"}),
    "the next version of the protocol": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {b"400"}),
}


async def test_lies_about_the_length_are_found_out() -> None:
    """Each gets an answer of its own or none, and none of it is taken for another request."""
    async with target(**QUICK) as attacked:
        for name, (sent, statuses) in LIES.items():
            answer = await raw(attacked, sent)
            found = {part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]}
            assert found == statuses, (name, answer)
            assert attacked.calls() == [], name
        await attacked.is_well()


async def test_the_gateway_keeps_its_size() -> None:
    """What attacks leave behind in memory does not grow with their number: a second and third round take no more."""
    rng = iter(range(10**9))

    async def documents(attacked: Target) -> None:
        """None is like another, so that none is kept for the next."""
        for _ in range(60):
            names = " ".join(f"x{next(rng)}: __typename" for _ in range(40))
            assert (await attacked.ask(f"{{ {names} }}"))[0] == 200
            assert (await attacked.ask("{ " + "a" * 20_000 + str(next(rng)) + " }"))[0] == 400

    async def registered(attacked: Target) -> None:
        """Hashes that nobody knows, and texts under hashes of their own."""
        for _ in range(60):
            wrong = {"persistedQuery": {"version": 1, "sha256Hash": f"{next(rng):064x}"}}
            await attacked.send(json.dumps({"extensions": wrong}).encode())

    async def half_open(attacked: Target) -> None:
        await asyncio.gather(*(raw(attacked, HEAD + b"content-length: 90000\r\n\r\n{") for _ in range(100)))

    async def strangers(attacked: Target) -> None:
        """Ids of requests that are all different."""
        for _ in range(100):
            await attacked.send(QUERY, {"x-request-id": f"r{next(rng)}"})

    async def huge(attacked: Target) -> None:
        await giant(attacked)

    attacks: list[Callable[[Target], Awaitable[None]]] = [documents, registered, half_open, strangers, huge]
    async with target(**QUICK) as attacked:
        sizes = []
        for _ in range(3):
            for attack in attacks:
                await attack(attacked)
            await attacked.is_well()
            sizes.append(attacked.memory())
    assert sizes[2] - sizes[0] < 24 * MEBIBYTE, sizes
