"""Where a request comes from, as far as that tells callers apart whom nobody asks who they are."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Any


def peer_of(client: Any) -> str:
    """A name for the other side of a connection.

    Args:
        client: ``client`` of an ASGI scope: host and port; None for a socket without an address. Behind a proxy that
            the operator trusts the server has put the client's own there (see ``GATEWAY_TRUSTED_PROXIES``).
    """
    return _network(client[0]) if client else "local"


@lru_cache(maxsize=4096)
def _network(host: str) -> str:
    """An IPv4 address, or the network of 64 bits that an IPv6 address is from: one subscriber has at least as much."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
