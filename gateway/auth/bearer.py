"""The ``Authorization`` header: what it must look like, and how a caller that is not let in is told (RFC 6750)."""

from __future__ import annotations

import re
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

from gateway.errors import RequestRefused, formatted
from resolvers.callers import ANYBODY, Caller

_BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]+=*) *")
_LONGEST = 8192
_CHALLENGE = 'Bearer realm="contactgraph"'


class Authenticator(Protocol):
    """Finds out who asks."""

    def caller(self, headers: Sequence[bytes]) -> Caller | Coroutine[Any, Any, Caller]:
        """The caller that a request's ``Authorization`` headers name: at once, if nothing has to be waited for.

        Raises:
            RequestRefused: with 401, they name none; with 503, that cannot be found out now.
        """
        ...

    async def close(self) -> None:
        """Give back what is held."""
        ...


class Anonymous:
    """Asks nobody; everybody has all scopes."""

    def caller(self, headers: Sequence[bytes]) -> Caller:
        """Anybody, whatever the headers say."""
        return ANYBODY

    async def close(self) -> None:
        """Holds nothing."""


def bearer_token(headers: Sequence[bytes]) -> str:
    """The token of a request.

    Raises:
        RequestRefused: there is none, there are several, or it cannot be one.
    """
    if not headers:
        raise unauthenticated("Send your credentials in the header `authorization: Bearer …`.", known=False)
    found = _BEARER.fullmatch(headers[0])
    if len(headers) > 1 or found is None or len(found[1]) > _LONGEST:
        raise unauthenticated("The authorization header must hold one bearer token: `authorization: Bearer …`.")
    return found[1].decode("ascii")


def unauthenticated(message: str, *, known: bool = True) -> RequestRefused:
    """The caller is not let in.

    Args:
        message: why, in words that tell nothing of what is known here.
        known: it sent credentials, and they are no good.
    """
    challenge = f'{_CHALLENGE}, error="invalid_token"' if known else _CHALLENGE
    return _refused(message, 401, {"www-authenticate": challenge})


def undecided(message: str, *, retry_after: int) -> RequestRefused:
    """Nobody can say now whether the caller may come in.

    Args:
        message: why.
        retry_after: seconds.
    """
    return _refused(message, 503, {"retry-after": str(retry_after)}, {"retryable": True, "retryAfter": retry_after})


def _refused(
    message: str, status: int, headers: Mapping[str, str], extensions: Mapping[str, object] | None = None
) -> RequestRefused:
    return RequestRefused(
        [formatted(message, "UNAUTHENTICATED", extensions=extensions)], status=status, headers=headers
    )
