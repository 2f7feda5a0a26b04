"""What a URL of a Redis may look like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

_OPTIONS = {
    "redis": frozenset[str](),
    "rediss": frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}),
    "unix": frozenset({"db"}),
}
"""What may stand behind the question mark: time-outs, pools and the like are the gateway's own business."""


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where a Redis is, and what opens it.

    Attributes:
        url: ``redis://``, ``rediss://`` (TLS) or ``unix://``, with user and password where it wants them.
    """

    url: str = field(repr=False)


def redis_address(text: str) -> RedisAddress:
    """Read the URL of a Redis.

    Raises:
        ValueError: it is none; the message finishes the sentence "NAME ..." and repeats nothing of the text.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(_WANTED) from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme not in _OPTIONS or parts.fragment:
        raise ValueError(_WANTED)
    if options.keys() - _OPTIONS[parts.scheme]:
        allowed = ", ".join(sorted(_OPTIONS[parts.scheme])) or "none"
        raise ValueError(f"has an option that it must not have; allowed with {parts.scheme}:// are: {allowed}")
    if parts.scheme == "unix":
        if parts.hostname or not re.fullmatch(r"/.*[^/]", parts.path):
            raise ValueError("must name a socket by its absolute path: unix:///run/redis/redis.sock")
        number = options.get("db", "0")
    else:
        if not parts.hostname or port == 0:
            raise ValueError(_WANTED)
        number = parts.path.removeprefix("/") or "0"
    if not re.fullmatch(r"[0-9]{1,5}", number):
        raise ValueError("must name the database by its number, such as redis://host:6379/0")
    return RedisAddress(text)


_WANTED = "must be a URL that begins with redis://, rediss:// or unix:// and says where the server is"
