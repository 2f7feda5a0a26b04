"""A small sandbox over real HTTP, and the source that reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from sandbox.app import Sandbox
from upstreams.cloud4wi import Cloud4Wi
from upstreams.cloud4wi.settings import Cloud4WiSettings
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.wire import Network, WireLimits

LIMITS = WireLimits(timeout=5.0, concurrency=8, retries=1)
IVAN = "f4c6be2cebc56bf4b8a16a2d463d5b60"
"""The published contact."""


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """A Cloud4Wi of its own for each test."""
    async with Sandbox.start(contacts=40, events=300, short_pages=0.0) as running:
        yield running


Connect = Callable[..., Any]


@pytest.fixture
async def connect(box: Sandbox) -> AsyncIterator[Connect]:
    """Makes a source against the sandbox; ``organization=None`` leaves it to be discovered."""
    async with AsyncExitStack() as stack:

        async def made(
            organization: str | None = box.organization,
            secret: str | None = None,
            url: str | None = None,
            keeping: Keeping = NOTHING,
        ) -> Cloud4Wi:
            net = Network(LIMITS, keeping=keeping)
            await net.start()
            stack.push_async_callback(net.close)
            settings = Cloud4WiSettings(url or box.url, box.client_key, secret or box.client_secret, organization)
            source = Cloud4Wi(settings, net)
            await source.start()
            return source

        yield made


@pytest.fixture
async def source(box: Sandbox, connect: Connect) -> Cloud4Wi:
    """A source that is signed in, so that tests see only the calls they make."""
    source: Cloud4Wi = await connect()
    await source.client.segments()
    box.reset_calls()
    return source


def made_calls(box: Sandbox) -> list[str]:
    """What the sandbox was asked: method, path and parameters, in order of arrival."""
    texts = []
    for call in box.calls:
        query = "&".join(f"{name}={value}" for name, value in call.query.items())
        texts.append(f"{call.method} {call.path}" + (f"?{query}" if query else ""))
    return texts
