"""A caller of a small sandbox's Acquire."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from sandbox.app import Sandbox
from tests.sandbox.caller import Caller


@pytest_asyncio.fixture
async def acquire(box: Sandbox) -> AsyncIterator[Caller]:
    """Calls the Acquire of the fixture ``box`` with a good key."""
    async with aiohttp.ClientSession() as session:
        yield Caller(session, box.acquire_url, box.acquire_key)
