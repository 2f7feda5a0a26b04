"""How the texts of settings are read. Each raises ValueError with a message that finishes the sentence "NAME ..."."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

SECRET_BYTES = 32
"""How long a secret must be at least."""


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be {' or '.join(choices)}")
        return text.lower()

    return read


def http_url(text: str) -> str:
    """A URL that is fetched."""
    if not re.fullmatch(r"https?://[^\s/?#@]+([/?][^\s#]*)?", text):
        raise ValueError("must be an http or https URL without credentials")
    return text


def switch(text: str) -> bool:
    """On or off."""
    match text.lower():
        case "1" | "on" | "true" | "yes":
            return True
        case "0" | "off" | "false" | "no":
            return False
    raise ValueError("must be on or off")


def whole(least: int) -> Callable[[str], int]:
    """A whole number, not less than this."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) < least:
            raise ValueError(f"must be a whole number, {least} or more")
        return int(text)

    return read


def seconds(*, positive: bool) -> Callable[[str], float]:
    """A duration."""

    def read(text: str) -> float:
        found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(ms|s|m|h)?", text)
        value = float(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2] or "s"] if found else -1.0
        if value < 0 or (positive and value == 0):
            raise ValueError(f"must be a duration in seconds, such as 10, 0.5 or 10s{', above 0' if positive else ''}")
        return value

    return read


def rate(text: str) -> float:
    """So many a second, above 0."""
    value = float(text) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) else 0.0
    if value <= 0.0:
        raise ValueError("must be a number of calls a second above 0, such as 5 or 0.5")
    return value


def size(text: str) -> int:
    """A number of bytes."""
    found = re.fullmatch(r"([0-9]{1,12}) ?(B|KiB|MiB|GiB|kB|MB|GB)?", text)
    units = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "kB": 10**3, "MB": 10**6, "GB": 10**9}
    if not found or int(found[1]) == 0:
        raise ValueError("must be a size in bytes, such as 1048576 or 1MiB")
    return int(found[1]) * units[found[2] or "B"]


def origins(text: str) -> tuple[str, ...]:
    """Web origins, separated by commas."""
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[^\s/?#@]+", origin):
            raise ValueError("must be a list of origins such as https://app.example.org, separated by commas")
    return origins


def networks(text: str) -> tuple[str, ...]:
    """Networks and single addresses, separated by commas."""
    try:
        return tuple(str(ipaddress.ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("must be a list of addresses or networks such as 10.0.0.0/8, separated by commas") from None


def secret(text: str) -> bytes:
    """Something long enough to be kept secret."""
    secret = text.encode()
    if len(secret) < SECRET_BYTES:
        raise ValueError(f"must be {SECRET_BYTES} bytes or more; `openssl rand -hex 32` makes one")
    return secret


def region(text: str) -> str:
    """An ISO 3166-1 alpha-2 country code."""
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError("must be an ISO 3166-1 alpha-2 country code such as US")
    return text.upper()
