"""Small steps between a request and an answer of Cloud4Wi: refusals, one row of a list, other spellings."""

from __future__ import annotations

from typing import Any

import orjson

from sandbox.cloud4wi.parameters import Invalid
from sandbox.wire import Exchange

Json = dict[str, Any]


class Refused(Exception):
    """A call that is answered with an error status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def one(rows: list[Json], wanted: str) -> Json:
    """The row with the id ``wanted``; without one the call is refused."""
    row = next((row for row in rows if row["id"] == wanted), None)
    if row is None:
        raise Refused(404, "no such resource")
    return row


def flat(document: str) -> str:
    """An event as the published schema has it: ``type``, ``id`` and the detail at the top level."""
    event = orjson.loads(document)
    what = event.pop("event")
    return orjson.dumps({**what, **event}).decode()


async def body(exchange: Exchange) -> Json:
    """The JSON object in the request's body."""
    try:
        sent = orjson.loads(await exchange.request.read())
    except orjson.JSONDecodeError:
        raise Invalid("the body is not JSON") from None
    if not isinstance(sent, dict):
        raise Invalid("the body is an object")
    return sent
