"""The body of a request, read as far as it may go."""

from __future__ import annotations

from starlette.types import Receive

from gateway.errors import RequestRefused, bad_request

_DRAINED = 8
"""A body over its limit is read on and dropped up to this many times the limit."""


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


async def read_body(receive: Receive, limit: int, announced: int | None = None) -> bytes:
    """The whole body.

    Args:
        receive: gives its parts.
        limit: bytes that it may have.
        announced: bytes that the client says it has.

    Raises:
        RequestRefused: with 413, it is larger than that.
        ClientLeft: the connection ended before the body did.
    """
    if announced is not None:
        check_size(announced, limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        part = message.get("body", b"")
        size += len(part)
        last = not message.get("more_body", False)
        if size > limit:
            # Most clients read no answer before they have sent everything, so a little more is read and dropped.
            parts.clear()
            if last or size > _DRAINED * limit:
                raise _too_large(limit)
            continue
        parts.append(part)
        if last:
            return parts[0] if len(parts) == 1 else b"".join(parts)


def check_size(size: int, limit: int) -> None:
    """Refuse a body that is larger than it may be; sizes in bytes.

    Raises:
        RequestRefused: with 413.
    """
    if size > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> RequestRefused:
    # What may be left of the body is not read, so the connection is of no further use.
    return bad_request(f"The body is larger than {limit} bytes.", status=413, headers={"connection": "close"})
