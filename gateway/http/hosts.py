"""Whom a gateway for this machine alone speaks to: requests that are addressed to this machine.

Nobody is asked who they are there, so what keeps others out is that they cannot connect. A browser on the machine can:
a page of another site, whose owner lets its name point to 127.0.0.1 (DNS rebinding), counts as of one site with the
gateway and may read its answers. It still sends its own name.
"""

from __future__ import annotations

from functools import lru_cache

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import formatted
from gateway.settings import is_loopback

_MESSAGE = (
    "This gateway asks nobody who they are, so it answers requests to this machine's own names only, such as localhost "
    "and 127.0.0.1. GATEWAY_ALLOW_ANONYMOUS=1 lets it answer to others."
)


class LoopbackHosts:
    """Refuses requests whose ``Host`` is no name of the loopback. One without the header is of no browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        answer = self._app
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == b"host" and not names_this_machine(value):
                    answer = JSONResponse({"errors": [formatted(_MESSAGE, "FORBIDDEN")]}, status_code=403)
        await answer(scope, receive, send)


@lru_cache(maxsize=64)
def names_this_machine(host: bytes) -> bool:
    """Whether a ``Host`` header is a name or an address of the loopback, with or without a port."""
    name = host.decode("latin-1").strip().lower()
    if name.count(":") == 1 or "]:" in name:
        name = name.rpartition(":")[0]
    return is_loopback(name) or name.endswith(".localhost")
