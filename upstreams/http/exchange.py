"""One request out, one answer in: the only file that knows which HTTP client we use.

What can go wrong on the way is translated here (:func:`translate`); what an answer means is for
:mod:`upstreams.http.answers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from upstreams.errors import UpstreamError, UpstreamMalformed, UpstreamTimeout, UpstreamUnavailable
from upstreams.records import Source

LONGEST_BODY = 64 * 1024 * 1024
"""Bytes of an answer, unpacked, beyond which it is not read."""

FOREIGN = (aiohttp.ClientError, TimeoutError, OSError)
"""What the HTTP client raises."""


class _Severed(aiohttp.ClientError):
    """The connection broke. aiohttp would send a GET once more by itself; a spent scroll id must not go out twice, and
    each attempt has to be in the trace, so its own exceptions are kept from it."""


class _TooLong(aiohttp.ClientError):
    """The answer is longer than we read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Severed from error


def open_session(timeout: float) -> aiohttp.ClientSession:
    """A session for all sources; connections are bounded by each wire's own gate. Needs a running event loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=timeout),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_once,),
        headers={
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": f"contactgraph/{_version()}",
        },
    )


async def send(
    session: aiohttp.ClientSession, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    """One exchange; no redirect is followed, nothing is sent twice.

    Raises:
        aiohttp.ClientError, TimeoutError, OSError: see :func:`translate`.
    """
    async with session.request(method, url, headers=headers, data=body, allow_redirects=False) as response:
        content = response.content
        chunk = await content.readany()
        if content.at_eof():
            return Answer(response.status, response.headers, chunk)
        chunks = [chunk]
        length = len(chunk)
        while chunk := await content.readany():
            chunks.append(chunk)
            length += len(chunk)
            if length > LONGEST_BODY:
                response.close()
                raise _TooLong
        return Answer(response.status, response.headers, b"".join(chunks))


def translate(error: Exception, source: Source, operation: str, timeout: float) -> UpstreamError:
    """What a failure of the HTTP client means to us."""
    if isinstance(error, aiohttp.ClientSSLError):
        return UpstreamUnavailable(source, operation, "no secure connection")
    if isinstance(error, aiohttp.ClientConnectorError):
        return UpstreamUnavailable(source, operation, "no connection")
    if isinstance(error, TimeoutError):
        return UpstreamTimeout(source, operation, f"no answer within {timeout:g} s")
    if isinstance(error, _TooLong):
        return UpstreamMalformed(source, operation, "the answer is too long")
    if isinstance(error, aiohttp.ClientResponseError):
        return UpstreamMalformed(source, operation, "the answer is not HTTP")
    if isinstance(error, aiohttp.ClientPayloadError) and isinstance(error.__cause__, ContentEncodingError):
        return UpstreamMalformed(source, operation, "the answer cannot be unpacked")
    return UpstreamUnavailable(source, operation, "the connection broke off")


def never_sent(error: UpstreamError) -> bool:
    """Whether a failed call certainly did not reach the upstream: there was no connection to send it over."""
    return isinstance(error.__cause__, aiohttp.ClientConnectorError)


def _version() -> str:
    try:
        return version("contactgraph")
    except PackageNotFoundError:  # run from a checkout without being installed
        return "0"
