"""What a field says, where Rechat's values are loose: unix seconds that may be absent, empty text, null arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable

from upstreams.instants import Instant, from_unix, parse_instant
from upstreams.records import Birthday

_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T|$)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_uuid(text: str) -> bool:
    """Whether a text can be the id of a Rechat object."""
    return _UUID.fullmatch(text) is not None


def text_or_none(text: str | None) -> str | None:
    """Trimmed text; None when nothing is left."""
    return (text.strip() or None) if text else None


def instant_of(seconds: float | str) -> Instant:
    """Unix seconds, or an ISO 8601 time with an offset, as an instant.

    Raises:
        ValueError: neither of them, or beyond the years that a date can hold.
    """
    try:
        return parse_instant(seconds) if isinstance(seconds, str) else from_unix(seconds)
    except OverflowError as error:
        raise ValueError("not a time") from error


def instant_or_none(seconds: float | str | None) -> Instant | None:
    """An instant; None when there is none, or it makes no sense."""
    if seconds is None or seconds == "":
        return None
    try:
        return instant_of(seconds)
    except ValueError:
        return None


def birthday_of(text: str | None) -> Birthday | None:
    """The date of ``1978-01-13T00:00:00.000Z``: UTC midnight, so the date as written."""
    match = _ISO_DATE.match(text) if text else None
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    return Birthday(year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Texts in order, without empty ones and repetitions."""
    return tuple(dict.fromkeys(text for text in texts if text))
