"""What the four arguments ask for."""

from __future__ import annotations

import pytest

from resolvers.paging import BadPageArgs, PageArgs, Wanted, check_args

GOOD = [
    (PageArgs(), Wanted(20, False, None, None)),
    (PageArgs(first=0), Wanted(0, False, None, None)),
    (PageArgs(first=100, after="a"), Wanted(100, False, "a", None)),
    (PageArgs(last=3, before="b"), Wanted(3, True, None, "b")),
    (PageArgs(last=0), Wanted(0, True, None, None)),
    (PageArgs(after="a", before="b"), Wanted(20, False, "a", "b")),
    (PageArgs(last=1, after="a", before="b"), Wanted(1, True, "a", "b")),
]


@pytest.mark.parametrize(("args", "wanted"), GOOD)
def test_good(args: PageArgs, wanted: Wanted) -> None:
    assert check_args(args, 100) == wanted


BAD = [
    (PageArgs(first=1, last=1), "not both"),
    (PageArgs(first=0, last=0), "not both"),
    (PageArgs(first=-1), "first must not be negative"),
    (PageArgs(last=-1), "last must not be negative"),
    (PageArgs(first=101), "first is at most 100"),
    (PageArgs(last=101), "last is at most 100"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad(args: PageArgs, message: str) -> None:
    with pytest.raises(BadPageArgs, match=message):
        check_args(args, 100)


def test_a_small_limit_bounds_the_default() -> None:
    assert check_args(PageArgs(), 7).count == 7
