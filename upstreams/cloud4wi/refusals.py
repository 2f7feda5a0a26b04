"""Whether an answer that HTTP calls good says in its body that the call failed."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from upstreams.cloud4wi import assumptions
from upstreams.errors import ScrollExpired, UpstreamError, UpstreamRefused
from upstreams.http.answers import Check
from upstreams.records import Source


class _Status(Struct):
    status: Any = None


_STATUS = msgspec.json.Decoder(_Status)

_EDGE = 4096
"""Bytes at either end of an answer in which its ``status`` stands, if it has one. What lies between are rows, and to
search the half megabyte of a thousand events takes 140 µs."""


def says_refused(body: bytes) -> bool:
    """Whether an answer with HTTP status 200 says in its field ``status`` that the call failed."""
    edges = body if len(body) <= 2 * _EDGE else body[:_EDGE] + body[-_EDGE:]
    if b'"status"' not in edges:
        return False
    try:
        status = _STATUS.decode(body).status
    except msgspec.MsgspecError:
        return False
    return isinstance(status, str) and status.strip().upper() in assumptions.REFUSED_STATUS.assumed


@cache
def refusal(operation: str) -> Check:
    """A check that finds the call failed when an answer with a good status says so."""

    def check(status: int, body: bytes) -> UpstreamError | None:
        if status < 300 and says_refused(body):
            return UpstreamRefused(Source.CLOUD4WI, operation, "the upstream says that the call failed", status=status)
        return None

    return check


def expiry(operation: str) -> Check:
    """A check for the next page of a scroll: any way in which the upstream may say that the id is no longer good."""

    def check(status: int, body: bytes) -> UpstreamError | None:
        if status in assumptions.SCROLL_EXPIRED.assumed or (status < 300 and says_refused(body)):
            return ScrollExpired(Source.CLOUD4WI, operation, "the scroll is no longer open", status=status)
        return None

    return check
