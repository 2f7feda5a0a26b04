"""What stands around the endpoint: the ASGI layers, the way past them, and what answers where the endpoint does not.

The layers and the short way past them (:mod:`gateway.http.front`) are made of the same settings, here, so that a layer
which is added is seen to be missing from the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from gateway.errors import formatted
from gateway.http.answers import SecurityHeaders, crashed
from gateway.http.compression import Compression
from gateway.http.endpoint import GraphQLEndpoint
from gateway.http.front import Front, ShortWay
from gateway.http.hosts import LoopbackHosts
from gateway.settings import Settings

PATH = "/graphql"
"""Where the endpoint is."""


def layers(settings: Settings, endpoint: GraphQLEndpoint) -> list[Middleware]:
    """The layers that a request goes through, the outermost first."""
    found = [Middleware(SecurityHeaders)]
    if _loopback_only(settings):
        found.append(Middleware(LoopbackHosts))
    if settings.cors_origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],  # clients bring headers of their own; which pages are trusted is said by origin
            expose_headers=["etag", "x-request-id", "retry-after", "www-authenticate"],
            max_age=3600,
        )
        found.append(cors)
    if settings.compression:
        found.append(Middleware(Compression))
    return [*found, Middleware(Front, PATH, endpoint)]


def short_way(settings: Settings, endpoint: GraphQLEndpoint) -> ShortWay:
    """The way past these layers, for what none of them would answer."""
    return ShortWay(
        PATH,
        endpoint,
        loopback=_loopback_only(settings),
        origins=bool(settings.cors_origins),
        compression=settings.compression,
    )


def _loopback_only(settings: Settings) -> bool:
    return settings.auth == "none" and not settings.allow_anonymous


async def to_graphql(request: Request) -> Response:
    """The way from the root to the endpoint."""
    return RedirectResponse(PATH)


async def _http_error(request: Request, error: Exception) -> Response:
    """What is not the API, in the API's shape of errors."""
    assert isinstance(error, HTTPException)  # noqa: S101 - the only kind it is registered for
    message = f"There is nothing here; the API is at {PATH}." if error.status_code == 404 else error.detail
    body = {"errors": [formatted(message, "BAD_REQUEST")]}
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def _crash(request: Request, error: Exception) -> Response:
    """A bug beside the API; the server logs it."""
    answer = crashed()
    response = Response(answer.body, answer.status)
    response.raw_headers = answer.headers  # all there are, since this handler stands outside the middleware
    return response


HANDLERS: Mapping[Any, Any] = {HTTPException: _http_error, Exception: _crash}
"""What answers where an exception ends a request."""
