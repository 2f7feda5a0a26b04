"""Every client that can be chosen, on both event loops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from ssl import SSLContext
from typing import Any, Protocol

import pytest
import uvloop

from tests.upstreams.http.clients.certificates import Authority
from tests.upstreams.http.clients.peer import Peer
from upstreams.http.exchange import Answer, Client, Patience
from upstreams.http.general import GeneralClient
from upstreams.http.lean.client import LeanClient

KINDS: dict[str, Callable[[Patience, SSLContext | None], Client]] = {
    "lean": LeanClient,
    "aiohttp": lambda patience, context: GeneralClient(patience, context=context),
}


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop of the gateway, and the one that it has without uvloop."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class MakeClient(Protocol):
    """Makes a client that is closed when the test is over."""

    def __call__(self, patience: Patience = ..., context: SSLContext | None = ...) -> Client: ...


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def make_client(kind: str) -> AsyncIterator[MakeClient]:
    clients: list[Client] = []
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    def make(patience: Patience = Patience(5.0), context: SSLContext | None = None) -> Client:  # noqa: B008 (frozen)
        clients.append(KINDS[kind](patience, context))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()
    assert complaints == []  # no exception that nobody fetched, no callback that failed


@pytest.fixture
async def client(make_client: MakeClient) -> Client:
    return make_client()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(Path(tmp_path_factory.mktemp("authority")))


async def get(client: Client, at: Peer, target: str = "/thing", method: str = "GET") -> Answer:
    """A plain request."""
    return await client.send(at.place, method, target, {}, None)
