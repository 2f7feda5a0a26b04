"""The headers of a request that mean something to the GraphQL endpoint."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

_DRAWN = 256
"""New request ids that are drawn from the system's source of randomness at a time, which costs as much as for one."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")


@dataclass(slots=True)
class RequestHeaders:
    """What they say.

    Attributes:
        content_length: bytes; None where the header is missing or no number.
        request_id: the client's own, where it has one that may stand in a log.
        trace: the client wants to see the upstream calls.
        csrf: the header that no other site can send is there.
        accept_encoding: what the answer may be compressed with.
        traceparent, tracestate: which trace the request is part of (W3C Trace Context).
        authorization: each header of that name.
        if_none_match: the validators of the answers that the client has.
    """

    accept: str | None = None
    accept_encoding: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    content_length: int | None = None
    request_id: str | None = None
    trace: bool = False
    csrf: bool = False
    traceparent: str | None = None
    tracestate: str | None = None
    authorization: list[bytes] = field(default_factory=list)
    if_none_match: str | None = None

    @classmethod
    def of(cls, pairs: Iterable[tuple[bytes, bytes]]) -> Self:
        """What the headers of a request say, whose names are in lower case."""
        headers = cls()
        for name, value in pairs:
            match name:
                case b"accept":
                    headers.accept = _listed(headers.accept, value)
                case b"accept-encoding":
                    headers.accept_encoding = _listed(headers.accept_encoding, value)
                case b"authorization":
                    headers.authorization.append(value)
                case b"content-type":
                    headers.content_type = value.decode("latin-1")
                case b"if-none-match":
                    headers.if_none_match = _listed(headers.if_none_match, value)
                case b"content-encoding":
                    headers.content_encoding = value.decode("latin-1")
                case b"content-length":
                    headers.content_length = int(value) if value.isdigit() and len(value) < 20 else None
                case b"x-request-id":
                    if _REQUEST_ID.fullmatch(value):
                        headers.request_id = value.decode("ascii")
                case b"x-contactgraph-trace":
                    headers.trace = value.strip() == b"1"
                case b"x-contactgraph-csrf":
                    headers.csrf = True
                case b"traceparent":
                    headers.traceparent = value.decode("latin-1")
                case b"tracestate":
                    headers.tracestate = value.decode("latin-1")
        return headers


_fresh: list[str] = []
os.register_at_fork(after_in_child=_fresh.clear)


def new_request_id() -> str:
    """A request id that nobody has: 128 random bits, as hexadecimal digits."""
    if not _fresh:
        drawn = os.urandom(16 * _DRAWN).hex()
        _fresh.extend(drawn[place : place + 32] for place in range(0, len(drawn), 32))
    return _fresh.pop()


def _listed(before: str | None, value: bytes) -> str:
    """A list that may come in several headers of one name."""
    text = value.decode("latin-1")
    return f"{before},{text}" if before else text
