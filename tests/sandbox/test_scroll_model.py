"""Scrolls against a model: random data with many ties, changed between pages, walked in either direction."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.app import Sandbox
from sandbox.cloud4wi.data import Cloud4WiData
from tests.sandbox.client import Client, ids

INSTANTS = [f"2026-01-01T00:00:0{second}{fraction}Z" for second in range(4) for fraction in ("", ".001", ".25")]
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.sampled_from(INSTANTS)),
        st.tuples(st.just("delete"), st.integers(0, 99)),
        st.tuples(st.just("read"), st.just(0)),
    ),
    max_size=12,
)


class Model:
    """What must be in the data; kept by hand, so that it shares no code with the store."""

    def __init__(self, data: Cloud4WiData) -> None:
        self._data = data
        self.alive: set[str] = set()

    def insert(self, *instants: str) -> None:
        events = [self._data.make_event(at) for at in instants]
        self._data.insert_event(*events)
        self.alive |= set(ids([events]))

    def change(self, kind: str, value: Any) -> None:
        if kind == "insert":
            self.insert(value)
        elif kind == "delete" and self.alive:
            gone = sorted(self.alive)[value % len(self.alive)]
            assert self._data.delete_event(gone) == 1
            self.alive.remove(gone)


@settings(max_examples=40, deadline=None)
@given(
    start=st.lists(st.sampled_from(INSTANTS), max_size=40),
    before=CHANGES,
    changes=CHANGES,
    size=st.integers(1, 9),
    live=st.booleans(),
    reverse=st.booleans(),
    rotate=st.booleans(),
    short=st.sampled_from([0.0, 0.5, 1.0]),
    disorder=st.sampled_from([0, 3]),
)
def test_no_row_is_lost_or_doubled(
    start: list[str],
    before: list[tuple[str, Any]],
    changes: list[tuple[str, Any]],
    size: int,
    live: bool,
    reverse: bool,
    rotate: bool,
    short: float,
    disorder: int,
) -> None:
    async def scenario() -> None:
        async with (
            Sandbox.start(
                contacts=0,
                events=0,
                examples=False,
                scroll_mode="live" if live else "snapshot",
                scroll_ids="rotate" if rotate else "same",
                short_pages=short,
                disorder=disorder,
            ) as box,
            Client(box) as client,
        ):
            model = Model(box.cloud4wi)
            model.insert(*start)
            for change in before:
                model.change(*change)
            opened = set(model.alive)
            always = set(opened)
            page = await client.events(enableScroll=True, size=size, sortReverse=reverse)
            pages, waiting = [page["events"]], list(changes)
            while pages[-1] or waiting:
                while waiting and (change := waiting.pop(0))[0] != "read":
                    model.change(*change)
                    always &= model.alive
                page = await client.events(scrollId=page["scrollId"])
                pages.append(page["events"])
                if live:
                    assert set(ids(pages[-1:])) <= model.alive
            assert set(ids([box.cloud4wi.events()])) == model.alive
            seen = ids(pages)
            assert len(seen) == len(set(seen))
            assert always <= set(seen)
            if not live:
                assert set(seen) == opened
            if disorder == 0 and not live:
                times = [row["when"]["createdAt"].rstrip("Z") for page in pages for row in page]
                assert times == sorted(times, reverse=reverse)

    asyncio.run(scenario())
