"""Opaque texts: each is one way to write some bytes, alone or many together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolvers.opaque import from_text, to_text, to_texts

SAME_LENGTH = st.integers(0, 20).flatmap(lambda size: st.lists(st.binary(min_size=size, max_size=size)))


@given(SAME_LENGTH | st.lists(st.binary(max_size=20)), st.binary(max_size=4), st.integers(0, 4), st.data())
def test_many_texts_are_those_of_each(middles: list[bytes], begin: bytes, size: int, data: st.DataObject) -> None:
    ends = [data.draw(st.binary(min_size=size, max_size=size)) for _ in middles]
    raws = [begin + middle + end for middle, end in zip(middles, ends, strict=True)]
    texts = to_texts(begin, middles, ends)
    assert texts == [to_text(raw) for raw in raws]
    assert [from_text(text) for text in texts] == raws
