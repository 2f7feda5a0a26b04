"""A request as the GraphQL endpoint takes it, whichever way it came: as an ASGI scope, or whole from a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from starlette.types import Receive, Scope

from gateway.http.headers import RequestHeaders


@dataclass(slots=True)
class Asked:
    """One request.

    Attributes:
        method: of HTTP.
        headers: those that mean something.
        client: its address, host first; None for a socket without an address.
        query_string: of its URL.
        receive: gives the parts of a body that is not there yet, then tells when the client disconnects, as in ASGI.
        body: all of it, where it is there already.
    """

    method: str
    headers: RequestHeaders
    client: tuple[str, int] | None
    query_string: bytes
    receive: Receive
    body: bytes | None = None

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Self:
        """A request of an ASGI server."""
        headers = RequestHeaders.of(scope["headers"])
        return cls(scope["method"], headers, scope.get("client"), scope["query_string"], receive)
