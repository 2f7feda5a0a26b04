"""Instants as text: what is read, and where moving one stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstreams.instants import (
    Instant,
    parse_instant,
    parse_instants,
    parse_wall_time,
    parse_wall_times,
    shift,
)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2022-07-21T18:41:09Z", "2022-07-21T18:41:09"),
        ("2022-07-21T18:41:09.120Z", "2022-07-21T18:41:09.12"),
        ("2022-07-21T18:41:09.000Z", "2022-07-21T18:41:09"),
        ("2022-07-21T18:41:09.123456789+02:00", "2022-07-21T16:41:09.123456789"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00"),
        ("2022-W29-4T18:41:09Z", "2022-07-21T18:41:09"),
    ],
)
def test_a_time_with_an_offset_is_an_instant(text: str, instant: str) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2022-07-21T18:41:09Z", "2022-07-21T18:41:09"),
        ("2022-07-21T18:41:09.50Z", "2022-07-21T18:41:09.5"),
        ("2022-07-21 18:41:09", "2022-07-21T18:41:09"),
        ("2022-07-21T18:41:09-07:00", "2022-07-21T18:41:09"),
        ("2022-W29-4T18:41:09Z", "2022-07-21T18:41:09"),
    ],
)
def test_wall_time_is_kept_without_its_false_zone(text: str, wall: str) -> None:
    assert parse_wall_time(text) == wall


@pytest.mark.parametrize(
    "text",
    [
        *("", "2022-07-21", "2022-07-21T18:41:09", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00"),
        *("2022-07-21T184109.1Z", "2022-07-21T18:41.50Z", "2022-07-21T18:41:09.\u0663Z"),
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is not for clients
        parse_instant(text)


@pytest.mark.parametrize(
    ("instant", "seconds", "moved"),
    [
        ("2022-07-21T18:41:09.5", -10, "2022-07-21T18:40:59"),
        ("0001-01-01T00:00:00", -1, "0001-01-01T00:00:00"),
        ("9999-12-31T23:59:59.9", 1, "9999-12-31T23:59:59"),
    ],
)
def test_an_instant_moves_up_to_the_ends_of_time(instant: str, seconds: int, moved: str) -> None:
    assert shift(Instant(instant), seconds) == moved


TIMES = st.lists(
    st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0"))
    | st.sampled_from(["2022-W29-4T18:41:09Z", "2022-07-21T18:41:09.5Z", "2022-07-21T18:41:09", "2022-02-30T00:00:00Z"])
    | st.sampled_from(["2022-07-21T184109.1Z", "2022-07-21T18:41.50Z"])
    | st.text("0123456789-:TZ.W+", min_size=19, max_size=21),
    max_size=5,
)


def outcome(parse: Callable[[], Sequence[Any]]) -> Sequence[Any] | None:
    try:
        return parse()
    except ValueError:
        return None


@given(TIMES)
def test_many_times_are_those_of_each(texts: list[str]) -> None:
    instants = outcome(lambda: parse_instants(texts))
    assert instants == outcome(lambda: [parse_instant(text) for text in texts])
    walls = outcome(lambda: parse_wall_times(texts))
    assert walls == outcome(lambda: [parse_wall_time(text) for text in texts])
