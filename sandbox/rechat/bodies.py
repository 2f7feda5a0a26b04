"""Pieces of the bodies that Rechat takes and sends."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.rechat.data import Invalid
from sandbox.wire import reply

Json = dict[str, Any]


def collection(rows: list[Json], total: int | str = 0) -> web.Response:
    """Several rows; ``total`` is what the documents' examples have there, be it right or not."""
    return reply({"code": "OK", "data": rows, "info": {"count": len(rows), "total": total}})


def objects(sent: Json, name: str) -> list[Json]:
    """A list of objects in a body.

    Raises:
        Invalid: it is none.
    """
    rows = sent.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid(f"{name} is a list of objects")
    return rows


def ids(sent: Json, name: str) -> list[str]:
    """A list of ids in a body.

    Raises:
        Invalid: it is none.
    """
    rows = sent.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise Invalid(f"{name} is a list of ids")
    return rows


def frequency(sent: Json) -> int:
    """The ``touch_freq`` of a body, in days.

    Raises:
        Invalid: it is none.
    """
    value = sent.get("touch_freq")
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Invalid("touch_freq is a number of days")
    return value
