"""Fixtures: a gateway over a small sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from sandbox.app import Sandbox
from tests.schema.harness import Api


@pytest_asyncio.fixture
async def api(box: Sandbox) -> AsyncIterator[Api]:
    """A gateway over the small sandbox."""
    async with Api.over(box) as api:
        yield api
