"""A caller of a small sandbox's Rechat."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from sandbox.app import Sandbox
from tests.sandbox.caller import Caller


@pytest_asyncio.fixture
async def rechat(box: Sandbox) -> AsyncIterator[Caller]:
    """Calls the Rechat of the fixture ``box`` with a good access token."""
    async with aiohttp.ClientSession() as session:
        yield Caller(session, box.rechat_url, box.rechat_token)
