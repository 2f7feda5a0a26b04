"""Rechat's calendar: object types and their duals, bounds, limits, and what contacts bring along by themselves."""

from __future__ import annotations

import pytest

from sandbox.app import Sandbox
from tests.sandbox.caller import Caller, Json

ALWAYS: list[tuple[str, str | int | float]] = [("low", 0), ("high", 4_000_000_000)]
DUAL = (
    "contact",
    "contact_attribute",
    "crm_association",
    "email_campaign_recipient",
    "email_thread_recipient",
    "activity",
)


def types(*names: str) -> list[tuple[str, str | int | float]]:
    """The parameter ``object_types``."""
    return [("object_types[]", name) for name in names]


def places(rows: list[Json]) -> list[tuple[float, str]]:
    """Time and id of each row."""
    return [(row["timestamp"], row["id"]) for row in rows]


async def test_the_whole_calendar_in_both_forms(box: Sandbox, rechat: Caller) -> None:
    plain = await rechat.get("/calendar", *ALWAYS)
    assert plain["data"] == box.rechat.events(dual=False)
    assert plain["info"] == {
        "count": len(plain["data"]),
        "total": len(plain["data"]),
        "low": 0,
        "high": 4e9,
        "limit": None,
    }
    kinds = {row["object_type"] for row in plain["data"]}
    assert kinds == {
        "contact",
        "contact_attribute",
        "deal_context",
        "crm_task",
        "email_campaign",
        "email_thread",
        "activity",
    }
    dual = await rechat.get("/calendar", *ALWAYS, *types(*DUAL, "deal_context"))
    assert dual["data"] == box.rechat.events()
    assert {row["object_type"] for row in dual["data"] if row["contact"] is None} == {"deal_context"}
    for rows in (plain["data"], dual["data"]):
        assert places(rows) == sorted(set(places(rows)))


async def test_one_contacts_timeline(box: Sandbox, rechat: Caller) -> None:
    seen = 0
    for contact in box.rechat.contacts()[:20]:
        body = await rechat.get("/calendar", *ALWAYS, ("contact", contact["id"]), *types(*DUAL))
        assert body["data"] == box.rechat.events(contact["id"])
        assert all(row["contact"] == contact["id"] for row in body["data"])
        seen += len(body["data"])
    assert seen > 60


async def test_bounds_limits_and_ends(box: Sandbox, rechat: Caller) -> None:
    rows = box.rechat.events()
    low, high = rows[20]["timestamp"], rows[60]["timestamp"]
    inside = [row for row in rows if low <= row["timestamp"] < high]
    query: list[tuple[str, str | int | float]] = [
        ("low", repr(low)),
        ("high", repr(high)),
        *types(*DUAL, "deal_context"),
    ]
    assert (await rechat.get("/calendar", *query))["data"] == inside
    body = await rechat.get("/calendar", *query, ("limit", 5))
    assert (body["data"], body["info"]["limit"]) == (inside[:5], 5)
    box.rechat_behaviour.change(calendar_order="descending")
    assert (await rechat.get("/calendar", *query, ("limit", 5)))["data"] == inside[::-1][:5]
    box.rechat_behaviour.change(calendar_max=3)
    assert (await rechat.get("/calendar", *query))["data"] == inside[::-1][:3]
    assert (await rechat.call("GET", "/calendar", query=[("low", 0)]))[0] == 400
    box.rechat_behaviour.change(calendar_bounds="one")
    assert (await rechat.call("GET", "/calendar", query=[("low", 0)]))[0] == 200
    assert (await rechat.call("GET", "/calendar"))[0] == 400


@pytest.mark.parametrize("query", [[("low", "now")], types("party"), [("limit", "few")]])
async def test_nonsense_is_refused(rechat: Caller, query: list[tuple[str, str | int | float]]) -> None:
    assert (await rechat.call("GET", "/calendar", query=[*ALWAYS[len(query) :], *query, *ALWAYS]))[0] == 400


async def test_people_and_contacts_are_sent_along(box: Sandbox, rechat: Caller) -> None:
    ids = [row["id"] for row in box.rechat.contacts()[:7]]
    event = box.rechat.insert_event(1_000_000.5, *ids)
    asked = [("associations[]", f"calendar_event.{name}") for name in ("people", "full_contact", "full_crm_task")]
    body = await rechat.get("/calendar", ("low", 1_000_000), ("high", 1_000_001), *asked)
    (row,) = body["data"]
    assert (row["id"], row["people_len"], row["contact"], row["full_contact"]) == (event, 7, None, None)
    assert [each["id"] for each in row["people"]] == ids[:5]
    body = await rechat.get(
        "/calendar", ("low", 1_000_000), ("high", 1_000_001), *asked, *types("crm_association"), ("contact", ids[6])
    )
    (row,) = body["data"]
    assert (row["people_len"], row["full_contact"]["id"], row["timestamp"]) == (1, ids[6], 1_000_000.5)
    assert box.rechat.delete_event(event) == 1
    assert (await rechat.get("/calendar", ("low", 1_000_000), ("high", 1_000_001)))["data"] == []


async def test_contacts_bring_touches_and_yearly_dates(box: Sandbox, rechat: Caller) -> None:
    made = box.rechat.insert_contact(first_name="Leap", birthday=951_782_400, tags=["Hot"])  # 29 February 2000
    await rechat.ok("PATCH", f"/contacts/{made['id']}/touch", {"touch_freq": 5})
    await rechat.ok("PATCH", f"/contacts/{made['id']}", {"attributes": []})
    rows = (await rechat.get("/calendar", *ALWAYS, ("contact", made["id"])))["data"]
    touch = box.rechat.contact(made["id"])
    assert touch is not None
    assert [row["timestamp"] for row in rows if row["object_type"] == "contact"] == [touch["next_touch"]]
    yearly = [row for row in rows if row["event_type"] == "birthday"]
    assert [row["timestamp"] for row in yearly] == [1_740_700_800, 1_772_236_800, 1_803_772_800]
    assert len({row["id"] for row in yearly}) == 3
    assert all(row["recurring"] for row in yearly)
    box.rechat.delete_contact(made["id"])
    assert (await rechat.get("/calendar", *ALWAYS, ("contact", made["id"])))["data"] == []
