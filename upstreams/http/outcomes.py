"""Waiting for several calls that are under way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TypeVar

from upstreams.errors import UpstreamError

T = TypeVar("T")


async def outcomes(calls: Iterable[asyncio.Future[T]]) -> list[T | UpstreamError]:
    """What came of each, in order; whoever is cancelled here leaves them all.

    They are awaited one after the other: all are under way, and ``asyncio.gather`` costs a callback for each.
    """
    waiting = list(calls)
    found: list[T | UpstreamError] = []
    try:
        for call in waiting:
            try:
                found.append(await call)
            except UpstreamError as failure:
                found.append(failure)
    except BaseException:
        for call in waiting[len(found) :]:
            call.cancel()
        raise
    return found
