"""Apollo Client, Relay and urql walk over the events; what they show is held to the sandbox's own data."""

from __future__ import annotations

import pytest

from sandbox.app import Sandbox
from tests.clients.conftest import Run
from tests.schema.merged import events, places
from upstreams.records import Source

CLOUD4WI = Source.CLOUD4WI
clients = pytest.mark.parametrize("client", ["apollo", "relay", "urql"])


@clients
async def test_walks_both_ways_yield_every_event_once_in_order(client: str, run: Run, box: Sandbox) -> None:
    held = events(box)
    assert len(held) > 1000
    found = await run(f"{client}/walk")
    assert places("events", found["forward"]) == held
    assert places("events", found["backward"]) == held


@clients
async def test_a_walk_survives_an_outage_and_forgotten_scrolls(client: str, run: Run, box: Sandbox) -> None:
    """A page without Cloud4Wi says so; then comes what was missed, and every event was there once after all."""
    found = await run(f"{client}/outage")
    walked, held = places("events", found["rows"]), events(box)
    assert sorted(walked, reverse=True) == held
    assert [place for place in walked if place.source is not CLOUD4WI] == [
        place for place in held if place.source is not CLOUD4WI
    ]
    assert found["down"]["sources"] == ["CLOUD4WI"]
    # Relay keeps errors only where a field is null.
    assert found["down"]["codes"] == ([] if client == "relay" else ["UPSTREAM_UNAVAILABLE"])
    assert {row["source"] for row in found["down"]["rows"]} == {"RECHAT", "ACQUIRE"}
    assert found["back"] == {"sources": [], "codes": []}


@clients
async def test_what_is_retryable_is_asked_for_again(client: str, run: Run) -> None:
    """A page that failed for good is an error with its code, and takes no row away from the pages before it."""
    found = await run(f"{client}/failing")
    assert found["once"] == {"rows": 20, "codes": [], "calls": 2}
    assert found["always"] == {"rows": 0, "codes": ["UPSTREAM_UNAVAILABLE"], "calls": 3}
    assert (found["kept"], found["then"]) == (20, 920)
