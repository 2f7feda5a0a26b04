"""The random walks over HTTP, a few on every run; ``PAGING_EXAMPLES=500`` for a long one."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import StartSandbox
from tests.schema.harness import Api
from tests.schema.walks import EVENTS, Walks

EXAMPLES = int(os.environ.get("PAGING_EXAMPLES", "50"))
THOROUGH = "PAGING_EXAMPLES" in os.environ

SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    derandomize=not THOROUGH,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_walks() -> None:
    run_state_machine_as_test(Walks, settings=SETTINGS)


@pytest.mark.parametrize("seed", [3, 5])
async def test_a_page_that_comes_again_shorter_doubles_nothing(start_sandbox: StartSandbox, seed: int) -> None:
    """The scroll then goes on from the middle of the page, and some of its rows had been given."""
    box = await start_sandbox(seed=seed, contacts=5, events=300, short_pages=0.7)
    fault = box.faults.add("events", "repeat_page", after=2, times=1)
    seen: list[str] = []
    async with Api.over(box) as api:
        after, more = None, True
        while more:
            page = (await api.query(EVENTS, {"first": 20, "after": after, "direction": "DESC"}))["page"]
            seen += [edge["node"]["sourceId"] for edge in page["edges"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert fault.hits == 1
    assert seen == [event["event"]["id"] for event in box.cloud4wi.events()[::-1]]
