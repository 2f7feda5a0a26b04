"""Attributes that are worked out when they are first read."""

from __future__ import annotations

from itertools import count

import pytest
from msgspec import Struct

from upstreams.cached import cached_property


class Counted(Struct, frozen=True, dict=True):
    """A frozen record, as those of upstreams are."""

    numbers: count[int]

    @cached_property
    def number(self) -> int:
        """The next number, from one on."""
        number = next(self.numbers)
        if number == 0:
            raise LookupError("not yet")
        return number


def test_it_is_worked_out_once_an_object() -> None:
    numbers = count(1)
    one, other = Counted(numbers), Counted(numbers)
    assert [one.number, one.number, other.number, one.number] == [1, 1, 2, 1]


def test_a_failure_is_not_kept() -> None:
    counted = Counted(count())
    with pytest.raises(LookupError):
        _ = counted.number
    assert [counted.number, counted.number] == [1, 1]


def test_the_class_tells_what_it_is() -> None:
    assert isinstance(Counted.number, cached_property)
    assert Counted.number.__doc__ == "The next number, from one on."
