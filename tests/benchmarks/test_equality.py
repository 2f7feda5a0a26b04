"""Answers are compared by what their ids and cursors tell apart, not by their text."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.equality import canonical, difference


def told(one: Any, other: Any, omits: tuple[str, ...] = ()) -> str | None:
    """How two answers differ."""
    return difference(canonical(one, omits), canonical(other, omits))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": [None]}, {"b": [None], "a": 1}),
        ([{"id": "x"}, {"id": "y"}, {"id": "x"}], [{"id": "1"}, {"id": "2"}, {"id": "1"}]),
        ({"cursor": "x", "node": {"id": "x2"}}, {"cursor": "y", "node": {"id": "y2"}}),
    ],
)
def test_equal(one: Any, other: Any) -> None:
    assert told(one, other) is None


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        ({"a": 1}, {"a": 2}, "data.a: 1 and 2"),
        ({"a": 1}, {"a": 1, "b": None}, "data: "),
        ([1, 2], [1], "data: "),
        ([{"id": "x"}, {"id": "y"}], [{"id": "1"}, {"id": "1"}], "data[1].id: 1 and 0"),
        ([{"id": "x"}, {"id": "x"}], [{"id": "1"}, {"id": "2"}], "data[1].id: 0 and 1"),
        ({"id": None}, {"id": "1"}, "data.id: None and 0"),
    ],
)
def test_different(one: Any, other: Any, where: str) -> None:
    found = told(one, other)
    assert found is not None
    assert found.startswith(where)


def test_what_a_server_lacks_is_left_out() -> None:
    assert told({"cursor": "x", "node": {"id": 1, "cursor": 2}}, {"node": {"id": 3}}, ("cursor",)) is None
