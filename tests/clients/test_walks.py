"""Apollo Client, Relay and urql walk over the events, over real HTTP."""

from __future__ import annotations

import pytest

from sandbox.app import Sandbox
from tests.clients.checks import check_outage, check_walks
from tests.clients.conftest import Run

clients = pytest.mark.parametrize("client", ["apollo", "relay", "urql"])


@clients
async def test_walks_both_ways_yield_every_event_once_in_order(client: str, run: Run, box: Sandbox) -> None:
    check_walks(await run(f"{client}/walk"), box)


@clients
async def test_a_walk_survives_an_outage_and_forgotten_scrolls(client: str, run: Run, box: Sandbox) -> None:
    found = await run(f"{client}/outage")
    check_outage(found, box)
    # Relay keeps errors only where a field is null.
    assert found["down"]["codes"] == ([] if client == "relay" else ["UPSTREAM_UNAVAILABLE"])


@clients
async def test_what_is_retryable_is_asked_for_again(client: str, run: Run) -> None:
    """A page that failed for good is an error with its code, and takes no row away from the pages before it."""
    found = await run(f"{client}/failing")
    assert found["once"] == {"rows": 20, "codes": [], "calls": 2}
    assert found["always"] == {"rows": 0, "codes": ["UPSTREAM_UNAVAILABLE"], "calls": 3}
    assert (found["kept"], found["then"]) == (20, 920)


async def test_relay_keeps_a_list_below_an_object_when_a_page_of_it_fails(run: Run, box: Sandbox) -> None:
    found = await run("relay/below")
    assert found["kept"] == 2
    (first, *_) = sorted(box.cloud4wi.locations(), key=lambda row: (row["name"].casefold(), row["id"]))
    here = [row for row in box.cloud4wi.events() if row["where"].get("locationId") == first["id"]]
    assert sorted(found["rows"]) == sorted(row["event"]["id"] for row in here)
