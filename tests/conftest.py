"""Fixtures that all tests share: sandboxes to talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, settings

from sandbox.app import Sandbox

pytest_plugins = ["tests.skips"]

# No test depends on how busy the machine is. All else is as Hypothesis has it: under CI, always the same examples.
settings.register_profile("untimed", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

StartSandbox = Callable[..., Awaitable[Sandbox]]
"""Starts a sandbox with the given options (see ``Sandbox.start``); small unless told otherwise."""


@pytest_asyncio.fixture
async def start_sandbox() -> AsyncIterator[StartSandbox]:
    """Starts sandboxes, each on its own free port, and closes them when the test is over."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> Sandbox:
            return await stack.enter_async_context(Sandbox.start(**{"contacts": 200, "events": 1000} | options))

        yield start


@pytest_asyncio.fixture
async def box(start_sandbox: StartSandbox) -> Sandbox:
    """A small sandbox: 200 contacts, 1,000 events."""
    return await start_sandbox()
