"""Points in time as text: the one representation that is exact, comparable and cheap.

An ``Instant`` is UTC, written ``2022-07-21T18:41:09`` with a fraction only where the upstream sent one
(``2022-07-21T18:41:09.5``), trailing zeros and the ``Z`` dropped. In that form the order of the text *is* the order
in time at any precision, so a sort key, a cursor and an upstream parameter need no conversion. A ``WallTime`` has the
same form and no zone: what a clock on the wall showed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NewType, cast

Instant = NewType("Instant", str)
WallTime = NewType("WallTime", str)


def _fraction(text: str) -> tuple[str, str]:
    """Split off the digits of a fraction (without trailing zeros), at whatever precision they were sent."""
    head, dot, rest = text.partition(".")
    if not dot:
        return text, ""
    digits = len(rest)
    for index, char in enumerate(rest):
        if char not in "0123456789":
            digits = index
            break
    if digits == 0:
        raise ValueError(f"not a time: {text!r}")
    return head + rest[digits:], rest[:digits].rstrip("0")


_MARKS = "--T::Z"
"""Every third character, from the fifth on, of a time written ``2022-07-21T18:41:09Z``, as most are. Others that are as
long, such as ``2022-07-21T184109.5Z``, have others."""


def _plain(text: str) -> str | None:
    """``2022-07-21T18:41:09`` of a valid time that is written ``2022-07-21T18:41:09Z``, as most are; None: another.

    Raises:
        ValueError: it looks so, and is no time.
    """
    if len(text) == 20 and text[4::3] == _MARKS:
        datetime.fromisoformat(text)
        return text[:19]
    return None


def _all_plain(texts: Sequence[str]) -> list[str] | None:
    """What :func:`_plain` makes of each, where all are written as most are.

    Raises:
        ValueError: one looks so, and is no time.
    """
    count = len(texts)
    if {*map(len, texts)} != {20}:
        return None
    whole = "".join(texts)
    if any(whole[at::20] != mark * count for at, mark in zip(range(4, 20, 3), _MARKS, strict=True)):
        return None
    deque(map(datetime.fromisoformat, texts), maxlen=0)
    return whole.split("Z")[:count]  # a time has no other


def parse_instant(text: str) -> Instant:
    """An ISO 8601 time with an offset (``Z`` or ``+02:00``) as an instant.

    Raises:
        ValueError: the text is not a time, or names no offset.
    """
    if (plain := _plain(text)) is not None:
        return Instant(plain)
    head, fraction = _fraction(text)
    moment = datetime.fromisoformat(head)
    if moment.tzinfo is None:
        raise ValueError(f"a time without an offset: {text!r}")
    if len(head) < 19 or head[4] != "-":
        raise ValueError(f"not a date and time: {text!r}")
    try:
        base = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    except OverflowError as error:
        raise ValueError(f"a time outside the years 1 to 9999: {text!r}") from error
    return Instant(f"{base}.{fraction}" if fraction else base)


def parse_instants(texts: Sequence[str]) -> list[Instant]:
    """:func:`parse_instant` of each, at a fraction of the price.

    Raises:
        ValueError: as it does, for any of them.
    """
    plain = _all_plain(texts)
    return cast(list[Instant], plain) if plain is not None else [parse_instant(text) for text in texts]


def parse_wall_times(texts: Sequence[str]) -> list[WallTime]:
    """:func:`parse_wall_time` of each, at a fraction of the price.

    Raises:
        ValueError: as it does, for any of them.
    """
    plain = _all_plain(texts)
    return cast(list[WallTime], plain) if plain is not None else [parse_wall_time(text) for text in texts]


def parse_wall_time(text: str) -> WallTime:
    """Wall time as an upstream sends it; a trailing ``Z`` or offset is false and ignored.

    Raises:
        ValueError: the text is not a date and time.
    """
    if (plain := _plain(text)) is not None:
        return WallTime(plain)
    head, fraction = _fraction(text)
    base = datetime.fromisoformat(head).replace(tzinfo=None).isoformat(timespec="seconds")
    return WallTime(f"{base}.{fraction}" if fraction else base)


def from_unix(seconds: float) -> Instant:
    """Unix seconds (an int, or a float with microseconds as Rechat sends them) as an instant."""
    moment = datetime(1970, 1, 1) + timedelta(microseconds=round(seconds * 1_000_000))
    text = moment.isoformat()
    return Instant(text.rstrip("0") if "." in text else text)


def second(instant: Instant) -> Instant:
    """The whole second that an instant lies in."""
    return Instant(instant[:19])


def shift(instant: Instant, seconds: int) -> Instant:
    """The whole second of an instant, moved by a number of seconds; it stops at the ends of the years 1 to 9999."""
    whole = datetime.fromisoformat(instant[:19])
    try:
        return Instant((whole + timedelta(seconds=seconds)).isoformat())
    except OverflowError:
        return Instant((datetime.min if seconds < 0 else datetime.max).isoformat(timespec="seconds"))


def to_unix(instant: Instant) -> float:
    """Unix seconds of an instant, at microsecond precision."""
    return datetime.fromisoformat(instant[:26]).replace(tzinfo=UTC).timestamp()


def utc_text(instant: Instant) -> str:
    """How an instant is written for others: ``2022-07-21T18:41:09Z``."""
    return instant + "Z"


def now() -> Instant:
    """The present, to the microsecond."""
    text = datetime.now(UTC).replace(tzinfo=None).isoformat()
    return Instant(text.rstrip("0") if "." in text else text)
