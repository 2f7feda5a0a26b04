"""A signed-in client of a small sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from sandbox.app import Sandbox
from tests.sandbox.client import Client


@pytest_asyncio.fixture
async def client(box: Sandbox) -> AsyncIterator[Client]:
    """Signed in to the fixture ``box``, whose calls are forgotten then."""
    async with Client(box) as signed_in:
        box.reset_calls()
        yield signed_in
