"""Everything that can go wrong with an upstream, as one family.

    UpstreamError
    ├── UpstreamUnavailable     no connection, reset, 5xx                      retryable
    │   └── UpstreamCircuitOpen not asked, since it failed lately              knows retry_after
    ├── UpstreamTimeout         no answer in time                              retryable
    ├── UpstreamRateLimited     429, or the wait it imposed outlasts us        retryable, knows retry_after
    ├── UpstreamMalformed       an answer that is not what the API promises
    └── UpstreamRefused         any other failed call: 400, 401, 403, 409 …    knows the status
        ├── UpstreamNotFound    404: there is no such thing
        └── ScrollExpired       a scroll id that is no longer good

Foreign exceptions (aiohttp's, msgspec's, asyncio's) are translated where they arise and chained with ``from``.
Messages name the source and the operation only: never a URL, a credential or a body.
"""

from __future__ import annotations

from upstreams.records import Source


class UpstreamError(Exception):
    """A call to an upstream failed."""

    retryable = False
    retry_after: float | None = None
    """Seconds after which it is worth trying again, where that is known."""

    def __init__(self, source: Source, operation: str, reason: str, *, status: int | None = None) -> None:
        super().__init__(f"{source.label}: {operation}: {reason}")
        self.source = source
        self.operation = operation
        self.reason = reason
        self.status = status


class UpstreamUnavailable(UpstreamError):
    """The upstream could not be reached or said that it failed (5xx)."""

    retryable = True


class UpstreamCircuitOpen(UpstreamUnavailable):
    """The upstream failed so often lately that it is left alone for a moment."""

    retry_after: float

    def __init__(self, source: Source, operation: str, reason: str, *, retry_after: float) -> None:
        super().__init__(source, operation, reason)
        self.retry_after = retry_after


class UpstreamTimeout(UpstreamError):
    """The upstream did not answer in time."""

    retryable = True


class UpstreamRateLimited(UpstreamError):
    """The upstream asked us to wait longer than this request can."""

    retryable = True
    retry_after: float

    def __init__(
        self, source: Source, operation: str, reason: str, *, retry_after: float, status: int | None = 429
    ) -> None:
        super().__init__(source, operation, reason, status=status)
        self.retry_after = retry_after


class UpstreamMalformed(UpstreamError):
    """The upstream answered, but not with what its API promises."""


class UpstreamRefused(UpstreamError):
    """The upstream understood and said no."""


class UpstreamNotFound(UpstreamRefused):
    """The upstream has no such thing."""


class ScrollExpired(UpstreamRefused):
    """The scroll id is no longer good; a walk goes on by position."""
