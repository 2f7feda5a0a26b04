"""Keys that are remembered are the same ones after they were packed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolvers.paging.leases import KEY_BYTES
from resolvers.paging.streams.seen import Seen
from tests.resolvers.paging.fakes import recs

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
KEYS = st.lists(st.tuples(TEXT, st.integers(-1, 99), TEXT), max_size=20)


@given(KEYS)
def test_packed_and_taken_apart(keys: list[tuple[str, int, str]]) -> None:
    packed = Seen(keys).packed()
    again = Seen(packed=packed)
    assert Seen(keys).all == again.all == set(keys)
    assert again.packed() == packed


def test_nothing_takes_nothing() -> None:
    assert Seen().packed() == b""
    assert Seen().all == set()


def test_a_key_takes_what_it_is_counted_as() -> None:
    packed = Seen([rec.key for rec in recs(*range(1000))]).packed()
    assert KEY_BYTES // 4 < len(packed) // 1000 <= KEY_BYTES
