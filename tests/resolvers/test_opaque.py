"""Opaque texts: each is one way to write some bytes, alone or many together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolvers.opaque import from_text, to_text, to_texts

SAME_LENGTH = st.integers(0, 20).flatmap(lambda size: st.lists(st.binary(min_size=size, max_size=size)))


@given(SAME_LENGTH | st.lists(st.binary(max_size=20)), st.binary(max_size=4), st.data())
def test_many_texts_are_those_of_each(raws: list[bytes], begin: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, 20))
    for columns in ([raws], [[raw[:cut] for raw in raws], [raw[cut:] for raw in raws]]):
        texts = to_texts(begin, *columns)
        assert texts == [to_text(begin + raw) for raw in raws]
        assert [from_text(text) for text in texts] == [begin + raw for raw in raws]
