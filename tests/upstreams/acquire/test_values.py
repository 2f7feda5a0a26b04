"""Acquire's loose values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstreams.acquire.values import (
    field_map,
    flag_or_none,
    id_text,
    instant_of,
    instant_or_none,
    is_id,
    json_text,
    split_name,
    with_calling_code,
)
from upstreams.instants import parse_instant


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2020-09-09T10:01:36.000Z", "2020-09-09T10:01:36"),
        ("2020-09-09T10:01:36.250Z", "2020-09-09T10:01:36.25"),
        ("2020-09-09T10:01:36+02:00", "2020-09-09T08:01:36"),
        ("2020-09-09 10:02:04", "2020-09-09T10:02:04"),
        (" 2020-09-09T10:02:04 ", "2020-09-09T10:02:04"),
        ("Wed Mar 03 2021 10:19:49 GMT+0000 (Coordinated Universal Time)", "2021-03-03T10:19:49"),
        ("Wed Mar 03 2021 10:19:49 GMT+0530", "2021-03-03T04:49:49"),
        ("Thu Dec 31 2020 20:00:00 GMT-0500 (Eastern Standard Time)", "2021-01-01T01:00:00"),
        ("string", None),
        ("Wed Foo 03 2021 10:19:49 GMT+0000", None),
        ("Wed Feb 31 2021 10:19:49 GMT+0000", None),
        ("0000-00-00 00:00:00", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("", None),
        (None, None),
    ],
)
def test_times(sent: str | None, read: str | None) -> None:
    assert instant_or_none(sent) == read


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)), st.integers(-720, 840))
def test_every_format_of_a_time_says_the_same(moment: datetime, offset: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    there = moment.astimezone(timezone(timedelta(minutes=offset)))
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[there.weekday()]
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    script = (
        f"{day} {names[there.month - 1]} {there.day:02} {there.year} {there:%H:%M:%S} "
        f"GMT{sign}{minutes // 60:02}{minutes % 60:02} (Somewhere)"
    )
    expected = parse_instant(moment.isoformat())
    assert instant_of(script) == expected
    assert instant_of(f"{moment:%Y-%m-%d %H:%M:%S}") == expected
    assert instant_of(there.isoformat()) == expected


@pytest.mark.parametrize(
    ("sent", "read"),
    [("yes", True), ("NO", False), ("no", False), (True, True), (0, False), ("1", True), (None, None), ("maybe", None)],
)
def test_flags(sent: Any, read: bool | None) -> None:
    assert flag_or_none(sent) is read


def test_ids() -> None:
    assert [id_text(value) for value in (7, "7", " 7 ", "", None, True)] == ["7", "7", "7", None, None, None]
    assert [is_id(text) for text in ("7", "0", str(2**63 - 1))] == [True, True, True]
    for text in ("", "07", "+7", "-7", "7.0", "x", "٧", "²", " 7", str(2**63), "9" * 400):
        assert not is_id(text)


@given(st.integers(0, 2**63 - 1))
def test_every_number_is_an_id(number: int) -> None:
    assert is_id(str(number))


def test_fields_as_a_map_and_as_a_list_are_one() -> None:
    as_list = [
        {"value": "Ada", "owner": "contact", "contactId": 1, "field": {"id": 1, "key": "name", "system": "yes"}},
        {"value": None, "field": {"key": "phone"}},
        {"key": "colour", "value": "red"},
        {"value": "lost", "field": None},
        "junk",
    ]
    assert field_map(as_list) == {"name": "Ada", "phone": None, "colour": "red"}
    assert field_map({"name": "Ada"}) == {"name": "Ada"}
    nothing: tuple[Any, ...] = (None, "x", 1, [])
    assert [field_map(value) for value in nothing] == [{}, {}, {}, {}]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("Ada  King   Lovelace", "Ada King", "Lovelace"),
        (" Ada ", "Ada", None),
        ("", None, None),
        (None, None, None),
        ("\u00a0", None, None),
    ],
)
def test_names(name: str | None, first: str | None, last: str | None) -> None:
    assert split_name(name) == (first, last)


@given(st.text(max_size=40))
def test_no_word_of_a_name_is_lost(name: str) -> None:
    parts = [part for part in split_name(name) if part is not None]
    assert " ".join(parts) == " ".join(name.split())


@pytest.mark.parametrize(
    ("phone", "code", "joined"),
    [
        ("98765 43210", "91", "+919876543210"),
        ("98765 43210", "+91", "+919876543210"),
        ("98765 43210", 91, "+919876543210"),
        ("98765 43210", "0091", "+919876543210"),
        ("919876543210", "91", "+919876543210"),
        ("020 7946 0018", "44", "+442079460018"),
        ("06 698 12345", "39", "+390669812345"),
        ("(415) 555-2671", "1", "+14155552671"),
        ("+44 20 7946 0018", "91", "+44 20 7946 0018"),
        ("0044 20 7946 0018", "91", "0044 20 7946 0018"),
        ("23232323", None, "23232323"),
        ("23232323", "", "23232323"),
        ("23232323", "India", "23232323"),
        ("23232323", {"a": 1}, "23232323"),
        ("n/a", "91", "n/a"),
    ],
)
def test_calling_codes(phone: str, code: Any, joined: str) -> None:
    assert with_calling_code(phone, code) == joined


def test_values_of_custom_fields() -> None:
    assert [json_text(value) for value in ("x", None, 1, True, ["a", 1])] == ["x", None, "1", "true", '["a",1]']
