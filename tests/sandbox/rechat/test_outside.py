"""Rechat's webhooks, lead channels and lead timelines."""

from __future__ import annotations

from sandbox.app import Sandbox
from tests.sandbox.caller import Caller, Json


async def test_webhooks(box: Sandbox, rechat: Caller) -> None:
    path = f"/brands/{box.rechat_brand}/webhooks"
    made = (await rechat.ok("POST", path, {"topic": "Contacts", "url": "https://hooks.example.com/"}))["data"]
    assert (made["topic"], made["brand"], made["type"], len(made["key"])) == (
        "Contacts",
        box.rechat_brand,
        "brand_webhook",
        32,
    )
    assert (await rechat.get(path, ("topic", "Contacts")))["data"] == [made]
    assert (await rechat.get(path, ("topic", "Deals")))["data"] == []
    assert (await rechat.call("POST", path, {"topic": "Weather", "url": "x"}))[0] == 400
    assert (await rechat.call("POST", "/brands/x/webhooks", {"topic": "Deals", "url": "x"}))[0] == 404
    await rechat.done("DELETE", f"{path}/{made['id']}")
    assert (await rechat.call("DELETE", f"{path}/{made['id']}"))[0] == 404


async def test_a_captured_lead_is_a_contact_with_a_timeline(box: Sandbox, rechat: Caller) -> None:
    path = f"/brands/{box.rechat_brand}/leads/channels"
    channel = (await rechat.ok("POST", path, {"source_type": "Zillow"}))["data"]
    stranger = Caller(rechat.session, rechat.base, "")
    sent: Json = {"first_name": "Lea", "email": "lea@example.com", "tag": ["Website"], "lead_source": "Form"}
    lead = (await stranger.ok("POST", f"/leads/channels/{channel['id']}/webhook", sent))["data"]
    row = box.rechat.contact(lead["contact"])
    assert row is not None
    assert (row["display_name"], row["emails"], row["tags"], row["source"]) == (
        "Lea",
        ["lea@example.com"],
        ["Website"],
        "Form",
    )
    assert (await rechat.get(path))["data"][0]["capture_number"] == 1
    action = {"action": "ContactViewedListing", "listing": {"mls_number": "1"}, "notes": "Saw it"}
    assert await stranger.ok("POST", f"/leads/{lead['contact']}/timeline", action) == {"success": True}
    (event,) = box.rechat.events(lead["contact"])
    assert (event["event_type"], event["title"], event["object_type"]) == ("ContactViewedListing", "Saw it", "activity")
    assert (await stranger.call("POST", f"/leads/{lead['contact']}/timeline", {"action": "Slept"}))[0] == 400
    assert (await stranger.call("POST", "/leads/none/timeline", action))[0] == 404
    await rechat.done("DELETE", f"{path}/{channel['id']}")
    assert (await stranger.call("POST", f"/leads/channels/{channel['id']}/webhook", sent))[0] == 404
    assert (await stranger.call("GET", path))[0] == 401
    assert (await rechat.call("DELETE", f"{path}/{channel['id']}"))[0] == 404
