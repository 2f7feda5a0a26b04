"""What rows say about their own order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.paging.positions import TOP, Cut, Span
from resolvers.paging.streams.order import Verdict, disordered, settled, verdict
from resolvers.paging.streams.timed import bounds_of
from upstreams.feeds import Bounds, Direction, Key
from upstreams.instants import Instant

CASES = [
    ("", Verdict.UNDECIDED),
    ("a", Verdict.UNDECIDED),
    ("aaaaaaaaaaaa", Verdict.UNDECIDED),
    ("ab", Verdict.RIGHT),
    ("aaab", Verdict.RIGHT),
    ("ba", Verdict.UNDECIDED),
    ("baaa", Verdict.UNDECIDED),
    ("abcdefgh", Verdict.RIGHT),
    ("badcfehg", Verdict.RIGHT),
    ("hgfedcba", Verdict.REVERSED),
    ("ghefcdab", Verdict.REVERSED),
    ("cba", Verdict.UNDECIDED),
]


@pytest.mark.parametrize(("seconds", "expected"), CASES)
def test_verdict(seconds: str, expected: Verdict) -> None:
    assert verdict(list(seconds), Direction.ASC) is expected
    turned = {chr(code): chr(ord("z") - code + ord("a")) for code in range(ord("a"), ord("z") + 1)}
    assert verdict([turned[char] for char in seconds], Direction.DESC) is expected


@given(st.integers(8, 200), st.integers(0, 3), st.randoms(use_true_random=False))
def test_local_disorder_never_looks_reversed(size: int, disorder: int, rng: random.Random) -> None:
    rows = sorted(range(size), key=lambda index: index + rng.random() * disorder)
    seconds = [f"{row:04d}" for row in rows]
    assert verdict(seconds, Direction.ASC) is Verdict.RIGHT
    assert verdict(seconds, Direction.DESC) is Verdict.REVERSED


@pytest.mark.parametrize(("rows", "expected"), [("", False), ("a", False), ("aab", False), ("aba", True)])
def test_disordered(rows: str, expected: bool) -> None:
    assert disordered(list(rows), Direction.ASC) is expected
    assert disordered(list(reversed(rows)), Direction.DESC) is expected


SETTLED = [
    ([], 1, 0),
    ([1], 1, 0),
    ([1, 1], 1, 0),
    ([1, 2], 1, 1),
    ([1, 2, 2], 1, 1),
    ([1, 2, 3], 2, 1),
    ([1, 1, 2, 3], 3, 0),
    ([1, 2, 3, 4], 10, 0),
]


@pytest.mark.parametrize(("seconds", "hold", "expected"), SETTLED)
def test_settled(seconds: list[int], hold: int, expected: int) -> None:
    rows: list[tuple[Key, None]] = [
        ((f"2024-01-01T00:00:{second:02d}.{index}", 0, ""), None) for index, second in enumerate(seconds)
    ]
    assert settled(rows, hold) == expected


BOUNDS = [
    (Span(), Bounds()),
    (Span(Cut(("2024-01-01T00:00:05.5", 0, "a"), 1), TOP), Bounds(Instant("2024-01-01T00:00:05"), None)),
    (Span(high=Cut(("2024-01-01T00:00:05.5", 0, "a"), -1)), Bounds(None, Instant("2024-01-01T00:00:05"))),
    # Exclusive at a whole second: the second before is the last. Exclusive within one: that second is.
    (Span(high=Cut(("2024-01-01T00:00:00", -1, ""), -1)), Bounds(None, Instant("2023-12-31T23:59:59"))),
    (Span(high=Cut(("2024-01-01T00:00:00.1", -1, ""), -1)), Bounds(None, Instant("2024-01-01T00:00:00"))),
]


@pytest.mark.parametrize(("span", "bounds"), BOUNDS)
def test_bounds_cover_the_span_to_the_second(span: Span, bounds: Bounds) -> None:
    assert bounds_of(span) == bounds
