"""How a connection comes about: address, TCP, TLS."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from ssl import SSLContext

from aiohappyeyeballs import start_connection

from upstreams.http.exchange import NoConnection, NotSecure, OutOfTime, Patience, Place
from upstreams.http.lean.connection import Connection

HEAD_START = 0.25
"""Seconds after which the next address is tried beside one that has not answered (RFC 8305)."""


async def dial(
    place: Place, patience: Patience, deadline: float, context: Callable[[], SSLContext], make: Callable[[], Connection]
) -> Connection:
    """A new connection: to the first address of the host that takes one, checked with TLS where the URL says https.

    Args:
        place: where to.
        patience: how long the connecting and the handshake may take.
        deadline: when both must be over, on the loop's clock.
        context: how TLS is done.
        make: makes what the connection is given to.

    Raises:
        NoConnection: no address took it.
        NotSecure: the host did not prove who it is, or speaks no TLS that we do.
        OutOfTime: it took too long.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout_at(min(loop.time() + patience.connect, deadline)):
            addresses = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
            sock = await start_connection(addresses, happy_eyeballs_delay=HEAD_START)
    except TimeoutError as error:
        raise OutOfTime("no connection in time", sent=False) from error
    except (OSError, UnicodeError, RuntimeError) as error:  # a name that is none; a failure that uvloop calls so
        raise NoConnection from error
    secure = place.scheme == "https"
    try:
        async with asyncio.timeout_at(min(loop.time() + patience.secure, deadline)):
            _, connection = await loop.create_connection(
                make, sock=sock, ssl=context() if secure else None, server_hostname=place.host if secure else None
            )
    except TimeoutError as error:
        raise OutOfTime("no secure connection in time", sent=False) from error
    except OSError as error:  # ssl.SSLError is one; a reset within the handshake is another
        raise (NotSecure if secure else NoConnection)() from error
    return connection
