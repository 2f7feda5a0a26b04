"""Proxies as the environment names them: ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``."""

from __future__ import annotations

import ipaddress
from urllib.request import getproxies, proxy_bypass

from upstreams.http.exchange import Place


def proxy_of(place: Place) -> str | None:
    """The URL of the proxy on the way to a place; None: the way is direct, as it always is to this machine."""
    if _is_here(place.host) or proxy_bypass(place.host):
        return None
    proxies = getproxies()
    return proxies.get(place.scheme) or proxies.get("all")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
