"""What a field says, where Acquire's values are loose.

Ids are numbers or text, yes and no are words, times come in three formats, fields as a map or as a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from upstreams.instants import Instant, parse_instant
from upstreams.values import clean_phone

Id = int | str | None
"""An id as sent."""

Flag = bool | int | str | None
"""A truth as sent."""

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SCRIPT_TIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT([+-]\d{2})(\d{2})(?: \(.*\))?"
)
"""What JavaScript's ``Date.toString`` writes."""

_LARGEST = 2**63
_CODE = re.compile(r"(?:\+|00)?([1-9]\d{0,2})")


def id_text(value: Id) -> str | None:
    """An id as text; None when there is none."""
    if value is None or isinstance(value, bool):
        return None
    return str(value).strip() or None


def is_id(text: str) -> bool:
    """Whether a text can be the id of an Acquire object: a whole number as a database keeps it."""
    return text.isascii() and text.isdecimal() and len(text) < 20 and str(int(text)) == text and int(text) < _LARGEST


def flag_or_none(value: Flag) -> bool | None:
    """``yes``, ``NO``, true, 1 as a truth; None when it is none."""
    return value if value is None or isinstance(value, bool) else _FLAGS.get(str(value).strip().casefold())


def instant_of(text: str) -> Instant:
    """A time in any of the formats that the upstream writes.

    Raises:
        ValueError: the text is no time.
    """
    text = text.strip()
    if match := _SCRIPT_TIME.fullmatch(text):
        month, day, year, clock, hours, minutes = match.groups()
        if month not in _MONTHS:
            raise ValueError("not a month")
        text = f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{clock}{hours}:{minutes}"
    try:
        return parse_instant(text)
    except ValueError:
        # Without a zone: assumptions.ZONE. One that names a zone is no time at all, and still none with another.
        return parse_instant(f"{text}Z")


def instant_or_none(text: str | None) -> Instant | None:
    """A time; None when there is none or it makes no sense."""
    if not text:
        return None
    try:
        return instant_of(text)
    except ValueError:
        return None


def text_or_none(value: Any) -> str | None:
    """Trimmed text, of a number too; None when nothing is left, or the value is neither."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return str(value).strip() or None


def json_text(value: Any) -> str | None:
    """Any value as text: text as it is, everything else as JSON writes it."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def field_map(fields: Any) -> Mapping[str, Any]:
    """``fields``, which is a map or a list of ``{value, field: {key}}``, as a map; empty when it is neither."""
    if isinstance(fields, dict):
        return fields
    found: dict[str, Any] = {}
    for row in fields if isinstance(fields, list) else ():
        match row:
            case {"field": {"key": str(key)}} | {"key": str(key)}:
                found[key] = row.get("value")
    return found


def split_name(name: str | None) -> tuple[str | None, str | None]:
    """First and last name: the last of several words is the last name, a single word is a first name."""
    words = (name or "").split()
    if not words:
        return None, None
    return (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (words[0], None)


def with_calling_code(phone: str, calling_code: Any) -> str:
    """A phone with the country code that stands beside it, in E.164 where that can be read; else as sent."""
    match = _CODE.fullmatch(text_or_none(calling_code) or "")
    if match is None or phone.startswith(("+", "00")):
        return phone
    # Its tables take a while to load, and not every process meets a number.
    from phonenumbers import region_code_for_country_code

    region = region_code_for_country_code(int(match[1]))
    return clean_phone(phone, region) or phone
