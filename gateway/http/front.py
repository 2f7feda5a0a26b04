"""The short way to the one path that nearly every request is for."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Front:
    """Hands the requests for a path to what answers them, past the routes and their handlers of exceptions.

    Args:
        app: gets all others.
        path: as a request says it.
        answers: is an application of its own, which lets no exception out.
    """

    def __init__(self, app: ASGIApp, path: str, answers: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        here = scope["type"] == "http" and scope["path"] == self._path
        await (self._answers if here else self._app)(scope, receive, send)
