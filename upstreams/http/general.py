"""The general client: aiohttp. It goes through proxies; elsewhere :mod:`upstreams.http.lean` does the same for less."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO

import aiohttp
from yarl import URL

from upstreams.http.exchange import (
    EVERY_CALL,
    Answer,
    NoConnection,
    NotHttp,
    NotSecure,
    OutOfTime,
    Patience,
    Place,
    Severed,
    check_request,
)
from upstreams.http.proxies import proxy_of
from upstreams.http.unpack import body_of


class _Severed(aiohttp.ClientError):
    """The connection broke. aiohttp would send a GET once more by itself; a spent scroll id must not go out twice, and
    each attempt has to be in the trace, so its own exceptions are kept from it."""


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Severed from error


class GeneralClient:
    """aiohttp behind our face."""

    def __init__(
        self,
        patience: Patience,
        proxy_of: Callable[[Place], str | None] = proxy_of,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Needs a running event loop.

        Args:
            patience: how long the phases of an exchange may take.
            proxy_of: what stands in the way to a place.
            context: how TLS is done; by default as the machine trusts.
        """
        self._patience = patience
        self._proxy_of = cache(proxy_of)
        self._session = aiohttp.ClientSession(
            # The wire's own gate bounds how many there are.
            connector=aiohttp.TCPConnector(limit=0, ssl=True if context is None else context),
            timeout=aiohttp.ClientTimeout(
                total=patience.total,
                sock_connect=patience.connect + patience.secure,  # aiohttp counts both as one
                sock_read=max(patience.first, patience.between),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_once,),
            headers=EVERY_CALL,
            auto_decompress=False,
        )

    def ask(self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """See :class:`upstreams.http.exchange.Client`; aiohttp waits for much."""

    async def send(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """See :class:`upstreams.http.exchange.Client`."""
        check_request(method, target, headers)
        try:
            async with self._session.request(
                method,
                URL(place.base + target, encoded=True),
                headers=headers,
                data=None if body is None else BytesIO(body),  # of long bytes it would warn
                allow_redirects=False,
                proxy=self._proxy_of(place),
            ) as response:
                if response.status < 200:  # another protocol from now on, which nobody asked for
                    response.close()
                    raise NotHttp
                gathered = body_of(response.headers.get("Content-Encoding", ""))
                while piece := await response.content.readany():
                    gathered.feed(piece)
                return Answer(response.status, response.headers, gathered.end())
        except aiohttp.ClientSSLError as error:
            raise NotSecure from error
        except aiohttp.ConnectionTimeoutError as error:
            raise OutOfTime("no connection in time", sent=False) from error
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as error:
            raise NoConnection from error
        except TimeoutError as error:
            raise OutOfTime(f"no answer within {self._patience.total:g} s") from error
        except aiohttp.ClientResponseError as error:
            raise NotHttp from error
        except (aiohttp.ClientError, OSError) as error:
            raise Severed from error

    async def close(self) -> None:
        """See :class:`upstreams.http.exchange.Client`."""
        await self._session.close()
