"""Cursors say what they were made from, and nothing else passes."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.paging import InvalidCursor
from resolvers.paging.cursors import CursorCodec
from resolvers.paging.positions import BOTTOM, TOP, Cut, Position
from tests.resolvers.paging.client import SECRET

CODEC = CursorCodec(SECRET)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
KEYS = st.tuples(TEXTS, st.integers(0, 2), TEXTS)
CUTS = st.sampled_from((BOTTOM, TOP)) | st.builds(Cut, KEYS, st.sampled_from((-1, 1)))
POSITIONS = st.builds(
    Position,
    KEYS,
    st.dictionaries(TEXTS, CUTS, max_size=3),
    st.dictionaries(TEXTS, st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=6).map(tuple), max_size=3),
)
PLACE = Position(("2024-01-01T00:00:00", 0, "de8a7434d907e640cf1e80c347a420bel"))


@given(POSITIONS, TEXTS)
def test_what_is_sealed_is_opened(position: Position, binding: str) -> None:
    text = CODEC.sealer(binding).one(position)
    assert CODEC.open(text, binding) == position
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.lists(POSITIONS))
def test_many_cursors_are_those_of_each(positions: list[Position]) -> None:
    seal = CODEC.sealer("here")
    assert seal.all(positions) == [seal.one(position) for position in positions]


@given(POSITIONS, st.integers(0), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_an_altered_cursor_is_refused(position: Position, index: int, char: str) -> None:
    text = CODEC.sealer("here").one(position)
    index %= len(text)
    altered = text[:index] + char + text[index + 1 :]
    if altered != text:
        with pytest.raises(InvalidCursor):
            CODEC.open(altered, "here")


def test_another_binding_or_secret_is_refused() -> None:
    text = CODEC.sealer("here").one(PLACE)
    with pytest.raises(InvalidCursor, match="not one of this connection"):
        CODEC.open(text, "there")
    with pytest.raises(InvalidCursor, match="not one of this connection"):
        CursorCodec(b"another secret of thirty-two bytes").open(text, "here")


@pytest.mark.parametrize("text", ["", "a", "=", "!!!!", "ä" * 30, "A" * 5000, "AAAA", "Zm9vYmFy" * 5 + "="])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        CODEC.open(text, "here")


def test_padding_and_cut_off_texts_are_refused() -> None:
    text = CODEC.sealer("here").one(PLACE)
    for altered in (text + "=", text + "A", text[:-1], text[1:], " " + text):
        with pytest.raises(InvalidCursor):
            CODEC.open(altered, "here")


def test_an_unknown_version_says_so() -> None:
    head = b"\x63" + b"anything"
    text = urlsafe_b64encode(head + hmac.digest(b"k", head, "sha256")[:16]).rstrip(b"=").decode()
    with pytest.raises(InvalidCursor, match="version"):
        CODEC.open(text, "here")


def test_an_ordinary_cursor_is_short() -> None:
    assert len(CODEC.sealer("here").one(PLACE)) < 100


@pytest.mark.parametrize(
    "text",
    [
        "AZOzMjAyNC0wMS0wMVQwMDowMDowMAClcjAwMDHDsRzIPdIebErIXVisb2Tx",
        "ApOzMjAyNC0wMS0wMVQwMDowMDowMAClcjAwMDEasjGGHBCXXpKuj6jg2s3L",
    ],
)
def test_every_version_stays_readable(text: str) -> None:
    """A cursor that a client may hold, of each version that there was."""
    codec = CursorCodec(bytes(range(32)))
    assert codec.open(text, "events") == Position(("2024-01-01T00:00:00", 0, "r0001"))


def test_the_newest_version_is_written() -> None:
    codec = CursorCodec(bytes(range(32)))
    text = codec.sealer("events").one(Position(("2024-01-01T00:00:00", 0, "r0001")))
    assert text == "ApOzMjAyNC0wMS0wMVQwMDowMDowMAClcjAwMDEasjGGHBCXXpKuj6jg2s3L"
