"""Cuts, spans and standing: the arithmetic under every page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolvers.paging.positions import (
    BOTTOM,
    TOP,
    Cut,
    Position,
    Span,
    Standing,
    beyond,
    cut_at,
    cuts_at,
    further,
    past,
    span_of,
)
from upstreams.feeds import Direction, Key

KEYS: st.SearchStrategy[Key] = st.tuples(st.sampled_from("abcd"), st.integers(0, 2), st.sampled_from("xyz"))
DIRECTIONS = st.sampled_from(Direction)


@given(KEYS)
def test_every_record_lies_between_the_ends(key: Key) -> None:
    assert Span().holds(key)
    assert beyond(key, BOTTOM, Direction.ASC)
    assert beyond(key, TOP, Direction.DESC)


@given(KEYS, KEYS, DIRECTIONS)
def test_past_a_record_come_those_after_it(one: Key, other: Key, walk: Direction) -> None:
    after = other > one if walk is Direction.ASC else other < one
    assert beyond(other, past(one, walk), walk) == after


@given(KEYS, KEYS, KEYS, DIRECTIONS)
def test_further_is_met_later(one: Key, other: Key, key: Key, walk: Direction) -> None:
    cuts = past(one, walk), past(other, walk)
    assert beyond(key, further(*cuts, walk), walk) == all(beyond(key, cut, walk) for cut in cuts)


@given(st.lists(KEYS, unique=True), KEYS, KEYS, DIRECTIONS)
def test_a_range_is_the_same_records_from_both_ends(keys: list[Key], one: Key, other: Key, order: Direction) -> None:
    after, before = Position(one), Position(other)
    forward = span_of(after, before, "0", order)
    backward = span_of(before, after, "0", order.flipped)
    assert forward == backward
    for key in keys:
        inside = one < key < other if order is Direction.ASC else other < key < one
        assert forward.holds(key) == inside


@given(st.lists(KEYS, unique=True), KEYS, DIRECTIONS)
def test_a_cursor_divides_the_records_in_two(keys: list[Key], at: Key, order: Direction) -> None:
    place = Position(at)
    for key in keys:
        sides = span_of(place, None, "0", order).holds(key), span_of(None, place, "0", order).holds(key)
        assert sum(sides) == (key != at)


@given(st.lists(KEYS, unique=True), KEYS, KEYS, st.sampled_from((-1, 1)), DIRECTIONS)
def test_a_feed_that_stands_elsewhere_is_divided_there(
    keys: list[Key], at: Key, stand: Key, side: int, order: Direction
) -> None:
    place = Position(at, {"1": Cut(stand, side)})
    for key in keys:
        sides = span_of(place, None, "1", order).holds(key), span_of(None, place, "1", order).holds(key)
        assert sum(sides) == 1


@given(st.dictionaries(st.sampled_from("012"), st.lists(KEYS, unique=True), min_size=1), DIRECTIONS, st.data())
def test_a_merge_that_fails_and_resumes_gives_all_once(
    held: dict[str, list[Key]], walk: Direction, data: st.DataObject
) -> None:
    """Pages of any size; feeds fail for a page; the position alone is carried from page to page."""
    records = {slot: {(text, int(slot), id) for text, _, id in keys} for slot, keys in held.items()}
    given_: list[Key] = []
    place: Position | None = None
    for page in range(60):
        down = data.draw(st.sets(st.sampled_from(sorted(records)))) if page < 8 else set()
        standing = Standing(walk, cuts_at(records, place, walk))
        for slot in down:
            standing.fail(slot)
        ahead = {
            (key, slot)
            for slot, keys in records.items()
            for key in keys
            if slot not in down and beyond(key, standing.of(slot), walk)
        }
        order = sorted(ahead, reverse=walk is Direction.DESC)
        for key, slot in order[: data.draw(st.integers(1, 4))]:
            assert not standing.move(slot, key)
            place = standing.position()
            given_.append(key)
            for other in records:
                assert cut_at(place, other, walk) == standing.of(other)
    everything = {key for keys in records.values() for key in keys}
    assert sorted(given_) == sorted(everything)


@given(KEYS, KEYS, DIRECTIONS)
def test_a_late_record_moves_nothing(one: Key, other: Key, walk: Direction) -> None:
    standing = Standing(walk, cuts_at(["0"], None, walk))
    standing.move("0", one)
    stand = standing.of("0")
    late = standing.move("0", other)
    assert late == (not beyond(other, stand, walk))
    if late:
        assert standing.of("0") == stand
        assert cut_at(standing.position(), "0", walk) == stand


@given(st.lists(KEYS, max_size=6), st.lists(KEYS, max_size=6), st.none() | KEYS, st.booleans(), DIRECTIONS)
def test_to_march_is_to_move_step_by_step(
    before: list[Key], keys: list[Key], stand: Key | None, fails: bool, walk: Direction
) -> None:
    def standing() -> Standing:
        cuts = cuts_at(["0", "1"], None, walk)
        made = Standing(walk, cuts if stand is None else cuts | {"1": past(stand, walk)})
        if fails:
            made.fail("1")
        for key in before:
            made.move("0", key)
        return made

    marching, stepping = standing(), standing()
    steps = marching.march(keys)
    for key in keys[:steps]:
        assert not stepping.move("0", key)
        assert stepping.position() == Position(key)
    for slot in ("0", "1"):
        assert marching.of(slot) == stepping.of(slot)
    if steps < len(keys) and stand is None and not fails:
        assert stepping.move("0", keys[steps])
