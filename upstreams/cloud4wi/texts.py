"""What a field says, where the upstream's texts are loose: empty text is no text, a time that is none is None."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from upstreams.instants import Instant, WallTime, parse_instant, parse_wall_time, parse_wall_times
from upstreams.records import Birthday

_BIRTH_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?!\d)")
_BIRTH_DAY = re.compile(r"-{0,2}(\d{1,2})-(\d{1,2})")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YEARS = range(1850, 2101)


def text_or_none(text: str | None) -> str | None:
    """Trimmed text; None when nothing is left."""
    return (text.strip() or None) if text else None


def texts_or_none(texts: Sequence[str | None]) -> list[str | None]:
    """:func:`text_or_none` of each; made for texts of which many are the same."""
    told = {text: text_or_none(text) for text in {*texts}}
    return [told[text] for text in texts]


def as_text(value: Any) -> str | None:
    """A value that may be of any type as text, as JSON writes it; a list's items are joined by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(text for item in value if (text := as_text(item)) is not None) or None
    return None if value is None else str(value)


def instant_or_none(text: str | None) -> Instant | None:
    """An instant; None when the text is no time, or names no offset."""
    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        return None


def wall_time_or_none(text: str | None) -> WallTime | None:
    """Wall time (its ``Z`` is false); None when the text is no time."""
    if not text:
        return None
    try:
        return parse_wall_time(text)
    except ValueError:
        return None


def wall_times_or_none(texts: Sequence[str | None]) -> Sequence[WallTime | None]:
    """:func:`wall_time_or_none` of each, cheaper where all are times."""
    if all(texts):
        try:
            return parse_wall_times(cast(Sequence[str], texts))
        except ValueError:
            pass  # which of them is none, is found out one by one
    return [wall_time_or_none(text) for text in texts]


def _between(text: str | None, low: int, high: int) -> int | None:
    number = int(text) if text else 0
    return number if low <= number <= high else None


def join_birthday(birth_date: str | None, birth_day: str | None) -> Birthday | None:
    """A birthday from ``birthDate`` (``1982`` or ``1982-01-29``) and ``birthDay`` (``01-29``).

    A part that makes no sense is None; what ``birthDate`` says of month and day goes first. None when nothing is left.
    29 February is kept whatever the year: the two fields are typed in separately.
    """
    date = _BIRTH_DATE.match(birth_date.strip()) if birth_date else None
    year, month, day = (date.group(1), date.group(2), date.group(3)) if date else (None, None, None)
    if month is None and birth_day and (match := _BIRTH_DAY.fullmatch(birth_day.strip())):
        month, day = match.groups()
    known_year = _between(year, _YEARS.start, _YEARS.stop - 1)
    known_month = _between(month, 1, 12)
    known_day = _between(day, 1, _DAYS[known_month - 1] if known_month else 31)
    if known_year is None and known_month is None and known_day is None:
        return None
    return Birthday(known_year, known_month, known_day)
