"""What the doctor is told of an upstream that behaves in one way or another."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.app import Sandbox
from tests.upstreams.cloud4wi.conftest import Connect
from upstreams.cloud4wi import Cloud4Wi

ASSUMED = {
    "organization": (True, "known (set in CLOUD4WI_ORGANIZATION or told by the token)"),
    "scroll and shape of events": (
        True,
        "events are nested; scroll id: scrollId; the next page carries the same id",
    ),
    "direction of events": (True, "sortReverse=true puts the latest first"),
    "scroll of contacts": (True, "scroll id: sid; totalCount: told"),
    "shape of one contact": (True, "under customers"),
    "organization of a location": (True, "organziationId"),
}
UNKNOWN = {"devices of a contact", "accountings of a contact"}


async def examine(source: Cloud4Wi) -> dict[str, tuple[bool, str]]:
    """All findings."""
    return {finding.check: (finding.ok, finding.detail) async for finding in source.examine()}


async def test_an_upstream_as_it_is_assumed(source: Cloud4Wi) -> None:
    found = await examine(source)
    assert {name: finding for name, finding in found.items() if name not in UNKNOWN} == ASSUMED
    assert found.keys() == ASSUMED.keys() | UNKNOWN
    ok, detail = found["devices of a contact"]
    assert ok
    assert detail.startswith("an object with count, devices, generated, status; a row is an object with ")


@pytest.mark.parametrize(
    ("behaviour", "check", "detail"),
    [
        (
            {"scroll_id_place": "nested", "scroll_ids": "rotate", "flat_events": True},
            "scroll and shape of events",
            "events are flat; scroll id: scroll.id; the next page carries a new id",
        ),
        ({"reverse_is_descending": False}, "direction of events", "sortReverse=true puts the earliest first"),
        ({"contacts_scroll_field": "scrollId"}, "scroll of contacts", "scroll id: scrollId; totalCount: told"),
        ({"contact_envelope": "customer"}, "shape of one contact", "under customer"),
        ({"contact_envelope": "bare"}, "shape of one contact", "the answer itself"),
        ({"organization_key": "organizationId"}, "organization of a location", "organizationId"),
    ],
)
async def test_an_upstream_that_differs(
    box: Sandbox, source: Cloud4Wi, behaviour: dict[str, Any], check: str, detail: str
) -> None:
    box.behaviour.change(**behaviour)
    assert (await examine(source))[check] == (True, detail)


async def test_what_cannot_be_read_is_a_finding(box: Sandbox, source: Cloud4Wi) -> None:
    box.faults.add("contacts", "status", status=403)
    box.faults.add("locations", "html")
    found = await examine(source)
    assert {name for name, (ok, _) in found.items() if not ok} == {"scroll of contacts", "organization of a location"}
    assert found["shape of one contact"] == (True, "no contact to look at")


async def test_without_credentials_that_work_nothing_can_be_read(connect: Connect) -> None:
    found = await examine(await connect(organization=None, secret="wrong"))
    assert [(name, ok) for name, (ok, _) in found.items()] == [("organization", False)]
