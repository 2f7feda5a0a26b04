"""An answer that simply goes on from the last one is taken in at once: as if each of its rows had been looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.paging.positions import Span, beyond, leading, past
from resolvers.paging.streams.scroll import ScrollStream
from tests.resolvers.paging.client import Client, in_order
from tests.resolvers.paging.fakes import Rec, Script, Shelf, moment, recs, scroll, window
from upstreams.errors import UpstreamMalformed
from upstreams.feeds import Direction, Feed, Key, Orientation, Rows
from upstreams.records import Source

DIRECTIONS = list(Direction)


class Anyhow(ScrollStream[Rec]):
    """Looks at each row of any answer."""

    def _goes_on(self, keys: list[Key]) -> bool:
        return False


@st.composite
def answers(draw: st.DrawFn) -> list[list[Rec]]:
    """Cut from one list of records, mostly in order; some out of order, some that come again."""
    seconds = draw(st.lists(st.integers(0, 40), max_size=40))
    places = [(at, f"{number:02d}", draw(st.sampled_from(["", "5"]))) for number, at in enumerate(seconds)]
    records = sorted((Rec(moment(at, part), name) for at, name, part in places), key=lambda rec: rec.key)
    for one, other in draw(st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=2)):
        if max(one, other) < len(records):
            records[one], records[other] = records[other], records[one]
    cuts = sorted(draw(st.lists(st.integers(0, len(records)), max_size=5)))
    back = st.sampled_from([0, 0, 0, 1, 5])
    bounds = [0, *cuts, len(records)]
    return [records[max(0, low - draw(back)) : high] for low, high in pairwise(bounds)]


def taken_in(
    kind: type[ScrollStream[Rec]],
    given_in: Sequence[list[Rec]],
    walk: Direction,
    span: Span,
    *,
    confirmed: bool,
    final: bool,
    rests: bool,
) -> tuple[list[Any], list[Any]]:
    """What each answer led to, and what the stream remembers in the end."""
    orientation = Orientation(reverse_is_descending=True)
    orientation.confirmed = confirmed
    feed = Script(source=Source.CLOUD4WI, name="events", answers=[], orientation=orientation)
    stream = kind(feed, walk, span, None)
    led: list[Any] = []
    for number, page in enumerate(given_in):
        last = final and number == len(given_in) - 1
        try:
            accepted = stream.accept(Rows(page, len(page)), window=5, final=last, confirmed=orientation.confirmed)
        except UpstreamMalformed as error:
            led.append(str(error))
            break
        led.append((accepted, stream.ended, list(stream.ready), list(stream._waiting)))
        if not accepted or stream.ended:  # it takes in no more
            break
        if rests:
            state, rows = stream._save(), [row for _, row in [*stream.ready, *stream._waiting]]
            stream = kind(feed, walk, span, None)
            stream.restore(state, rows)
    state = stream._save()
    page_keys = stream._page.all
    del state["page"]
    return led, [state, page_keys, stream._vain if not rests else None, orientation.confirmed]


@given(
    answers(),
    st.sampled_from(DIRECTIONS),
    st.tuples(st.integers(0, 40), st.integers(0, 40)) | st.none(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_it_leads_to_the_same(
    pages: list[list[Rec]],
    walk: Direction,
    within: tuple[int, int] | None,
    wrong_way: bool,
    confirmed: bool,
    final: bool,
    rests: bool,
) -> None:
    if (walk is Direction.DESC) != wrong_way:
        pages = [page[::-1] for page in pages[::-1]]
    span = Span()
    if within is not None:
        low, high = sorted(within)
        span = Span(past((moment(low), 0, "05"), Direction.ASC), past((moment(high), 0, "30"), Direction.DESC))
    more: dict[str, bool] = {"confirmed": confirmed, "final": final, "rests": rests}
    assert taken_in(ScrollStream, pages, walk, span, **more) == taken_in(Anyhow, pages, walk, span, **more)


@pytest.mark.parametrize("walk", DIRECTIONS)
def test_most_answers_go_on(walk: Direction) -> None:
    """Else the test above would compare one way with itself."""
    records = [Rec(moment(second), f"{second:03d}") for second in range(300)][:: 1 if walk is Direction.ASC else -1]
    stream = ScrollStream(Script(source=Source.CLOUD4WI, name="events", answers=[]), walk, Span(), None)
    for start in range(0, 300, 100):
        page = records[start : start + 100]
        assert stream._goes_on([rec.key for rec in page])
        assert not stream._goes_on([rec.key for rec in page[::-1]])
        assert not stream._goes_on([rec.key for rec in page[:1] * 2])
        stream.accept(Rows(page, len(page)), window=50, final=False, confirmed=True)
        assert not stream._goes_on([rec.key for rec in page])
    assert not stream._goes_on([])


class Meanwhile(Shelf):
    """Another walk finds out what the flag means while the first answer is on its way."""

    async def called(self, call: str) -> None:
        if not self.calls:
            self.orientation.turn()
            self.orientation.confirmed = True
        await super().called(call)


@pytest.mark.parametrize("make", [scroll, window])
async def test_an_answer_says_nothing_of_a_flag_that_it_was_not_asked_for_with(
    make: Callable[[Shelf], Feed[Rec]],
) -> None:
    # From the wrong end, and so many within one second that its rows show no direction.
    shelf = Meanwhile(recs(*[0] * 49, *range(1, 200)), reverse_descends=False)
    assert await Client(lambda: [make(shelf)]).walk(20) == in_order(shelf.records, Direction.DESC)


@given(st.lists(st.integers(0, 5), max_size=12), st.sampled_from(DIRECTIONS))
def test_leading_is_how_far_each_lies_beyond_the_one_before(numbers: list[int], walk: Direction) -> None:
    keys: list[Key] = [("", number, "") for number in numbers]
    expected = 0
    for key in keys:
        if expected and not beyond(key, past(keys[expected - 1], walk), walk):
            break
        expected += 1
    assert leading(keys, walk) == expected
