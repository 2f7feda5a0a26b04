"""Many contacts by id: the exact calls, and that a bad id fails no other."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from upstreams.errors import UpstreamError, UpstreamNotFound, UpstreamRefused
from upstreams.rechat.batches import by_id
from upstreams.records import Source

GONE = UpstreamNotFound(Source.RECHAT, "x", "gone", status=404)
BAD = UpstreamRefused(Source.RECHAT, "x", "bad", status=400)


def ask_of(gone: set[str], calls: list[int]) -> object:
    async def ask(ids: Sequence[str]) -> Mapping[str, str]:
        calls.append(len(ids))
        if gone & set(ids):
            raise GONE
        return {id: id.upper() for id in ids}

    return ask


@given(
    st.lists(st.integers(0, 400).map(lambda number: f"n{number}"), max_size=300),
    st.sets(st.integers(0, 400).map(lambda number: f"n{number}"), max_size=8),
    st.integers(1, 100),
)
def test_all_are_found_but_those_that_are_gone(ids: list[str], gone: set[str], size: int) -> None:
    calls: list[int] = []
    found = asyncio.run(by_id(ids, size, ask_of(gone, calls)))  # type: ignore[arg-type]
    assert found == {id: id.upper() for id in ids if id not in gone}
    chunks = math.ceil(len(set(ids)) / size)
    bad = len(gone & set(ids))
    assert len(calls) <= chunks + bad * 2 * math.ceil(math.log2(size) if size > 1 else 0)


def test_without_bad_ids_each_chunk_is_one_call() -> None:
    calls: list[int] = []
    asyncio.run(by_id([f"n{number}" for number in range(250)], 100, ask_of(set(), calls)))  # type: ignore[arg-type]
    assert sorted(calls) == [50, 100, 100]


def test_another_failure_is_the_answer_for_its_chunk_alone() -> None:
    async def ask(ids: Sequence[str]) -> Mapping[str, str]:
        if "a" in ids:
            raise BAD
        return {id: id for id in ids}

    found: dict[str, str | UpstreamError] = asyncio.run(by_id(["a", "b", "c"], 2, ask))
    assert found == {"a": BAD, "b": BAD, "c": "c"}


def test_no_ids_are_no_call() -> None:
    calls: list[int] = []
    assert asyncio.run(by_id([], 100, ask_of(set(), calls))) == {}  # type: ignore[arg-type]
    assert calls == []
