"""What a change answers with, which differs by endpoint and is seldom the record as it is now."""

from __future__ import annotations

from typing import Any

from upstreams.acquire.decode import any_data
from upstreams.acquire.values import id_text


def wrapped_data(body: bytes) -> Any:
    """What a change answers with: some say how it went around it, ``{data: {success, data, message}}``, some only that
    it was done, ``{data: true}``.

    Raises:
        ValueError: it did not go well, without an ``error`` that says why.
    """
    data = any_data(body)
    said = isinstance(data, dict) and "success" in data
    if (data["success"] if said else data) is False:
        raise ValueError("the upstream says that the call failed")
    return data.get("data") if said else data


def written_id(body: bytes) -> str:
    """The id of what was made or changed; the rest of the answer repeats what was sent (``dateCreated: "string"``).

    Raises:
        ValueError: there is none.
    """
    match wrapped_data(body):
        case {"id": int(id) | str(id)} if (text := id_text(id)) is not None:
            return text
    raise ValueError("an answer without an id")


def deleted(body: bytes) -> int | None:
    """How many records a deletion took; None when the answer does not say.

    Raises:
        ValueError: see :func:`wrapped_data`.
    """
    match wrapped_data(body):
        case {"deleted": {"affected": int(count)}} | {"deleted": int(count)}:
            return int(count)
    return None
