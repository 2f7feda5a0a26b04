"""The wire: everything that happens to a call between a source's endpoint method and the upstream.

``Network`` is the process's share: one aiohttp session, limits and cache times. ``Wire`` is one source's share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import quote

import aiohttp

from upstreams.errors import UpstreamError
from upstreams.records import Source

T = TypeVar("T")

Check = Callable[[int, bytes], UpstreamError | None]
"""A source's own reading of an answer, before the status is looked at: status and body in, a failure or None out."""


def segment(text: str) -> str:
    """Text as one path segment: everything quoted that could end or change the segment."""
    return quote(text, safe="")


@dataclass(frozen=True, slots=True)
class WireLimits:
    """What one source may be asked to bear (``GATEWAY_UPSTREAM_*``).

    Attributes:
        timeout: seconds an attempt may take.
        concurrency: attempts in the air at once.
        retries: how often an idempotent call is sent again after a failure that may pass.
    """

    timeout: float = 10.0
    concurrency: int = 32
    retries: int = 2


class Authorizer(Protocol):
    """How a source proves who we are."""

    async def headers(self) -> Mapping[str, str]:
        """The headers that prove it; may sign in (once, however many callers wait)."""
        ...

    async def renew(self, used: Mapping[str, str]) -> bool:
        """After a 401 or 403: forget what was used and sign in anew, once. False: nothing newer can be had."""
        ...


class Network:
    """One aiohttp session for the life of the process, limits and cache times."""

    session: aiohttp.ClientSession

    def __init__(self, limits: WireLimits, *, list_ttl: float = 60.0, entity_ttl: float = 0.0) -> None:
        self.limits = limits
        self.list_ttl = list_ttl
        self.entity_ttl = entity_ttl

    async def start(self) -> None:
        """Open the session; makes no call."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the flights of all wires, then close the session."""
        raise NotImplementedError


class Wire:
    """All calls to one source."""

    def __init__(
        self, network: Network, source: Source, base_url: str, authorizer: Authorizer | None = None
    ) -> None: ...

    authorizer: Authorizer | None
    """May be set after construction, since an authorizer signs in over this wire."""

    async def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        decode: Callable[[bytes], T],
        check: Check | None = None,
        params: Sequence[tuple[str, str]] = (),
        json: object | None = None,
        form: Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] = {},
        idempotent: bool | None = None,
        shareable: bool | None = None,
        write: bool | None = None,
        authorize: bool = True,
        ttl: float = 0.0,
    ) -> T:
        """Make a call, or join an equal one in flight, or answer from what is kept.

        Args:
            operation: the name of the endpoint's method, for the trace, metrics and messages.
            path: begins with ``/``; parameters in it went through :func:`segment`.
            decode: makes the answer's bytes a record; ValueError and msgspec's errors mean a malformed answer.
            check: the source's own reading of status and body, before the status is looked at; a returned error is the outcome.
            idempotent: may be sent again when it is unknown whether it was done. Default: GET.
            shareable: may be joined by equal calls. Default: GET. (A scroll continuation is neither.)
            write: changes something, so what was read before no longer holds. Default: not GET, and ``authorize``.
            authorize: prove who we are (not for the sign-in itself).
            ttl: seconds that a good answer is kept.

        Raises:
            UpstreamError: any of the family.
        """
        raise NotImplementedError
