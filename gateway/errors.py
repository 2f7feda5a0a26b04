"""The one border where an exception becomes what a client reads.

    exception                                        code
    ───────────────────────────────────────────────  ─────────────────────────────────────────────────
    RequestRefused (of the HTTP request)             its own
    GatewayError (of the resolvers)                  its own
    UpstreamTimeout                                  UPSTREAM_TIMEOUT       retryable
    UpstreamRateLimited                              UPSTREAM_RATE_LIMITED  retryable, retryAfter
    UpstreamUnavailable                              UPSTREAM_UNAVAILABLE   retryable, retryAfter if known
    UpstreamMalformed                                UPSTREAM_MALFORMED
    UpstreamRefused and its kind                     UPSTREAM_REFUSED
    graphql-core's, about an argument                BAD_USER_INPUT
    anything else                                    INTERNAL, masked, logged with the request id

What a resolver or the executor raised comes in through a :class:`Border`. Every error of every answer is made by
:func:`formatted`, so all have one shape: ``message``, ``extensions.code``, and ``locations`` and ``path`` if any.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import FieldNode, GraphQLError

from resolvers.errors import GatewayError
from upstreams.errors import (
    UpstreamError,
    UpstreamMalformed,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)

logger = logging.getLogger("contactgraph.errors")

FormattedError = dict[str, Any]

_LONGEST = 1000
"""Characters of a message."""

_UPSTREAM_CODES: tuple[tuple[type[UpstreamError], str], ...] = (
    (UpstreamTimeout, "UPSTREAM_TIMEOUT"),
    (UpstreamRateLimited, "UPSTREAM_RATE_LIMITED"),
    (UpstreamUnavailable, "UPSTREAM_UNAVAILABLE"),
    (UpstreamMalformed, "UPSTREAM_MALFORMED"),
    (UpstreamRefused, "UPSTREAM_REFUSED"),
)


class RequestRefused(Exception):
    """The request is refused before anything of it is executed.

    Attributes:
        errors: what the client reads, formatted.
        status: the HTTP status under ``application/graphql-response+json``.
        well_formed: it was a request that GraphQL over HTTP knows, whose document or variables are at fault;
            under ``application/json`` that is answered with 200.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        errors: Sequence[FormattedError],
        *,
        status: int = 400,
        well_formed: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)
        self.status = status
        self.well_formed = well_formed
        self.headers = headers or {}


def bad_request(message: str, *, status: int = 400, headers: Mapping[str, str] | None = None) -> RequestRefused:
    """The HTTP request makes no sense."""
    return RequestRefused([formatted(message, "BAD_REQUEST")], status=status, headers=headers)


def formatted(
    message: str,
    code: str,
    *,
    path: Sequence[str | int] | None = None,
    locations: Iterable[tuple[int, int]] | None = None,
    extensions: Mapping[str, Any] | None = None,
) -> FormattedError:
    """An error in the one shape that clients know. What it quotes of a request is cut where it gets long."""
    error: FormattedError = {"message": message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"}
    if locations:
        error["locations"] = [{"line": line, "column": column} for line, column in locations]
    if path is not None:
        error["path"] = list(path)
    error["extensions"] = {"code": code, **(extensions or {})}
    return error


def document_error(error: GraphQLError, code: str) -> FormattedError:
    """An error that graphql-core found before execution: its message is for the client.

    The value of a scalar that a parser of ours refused keeps the code that the parser gave it.
    """
    cause = cause_of(error)
    return formatted(error.message, cause.code if isinstance(cause, GatewayError) else code, locations=error.locations)


class Border:
    """Where what was raised for one request becomes what its client reads.

    What goes wrong alike at many places is told to the client for each, and logged once.
    """

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self._logged: set[tuple[type[BaseException], str]] = set()

    def field(self, error: GraphQLError) -> FormattedError:
        """An error of a field, whatever was raised there."""
        cause = cause_of(error)
        if isinstance(cause, GraphQLError):
            if cause.nodes and not isinstance(cause.nodes[0], FieldNode):
                # Only coercing an argument at run time is blamed by graphql-core on a node below the field.
                return formatted(cause.message, "BAD_USER_INPUT", path=error.path, locations=error.locations)
            cause = error
        return self.exception(cause, path=error.path, locations=error.locations)

    def exception(
        self,
        error: BaseException,
        *,
        path: Sequence[str | int] | None = None,
        locations: Iterable[tuple[int, int]] | None = None,
    ) -> FormattedError:
        """Any exception; what is not expected is masked, and logged with its traceback."""
        if isinstance(error, GatewayError):
            return formatted(error.message, error.code, path=path, locations=locations, extensions=error.extensions)
        if isinstance(error, UpstreamError):
            code = next((code for kind, code in _UPSTREAM_CODES if isinstance(error, kind)), "UPSTREAM_REFUSED")
            extensions: dict[str, Any] = {"source": error.source.value, "retryable": error.retryable}
            if error.retry_after is not None:
                extensions["retryAfter"] = math.ceil(error.retry_after)
            if self._is_news(error):
                logger.warning("%s", error, extra={"fields": {"requestId": self._request_id, "code": code}})
            return formatted(str(error), code, path=path, locations=locations, extensions=extensions)
        if self._is_news(error):
            logger.error(
                "an error that nobody expected",
                exc_info=(type(error), error, error.__traceback__),
                extra={"fields": {"requestId": self._request_id, "code": "INTERNAL"}},
            )
        message = f"Something went wrong here; quote request id {self._request_id} when you report it."
        return formatted(message, "INTERNAL", path=path, locations=locations)

    def _is_news(self, error: BaseException) -> bool:
        key = (type(error), str(error))
        if key in self._logged:
            return False
        self._logged.add(key)
        return True


def cause_of(error: GraphQLError) -> BaseException:
    """What was raised in the field, without the covers that graphql-core puts around it."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause
