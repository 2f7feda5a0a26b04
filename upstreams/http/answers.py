"""What an answer of an upstream means: its status as one of our errors."""

from __future__ import annotations

from collections.abc import Callable

from upstreams.errors import (
    UpstreamError,
    UpstreamNotFound,
    UpstreamRefused,
    UpstreamUnavailable,
)
from upstreams.http.exchange import Answer
from upstreams.records import Source

Check = Callable[[int, bytes], UpstreamError | None]
"""A source's own reading of an answer: status and body in, a failure or None out. (To close the gate takes a 429.)"""

GOOD = frozenset({200, 201, 204})


def failure_of(source: Source, operation: str, answer: Answer, check: Check | None = None) -> UpstreamError | None:
    """The failure that an answer tells of; None when the call was good.

    A 401, 403 and 5xx mean the same with every source. Of all other answers the source's ``check`` may say what they
    mean (a scroll that is over, a failure under 200, a missing thing under 400) before their status is looked at.
    A 429 concerns every call and is the gate's (:mod:`upstreams.http.throttle`).
    """
    status = answer.status
    if status >= 500:
        return UpstreamUnavailable(source, operation, f"HTTP {status}", status=status)
    if status in (401, 403):
        return UpstreamRefused(source, operation, f"HTTP {status}: our credentials are not accepted", status=status)
    if check is not None and (failure := check(status, answer.body)) is not None:
        return failure
    if status in GOOD:
        return None
    if status == 404:
        return UpstreamNotFound(source, operation, "there is no such thing", status=status)
    return UpstreamRefused(source, operation, f"HTTP {status}", status=status)
