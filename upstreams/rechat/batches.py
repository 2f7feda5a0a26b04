"""Many contacts by id in few calls, so that one bad id fails no other.

Rechat may answer 404 for a whole call when one of its ids is gone. Such a call is halved, and the halves are asked for
at once: a bad id costs two calls a halving, so about twice the logarithm of the call's size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from upstreams.errors import UpstreamError, UpstreamNotFound

R = TypeVar("R")

Ask = Callable[[Sequence[str]], Awaitable[Mapping[str, R]]]
"""One call for some ids: what was found, by id."""


async def by_id(ids: Iterable[str], size: int, ask: Ask[R]) -> dict[str, R | UpstreamError]:
    """What was found, or why not, by id; an id that is gone is missing.

    Args:
        ids: which; each is asked for once.
        size: how many ids one call may hold.
        ask: makes the call.
    """
    distinct = list(dict.fromkeys(ids))
    chunks = [distinct[start : start + size] for start in range(0, len(distinct), size)]
    found: dict[str, R | UpstreamError] = {}
    for part in await asyncio.gather(*(_some(chunk, ask) for chunk in chunks)):
        found.update(part)
    return found


async def _some(ids: Sequence[str], ask: Ask[R]) -> Mapping[str, R | UpstreamError]:
    try:
        return await ask(ids)
    except UpstreamNotFound:
        if len(ids) == 1:
            return {}
    except UpstreamError as error:
        return dict.fromkeys(ids, error)
    middle = len(ids) // 2
    left, right = await asyncio.gather(_some(ids[:middle], ask), _some(ids[middle:], ask))
    return {**left, **right}
